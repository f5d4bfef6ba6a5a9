"""The texts of a row -> the values that a flow's inputs want, trimmed, and what is odd about them."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from flowrunner.audience.oddities import ODD_WORDS, beyond_ascii, hardly_meant, in_ascii, never_meant
from flowrunner.audience.source import Fault
from flowrunner.engine.values.texts import reader
from flowrunner.model import Input, Json
from flowrunner.source.marks import trimmed
from flowrunner.spec import as_typed, kinds

Odd = Sequence[tuple[str, Fault]]
"""What is odd about the values of a row, by the input's name."""
Values = tuple[Mapping[str, Json], Odd]
CellReader = Callable[[list[str]], Values]
_strip = str.strip
MemberReader = Callable[[Mapping[str, Any]], Values]


def cell_reader(columns: Sequence[str], inputs: Mapping[str, Input], *, comma: bool = False) -> CellReader:
    """What makes the variables of a row out of its cells; an empty cell gives none.

    The function made expects as many cells as there are columns.

    Args:
        columns: What each cell is for.
        inputs: What the flow declares.
        comma: Whether numbers have a decimal comma.
    """
    wanted = [(index, name) for index, name in enumerate(columns) if name in inputs]
    if not wanted:
        return lambda _: ({}, ())
    names = tuple(name for _, name in wanted)
    if len(wanted) == 1:
        index = wanted[0][0]
        pick: Callable[[list[str]], Sequence[str]] = lambda fields: (fields[index],)  # noqa: E731
    else:
        pick = itemgetter(*(index for index, _ in wanted))
    typed = [(name, read) for name in names if (read := reader(inputs[name].schema, comma=comma)) is not None]
    choices = _choices(inputs)

    def values(fields: list[str]) -> Values:
        found: dict[str, Json] = dict(zip(names, map(_strip, pick(fields))))  # noqa: B905  # strict would double its time
        texts = found.values()
        # One look at them all, for hardly any row has anything odd.
        whole = "\n".join(texts)
        odd: Odd = ()
        if (in_ascii(whole) if whole.isascii() else beyond_ascii(whole)) or not ODD_WORDS.isdisjoint(texts):
            found = {name: trimmed(text) for name, text in found.items()}
            odd = _odd(found, choices)
        if not all(found.values()):
            found = {name: text for name, text in found.items() if text}
        for name, read in typed:
            if name in found:
                found[name] = read(found[name])
        return found, odd

    return values


def member_reader(inputs: Mapping[str, Input]) -> MemberReader:
    """What makes the variables of a row out of one JSON object; null gives none, unless its input's type allows it."""
    choices = _choices(inputs)
    nullable = {name for name, each in inputs.items() if "null" in kinds(each.schema)}

    def values(members: Mapping[str, Any]) -> Values:
        found: dict[str, Json] = {}
        texts: dict[str, str] = {}
        for name, value in members.items():
            if name not in inputs or (value is None and name not in nullable):
                continue
            if type(value) is str:
                found[name] = texts[name] = value.strip()
            else:
                found[name] = as_typed(value, inputs[name].schema, written=True)
        whole = "\n".join(texts.values())
        if (in_ascii(whole) if whole.isascii() else beyond_ascii(whole)) or not ODD_WORDS.isdisjoint(texts.values()):
            texts = {name: trimmed(text) for name, text in texts.items()}
            return {**found, **texts}, _odd(texts, choices)
        return found, ()

    return values


def _choices(inputs: Mapping[str, Input]) -> dict[str, frozenset[str]]:
    """What each input that is no list or object, whose brackets mean something, says itself that it may be."""
    return {
        name: frozenset(map(str, each.schema.get("enum", ())))
        for name, each in inputs.items()
        if not kinds(each.schema) or not kinds(each.schema) <= {"array", "object"}
    }


def _odd(found: Mapping[str, str], choices: Mapping[str, frozenset[str]]) -> Odd:
    odd = (
        (name, never_meant(text) or hardly_meant(text))
        for name, text in found.items()
        if name in choices and text not in choices[name]
    )
    return [(name, fault) for name, fault in odd if fault is not None]
