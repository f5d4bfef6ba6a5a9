"""TOML text -> plain data with the place of every value; tomllib reads it, and `toml_places` finds where it stands."""

import re
import tomllib
from typing import Any, Final, NamedTuple
from unicodedata import category

from flowrunner.diagnostics import Diagnostic, Problem
from flowrunner.source.document import Document, line_starts, place
from flowrunner.source.files import decode, unfit
from flowrunner.source.toml_places import places
from flowrunner.source.unseen import UNSEEN, described

_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CURLY: Final = frozenset("“”„‘’«»")


class _Wrong(NamedTuple):
    """What tomllib says, what is said for it, and what surely mends it."""

    said: str
    message: str
    hint: str = ""


_WRONG: Final = (
    _Wrong("Expected '=' after a key", "there is no = after the key", "write key = value"),
    _Wrong("Invalid value", "this is not a value", 'write text in double quotes: key = "value"'),
    _Wrong("Unbalanced quotes|Illegal character '\\\\n'|Unterminated string", "the quotes are not closed",
           "close them on the same line"),
    _Wrong("Cannot declare|Cannot overwrite|Duplicate inline table key|Cannot mutate|Cannot redefine",
           "this is already said further up", "remove one of the two"),
    _Wrong("Expected newline or end of document", "there is something behind the value",
           "begin a new line for the next key, and # for a comment"),
    _Wrong("Expected '\\]' at the end of", "the name of the table is not closed", "close it with ]"),
    _Wrong("Unescaped|Invalid hex value", "in double quotes a backslash begins an escape",
           "write the text in single quotes"),
    _Wrong("Invalid initial character for a key part", "a key cannot begin so"),
    _Wrong("Invalid statement", "a line begins with a key or a [table]"),
)  # fmt: skip


_SLIPS: Final = (
    (r"\s*(;|//|--)", "{} does not begin a comment here", "write # for {}"),
    (r"\s*(\{)", "the file is not TOML, but perhaps JSON", "write a [table], and below it key = value lines"),
    (r"""\s*[\w.-]+\s*=\s*(?:"[^"]*"|'[^']*'|\w+)\s*(,)\s*(?:#.*)?$""",
     "there is a comma behind the value", "remove it"),
    (r"\s*[\w.-]+\s*=\s*[+-]?\d+(,)\d+\s*(?:#.*)?$", "a number has a decimal point, not a comma", "write . for {}"),
    (r"\s*[\w.-]+\s*(==)", "there are two signs for one", "write = for {}"),
    (r"\s*[\w.-]+\s*=\s*(True|False)\b", "{} is not a value", "write {}"),
)  # fmt: skip
"""What stands in a line that cannot be read, what is wrong there, and what mends it."""


def read_toml(content: bytes, path: str) -> tuple[Document | None, list[Diagnostic]]:
    """Read one TOML document.

    Args:
        content: The file's bytes, UTF-8.
        path: What to call it in diagnostics.

    Returns:
        The document, None where it cannot be read; and why it cannot.
    """
    text, problem = decode(content)
    if problem is not None:
        return None, [place(path, text, problem, len(text), len(text))]
    text = text.replace("\r\n", "\n")  # as tomllib reads it
    if (unfitting := unfit(text)) is not None:
        return None, [place(path, text, *unfitting)]
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem, at = _refusal(str(error), text)
        return None, [place(path, text, problem, at, at)]
    return Document(path, text, data, places(text)), []


def _slip(text: str, at: int) -> tuple[Problem, int] | None:
    """What another language writes there, with what TOML has for it, and where; None: nothing that is known."""
    start = text.rfind("\n", 0, at) + 1
    here = text[start:].partition("\n")[0]
    for pattern, message, hint in _SLIPS:
        if (found := re.match(pattern, here)) is not None:
            place = start + found.start(1)
            return Problem("toml-syntax", message.format(found[1]), hint=hint.format(found[1].lower())), place
    return None


def _refusal(said: str, text: str) -> tuple[Problem, int]:
    """Why tomllib refuses, in plain words, and where."""
    found = _AT.search(said)
    at = len(text.rstrip())
    if found is not None and found[1]:
        at = min(line_starts(text)[int(found[1]) - 1] + int(found[2]) - 1, len(text))
    what = said[: found.start()] if found is not None else "it is nested too deeply"
    line = text[text.rfind("\n", 0, at) + 1 : at + 1]
    if what.startswith("Expected '='") and re.fullmatch(r"\s*[\w.-]+\s*:", line):
        return Problem("toml-syntax", "there is a colon after the key", hint="write = for :"), at
    if re.match(f"[{UNSEEN}]", text[at : at + 1]):
        hint = "write an ordinary space for it" if category(text[at]) == "Zs" else "remove it"
        return Problem("toml-syntax", f"{described(text[at])} is here", hint=hint), at
    if text[at : at + 1] in _CURLY:
        return Problem("toml-syntax", "this is a typographic quote", hint=f'write " for {text[at]}'), at
    if what.startswith("Expected newline") and not text[at - 1].isspace():
        what = "Invalid value"  # 100/min
    if (slip := _slip(text, at)) is not None:
        return slip
    for each in _WRONG:
        if re.match(each.said, what):
            return Problem("toml-syntax", f"the file is not TOML: {each.message}", hint=each.hint), at
    return Problem("toml-syntax", f"the file is not TOML: {what[:1].lower()}{what[1:]}"), at
