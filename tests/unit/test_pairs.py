"""An emoji written as two escapes is one character wherever YAML and JSON are read; half of one is refused."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrunner.audience import read_audience
from flowrunner.engine import Prepared, given_file, given_text
from flowrunner.flow import load_text
from flowrunner.source import read

GRIN = r"\uD83D\uDE00"


def value(text: str) -> object:
    document, diagnostics = read(text, "f")
    assert document is not None, diagnostics
    assert diagnostics == []
    return document.data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rf'a: "{GRIN}"', {"a": "😀"}),
        (rf'a: "{GRIN.lower()}"', {"a": "😀"}),
        (rf'a: "x{GRIN}{GRIN}y\n\u00e9"', {"a": "x😀😀y\né"}),
        (rf'"{GRIN}": [b, "{GRIN}"]', {"😀": ["b", "😀"]}),
        (rf'{{"a": "{GRIN}", "b": "{GRIN}"}}', {"a": "😀", "b": "😀"}),
        (
            f"a: \"{GRIN}\"\nb: |\n  {GRIN}\nc: '{GRIN}'\nd: {GRIN}\n",
            {"a": "😀", "b": f"{GRIN}\n", "c": GRIN, "d": GRIN},
        ),
        (rf'a: "\\{GRIN}" # "{GRIN}"', {"a": "\\😀"}),
        (rf'a: "\\uD83D\\uDE00 {GRIN}"', {"a": rf"{GRIN} 😀"}),
        (f'a: "{GRIN}\n  {GRIN}"', {"a": "😀 😀"}),
        (f"a: '{GRIN}'", {"a": GRIN}),
        (r'a: "\U0001F600 \u263A"', {"a": "😀 ☺"}),
    ],
)
def test_a_pair_in_double_quotes_is_one_character(text: str, expected: object) -> None:
    """Meta's own notation; elsewhere a backslash is a backslash."""
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (r'a: "\uD83D"', (1, 7)),
        (r'a: "\uDE00"', (1, 7)),
        (r'a: "\uDE00\uD83D"', (1, 7)),
        (r'a: "\uD83D \uDE00"', (1, 7)),
        (rf'a: "{GRIN}"' + "\n" + r'b: "x\uD83D"', (2, 8)),
        (rf'a: "{GRIN}\uD83D"', (1, 19)),
    ],
)
def test_a_half_is_refused_at_its_place(text: str, place: tuple[int, int]) -> None:
    """Also beside pairs."""
    document, [problem] = read(text, "f")
    assert document is None
    assert problem.code == "lone-surrogate"
    assert (problem.location.line, problem.location.column) == place


def test_places_behind_a_pair_are_true() -> None:
    """In its line, and in its text."""
    flow = rf'{{name: t, steps: [{{message: "{GRIN} {{{{ nmae }}}}"}}, {{mesage: x}}]}}'
    found = load_text(flow, "f").diagnostics
    assert [(each.code, flow[each.location.column - 1 :][:4]) for each in found] == [
        ("unknown-name", "nmae"),
        ("unknown-key", "mesa"),
    ]


@given(st.text(st.characters(codec="utf-8"), max_size=20), st.text(st.characters(codec="utf-8"), max_size=20))
def test_whatever_json_writes_is_read(key: str, text: str) -> None:
    """`json.dumps` writes all that is not ASCII as escapes."""
    assert value(f"x: {json.dumps([key, text])}") == {"x": [key, text]}


def test_flows_variables_rows_and_command_lines_take_pairs(tmp_path: Path) -> None:
    """Each way a text comes in."""
    loaded = load_text(
        'name: t\ninputs: {v: {type: string}, l: {type: array, default: []}}\nsteps: [{message: "{{ v }}{{ l | join }}"}]\n',
        "f",
    )
    for name, text in (("v.yaml", rf'v: "{GRIN}"'), ("v.json", rf'{{"v": "{GRIN}"}}')):
        (tmp_path / name).write_text(text)
        given_, diagnostics = given_file(tmp_path / name)
        bound, more = Prepared(loaded).inputs.bind(given_)
        assert bound is not None, (diagnostics, more)
        assert bound.values["v"] == "😀"
    bound, more = Prepared(loaded).inputs.bind({"v": given_text("v", "x"), "l": given_text("l", rf'["{GRIN}"]')})
    assert bound is not None, more
    assert bound.values["l"] == ["😀"]
    assert loaded.flow is not None
    people = tmp_path / "people.jsonl"
    people.write_text(rf'{{"phone": "+5215512345678", "v": "{GRIN}"}}' + "\n")
    audience, diagnostics = read_audience(people, inputs=loaded.flow.inputs)
    assert audience is not None, diagnostics
    with audience:
        [row] = audience
        assert row.values["v"] == "😀"
