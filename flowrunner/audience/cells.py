"""A cell's text -> the value an input wants, exactly as ``--var name=text`` would be read."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from flowrunner.model import Input, Json
from flowrunner.schema import as_typed, kinds
from flowrunner.source import plain, read

Reader = Callable[[list[str]], dict[str, Json]]


def cell_reader(columns: Sequence[str], inputs: Mapping[str, Input]) -> Reader:
    """What makes the variables of a row out of its cells; an empty cell gives none.

    The function made expects as many cells as there are columns.
    """
    wanted = [(index, name) for index, name in enumerate(columns) if name in inputs]
    if not wanted:
        return lambda _: {}
    names = tuple(name for _, name in wanted)
    if len(wanted) == 1:
        index = wanted[0][0]
        pick: Callable[[list[str]], Sequence[str]] = lambda fields: (fields[index],)  # noqa: E731
    else:
        pick = itemgetter(*(index for index, _ in wanted))
    typed = [(name, typing) for name in names if (typing := _typing(inputs[name])) is not None]

    def texts(fields: list[str]) -> dict[str, Json]:
        found: dict[str, Json] = dict(zip(names, pick(fields)))  # noqa: B905  # strict would double its time
        if "" in fields:
            found = {name: text for name, text in found.items() if text}
        return found

    def values(fields: list[str]) -> dict[str, Json]:
        found = texts(fields)
        for name, typing in typed:
            if name in found:
                found[name] = typing(found[name])
        return found

    return values if typed else texts


def member_values(members: Mapping[str, Any], inputs: Mapping[str, Input]) -> dict[str, Json]:
    """The variables of one JSON object; null gives none, unless its input's type allows null."""
    return {
        name: as_typed(value, inputs[name].schema)
        for name, value in members.items()
        if name in inputs and (value is not None or "null" in kinds(inputs[name].schema))
    }


def _typing(declared: Input) -> Callable[[str], Json] | None:
    """How this input reads a text; None where it takes the text as it is."""
    schema = declared.schema
    wanted = kinds(schema)
    if not wanted or "string" in wanted:
        return None
    if wanted <= {"array", "object"}:
        return lambda text: _structured(text, schema)
    return lambda text: as_typed(plain(text), schema)


def _structured(text: str, schema: Mapping[str, Json]) -> Json:
    document, found = read(text, "")
    return as_typed(document.data if document is not None and not found else plain(text), schema)
