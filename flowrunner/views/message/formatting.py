"""WhatsApp's formatting of a text, read: ``*bold*``, ``_italic_``, ``~strike~``, code, quotes, lists, addresses.

https://faq.whatsapp.com/539178204879377
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from flowrunner.views.visible import visible

Format = Literal["bold", "italic", "strike", "code", "block", "link"]
"""How some text is set; ``code`` is a word of code, ``block`` a line of a block of it."""


class Segment(NamedTuple):
    """Text set in one way: visible, without a line break; its formats from the outermost to the innermost."""

    text: str
    formats: tuple[Format, ...] = ()


class FormattedLine(NamedTuple):
    """One line of a message as its author typed it.

    Attributes:
        segments: Its text, the signs of its formatting taken out.
        kind: What it is.
        number: What a line of a numbered list is counted by, as typed.
        typed: The line with these signs.
    """

    segments: tuple[Segment, ...]
    kind: Literal["text", "quote", "bullet", "number"]
    number: str
    typed: str


_SIGNS: dict[str, Format] = {"*": "bold", "_": "italic", "~": "strike"}

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_INLINE = re.compile(
    # An address is one thing, whatever signs it holds; the sentence's own signs after it are not its end.
    r"(?<![^\W_])(?P<link>(?i:https?)://[^\s<>\"]*[^\s<>\"'.,;:!?()\[\]{}*_~`])"
    r"|`(?P<code>[^`]+)`"
    # A sign opens before and closes after a visible character, and never inside a word: 2*3*4 and snake_case_name stay.
    r"|(?<![^\W_])(?P<sign>[*_~])(?=\S)(?P<inner>.+?)(?<=\S)(?P=sign)(?![^\W_])",
)
_QUOTE = re.compile(r"> ")
_ITEM = re.compile(r"(?:[-*]|(\d{1,2})\.) (?=\S)")


def lines(text: str) -> tuple[FormattedLine, ...]:
    """A message's text, line by line."""
    shown = visible(text, keep="\n")
    return tuple(_line(segments, typed) for segments, typed in zip(_fenced(shown), shown.split("\n"), strict=True))


def _fenced(text: str) -> list[list[Segment]]:
    """The lines of `text`: blocks of code told apart, the rest still to be read for formatting."""
    found: list[list[Segment]] = [[]]
    for number, piece in enumerate(_FENCE.split(text)):
        formats: tuple[Format, ...] = ("block",) if number % 2 else ()
        for index, part in enumerate(piece.split("\n")):
            if index:
                found.append([])
            if part:
                found[-1].append(Segment(part, formats))
    return found


def _line(segments: list[Segment], typed: str) -> FormattedLine:
    kind: Literal["text", "quote", "bullet", "number"] = "text"
    number = ""
    if segments and not segments[0].formats:
        text = segments[0].text
        if found := _QUOTE.match(text):
            kind = "quote"
        elif found := _ITEM.match(text):
            number = found[1] or ""
            kind = "number" if number else "bullet"
        if found:
            segments = [Segment(text[found.end() :]), *segments[1:]]
    parts = tuple(part for each in segments for part in ([each] if each.formats else _inline(each.text, ())))
    return FormattedLine(parts, kind, number, typed)


def _inline(text: str, formats: tuple[Format, ...]) -> Iterator[Segment]:
    # There are three formats, so no deeper nesting has a meaning.
    if len(formats) > len(_SIGNS):
        yield Segment(text, formats)
        return
    end = 0
    for found in _INLINE.finditer(text):
        if found.start() > end:
            yield Segment(text[end : found.start()], formats)
        if link := found["link"]:
            yield Segment(link, (*formats, "link"))
        elif code := found["code"]:
            yield Segment(code, (*formats, "code"))
        else:
            yield from _inline(found["inner"], (*formats, _SIGNS[found["sign"]]))
        end = found.end()
    if end < len(text):
        yield Segment(text[end:], formats)
