"""Hostile input of every kind ends in diagnostics: no traceback, no hang, no bomb."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support import fuzz
from support.hostile import KINDS

TESTS = Path(fuzz.__file__).parents[1]

SLICE = {
    "bytes": 150,
    "accidents": 30,
    "trees": 40,
    "bombs": 20,
    "expressions": 40,
    "declarations": 30,
    "variables": 20,
}
"""How many cases of each kind the ordinary tests try; always the same ones."""
SOAK = 600
"""Seconds, over all kinds."""


def explore(tries: Mapping[str, int], *options: str, seconds: float) -> None:
    """Try so many cases of kinds in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "support.fuzz", *(f"{kind}:{count}" for kind, count in tries.items()), *options],
        cwd=TESTS,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout[-2000:]}{ended.stderr[-6000:]}"
    assert ended.stdout.count("cases") == len(tries)
    sys.stdout.write(ended.stdout)  # what `pytest -rP` shows of a soak


def message(text: str) -> str:
    """A flow with this text as its one message."""
    return f"name: a\nsteps: [{{message: {json.dumps(text)}}}]\n"


FOUND = {
    "a filter there is not, beside a set": message("{% set x = 1 %}{{ x | foo }}"),
    "a test of Jinja's own, beside a set": message("{% set x = 1 %}{{ x is filter }}"),
    "an attribute of a number, beside a set": message("{% set x = (4 <= {4.zfill: 4.zfill}()) %}{{ x }}"),
    "a list as a key": message("{% with x = 1 %}{{ {[1]: 2} is boolean }}{% endwith %}{{ x }}"),
    "a filter named by a text that is none": message("{{ 'a' | map('ab' ~ 's') | list }}"),
    "a long chain of sums": message("{{ 1" + " + 1" * 900 + " }}"),
    "a global for a key": message("{{ 'a'[namespace] }}"),
    "a number of 5,000 digits in a loop that is not closed": message(
        "{% for x in [1] %}{{ a }}{{ " + "9" * 5000 + " }}"
    ),
    "an index into a number": message("{{ 5[0] }}"),
    "three thousand unknown fields in one line": "name: a\nsteps: [{message: {message_type: image, "
    + ", ".join(f"k{number}: x" for number in range(3000))
    + "}}]\n",
    "nine thousand blank parameters in one line": "name: a\nsteps: [{message: {message_type: template, "
    "template_params: [''" + ", ''" * 9000 + "]}}]\n",
}
"""What the fuzzer found once."""


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_once_stays_mended(name: str) -> None:
    """Each ends in diagnostics, within the bounds of time."""
    with fuzz.bounded():
        fuzz.survive(FOUND[name], {})


def test_hostile_input_ends_in_diagnostics() -> None:
    """A slice of each kind, in a process with bounds."""
    explore(SLICE, seconds=240)


def test_every_kind_has_its_slice() -> None:
    """A kind that is added is also tried."""
    assert set(SLICE) == set(KINDS)


@pytest.mark.soak
@pytest.mark.parametrize("kind", SLICE)
def test_hostile_input_ends_in_diagnostics_for_long(kind: str) -> None:
    """Ten minutes over all kinds."""
    seconds = SOAK / len(SLICE)
    explore({kind: 300}, "--seconds", str(seconds), "--seed", "1000", seconds=4 * seconds)
