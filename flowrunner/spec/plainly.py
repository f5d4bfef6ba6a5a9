"""What people write, as it is compared: without case, accents, and what stands at the ends beside the words."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_PAUSES: Final = re.compile(r"[¡¿]|[,;:.!?،؛؟]+(?= )|(?<=[^\W\d_])[,،](?=[^\W\d_])")
"""Signs within a text that part its words: ``Sí, claro`` is ``si claro``; ``9:30`` and ``1,5`` stay as they are."""
_REPEATED: Final = re.compile(r"(\S)\1+")
_AT_ENDS: Final = frozenset(" \t\n\r.,;:!?\"'*_~`()[]{}")
"""Signs of ASCII that say nothing at the end of a text; ``+``, ``#`` or ``%`` may."""
_RESPELT: Final = str.maketrans({"ı": "i", "đ": "d", "ł": "l", "ø": "o", "ħ": "h", "æ": "ae", "œ": "oe", "ـ": ""})
"""Letters that Unicode does not take apart, as they are written without their stroke or dot; and Arabic's long dash."""
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]{2,}"
)
"""Words of scripts that write none apart: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


@lru_cache(maxsize=4096)
def plainly(text: str) -> str:
    """A text as it is compared: casefolded, without accents, in one line, without emoji and signs at its ends.

    Commas and the like between its words are left out, too.

    A text of emoji and signs alone keeps them, one of several alike in a row, without the colour of a skin.
    """
    line = " ".join(_all(text).replace("\u2019", "'").split())
    words = _without_ends(line)
    return " ".join(_PAUSES.sub(" ", words).split()) or _REPEATED.sub(r"\1", line)


def words_of(text: str) -> str:
    """The words of a text as they are compared, each between two spaces."""
    line = plainly(text)
    # The vowels of some scripts are marks, and part of their words.
    shape = line if line.isascii() else "".join("a" if unicodedata.category(each)[0] == "M" else each for each in line)
    return f" {' '.join(line[its.start() : its.end()] for its in _WORD.finditer(shape))} "


def says(text: str, words: str) -> bool:
    """Whether some words occur in a text, next to each other and whole; an emoji anywhere.

    Where a script writes no words apart, they occur anywhere, too: nobody can tell where they begin.
    """
    wanted = words_of(words)
    if _UNSPACED.fullmatch(wanted.strip()):
        return wanted.strip() in words_of(text)
    return wanted in words_of(text) if wanted.strip() else bool(plainly(words)) and plainly(words) in _all(text)


def _all(text: str) -> str:
    """A text without case and accents, whatever stands at its ends."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return folded if folded.isascii() else "".join(each for each in folded if not _is_mark(each)).translate(_RESPELT)


def _is_mark(sign: str) -> bool:
    """An accent, a sign that is not seen, or the colour of a skin.

    Accents are marks above or below a letter, and the points of Hebrew and Arabic; in other scripts marks are vowels
    and tones, which make it another word. https://www.unicode.org/reports/tr44/#Canonical_Combining_Class_Values
    """
    if sign.isascii():
        return False
    kind = unicodedata.category(sign)
    if kind == "Mn":
        place = unicodedata.combining(sign)
        return place == _NUKTA or place in _POINTS or place >= _ABOVE_OR_BELOW or "\ufe00" <= sign <= "\ufe0f"
    return kind in ("Me", "Cf") or "\U0001f3fb" <= sign <= "\U0001f3ff"


_NUKTA: Final = 7
_POINTS: Final = range(10, 37)
_ABOVE_OR_BELOW: Final = 200


def _without_ends(line: str) -> str:
    before = None
    while line != before:
        before, line = line, _without_signs(line)
        if line and not (line[0].isascii() and line[-1].isascii()):
            line = _without_emoji(line)
    return line


def _without_signs(line: str) -> str:
    """Without what says nothing at either end; a dash does beside a word: ``A-`` is not ``A``."""
    start, end = 0, len(line)
    while start < end and (_is_sign(line[start]) or line[start] == "-"):
        start += 1
    while end > start and (_is_sign(line[end - 1]) or line[end - 1] == "-"):
        end -= 1
    while start and line[start - 1] == "-":
        start -= 1
    while line[end : end + 1] == "-":
        end += 1
    return line[start:end]


def _is_sign(sign: str) -> bool:
    return sign in _AT_ENDS if sign.isascii() else unicodedata.category(sign)[0] == "P"


def _without_emoji(line: str) -> str:
    from emoji import emoji_list  # most texts have none

    found = emoji_list(line)
    if found and found[-1]["match_end"] == len(line):
        return line[: found[-1]["match_start"]]
    return line[found[0]["match_end"] :] if found and found[0]["match_start"] == 0 else line
