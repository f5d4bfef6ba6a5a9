"""Whether a stored text is one of ours, in whatever form an API may have kept it."""

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal

from flowrunner.model import Json

Sign = Literal["yes", "unclear", "no", ""]
"""``no`` is said only of what cannot be the same in any form; empty where nothing is shown to judge by."""


def alike(ours: Json, theirs: Json) -> Sign:
    """Whether ``theirs`` is our text: exactly or normalised, perhaps cut or with signs lost, or surely not."""
    if theirs is None or theirs == "":
        return ""
    mine, its = canonical(str(ours or "")), canonical(str(theirs))
    if mine == its:
        return "yes"
    if not mine:
        return "no"
    cut = _HALF.sub("", its)  # and a letter may have lost its accent there
    is_part = mine.startswith(cut) or canonical(_narrow(str(ours))).startswith(cut)
    is_part = is_part or (bool(_bare(cut)) and _bare(mine).startswith(_bare(cut)))
    is_part = is_part or its.endswith(f" {mine}")  # a name may stand before it
    return "unclear" if is_part or _bare(mine) == its or _could_be(its, mine) or _is_poorer(cut, mine) else "no"


def canonical(text: str) -> str:
    """A text as all of its harmless forms have it in common."""
    text = _BREAKS.sub(" ", html.unescape(html.unescape(text)))
    text = unicodedata.normalize("NFKC", text)
    kept = "".join(sign for sign in text if sign.isspace() or unicodedata.category(sign) not in {"Cc", "Cf"})
    return " ".join(kept.replace("\N{VARIATION SELECTOR-16}", "").split())


_BREAKS: Final = re.compile(r"<br ?/?>|\\[nrt]")
_HALF: Final = re.compile(r"(&[#\w]*|\s*(\.\.\.|…))$")
"""The end of a text that was cut."""


def _bare(text: str) -> str:
    """What is left by a database of few signs: no emoji, no accents."""
    kept = (sign for sign in unicodedata.normalize("NFKD", text) if unicodedata.category(sign) not in _LOST)
    return " ".join(_narrow(kept).split())


def _narrow(text: Iterable[str]) -> str:
    """What is left by a database of three bytes a sign, letters of mathematics among what is lost."""
    return "".join(sign for sign in text if sign < "\U00010000")


_LOST: Final = frozenset(["Mn", "So", "Sk", "Co", "Cn"])


_LOST_SIGNS: Final = re.compile(r"\s*[?\N{REPLACEMENT CHARACTER}][?\N{REPLACEMENT CHARACTER}\s]*")
"""What stands for signs that could not be stored; one that shows nothing may have stood between two spaces."""


def _could_be(theirs: str, ours: str) -> bool:
    """Whether ``theirs`` is ``ours`` with a sign that stands for what could not be stored."""
    parts = _LOST_SIGNS.split(theirs)
    if len(parts) == 1 or not ours.startswith(parts[0]) or not ours.endswith(parts[-1]):
        return False
    place = len(parts[0])
    for part in parts[1:-1]:
        place = ours.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return place + len(parts[-1]) <= len(ours)


def _is_poorer(theirs: str, ours: str) -> bool:
    """Whether ``theirs`` is ``ours``, perhaps cut, with tags, signs outside of ASCII, or typed quotes lost."""
    its, mine = (_ADDED.sub("", unicodedata.normalize("NFC", text).translate(_TYPED)) for text in (theirs, ours))
    left = [sign for sign in its if not sign.isspace()]
    place = 0
    for sign in mine:
        if place == len(left):
            break
        if left[place] in {sign, unicodedata.normalize("NFKD", sign)[0]}:
            place += 1
        elif sign.isascii() and not sign.isspace():
            return False
    return 0 < place == len(left)


_ADDED: Final = re.compile(r"<[a-zA-Z/][^<>]*>|:[a-z0-9_+-]{2,}:")
"""What may be taken out of a text, or stand in it for a sign: tags, and names of emoji."""
_TYPED: Final = str.maketrans("“”„«»‘’‚–—‑−", '"""""\'\'\'----')
