"""Cells whose text nobody wants to send: what a spreadsheet or a database writes where it has no value."""

import re
from itertools import chain
from typing import Final

from flowrunner.audience.source import Fault
from flowrunner.data import table
from flowrunner.source.marks import INVISIBLE

_WORDS: Final = table("audience/words.json")
_ERRORS: Final = frozenset(chain.from_iterable(_WORDS["spreadsheet errors"].values()))
"""What Excel, Sheets and LibreOffice write, in the languages they write it in."""
_TOO_NARROW: Final = re.compile("#{3,}")
"""What a column shows that is too narrow for its number."""
_FORMULA: Final = re.compile(
    r"=\s*[-+@({]*\s*(?:[^\W\d][\w.]*\s*\(|\$?[A-Za-z]{1,3}\$?\d{1,7}\b|'?[^'\"!]{1,99}'?!\$?[A-Za-z]{1,3}\$?\d|\""
    r"|\d+\s*[-+*/&^])"
)
_EXPRESSION: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PLACEHOLDER: Final = re.compile(
    r"\$?\{[\w .-]{1,40}\}|%[^\W\d][\w.-]{0,39}%|<<?[^\W\d][\w .-]{0,39}>>?|«[\w .-]{1,40}»|\[[^\W\d][\w .-]{0,39}\]"
    r"|\*\|[\w:.-]{1,40}\|\*"
)
_FAILED: Final = frozenset(f"Err:{number}" for number in range(501, 541))
"""What LibreOffice shows where a formula failed."""
_HARDLY: Final = frozenset(_WORDS["no value"])
"""Texts that nearly always stand for no value."""
ODD_WORDS: Final = _HARDLY | _FAILED
_LATE: Final = (
    "\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014"
    "\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
)
"""What Windows-1252 has at 0x80 to 0x9F."""
_BROKEN: Final = re.compile(rf"(?:[\u00c2-\u00f4][\u0080-\u00bf{_LATE}]{{1,3}})+")
in_ascii: Final = re.compile(r"[#={%<\[*]").search
beyond_ascii: Final = re.compile(rf"[#={{%<\[*«\ufffd{INVISIBLE}]|[\u00c2-\u00f4][\u0080-\u00bf{_LATE}]").search
"""Whether one of several texts, put together, may be one of these, or has invisible marks at its ends.

Look for each of them in `ODD_WORDS`, too.
"""


def never_meant(text: str) -> Fault | None:
    """Why a cell's text is surely not what somebody is to read."""
    error = next((word for word in text.split() if word in _ERRORS), "") if "#" in text else ""
    if error or text in _FAILED or _TOO_NARROW.fullmatch(text):
        hint = "correct the formula in the spreadsheet, or empty the cell"
        return Fault("broken-cell", f"{_short(error or text)} is an error of the spreadsheet", hint)
    if _FORMULA.match(text):
        hint = "export the values, not the formulas"
        return Fault("broken-cell", f"{_short(text)} is a formula, not its result", hint)
    if found := _EXPRESSION.search(text):
        message = f"{_short(found.group())} in a cell is sent as it is: only the flow's own expressions are filled in"
        return Fault("broken-cell", message, "write the value itself")
    if "\ufffd" in text:
        hint = "export the file again as UTF-8 (in Excel: CSV UTF-8), or correct the cell"
        return Fault("broken-cell", f"{_short(text)} has lost letters (U+FFFD) when it was converted", hint)
    return None


def hardly_meant(text: str) -> Fault | None:
    """Why a cell's text is probably not what somebody is to read."""
    if text in _HARDLY:
        return Fault("odd-cell", f"{_short(text)} will be sent as it is", "empty the cell if there is no value")
    if meant := _mended(text):
        message = f"{_short(text)} looks like {_short(meant)} read in the wrong encoding"
        return Fault("odd-cell", message, "export the file again as UTF-8 (in Excel: CSV UTF-8), or correct the cell")
    if _PLACEHOLDER.fullmatch(text):
        message = f"{_short(text)} looks like a placeholder that was never filled in"
        return Fault("odd-cell", message, "write the value itself")
    return None


def _mended(text: str) -> str:
    """The text with its letters put right, where UTF-8 was taken for Windows-1252; empty where nothing shows that."""
    whole = _BROKEN.sub(_decoded, text) if not text.isascii() else text
    return whole if whole != text else ""


def _decoded(found: re.Match[str]) -> str:
    raw = bytearray()
    for sign in found.group():
        # Windows-1252 leaves five bytes out, which then stay what they are in Latin-1.
        raw += sign.encode("cp1252", errors="ignore") or sign.encode("latin-1", errors="ignore")
    try:
        letters = raw.decode()
    except UnicodeDecodeError:
        return found.group()
    # RÚŽA is a name: two letters that happen to be one of another script are no proof.
    likely = all(sign < "\u0250" or "\u2000" <= sign < "\u2c00" or sign > "\uffff" for sign in letters)
    return letters if likely or len(letters) > 1 else found.group()


def _short(text: str) -> str:
    whole = " ".join(text.split())
    return whole if len(whole) <= 40 else f"{whole[:39]}…"
