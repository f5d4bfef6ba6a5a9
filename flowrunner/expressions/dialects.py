"""What other template languages write, and what stands for it here: filters, tests, attributes and signs."""

import re
from collections.abc import Iterable
from typing import Any, Final

from jinja2 import nodes

from flowrunner.data import table
from flowrunner.diagnostics import nearest
from flowrunner.expressions.errors import ExpressionError

_ALIKE: Final = 0.75
"""How much of a name must be right; the hint would be followed, and another filter sends other words."""

_LIQUID: Final = re.compile(
    r"\|\s*(?P<name>[A-Za-z_]\w*)\s*:\s*(?P<given>(?:'[^']*'|\"[^\"]*\"|[\w.]+)(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"|[\w.]+))*)"
)
_GIVEN: Final = r"((?:[^(),'\"]|'[^']*'|\([^()]*\))+?)"
"""The first of the values in a function's brackets; a call may be in it."""
_OF_LISTS: Final = {"max", "min", "sum"}
"""Filters that are of a list, where functions of that name take their values one by one."""
_CHOICE: Final = re.compile(
    r"(?P<condition>[^?:{}|]+?)\s*\?(?![?.])\s*(?P<one>[^?:{}]+?)\s*:\s*(?P<other>[^?:{}]+?)\s*\Z"
)


def _meant(sort: str, word: str) -> str:
    known = table("expressions/dialects.json")[sort]
    return next((meant for meant, words in known.items() if word in words), "")


def hint_for(node: nodes.Filter | nodes.Test, known: Iterable[str]) -> str:
    """How to write a filter or a test that there is not."""
    sort = "tests"
    if isinstance(node, nodes.Filter):
        sort = "other filters"
        if meant := _meant("filters", node.name) or _meant("filters", node.name.casefold()):
            return f"did you mean {meant}?"
    what = node.node.name if isinstance(node.node, nodes.Name) else "value"
    hint = _meant(sort, node.name).replace("{what}", what).replace("{name}", node.name)
    return hint or name_meant(node.name, known)


def function_meant(name: str, text: str, offset: int) -> str:
    """How to write a function of another language that is called at ``offset`` of a text; empty where it is none."""
    called = re.compile(rf"{re.escape(name)}\(\s*{_GIVEN}\s*(?:,\s*([^()]*?)\s*)?\)").match(text, offset)
    meant = _meant("functions", name)
    if called is None or not meant:
        return ""
    of, more = called[1], called[2]
    if more and meant == "join" and of.startswith("'"):
        of, more = more, of
    if more and meant in _OF_LISTS:
        return f"write [{of}, {more}] | {meant}"
    if not re.fullmatch(r"[\w.]+|[\w.]+[\[(][^\s+*/~-]*[\])]", of):
        of = f"({of})"  # a filter is of what stands right before it
    return f"write {of} | {meant}{f'({more})' if more else ''}"


def tag_meant(word: str, known: Iterable[str]) -> str:
    """How to write a statement of another language."""
    return _meant("tags", word) or name_meant(word, known)


def name_meant(word: str, known: Iterable[str]) -> str:
    """The known name that is nearly this word, or what names there are."""
    names = [name for name in known if name.isidentifier()]
    close = nearest(word, names, alike=_ALIKE)
    return f"did you mean {close}?" if close else f"there are {', '.join(sorted(names)[:12])} ..."


def attribute_meant(name: str, text: str) -> str:
    """How to write an attribute that text and numbers have elsewhere; ``text`` is what it stands in."""
    typed = re.search(rf"([A-Za-z_][\w.]*)\.{re.escape(name)}(\(\w*\))?", text) if name else None
    if name.isdecimal():
        return "check its length first"
    if typed is None:
        return "use a filter, such as | upper"
    if name == "toFixed":
        return f"write '%.2f' | format({typed[1]})"
    meant = _meant("attributes", name)
    return f"write {typed[1]} | {meant}" if meant else "use a filter, such as | upper"


def filter_meant(name: str) -> str:
    """The filter that is meant by a part of a value, as in ``name.lenght``; empty where none is."""
    return nearest(name, sorted(table("expressions/allowed.json")["filters"]), alike=_ALIKE)


def of_list_meant(name: str, text: str) -> str:
    """How to write an attribute that lists have elsewhere."""
    typed = re.search(rf"([A-Za-z_][\w.]*)\.{re.escape(name)}\b(\([^()]*\))?", text)
    meant = _meant("of lists", name)
    if typed is None or not meant:
        return "check its length first"
    return f"write {typed[1]} | {meant}{typed[2] if name == 'join' and typed[2] else ''}"


def misused(fault: Exception, text: str) -> tuple[str, str] | None:
    """Message and hint where what Python says of a call tells more than that values do not fit; None: it does not."""
    turned = re.search(r"([\w.]+)\s*\|\s*format\(\s*('[^']*%[^']*')\s*\)", text)
    if isinstance(fault, TypeError) and turned is not None:
        return "format comes after its pattern", f"write {turned[2]} | format({turned[1]})"
    braces = re.search(r"'\{:?(\.\d+f)?\}'\.format\(([\w.]+)\)", text)
    if type(fault).__name__ == "SecurityError" and braces is not None:
        return "texts have no format() here", f"write '%{braces[1] or 's'}' | format({braces[2]})"
    known = table("expressions/faults.json")["in calls"] if isinstance(fault, TypeError) else ()
    return next(((message, hint) for said, message, hint in known if re.search(said, str(fault))), None)


def foreign_syntax(text: str, offset: int, length: int, said: str) -> ExpressionError | None:
    """What another language means by the expression at ``offset`` that cannot be read here; None: something else.

    ``said`` is Jinja's complaint.
    """
    part = text[offset : offset + length]
    found = slip("foreign", part, said) or _of_liquid(part) or _of_javascript(part)
    return found and found.further(offset)


def slip(sort: str, part: str, said: str) -> ExpressionError | None:
    """The first mistake of a sort, of those in ``mistakes.toml``, that stands in a text or a part of it."""
    for known in table("expressions/mistakes.toml")[sort]:
        found = re.search(known["pattern"], part, re.DOTALL)
        if found is not None and known.get("said", "") in said:
            at = known.get("at", 0)
            message, hint = found.expand(known["message"]), found.expand(known["hint"])
            return ExpressionError("expression-syntax", message, hint, found.start(at), len(found[at].rstrip()))
    return None


def _of_liquid(part: str) -> ExpressionError | None:
    found = _LIQUID.search(part)
    if found is None:
        return None
    name = _meant("filters", found["name"]) or found["name"]
    given = f"{found['given']}, true" if name == "default" else found["given"]
    message, start = "a filter takes its values in brackets", found.start("name")
    return ExpressionError("expression-syntax", message, f"write {name}({given})", start, found.end() - start)


def _of_javascript(part: str) -> ExpressionError | None:
    inner = re.fullmatch(r"(\{\{-?\s*)(.*?)\s*-?\}\}", part, re.DOTALL)
    start, body = (inner.end(1), inner[2]) if inner else (0, part)
    found: Any = _CHOICE.match(body)
    if found is None or found["condition"].count("'") % 2:
        return None
    hint = f"write {found['one']} if {found['condition'].strip()} else {found['other']}"
    message = "? cannot be used in an expression"
    return ExpressionError("expression-syntax", message, hint, start + found.end("condition"), 1)
