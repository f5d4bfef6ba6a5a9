"""What other template languages write, and what stands for it here: filters, tests, attributes and signs."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import nodes

from flowrunner.diagnostics import nearest
from flowrunner.expressions.errors import ExpressionError

_ALIKE: Final = 0.75
"""How much of a name must be right; the hint would be followed, and another filter sends other words."""

_LIQUID: Final = re.compile(
    r"\|\s*(?P<name>[A-Za-z_]\w*)\s*:\s*(?P<given>(?:'[^']*'|\"[^\"]*\"|[\w.]+)(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"|[\w.]+))*)"
)
_CHOICE: Final = re.compile(
    r"(?P<condition>[^?:{}|]+?)\s*\?(?![?.])\s*(?P<one>[^?:{}]+?)\s*:\s*(?P<other>[^?:{}]+?)\s*\Z"
)
_BLOCK: Final = re.compile(r"\{\{~?\s*#\s*(if|unless|each|with)\s+([\w.]+)\s*~?\}\}")
_ENDS: Final = {"if": "endif", "unless": "endif", "each": "endfor", "with": "endwith"}
_BLOCK_END: Final = re.compile(r"\{\{~?\s*/\s*(if|unless|each|with)\s*~?\}\}")
_MARKED: Final = re.compile(r"\{\{\s*([&.^])\s*[A-Za-z_][\w.]*\s*\}\}")
_STRICT: Final = re.compile(r"(?<![=!<>])([=!])==(?!=)")
_TURNED: Final = re.compile(r"(?<![=!<>])(=>|=<|<>)(?![=<>])")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_LONELY: Final = re.compile(r"(?<!\|)\|(?!\|)\s*(?=-?\}\}|-?%\}|\||\Z)")


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    """What is meant, with what is written for it in other languages."""
    words: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("dialects.json").read_bytes())
    return words


def _meant(sort: str, word: str) -> str:
    return next((meant for meant, words in _words()[sort].items() if word in words), "")


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


def of_list_meant(name: str, text: str) -> str:
    """How to write an attribute that lists have elsewhere."""
    typed = re.search(rf"([A-Za-z_][\w.]*)\.{re.escape(name)}\b(\([^()]*\))?", text)
    meant = _meant("of lists", name)
    if typed is None or not meant:
        return "check its length first"
    return f"write {typed[1]} | {meant}{typed[2] if name == 'join' and typed[2] else ''}"


def foreign_syntax(text: str, offset: int, length: int) -> ExpressionError | None:
    """What another language means by the expression at ``offset`` that cannot be read here; None: something else."""
    part = text[offset : offset + length]
    for look in (_of_handlebars, _of_signs, _of_liquid, _of_javascript):
        found = look(part)
        if found is not None:
            message, hint, start, size = found
            return ExpressionError("expression-syntax", message, hint, offset + start, size)
    return None


_Found = tuple[str, str, int, int] | None


def _of_handlebars(part: str) -> _Found:
    if block := _BLOCK.match(part):
        word, what = block[1], block[2]
        ours = {
            "if": f"{{% if {what} %}}", "unless": f"{{% if not {what} %}}", "each": f"{{% for each in {what} %}}",
            "with": f"{{% with this = {what} %}}",
        }[word]  # fmt: skip
        hint = f"write {ours}, and {{% {_ENDS[word]} %}} for {{{{/{word}}}}}"
        return f"{block[0]} is not a block here", hint, block.start(), len(block[0])
    if end := _BLOCK_END.match(part):
        return f"{end[0]} does not end a block here", f"write {{% {_ENDS[end[1]]} %}}", end.start(), len(end[0])
    if marked := _MARKED.match(part):
        return f"{marked[1]} cannot be used before a name", "remove it", marked.start(1), 1
    return None


def _of_signs(part: str) -> _Found:
    if loop := re.match(r"\{%-?\s*(for\b(?:(?!\bin\b)[^%])*)%\}", part):
        listed = loop[1].split()[-1] if len(loop[1].split()) > 1 else "items"
        what = "a loop names one element, and the list it is in"
        return what, f"write for each in {listed}", loop.start(1), len(loop[1].rstrip())
    if turned := _TURNED.search(_QUOTED.sub(lambda each: " " * len(each[0]), part)):
        meant = {"=>": ">=", "=<": "<=", "<>": "!="}[turned[0]]
        return f"{turned[0]} cannot be used in an expression", f"write {meant}", turned.start(), 2
    if found := re.search(r"([A-Za-z_][\w.]*)\s+contains\s+('[^']*'|\"[^\"]*\"|[\w.]+)", part):
        return "contains is not known here", f"write {found[2]} in {found[1]}", found.start(), len(found[0])
    if found := re.match(r"\{\{\s*([A-Za-z_][\w.]*)\s*:\s*,?(\.\d+f)\s*\}\}", part):
        hint = f"write '%{found[2]}' | format({found[1]})"
        return "a format after a colon is not known here", hint, found.start(1), len(found[1])
    if strict := _STRICT.search(part):
        return f"{strict[0]} cannot be used in an expression", f"write {strict[1]}=", strict.start(), 3
    if lonely := _LONELY.search(part):
        return "no filter stands after the |", "remove the |, or name a filter after it", lonely.start(), 1
    return None


def _of_liquid(part: str) -> _Found:
    found = _LIQUID.search(part)
    if found is None:
        return None
    name = _meant("filters", found["name"]) or found["name"]
    given = f"{found['given']}, true" if name == "default" else found["given"]
    start = found.start("name")
    return "a filter takes its values in brackets", f"write {name}({given})", start, found.end() - start


def _of_javascript(part: str) -> _Found:
    inner = re.fullmatch(r"(\{\{-?\s*)(.*?)\s*-?\}\}", part, re.DOTALL)
    start, body = (inner.end(1), inner[2]) if inner else (0, part)
    found: Any = _CHOICE.match(body)
    if found is None or found["condition"].count("'") % 2:
        return None
    hint = f"write {found['one']} if {found['condition'].strip()} else {found['other']}"
    return "? cannot be used in an expression", hint, start + found.end("condition"), 1
