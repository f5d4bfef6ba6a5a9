"""Two texts side by side, word by word."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from flowrunner.diff.sequences import common
from flowrunner.diff.values import Span

# No character below this one is part of the character before it, or is to be parted from its neighbours.
_COMBINING: Final = "\u0300"
_PLAIN: Final = re.compile(r"\n|[^\S\n]+|\w+|[^\w\s]")
_CHUNKS: Final = re.compile(r"\s+|\S+")
_LINES: Final = re.compile(r"\n|[^\n]+")
_JOINER: Final = "\u200d"


def words(text: str) -> list[str]:
    """The words, signs, spaces and line breaks of a text, in order; together they are the text.

    What a person sees as one character is never parted. Chinese and Japanese, which write no spaces, are parted into
    characters.
    """
    if max(text, default="") < _COMBINING:
        return _PLAIN.findall(text)
    found: list[str] = []
    for chunk in _CHUNKS.findall(text):
        if max(chunk) < _COMBINING:
            found += _PLAIN.findall(chunk)
        elif found and _kind(chunk[0]) == "joined":
            found[-1:] = _unicode_words(found[-1] + chunk)
        else:
            found += _unicode_words(chunk)
    return found


def spans(before: str, after: str) -> tuple[Span, ...]:
    """The new text beside the old one: by words, by lines where too many words differ, or as a whole.

    It takes some 50 ms for two texts of 4,096 characters, whatever they are.
    """
    for parted in (words, _LINES.findall):
        old, new = parted(before), parted(after)
        kept = common(old, new)
        if kept is not None:
            return tuple(_merged(list(_between(old, new, kept))))
    return tuple(span for span in (Span("removed", before), Span("added", after)) if span.text)


def _between(old: Sequence[str], new: Sequence[str], kept: Sequence[tuple[int, int]]) -> Iterator[Span]:
    """What is kept, and before it what was removed and added."""
    at, new_at = 0, 0
    for index, new_index in [*kept, (len(old), len(new))]:
        if at < index:
            yield Span("removed", "".join(old[at:index]))
        if new_at < new_index:
            yield Span("added", "".join(new[new_at:new_index]))
        if index < len(old):
            yield Span("same", old[index])
        at, new_at = index + 1, new_index + 1


def _merged(pieces: Sequence[Span]) -> Iterator[Span]:
    """One removed and one added piece between two that are the same; a lone space between changes belongs to both."""
    inner = range(1, len(pieces) - 1)
    is_change = [
        piece.kind != "same"
        or (
            index in inner
            and piece.text.isspace()
            and "\n" not in piece.text
            and "same" not in {pieces[index - 1].kind, pieces[index + 1].kind}
        )
        for index, piece in enumerate(pieces)
    ]
    for changed, group in groupby(range(len(pieces)), is_change.__getitem__):
        together = [pieces[index] for index in group]
        if not changed:
            yield Span("same", "".join(piece.text for piece in together))
            continue
        removed, added = (
            "".join(piece.text for piece in together if piece.kind in {kind, "same"}) for kind in ("removed", "added")
        )
        yield from (Span("removed", removed),) if removed else ()
        yield from (Span("added", added),) if added else ()


def _unicode_words(text: str) -> Iterator[str]:
    word, kind = "", ""
    for char in text:
        now = _kind(char)
        joins = now == "joined" or word.endswith(_JOINER)
        if word and (joins or (now == kind and now in {"letter", "space"})):
            word += char
            continue
        if word:
            yield word
        word, kind = char, now
    if word:
        yield word


def _kind(char: str) -> str:
    if char == "\n":
        return "line"
    if char.isspace():
        return "space"
    category = unicodedata.category(char)
    # Accents, the selectors and skin tones of emoji, the second half of nothing: all belong to what stands before.
    if (
        category[0] == "M"
        or char == _JOINER
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    ):
        return "joined"
    if category == "Lo" and unicodedata.east_asian_width(char) == "W" and not "\uac00" <= char <= "\ud7a3":
        return "ideograph"
    # The two letters of a flag stay together, as letters do.
    if category[0] in "LN" or char == "_" or "\U0001f1e6" <= char <= "\U0001f1ff":
        return "letter"
    return "sign"
