"""Cells whose text nobody wants to send: what a spreadsheet or a database writes where it has no value."""

import re
from itertools import chain
from typing import Final, Literal

from flowrunner.audience.source import Fault
from flowrunner.data import table
from flowrunner.source.marks import INVISIBLE

_WORDS: Final = table("audience/words.json")
_ERRORS: Final = frozenset(chain.from_iterable(_WORDS["spreadsheet errors"].values()))
"""What Excel, Sheets and LibreOffice write, in the languages they write it in."""
_FAILED: Final = frozenset(f"{word}:{number}" for word in ("Err", "Erro") for number in range(501, 541))
"""What LibreOffice shows where a formula failed."""
_HARDLY: Final = frozenset(_WORDS["no value"])
"""Texts that nearly always stand for no value."""
_ENCODED: Final = "export the file again as UTF-8 (in Excel: CSV UTF-8), or correct the cell"
ODD_WORDS: Final = _HARDLY | _FAILED
_LATE: Final = bytes(range(0x80, 0xA0)).decode("cp1252", errors="ignore")
"""What Windows-1252 has at 0x80 to 0x9F."""
_BROKEN: Final = re.compile(rf"(?:[\u00c2-\u00f4][\u0080-\u00bf{_LATE}]{{1,3}})+")
_OF_SHEETS: Final = r"E\+|/00|1899|1900"
"""What the patterns for numbers and days of spreadsheets have in them."""
in_ascii: Final = re.compile(rf"[#={{%<\[*?$:]|{_OF_SHEETS}").search
beyond_ascii: Final = re.compile(
    rf"{_OF_SHEETS}|[#={{%<\[*?$:«\ufffd{INVISIBLE}]|[\u00c2-\u00f4][\u0080-\u00bf{_LATE}]"
).search
"""Whether one of several texts, put together, may be one of these, or has invisible marks at its ends.

Look for each of them in `ODD_WORDS`, too.
"""


def never_meant(text: str) -> Fault | None:
    """Why a cell's text is surely not what somebody is to read."""
    error = next((word for word in text.split() if word in _ERRORS), "") if "#" in text else ""
    if error:
        hint = "correct the formula in the spreadsheet, or empty the cell"
        return Fault("broken-cell", f"{_short(error)} is an error of the spreadsheet", hint)
    if (meant := _mended(text)) and (found := re.search("[\u0080-\u009f]", text)):
        message = f"{_short(text)} holds U+{ord(found.group()):04X}: it is {_short(meant)} read in the wrong encoding"
        return Fault("broken-cell", message, _ENCODED)
    return _like("broken", text)


def hardly_meant(text: str) -> Fault | None:
    """Why a cell's text is probably not what somebody is to read."""
    if text in _HARDLY:
        return Fault("odd-cell", f"{_short(text)} will be sent as it is", "empty the cell if there is no value")
    if meant := _mended(text):
        message = f"{_short(text)} looks like {_short(meant)} read in the wrong encoding"
        return Fault("odd-cell", message, _ENCODED)
    return _like("odd", text)


def _like(sort: Literal["broken", "odd"], text: str) -> Fault | None:
    """The first of the ``oddities.toml`` of a sort that a text is like."""
    for known in table("audience/oddities.toml")[sort]:
        if found := re.search(known["pattern"], text):
            return Fault(f"{sort}-cell", known["message"].replace("{text}", _short(found.group())), known["hint"])
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
