"""What people write, as it is compared: without case, accents, and what stands at the ends beside the words."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_AT_ENDS: Final = " \t\n\r.,;:!?\u00a1\u00bf\u2026\"'\u00ab\u00bb\u201c\u201d\u2018\u2019*_~()"


@lru_cache(maxsize=4096)
def plainly(text: str) -> str:
    """A text as it is compared: casefolded, without accents, in one line, and without emoji and signs at its ends.

    A text of emoji and signs alone keeps them, without the colour of a skin.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(each for each in folded if not _is_mark(each))
    line = " ".join(kept.replace("\u2019", "'").split())
    return _without_ends(line) or line


def words_of(text: str) -> str:
    """The words of a text as they are compared, each between two spaces."""
    return f" {' '.join(_WORD.findall(plainly(text)))} "


def says(text: str, words: str) -> bool:
    """Whether some words occur in a text, next to each other and whole; an emoji anywhere."""
    wanted = words_of(words)
    return wanted in words_of(text) if wanted.strip() else bool(plainly(words)) and plainly(words) in _all(text)


def _all(text: str) -> str:
    """A text without accents, whatever stands at its ends."""
    return "".join(each for each in unicodedata.normalize("NFKD", text).casefold() if not _is_mark(each))


def _is_mark(sign: str) -> bool:
    """An accent, a sign that is not seen, or the colour of a skin."""
    if sign.isascii():
        return False
    return unicodedata.category(sign) in ("Mn", "Me", "Cf") or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _without_ends(line: str) -> str:
    before = None
    while line != before:
        before, line = line, line.strip(_AT_ENDS)
        if line and not (line[0].isascii() and line[-1].isascii()):
            line = _without_emoji(line)
    return line


def _without_emoji(line: str) -> str:
    from emoji import emoji_list  # most texts have none

    found = emoji_list(line)
    if found and found[-1]["match_end"] == len(line):
        return line[: found[-1]["match_start"]]
    return line[found[0]["match_end"] :] if found and found[0]["match_start"] == 0 else line
