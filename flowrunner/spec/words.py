"""How a fault is worded: field names, values and limits in plain words, never a schema path or a Python type."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from typing import Any, Final, Literal

from flowrunner.data import table
from flowrunner.diagnostics import Route, nearest
from flowrunner.spec.files import Schema, child, kinds

_SHOWN: Final = 40
_PLAIN: Final = r"[^\W\d_](?:[\w./@?!=&%+~-]|:(?=/)| (?=\w))*"
"""Text that needs no quotes, in brackets neither; but for words that some tools take for others."""
_WORDS: Final = frozenset("null true false yes no on off y n".split())


def phrases(of: Literal["keywords", "formats", "types"]) -> Mapping[str, Mapping[str, str]]:
    """What is said of a keyword of JSON Schema, of a format, of a type, by their names."""
    told: Mapping[str, Mapping[str, str]] = table("spec/phrases.json")[of]
    return told


def printable(text: str) -> str:
    """`text` with everything that a terminal or UTF-8 cannot take as an escape."""
    if text.isprintable():
        return text
    whole = text.encode("utf-8", "backslashreplace").decode()
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in whole)


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: no character, or white space and byte order marks only."""
    return not text.replace("\ufeff", "").strip()


def shown(value: Any) -> str:
    """A value for a sentence: text quoted and cut to about forty characters, a list or an object by its size."""
    if isinstance(value, str):
        text = value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…"
        return f'"{printable(text)}"'
    if isinstance(value, list):
        return f"a list of {counted(len(value), 'item')}"
    if isinstance(value, Mapping):
        return "an object"
    return printable(json.dumps(value))[:_SHOWN]


def counted(number: int, noun: str) -> str:
    """`1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def field(route: Route, label: str) -> str:
    """What a person calls the value at `route`; `label` stands for the top."""
    if not route:
        return label
    last = route[-1]
    if isinstance(last, int):
        return f"item {last + 1} of {field(route[:-1], label)}"
    return printable(last)


def json_kind(value: Any) -> str:
    """The JSON type of plain data, by JSON Schema's names."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def kind_words(names: Iterable[str]) -> str:
    """JSON types in plain words: `a list or text`."""
    return " or ".join(phrases("types")[name]["called"] for name in names)


def type_hint(wanted: Iterable[str], schema: Schema) -> str:
    """How to write the first of the `wanted` JSON types, with a fitting example of `schema`."""
    kind, words = next((name, words) for name, words in phrases("types").items() if name in wanted)
    fitting = [each for each in schema.get("examples", ()) if fits({"type": kind}, each)]
    return f"{words['hint']}{for_example({'examples': fitting})}"


def for_example(schema: Schema, name: str = "") -> str:
    """`, for example: name: value` from the schema's first example; empty without one."""
    if not schema.get("examples"):
        return ""
    value = written(schema["examples"][0])
    return f", for example: {name}: {value}" if name else f", for example {value}"


def written(value: Any) -> str:
    """Plain data as an author writes it in one line of YAML."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}: {written(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str) and re.fullmatch(_PLAIN, value) and value.casefold() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def fits(schema: Schema, value: Any) -> bool:
    """Whether the value is of a type that `schema` allows; its limits are not looked at."""
    allowed, kind = kinds(schema), json_kind(value)
    return not allowed or kind in allowed or (kind == "number" and "integer" in allowed)


def listed(words: Iterable[str], joint: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} {joint} {last}" if first else last


def meant(key: str, schema: Schema, *, by_spelling: bool = True) -> str:
    """The field of `schema` that an unknown `key` was probably meant to be, or an empty string.

    Without `by_spelling` only the other names that the schema itself lists for a field are looked at.
    """
    fields: Mapping[str, Any] = schema.get("properties", {})
    folded = key.casefold().replace("-", "_")
    also = {word: name for name in reversed([*fields]) for word in (child(schema, name)).get("x-also", ())}
    if folded in fields:
        return folded
    return also.get(folded) or (nearest(key, [*fields]) if by_spelling else "")


def nest(key: str, schema: Schema, taken: Collection[str]) -> str:
    """The list below `schema` whose items have the field `key`; empty where there is none, or it is `taken`."""
    lists = {name: child(below, 0) for name, below in schema.get("properties", {}).items()}
    owners = [name for name, item in lists.items() if key in item.get("properties", {}) and name not in taken]
    return owners[0] if len(owners) == 1 else ""


def link_to(schema: Schema, route: Route) -> str:
    """The ``x-link`` nearest to `route`, from the value up to the top: the page that its limit is from; else empty."""
    found, here = schema.get("x-link", ""), schema
    for key in route:
        here = child(here, key)
        found = here.get("x-link", found)
    return str(found)


def at(schema: Schema, route: Route) -> Schema:
    """The schema of the value at `route`; one that says nothing where there is none."""
    return reduce(child, route, schema)


def one_of_known(text: str, known: Mapping[str, Any]) -> str:
    """A hint that names the known codes that `text` was probably meant to be; empty where that is a guess.

    Args:
        text: Not one of them.
        known: Under ``values`` the codes, with ``_`` after a stem; under ``also`` other words for some of them.
    """
    folded = text.strip().replace("-", "_").casefold()
    stem = folded.split("_")[0]
    by_word = {**table("languages/names.json"), **known["also"], **{code.casefold(): code for code in known["values"]}}
    found = by_word.get(folded) or by_word.get(stem)
    if found and found not in known["values"]:
        stem, found = found, ""
    related = [found] if found else [code for code in known["values"] if code.split("_")[0] == stem]
    if not related and len(folded) > 4 and "_" not in folded:  # a code is no misspelt name: gl_es is not inglés
        near = nearest(folded, [word for word in by_word if len(word) > 4])
        related = [by_word[near]] if near else []
    return f"did you mean {listed(related)}?" if 0 < len(related) <= 4 else ""
