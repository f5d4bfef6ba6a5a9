"""WhatsApp's marks in a message, read: ``*bold*``, ``_italic_``, ``~strike~``, code, quotes, lists, addresses.

https://faq.whatsapp.com/539178204879377
"""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from flowrunner.views.terminal.ink import visible

Mark = Literal["bold", "italic", "strike", "code", "block", "link"]
"""How some text is set; ``code`` is a word of code, ``block`` a line of a block of it."""


class Run(NamedTuple):
    """Text set in one way: visible, without a line break; its marks from the outermost to the innermost."""

    text: str
    marks: tuple[Mark, ...] = ()


class Line(NamedTuple):
    """One line of a message as its author typed it.

    Attributes:
        runs: Its text, the marks taken out.
        kind: What it is.
        number: What a line of a numbered list is counted by, as typed.
        typed: The line with its marks.
    """

    runs: tuple[Run, ...]
    kind: Literal["text", "quote", "bullet", "number"]
    number: str
    typed: str


_MARKS: dict[str, Mark] = {"*": "bold", "_": "italic", "~": "strike"}

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
_INLINE = re.compile(
    # An address is one thing, whatever marks it holds; the sentence's own signs after it are not its end.
    r"(?<![^\W_])(?P<link>(?i:https?)://[^\s<>\"]*[^\s<>\"'.,;:!?()\[\]{}*_~`])"
    r"|`(?P<code>[^`]+)`"
    # A mark opens before and closes after a visible character, and never inside a word: 2*3*4 and snake_case_name stay.
    r"|(?<![^\W_])(?P<mark>[*_~])(?=\S)(?P<inner>.+?)(?<=\S)(?P=mark)(?![^\W_])",
)
_QUOTE = re.compile(r"> ")
_ITEM = re.compile(r"(?:[-*]|(\d{1,2})\.) (?=\S)")


def lines(text: str) -> tuple[Line, ...]:
    """A message's text, line by line."""
    shown = visible(text, keep="\n")
    return tuple(_line(runs, typed) for runs, typed in zip(_fenced(shown), shown.split("\n"), strict=True))


def _fenced(text: str) -> list[list[Run]]:
    """The lines of `text`: blocks of code marked, the rest still to be read for marks."""
    found: list[list[Run]] = [[]]
    for number, piece in enumerate(_FENCE.split(text)):
        marks: tuple[Mark, ...] = ("block",) if number % 2 else ()
        for index, part in enumerate(piece.split("\n")):
            if index:
                found.append([])
            if part:
                found[-1].append(Run(part, marks))
    return found


def _line(runs: list[Run], typed: str) -> Line:
    kind: Literal["text", "quote", "bullet", "number"] = "text"
    number = ""
    if runs and not runs[0].marks:
        text = runs[0].text
        if found := _QUOTE.match(text):
            kind = "quote"
        elif found := _ITEM.match(text):
            number = found[1] or ""
            kind = "number" if number else "bullet"
        if found:
            runs = [Run(text[found.end() :]), *runs[1:]]
    return Line(
        tuple(part for run in runs for part in ([run] if run.marks else _inline(run.text, ()))), kind, number, typed
    )


def _inline(text: str, marks: tuple[Mark, ...]) -> Iterator[Run]:
    # There are three marks, so no deeper nesting has a meaning.
    if len(marks) > len(_MARKS):
        yield Run(text, marks)
        return
    end = 0
    for found in _INLINE.finditer(text):
        if found.start() > end:
            yield Run(text[end : found.start()], marks)
        if link := found["link"]:
            yield Run(link, (*marks, "link"))
        elif code := found["code"]:
            yield Run(code, (*marks, "code"))
        else:
            yield from _inline(found["inner"], (*marks, _MARKS[found["mark"]]))
        end = found.end()
    if end < len(text):
        yield Run(text[end:], marks)
