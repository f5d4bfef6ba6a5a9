"""What of a message only some dialects have: its schema says so under ``x-dialects``, of a type, a field, a value."""

from collections.abc import Iterator, Mapping
from typing import Any

from flowrunner.diagnostics import Problem, Route
from flowrunner.spec.files import KINDS, Schema, called, child, kind_of, message_schema


def not_carried(body: Mapping[str, Any], dialect: str) -> Iterator[Problem]:
    """All of a message that a dialect cannot write, by its schema; routes are relative to ``body``.

    Of a type that it does not know, no more is said than that.
    """
    kind = kind_of(body)
    if kind not in KINDS:
        return
    schema = message_schema(kind)
    if _lacks(schema, dialect):
        [name] = called([kind])
        route: Route = ("message_type",) if name == kind else ("interactive_type",)
        yield _problem(schema, dialect, f"{name} message", "leave the step out", route)
        return
    for key, value in body.items():
        yield from _field(child(schema, key), value, key, dialect)


def chooses(body: Mapping[str, Any], key: str) -> bool:
    """Whether what one field of a message holds decides which dialects can write it."""
    return "x-values" in child(message_schema(kind_of(body)), key)


def _field(schema: Schema, value: Any, key: str, dialect: str) -> Iterator[Problem]:
    if _lacks(schema, dialect):
        other = "write media_url in its place, with the file's address" if key == "media_file" else f"remove {key}"
        yield _problem(schema, dialect, key, other, (key,), at_key=True)
    elif isinstance(value, str) and _lacks(its := schema.get("x-values", {}).get(value, {}), dialect):
        yield _problem(its, dialect, f"{key} {value}", f"write another {key}", (key,))


def _lacks(schema: Schema, dialect: str) -> bool:
    return dialect not in schema.get("x-dialects", (dialect,))


def _problem(schema: Schema, dialect: str, what: str, other: str, route: Route, *, at_key: bool = False) -> Problem:
    hint = f"send it with another dialect, as --dialect {schema['x-dialects'][0]} does, or {other}"
    return Problem("not-in-dialect", f"the dialect {dialect} has no {what}", route, hint, at_key=at_key)
