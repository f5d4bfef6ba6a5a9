"""Two texts side by side, word by word."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from flowrunner.difference import Span

MOST_EDITS: Final = 300
"""Words that are removed or added at most in one text that is shown beside another: where more are, nobody reads it as
the same text. It bounds the time, too: some 50 ms for two texts of 4,096 characters, whatever they are."""

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
    """The new text beside the old one: by words, by lines where too many words differ, or as a whole."""
    for parted in (words, _LINES.findall):
        old, new = parted(before), parted(after)
        kept = _kept(old, new)
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


def _kept(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]] | None:
    """The words that stay, as indexes in both, so that the fewest are removed and added; None where they are too many.

    E. Myers, An O(ND) Difference Algorithm and Its Variations: http://www.xmailserver.org/diff2.pdf
    """
    furthest = {1: 0}  # on each diagonal (removed less added words): how far into the old text one gets
    steps: list[dict[int, int]] = []
    for edits in range(min(MOST_EDITS, len(old) + len(new)) + 1):
        steps.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            at = _entered(furthest, diagonal, edits)
            while at < len(old) and at - diagonal < len(new) and old[at] == new[at - diagonal]:
                at += 1
            furthest[diagonal] = at
            if at >= len(old) and at - diagonal >= len(new):
                return _traced(steps, len(old), len(new))
    return None


def _entered(furthest: Mapping[int, int], diagonal: int, edits: int) -> int:
    """Where a diagonal is entered: by adding a word from the one above, or by removing one from the one below."""
    adding = _is_adding(furthest, diagonal, edits)
    return furthest[diagonal + 1] if adding else furthest[diagonal - 1] + 1


def _is_adding(furthest: Mapping[int, int], diagonal: int, edits: int) -> bool:
    return diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])


def _traced(steps: Sequence[Mapping[int, int]], at: int, new_at: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for edits in range(len(steps) - 1, -1, -1):
        furthest, diagonal = steps[edits], at - new_at
        entered = _entered(furthest, diagonal, edits)
        while at > entered:
            at, new_at = at - 1, new_at - 1
            kept.append((at, new_at))
        if _is_adding(furthest, diagonal, edits):
            new_at -= 1
        else:
            at -= 1
    return kept[::-1]


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
