"""Values given for inputs are typed by the input and checked; what does not fit is said."""

# ruff: noqa: E501  # a table's row is read as one line

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from flowrunner.diagnostics import Location
from flowrunner.engine import Given, Prepared, given_text
from flowrunner.flow import Loaded, load_text
from flowrunner.source import plain
from flowrunner.spec import check_value
from support.hostile_values import with_variables
from support.slices import some

BOUNDED = settings(max_examples=some(200), deadline=None, suppress_health_check=list(HealthCheck))


def values_of(loaded: Loaded, written: Mapping[str, Given]) -> dict[str, Any] | None:
    """A value for each input; None where something is said. What was accepted, `check_value` finds nothing in."""
    bound, found = Prepared(loaded).inputs.bind(written)
    assert (bound is None) == bool(found)
    if bound is None or loaded.flow is None:
        return None
    for name, value in bound.values.items():
        if name in written:
            assert not check_value(loaded.flow.inputs[name].schema, value)
        assert not isinstance(value, str) or type(value) is str
    return dict(bound.values)


@BOUNDED
@given(variables=with_variables())
def test_values_are_typed_and_checked(variables: tuple[str, dict[str, Given]]) -> None:
    """Inputs of every type, and whatever may be given for them."""
    content, written = variables
    values_of(load_text(content, "f.yaml"), written)


CELLS = """name: t
inputs:
  text: {type: string, minLength: 1, maxLength: 10}
  number: {type: number, default: 1.5}
  either: {type: [integer, string], default: 7}
  truth: {type: boolean, default: false}
  day: {type: string, format: date, default: 2026-05-14}
  list: {type: array, items: {type: object, properties: {id: {type: string}}, additionalProperties: false}, default: []}
  any: {default: null}
steps: [{message: hi}]
"""
GOOD = [
    ({"text": "0042"}, {"text": "0042"}),
    ({"text": "true", "number": "40"}, {"text": "true", "number": 40}),
    ({"text": "👍", "truth": "true", "either": "12"}, {"truth": True, "either": "12"}),
    ({"text": "x", "list": "[{id: 007}]", "any": "1"}, {"list": [{"id": "007"}], "any": "1"}),
]
BAD: list[dict[str, str]] = [
    {}, {"text": ""}, {"text": "x" * 11}, {"text": "\ud800"}, {"text": "x", "number": "forty"}, {"text": "x", "number": ""}, {"text": "x", "truth": "maybe"},
    {"text": "x", "day": "2026-02-30"}, {"text": "x", "list": "[{id: a, x: b}]"}, {"text": "x", "list": '[{id: "\\ud800"}]'}, {"text": "x", "more": "y"},
    {"text": "x", "list": "[a"}, {"text": "x", "any": "\udfff"},
]  # fmt: skip


@pytest.mark.parametrize(("cells", "expected"), GOOD)
def test_cells_become_what_the_inputs_declare(cells: dict[str, str], expected: dict[str, Any]) -> None:
    """Text stays text, numbers become numbers, what is not given has its default."""
    found = values_of(load_text(CELLS, "f.yaml"), {name: given_text(name, text) for name, text in cells.items()})
    assert found is not None
    assert expected.items() <= found.items()
    assert list(found) == ["text", "number", "either", "truth", "day", "list", "any"]


@pytest.mark.parametrize("cells", BAD, ids=repr)
def test_bad_cells_are_refused(cells: dict[str, str]) -> None:
    """And it is said what is wrong with them."""
    loaded = load_text(CELLS, "f.yaml")
    assert values_of(loaded, {name: given_text(name, text) for name, text in cells.items()}) is None


BAD_DATA: list[dict[str, Any]] = [
    {"text": 42}, {"text": "x", "number": float("nan")}, {"text": "x", "number": float("inf")}, {"text": "x", "number": "40"}, {"text": "x", "truth": None},
    {"text": "x", "list": [{"id": "\ud800"}]}, {"text": "x", "any": {"\ud800": 1}}, {"text": "x", "any": [float("nan")]}, {"text": "x", "any": float("nan")}, {"text": "x", "list": {}},
]  # fmt: skip
GOOD_DATA: list[dict[str, Any]] = [
    {"text": "x", "number": 2.5, "truth": True, "either": 7, "list": [{"id": "👍"}], "any": {"a": [1, None, 2.5]}}, {"text": "x", "any": None},
]  # fmt: skip


@pytest.mark.parametrize("data", BAD_DATA, ids=repr)
def test_bad_data_is_refused(data: dict[str, Any]) -> None:
    """Values of a JSON file have a type already; half characters and what is no number stand in none of them."""
    written = {name: Given(value, Location("f.jsonl", 1, 1)) for name, value in data.items()}
    assert values_of(load_text(CELLS, "f.yaml"), written) is None


@pytest.mark.parametrize("data", GOOD_DATA, ids=repr)
def test_good_data_stays_what_it_is(data: dict[str, Any]) -> None:
    """A list is a list, a number a number."""
    written = {name: Given(value, Location("f.jsonl", 1, 1)) for name, value in data.items()}
    found = values_of(load_text(CELLS, "f.yaml"), written)
    assert found is not None
    assert data.items() <= found.items()


@pytest.mark.parametrize(("value", "what"), [("", "not text"), (plain(""), "not nothing"), (plain("~"), "not nothing")])
def test_an_empty_text_among_data_is_a_text(value: str, what: str) -> None:
    """Nothing is what was left out, or written as null."""
    bound, found = Prepared(load_text(CELLS, "f.yaml")).inputs.bind(
        {"text": given_text("text", "x"), "list": Given(value, Location("f.yaml", 1, 1))}
    )
    assert bound is None
    assert [each.message for each in found] == [f"list: the value must be a list, {what}"]


UNKNOWN = [
    ("inputs: {plan: {type: string, default: x}}", "plam", "did you mean plan?"),
    ("inputs: {plan: {type: string, default: x}}", "colour", "its inputs are plan"),
    ("inputs: {}", "plan", "the flow declares no inputs"),
    (
        "inputs: {}",
        "language",
        "leave it out: the flow has one language; several are named at its top, as in languages: [en, es]",
    ),
]


@pytest.mark.parametrize(("inputs", "name", "hint"), UNKNOWN)
def test_what_is_no_input_is_told_with_what_is_meant(inputs: str, name: str, hint: str) -> None:
    """A language is none that one forgot to declare."""
    loaded = load_text(f"name: f\n{inputs}\nsteps:\n  - message: Hi\n", "f.yaml")
    bound, [problem] = Prepared(loaded).inputs.bind({name: given_text(name, "es")})
    assert (bound, problem.code, problem.hint) == (None, "unknown-variable", hint)
