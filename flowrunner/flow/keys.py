"""One key of a flow file: what an editor is told of its values, and what is wrong with one that does not fit."""

import re
from collections.abc import Callable, Iterator, Mapping
from json import dumps
from typing import Any, Final, NamedTuple
from unicodedata import normalize

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.source import Plain
from flowrunner.spec import is_nothing
from flowrunner.spec.files import key_schemas
from flowrunner.spec.words import json_kind, kind_words, listed, printable, shown

NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
"""What an expression can call an input or a step."""

_DURATION: Final = r"[0-9]+(\.[0-9]+)?(ms|s|m|h|d)"
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LIKE: Final = "write it like 2s or 1.5m"
_LONGEST: Final = 365
"""The most days that anything waits."""


class Key(NamedTuple):
    """One key.

    Attributes:
        schema: What an editor is told of its values: JSON Schema with the keywords of the YAML language server, and
            ``x-also``, what people write for the key. `schemas/generate.py` puts beside it what a ``$ref`` names.
        problems: What is wrong with a value at its route. Expressions and messages are looked at elsewhere.
    """

    schema: Mapping[str, Any]
    problems: Callable[[Any, Route], Iterator[Problem]]


def one_of(schema: Mapping[str, Any]) -> Key:
    """A key that takes one of the words of an ``enum``."""
    words = schema["enum"]

    def problems(value: Any, route: Route) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield from text_problems(value, route)
        elif value not in words:
            near = table("flow/meant.json")["values"].get(value.casefold(), "") or nearest(value, words)
            hint = f"did you mean {near}?" if near in words else f"write {listed(words)}"
            yield Problem("bad-value", f"{route[-1]} {shown(value)} is not one of the values allowed", route, hint)

    return Key(schema, problems)


def seconds(duration: str) -> float:
    """A duration such as ``500ms``, ``2s``, ``5m``, ``2h``, ``3d`` in seconds; 0.0 for what is none."""
    if not re.fullmatch(_DURATION, duration):
        return 0.0
    number = duration.rstrip("mshd")
    return float(number) * _SECONDS[duration[len(number) :]]


def text_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with a value that must be text."""
    if not isinstance(value, str) or (value and is_nothing(value)):
        message = f"{route[-1]} must be text, not {kind(value)}"
        hint = "write one text, in quotes if it has special characters"
        yield Problem("wrong-type", message, route, (_as_condition(value) if route[-1] == "when" else "") or hint)
    elif route[-1] != "description" and not value.strip():
        yield Problem("blank-text", f"{route[-1]} is blank, text is required", route, "write some text")


def _as_condition(value: Any) -> str:
    """How to write a condition that is a list of conditions, or an object of names and values; empty for another."""
    parts: list[str] = []
    if isinstance(value, list) and all(isinstance(each, str) and each for each in value):
        parts = [f"({each})" if re.search(r"\bor\b", each) else str(each) for each in value]
    elif isinstance(value, Mapping) and all(isinstance(its, str) and its for its in value.values()):
        parts = [f"{name} == {its if isinstance(its, Plain) else dumps(str(its))}" for name, its in value.items()]
    return f"write {' and '.join(parts)}" if parts else ""


def message_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with a message as a whole; its fields are looked at elsewhere."""
    if not isinstance(value, (str, Mapping)) or is_nothing(value):
        message = f"{route[-1]} must be text or an object of fields, not {kind(value)}"
        hint = f"write the text, or name: value lines below {route[-1]}:"
        if isinstance(value, list) and len(value) > 1 and all(isinstance(each, str) and each for each in value):
            hint = f"make it {len(value)} steps, each with a {route[-1]}: of its own"
        elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
            hint = f"write the fields alone, with no dash or bracket before {printable(str(next(iter(value[0]), '')))}"
        yield Problem("wrong-type", message, route, hint)


def end_meant(word: str) -> str:
    """How a run ends that is meant by a word; empty where none is."""
    schema = key_schemas("end")["end"]
    folded = word.casefold()
    if folded in schema["enum"]:
        return folded
    return next((name for name, words in schema["x-words"].items() if folded in words), "")


def id_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with a step's id."""
    if not isinstance(value, str) or is_nothing(value):
        yield from text_problems(value, route)
    elif not re.fullmatch(NAME, value):
        message = f"id {shown(value)} may hold only letters without accents, digits and _, not a digit first"
        plain = plain_name(value)
        yield Problem("bad-format", message, route, f"write {plain}" if plain else "write it like ask_name")


def plain_name(text: str) -> str:
    """A text as an expression can call something: without accents, spaces and signs; empty where nothing is left."""
    plain = re.sub(r"\W", "_", normalize("NFKD", text).encode("ascii", "ignore").decode())
    if not plain.strip("_"):
        return ""
    return plain if re.fullmatch(NAME, plain) else f"_{plain}"


def kind(value: Any) -> str:
    """What a value is, in plain words."""
    return "nothing" if value == "" or is_nothing(value) else kind_words([json_kind(value)])


def duration_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with a time such as ``2s``; see `seconds`."""
    if not isinstance(value, str) or not re.fullmatch(_DURATION, value):
        what = shown(value) if isinstance(value, str) else kind(value)
        message = f"{route[-1]} must be a number with ms, s, m, h or d, not {what}"
        yield Problem("bad-pause", message, route, duration_hint(value) if isinstance(value, str) else _LIKE)


def wait_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with a time that nothing else bounds."""
    found = list(duration_problems(value, route))
    yield from found
    if not found and seconds(value) > _LONGEST * _SECONDS["d"]:
        message = f"{route[-1]} is {shown(value)[1:-1]}, at most {_LONGEST}d is allowed"
        yield Problem("out-of-range", message, route, "write a shorter time, for example 12h")


def duration_hint(text: str) -> str:
    """How to write a duration that is written in another way."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return f"write {text}s for seconds"
    words = re.fullmatch(r"([0-9]+)[.,]?([0-9]*)\s*([^\d\s.,]+)\.?", normalize("NFKC", text).strip().lower())
    units = key_schemas("duration")["value"]["x-words"].items()
    unit = next((unit for unit, names in units if words is not None and words[3] in names), "")
    if words is not None and unit:
        return f"write {words[1]}{'.' if words[2] else ''}{words[2]}{unit}"
    parts = re.fullmatch(r"([0-9]+)\s*([hm])[a-z]*\s*([0-9]+)\s*([ms])[a-z]*", text.strip().lower())
    if parts is not None and parts[2] != parts[4]:
        return f"write {int(parts[1]) * 60 + int(parts[3])}{parts[4]}" if parts[2] + parts[4] != "hs" else _LIKE
    return _LIKE


COMMON_KEYS: Final = {
    "id": Key(key_schemas("step")["id"], id_problems),
    "when": Key(key_schemas("step")["when"], text_problems),
}
"""The keys of every step."""
