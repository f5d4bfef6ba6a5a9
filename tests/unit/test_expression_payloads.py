"""What asks for too much ends soon, in little memory, and as the author's fault."""

import json
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from flowrunner.diagnostics import nearest
from flowrunner.expressions import expression
from flowrunner.flow import load_text
from support.payloads import PAYLOADS

TURNS = 3.0
"""Millions of turns of a loop that take as long as one expression may: some 0.15 to 0.3 s of a processor.

The quickest of nine counts, for other programs run beside, which fill the caches.
"""
MEGABYTES = 50

PROGRAM = """
import json, resource, sys
from datetime import datetime
from time import process_time
from flowrunner.expressions import ExpressionError, expression
sys.path.insert(0, sys.argv[1])
from support.payloads import PAYLOADS

values = {"s": "Ana", "l": [1, 2], "o": {"a": 1}, "now": datetime.fromisoformat("2026-03-01T10:00:00-06:00")}

def turns():
    before, total = process_time(), 0
    for number in range(1_000_000):
        total += number * number
    return process_time() - before

def tried(text):
    before = process_time()
    found = expression(text)
    try:
        size = len(found.render(values)) if not found.faults else 0
        said = [each.message and each.hint for each in found.faults]
    except ExpressionError as error:
        size, said = 0, [error.message and error.hint]
    return process_time() - before, size, all(said)

tried("{{ 1 + 1 }}")
million = min(turns() for _ in range(3))
peak, rows = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
for text in PAYLOADS:
    runs = [tried("{{ " + text + " }}")]
    while len(runs) < 9 and min(each[0] for each in runs) >= float(sys.argv[2]) * million:
        runs.append(tried("{{ " + text + " }}"))
    now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows.append([min(each[0] for each in runs) / million, (now - peak) / 1024, runs[0][1], runs[0][2]])
    peak = now
print(json.dumps(rows))
"""


@pytest.fixture(scope="module")
def rows() -> dict[str, tuple[float, float, int, bool]]:
    """For each payload: millions of turns, megabytes more than before, the length, and whether all was explained."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(Path(__file__).parents[1]), str(TURNS)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(PAYLOADS, map(tuple, json.loads(done.stdout)), strict=True))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_payload_ends_soon_and_small(payload: str, rows: dict[str, tuple[float, float, int, bool]]) -> None:
    """Within three million turns and 50 MB, in a text that fits, or with words and a remedy for the author."""
    turns, megabytes, size, explained = rows[payload]
    assert turns < TURNS
    assert megabytes < MEGABYTES
    assert size <= 100_000
    assert explained


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{ '%(a)s and %(b)05.1f' % {'a': 'x', 'b': 2.25} }}", "x and 002.2"),
        ("{{ '%(year2026)s' | format(year2026='x') }}", "x"),
        ("{{ '%d%% of %s' % (5, 'x') }}", "5% of x"),
        ("{{ '%(a(b)c)3d' % {'a(b)c': 7} }}", "  7"),
        ("{{ '%-8s|' | format('ab') }}", "ab      |"),
        ("{{ '%.2f' | format(24.5) }}", "24.50"),
        ("{{ [1, 2.5] | sum }} {{ [[1], [2]] | sum(start=[]) | join(',') }}", "3.5 1,2"),
        ("{{ [{'n': 1}, {'n': 2}] | sum(attribute='n', start=10) }}", "13"),
        ("{{ [1] | tojson(indent=4) }}", "[\n    1\n]"),
    ],
)
def test_what_is_usual_is_not_refused(text: str, shown: str) -> None:
    """The bounds are far from what a message needs."""
    assert expression(text).render({}) == shown


@pytest.mark.parametrize("length", [10, 40, 200])
def test_many_names_that_are_not_there_are_told_soon(length: int) -> None:
    """60 unknown names beside 1,500 inputs, all alike: each is an error, and all of them take less than a second."""
    names = [f"{'abcdefgh'[i % 8]}{i:0{length - 2}}x" for i in range(1_500)]
    text = "name: t\ninputs:\n" + "".join(f"  {name}: {{}}\n" for name in names) + "steps:\n"
    text += "".join(f"  - message: 'x {{{{ a{i * 7:0{length - 2}}y }}}}'\n" for i in range(60))
    before = process_time()
    loaded = load_text(text, "flow.yaml")
    assert process_time() - before < 1
    assert [each.code for each in loaded.diagnostics] == ["unknown-name"] * 60


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("nmae", "name"), ("Name", "name"), ("nam", "name"), ("names", "name"), ("ordernumber", "order_number"),
        ("order_nubmer", "order_number"), ("zzz", ""), ("", ""), ("N" * 200, "n" * 200), ("n" * 199, ""),
    ],
)  # fmt: skip
def test_a_slip_is_still_recognised(word: str, meant: str) -> None:
    """Among few names and among many, without regard to case; a very long one only by its letters."""
    few = ["name", "order_number", "n" * 200]
    assert nearest(word, few) == meant
    assert nearest(word, [*(f"q{i}" for i in range(2_000)), *few]) == meant
