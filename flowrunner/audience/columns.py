"""Which column says who a row is for, and which ones are nothing to the flow."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from flowrunner.audience.naming import TIMEZONE, USER, WHO, Names
from flowrunner.audience.source import Fault
from flowrunner.data import table
from flowrunner.diagnostics import Diagnostic, Location, Severity, nearest
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import Input

_SHOWN = 20
ANY_OF_THEM: Final = f"{', '.join(WHO[:-1])} or {WHO[-1]}"
WARNINGS: Final = 20
"""Warnings about names that are told of one file."""


def meant_for(name: str) -> str:
    """Which of `WHO` a column of this name (``Teléfono``) probably is; an empty string where it is none of them."""
    word, known = _word(name), table("audience/words.json")
    found = next((who for who in WHO if word == who or word in map(_word, known["columns"][who])), "")
    words, within = set(_words(name)), known["within the name of a phone's column"]
    if found or words.isdisjoint(within["some"]):
        return found or nearest(word, list(WHO))
    return "phone" if words.isdisjoint(within["none"]) else ""


def _word(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"[^\W_]+", "".join(each for each in plain if not unicodedata.category(each).startswith("M")))


def _near(name: str, missing: Sequence[str]) -> str:
    """Which of the inputs without a column one of this name is probably for; empty where it is for none."""
    if LANGUAGE in missing and _word(name) in table("audience/words.json")["columns"][LANGUAGE]:
        return LANGUAGE
    for alike in table("audience/words.json")["inputs"]:
        words = {*map(_word, alike)}
        if _word(name) in words and len(meant := [each for each in missing if _word(each) in words]) == 1:
            return meant[0]
    return nearest(name, list(missing))


def who_fault(names: Sequence[str], thing: str) -> Fault | None:
    """Why these names have none of `WHO`; `thing` is what they name.

    The Fault's offset is the index of the name to blame.
    """
    if not set(WHO).isdisjoint(names):
        return None
    likely = [(index, who) for index, name in enumerate(names) if (who := meant_for(name))]
    likely.sort(key=lambda each: each[1] == USER)  # many have user ids of their own, beside the phone
    message = f"no {thing} says who a message is for"
    if likely:
        index, who = likely[0]
        hint = f'did you mean {who}? Rename {names[index]}, or pass --map {who}="{names[index]}"'
        return Fault("bad-audience", message, hint, index)
    if names and sum(each.isdigit() for each in names[0]) > len(names[0]) // 2:
        message = f"the first line does not name the {thing}s"
        return Fault("bad-audience", message, "write a header above it, with phone in it")
    return Fault("bad-audience", message, f"name one {ANY_OF_THEM}")


def nobody_named(who: Sequence[str], thing: str) -> Fault:
    """What is wrong with a `thing`, a row or a line, in which all of these are empty."""
    are = "is" if len(who) == 1 else "are"
    return Fault("bad-recipient", f"{' and '.join(who)} {are} empty", f"say who it is for, or remove the {thing}")


def _is_header(cells: Sequence[str], above: Sequence[str], names: Names) -> bool:
    """Whether a line names columns, and what stands above it is a title: a cell may hold a column's name, too."""
    found = [names.of(cell.strip()) for cell in cells if cell.strip()]
    is_title = len(above) < len(cells) or not all(above)
    return not set(WHO).isdisjoint(found) and (is_title or set(names.known).issuperset(found))


def header_problems(
    columns: Sequence[str], names: Names, path: str, line: int, below: Iterable[tuple[int, Sequence[str]]]
) -> list[Diagnostic]:
    """What is wrong with the names of a sheet's columns, which stand in a line; ``below`` are the lines after it."""
    if who_fault([names.of(column) for column in columns], "column") is not None:
        for number, cells in below:
            if _is_header(cells, columns, names):
                message = f"the first line does not name the columns, line {number} does"
                hint = f"remove what stands above line {number}"
                return [Fault("bad-audience", message, hint).at(path, line, 1)]
    fault = names.collision(columns, "column") or who_fault([names.of(column) for column in columns], "column")
    return [fault.at(path, line, fault.offset + 1)] if fault is not None else []


def lacking_columns(
    names: Sequence[str],
    who: Sequence[str],
    inputs: Mapping[str, Input],
    missing: Sequence[str],
    place: Callable[[str], Location],
) -> dict[str, Diagnostic]:
    """What to say of each input that no row can have a value for, at the column that is probably meant for it.

    The arguments are those of `unknown_columns`.
    """
    unknown = [name for name in names if name and name not in inputs and name not in who and name != TIMEZONE]
    found = {}
    for name in missing:
        if inputs[name].has_default or name in (LANGUAGE, TIMEZONE):  # those the phone tells
            continue
        near = next((each for each in unknown[:100] if _near(each, missing) == name), "")
        message, mapped = f"no column gives {name}", f'--map {name}="{near or "COLUMN"}"'
        hint = f"name its column {name}, or pass {mapped}, or write a default: beside it in the flow"
        if near:
            message += f": {near} is not an input of the flow"
            hint = f"did you mean {name}? Rename it, or pass {mapped}"
        found[name] = Diagnostic("missing-variable", message, place(near or names[0]), hint=hint)
    return found


def unknown_columns(
    names: Sequence[str],
    who: Sequence[str],
    inputs: Mapping[str, Input],
    missing: Sequence[str],
    place: Callable[[str], Location],
    told: Collection[str] = (),
) -> list[Diagnostic]:
    """A warning for each name that is nearly an input, and one for all others that no input has, at the first of them.

    Args:
        names: What the file has.
        who: Those names that say who a row is for.
        inputs: What the flow declares.
        missing: The inputs that have no column.
        place: Tells where a name stands.
        told: Those inputs of which it is told already that they have none.
    """
    unknown = [name for name in names if name and name not in inputs and name not in who and name != TIMEZONE]
    near = {name: close for name in unknown[:100] if (close := _near(name, missing))}
    alone = [name for name in unknown if name not in near]
    found = []
    for name, close in near.items():
        if close in told:
            continue
        hint = f'did you mean {close}? Rename it, or pass --map {close}="{name}"'
        found.append(_unknown(f"{name} is not an input of the flow", place(name), hint))
    if alone:
        more = f" and {len(alone) - _SHOWN} more" if len(alone) > _SHOWN else ""
        noun = "column" if len(alone) == 1 else "columns"
        found.append(_unknown(f"{noun} not used by the flow: {', '.join(alone[:_SHOWN])}{more}", place(alone[0])))
    if nameless := [str(number) for number, name in enumerate(names, 1) if not name]:
        have = "column {} has no name, and is" if len(nameless) == 1 else "columns {} have no names, and are"
        more = f" and {len(nameless) - _SHOWN} more" if len(nameless) > _SHOWN else ""
        said = have.format(f"{', '.join(nameless[:_SHOWN])}{more}")
        found.append(_unknown(f"{said} not used by the flow", place("")))
    return found


def _unknown(message: str, place: Location, hint: str = "") -> Diagnostic:
    return Diagnostic("unknown-column", message, place, severity=Severity.WARNING, hint=hint)
