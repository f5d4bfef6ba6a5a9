"""The sentence and the remedy for each keyword of JSON Schema, with the value and the limit."""

from typing import Any

from flowrunner.diagnostics import nearest
from flowrunner.spec.files import Schema
from flowrunner.spec.words import (
    counted,
    for_example,
    is_blank,
    json_kind,
    kind_words,
    listed,
    phrases,
    printable,
    shown,
    type_hint,
)

Phrase = tuple[str, str, str]
"""Code, message, hint."""


def phrase(keyword: str, limit: Any, value: Any, name: str, schema: Schema) -> Phrase:
    """What to say when `keyword: limit` refuses `value`.

    Args:
        keyword: The keyword, or ``false`` where no value is allowed.
        limit: The keyword's value.
        value: The value that was refused.
        name: What a person calls the value.
        schema: The schema of the value, for examples.
    """
    if (keyword == "minLength" and not value) or (keyword == "pattern" and is_blank(value)):
        return "blank-text", f"{name} is blank, text is required", f"write some text{for_example(schema)}"
    if keyword == "type":
        return _type(limit, value, name, schema)
    if keyword == "enum":
        return _enum(limit, value, name)
    values = {"name": name, "value": shown(value), "limit": shown(limit), "are": "is" if limit == 1 else "are"}
    values |= {"written": limit, "example": for_example(schema)}
    if isinstance(value, (str, list)) and isinstance(limit, (int, float)):
        noun = "character" if isinstance(value, str) else "item"
        values |= {"size": counted(len(value), noun), "over": counted(int(abs(len(value) - limit)), noun)}
    if keyword == "format":
        values |= phrases("formats")[limit]
    code, message, hint = (each.format_map(values) for each in phrases("keywords")[keyword].values())
    if keyword == "format" and limit == "date" and isinstance(value, str):
        from flowrunner.languages.days import day_hint  # few values are no day

        hint = day_hint(value) or hint
    return code, message, hint


def missing(field: str, schema: Schema) -> Phrase:
    """What to say when an object, whose schema this is, lacks a required field."""
    known = schema.get("properties", {}).get(field, {})
    choices = [known["const"]] if "const" in known else known.get("enum", ())
    example = f", for example: {field}: {choices[0]}" if choices else for_example(known, field)
    return "missing-field", f"{printable(field)} is missing", f"add {printable(field)}{example}"


def _type(limit: Any, value: Any, name: str, schema: Schema) -> Phrase:
    wanted = [limit] if isinstance(limit, str) else limit
    message = f"{name} must be {kind_words(wanted)}, not {kind_words([json_kind(value)])}"
    if value is None and "string" in wanted:
        return "wrong-type", message, f"write some text, in quotes if it is null or ~{for_example(schema)}"
    return "wrong-type", message, type_hint(wanted, schema)


def _enum(limit: list[Any], value: Any, name: str) -> Phrase:
    words = [each if isinstance(each, str) else shown(each) for each in limit]
    near = nearest(value, words) if isinstance(value, str) else ""
    hint = f"did you mean {printable(near)}?" if near else f"write {printable(listed(words))}"
    return "bad-value", f"{name} {shown(value)} is not one of the values allowed", hint
