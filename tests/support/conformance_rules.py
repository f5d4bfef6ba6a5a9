"""What the schemas of the messages demand: every limit and every rule, and how far a message goes."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from flowrunner.spec import message_schema

Place = tuple[str, ...]
"""The keys from the top of a schema down to one keyword; the first is the message type."""

LIMITS: dict[str, set[str]] = {
    "minLength": {"blank-text", "section-title"},
    "maxLength": {"too-long"},
    "minItems": {"too-few-items"},
    "maxItems": {"too-many-items", "too-many-rows"},
    "minimum": {"out-of-range"},
    "maximum": {"out-of-range"},
    "x-warn": {"unsure-limit"},
    "x-max-total": {"too-many-rows"},
}
"""Each keyword that is a limit, and what may be said beyond it."""
_KEYWORDS = {"type", "enum", "pattern", "anyOf", "additionalProperties", *LIMITS}
_NO_RULES = {"if", "x-errors", "x-warn", "x-values", "x-same", "examples"}


class Limit(NamedTuple):
    """One limit of one schema: its place, its keyword and its number."""

    place: str
    keyword: str
    number: float


def limits(schema: Mapping[str, Any], values: list[Any], place: str) -> Iterator[tuple[Limit, list[float]]]:
    """Every limit at and below `schema`, with how much of it each of the `values` takes."""
    for keyword in LIMITS:
        if keyword in schema:
            number = schema[keyword]
            number = next(iter(number.values())) if isinstance(number, dict) else number
            sizes = [size for each in values if (size := _size(keyword, schema[keyword], each)) is not None]
            yield Limit(place, keyword, number), sizes
    objects = [each for each in values if isinstance(each, Mapping)]
    fields = schema.get("properties", {})
    for key, below in fields.items():
        if isinstance(below, Mapping):
            yield from limits(below, [each[key] for each in objects if key in each], f"{place}.{key}")
    if isinstance(schema.get("additionalProperties"), Mapping):
        others = [value for each in objects for key, value in each.items() if key not in fields]
        yield from limits(schema["additionalProperties"], others, f"{place}.*")
    if "items" in schema:
        items = [item for each in values if isinstance(each, list) for item in each]
        yield from limits(schema["items"], items, f"{place}[]")
    for number, rule in enumerate((schema, *schema.get("allOf", ()))):
        if "if" in rule:
            applies = Draft202012Validator(rule["if"]).is_valid
            yield from limits(rule["then"], [each for each in values if applies(each)], f"{place}?{number}")


def _size(keyword: str, limit: Any, value: Any) -> float | None:
    """How much of a limit a value takes; None where it is not for such a value, or not known yet."""
    if keyword == "x-max-total" and isinstance(value, list):
        [key] = limit
        return sum(len(each.get(key, ())) for each in value if isinstance(each, Mapping))
    if keyword in {"minimum", "maximum"}:
        return value if isinstance(value, (int, float)) else None
    if not isinstance(value, list if keyword.endswith("Items") else str) or "{{" in value:
        return None
    return len(value)


def rules(schema: Any, place: Place) -> Iterator[Place]:
    """The place of every rule at and below `schema`; what a condition asks is none."""
    for key, below in schema.items() if isinstance(schema, dict) else enumerate(schema):
        here = (*place, str(key))
        if key == "required" and isinstance(below, list):
            yield from ((*here, name) for name in below)
        elif (
            below is False or key in {"not", "dependentRequired"} or (key in _KEYWORDS and not isinstance(below, dict))
        ):
            yield here
        elif isinstance(below, (dict, list)) and key not in _NO_RULES:
            yield from rules(below, here)


def broken(kind: str, body: Any) -> Iterator[Place]:
    """The place of every rule that a message of one type breaks."""
    for error in Draft202012Validator(message_schema(kind)).iter_errors(body):
        place = (kind, *map(str, error.absolute_schema_path))
        if error.validator == "required":
            yield from ((*place, name) for name in error.validator_value if name not in error.instance)
        elif error.validator is None:
            # A field that is allowed no value: the error says in which object, not which field.
            owner = body
            for key in error.absolute_path:
                owner = owner[key]
            yield from ((*place, key) for key in owner)
        else:
            yield place
