"""The inputs of a flow: is a declaration right, does a value satisfy it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.model import Recipient
from flowrunner.spec.files import Schema, key_schemas
from flowrunner.spec.typed import as_typed, is_nothing
from flowrunner.spec.validators import compiled, faults, fragment_validator
from flowrunner.spec.walk import Walk
from flowrunner.spec.words import shown, written

_GIVEN: Final = frozenset(["default", "example"])
"""Keywords that hold a value of the input."""
_BOUNDS: Final = (
    ("minLength", "maxLength"), ("minItems", "maxItems"), ("minimum", "maximum"), ("minimum", "exclusiveMaximum"),
    ("exclusiveMinimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum"),
)  # fmt: skip
_NOT_KEYS: Final = {
    "required": "remove it: an input without default: is required anyway",
    "optional": "remove it: an input is optional when it has a default:",
    "nullable": "remove it, and write type: [string, null]",
}
"""Remedies for what other schemas say beside a type."""


@cache
def declaration(*, is_part: bool) -> Schema:
    """What a declaration may say, as JSON Schema; a part of one says nothing of values that are given."""
    known = {key: schema for key, schema in key_schemas("input").items() if not (is_part and key in _GIVEN)}
    return {"type": "object", "properties": known, "additionalProperties": False}


def typed_input(fragment: Any) -> Any:
    """A declaration without a `Plain` in it: keywords by what they take, the values in it by what it declares."""
    if not isinstance(fragment, Mapping):
        return as_typed(fragment, declaration(is_part=False))
    typed: dict[str, Any] = {}
    for raw_key, value in fragment.items():
        key = str(raw_key)
        if key == "properties" and isinstance(value, Mapping):
            typed[key] = {str(name): typed_input(below) for name, below in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, Mapping):
            typed[key] = typed_input(value)
        elif key not in {"default", "example", "const", "enum"}:
            # The type null is a word.
            typed[key] = as_typed(value, key_schemas("input").get(key, {}) if key != "type" else {})
    for key in ("const", "default", "example"):
        if key in fragment:
            typed[key] = None if is_nothing(fragment[key]) else as_typed(fragment[key], typed, written=key != "const")
    if "enum" in fragment:
        typed["enum"] = as_typed(fragment["enum"], {"type": "array", "items": typed})
    return {str(key): typed[str(key)] for key in fragment}


def check_input(name: str, fragment: Any) -> list[Problem]:
    """Every problem of one input's declaration, its routes relative to `fragment`.

    A declaration is a JSON Schema of few keywords; its `default` and `example` must satisfy it. `Plain` values are
    taken as `typed_input` takes them.
    """
    typed = typed_input(fragment)
    problems = _check_fragment(typed, f"the input {name}", is_part=False)
    if isinstance(fragment, Mapping):
        problems = [_plainer(each, fragment) for each in problems]
    if isinstance(fragment, str) and problems:
        return [problems[0]._replace(hint=_declared(name, fragment))]
    if problems:
        return problems
    for key in ("default", "example"):
        if key in typed:
            found = _check(_without_values(typed), typed[key], f"the {key} of {name}")
            problems += [problem.under((key,)) for problem in found]
    return problems


def _plainer(problem: Problem, fragment: Mapping[str, Any]) -> Problem:
    """The problem with the remedy for words that other schemas have."""
    if len(problem.route) != 1:
        return problem
    key = str(problem.route[0])
    value = str(fragment.get(key, "")).casefold()
    if key in _NOT_KEYS and value in {"true", "false", "yes", "no"}:
        return problem._replace(hint=_NOT_KEYS[key])
    if (problem.code, key) != ("bad-value", "type"):
        return problem
    if near := _meant("type", value):
        return problem._replace(hint=f"did you mean {near}?")
    if near := _meant("format", value):
        return problem._replace(hint=f"write type: string, and beside it format: {near}")
    if value in key_schemas("input")["enum"]["x-words"]:
        return problem._replace(hint="write type: string, and beside it the values, for example enum: [free, pro]")
    return problem


def _meant(key: str, word: str) -> str:
    """The value of a keyword that other schemas and tools call by this word; empty where there is none."""
    known = key_schemas("input")[key]["x-words"]
    return next((value for value, words in known.items() if word in words), "")


def _declared(name: str, word: str) -> str:
    """How to declare an input of which only a word was written: its type, or its value."""
    kind = _meant("type", word.casefold()) or word.casefold()
    if kind in key_schemas("input")["type"]["then"]["enum"] and kind != "null":
        return f"write {name}: {{type: {kind}}}"
    return f"write {name}: {{type: string, default: {written(word)}}}"


def check_value(fragment: Mapping[str, Any], value: Any) -> list[Problem]:
    """Every problem of a value given for an input, its routes relative to the value.

    Args:
        fragment: A declaration that `check_input` accepts, as `typed_input` gives it.
        value: Plain data.
    """
    return _check(_without_values(fragment), value, "the value")


def is_no_zone(value: Any) -> bool:
    """Whether a text is the name of no time zone; an empty one names none."""
    if not isinstance(value, str) or not value:
        return False
    from flowrunner.phones.zones import named_zone  # few flows name a clock

    return named_zone(value) is None


def _without_values(fragment: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fragment.items() if key not in _GIVEN}


def _check(schema: Schema, value: Any, label: str) -> list[Problem]:
    walk = Walk(value, schema, held=(), label=label)
    found = faults(fragment_validator(json.dumps(schema)), schema, walk, label)
    if not found and schema.get("x-zone") and is_no_zone(value):
        from flowrunner.phones.zones import near_zone  # few flows name a clock

        near = near_zone(value, Recipient())
        hint = f"did you mean {near}?" if near else "write a name like America/Mexico_City"
        return [Problem("unknown-time-zone", f"{label} {shown(value)} is not a time zone", (), hint)]
    return found


def _check_fragment(fragment: Any, label: str, *, is_part: bool) -> list[Problem]:
    schema = declaration(is_part=is_part)
    walk = Walk(fragment, schema, held=(), label=label, unknown_code="unknown-key")
    problems = list(faults(_validator(is_part), schema, walk, label))
    if not isinstance(fragment, Mapping):
        return problems
    pattern = fragment.get("pattern")
    if isinstance(pattern, str) and not problems and not _is_regular(pattern):
        message = f"the pattern of {label} is not a regular expression"
        problems.append(Problem("bad-input", message, ("pattern",), "write a regular expression, for example ^[a-z]+$"))
    if not problems:
        problems += _crossed(fragment, label)
    for route, below in _below(fragment):
        if isinstance(below, Mapping):
            problems += [each.under(route) for each in _check_fragment(below, label, is_part=True)]
    return problems


def _crossed(fragment: Mapping[str, Any], label: str) -> Iterator[Problem]:
    """Bounds between which there is no value."""
    for lower, upper in _BOUNDS:
        least, most = fragment.get(lower), fragment.get(upper)
        if least is None or most is None or least < most or (least == most and not lower.startswith("excl")):
            continue
        if least > most or upper.startswith("excl"):
            message = f"no value of {label} can be right: {lower} is {shown(least)}, and {upper} is {shown(most)}"
            yield Problem("bad-input", message, (lower,), f"write a {lower} that is less than {upper}")


def _below(fragment: Mapping[str, Any]) -> list[tuple[Route, Any]]:
    properties = fragment.get("properties")
    named = properties.items() if isinstance(properties, Mapping) else ()
    single = [((key,), fragment[key]) for key in ("items", "additionalProperties") if key in fragment]
    return [*single, *((("properties", name), below) for name, below in named)]


@cache
def _validator(is_part: bool) -> Any:
    return compiled(declaration(is_part=is_part))


@lru_cache(maxsize=256)
def _is_regular(pattern: str) -> bool:
    import jsonschema_rs

    try:
        compiled({"pattern": pattern})
    except jsonschema_rs.ValidationError:
        return False
    return True
