"""WhatsApp's marks in a message: ``*bold*``, ``_italic_``, ``~strike~``, code, quotes and lists.

https://faq.whatsapp.com/539178204879377
"""

import re
from dataclasses import replace

from flowrunner.views.ink import BOLD, CYAN, DIM, ITALIC, STRIKE, visible
from flowrunner.views.paragraphs import Line, Paragraph, Span

_STYLE = {"*": BOLD, "_": ITALIC, "~": STRIKE}
_CODE = CYAN

_FENCE = re.compile(r"```(.+?)```", re.DOTALL)
# A mark opens before and closes after a visible character, and never inside a word: 2*3*4 and snake_case_name stay.
_INLINE = re.compile(r"`([^`]+)`|(?<![^\W_])([*_~])(?=\S)(.+?)(?<=\S)\2(?![^\W_])")
_QUOTE = re.compile(r"> ")
_ITEM = re.compile(r"(?:[-*]|(\d{1,2}\.)) (?=\S)")


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """A message's text, a paragraph for each of its lines; the marks are styles, as on the phone."""
    shown = visible(text, keep="\n")
    return tuple(
        replace(_block(spans), typed=typed) for spans, typed in zip(_lines(shown), shown.split("\n"), strict=True)
    )


def _lines(text: str) -> list[list[Span]]:
    """The lines of `text`: code in its style, the rest still to be read for marks."""
    lines: list[list[Span]] = [[]]
    for number, piece in enumerate(_FENCE.split(text)):
        style = _CODE if number % 2 else ""
        for index, part in enumerate(piece.split("\n")):
            if index:
                lines.append([])
            if part:
                lines[-1].append((part, style))
    return lines


def _block(spans: list[Span]) -> Paragraph:
    first, rest, style = "", "", ""
    if spans and not spans[0][1]:
        text = spans[0][0]
        if quote := _QUOTE.match(text):
            first = rest = "▌ "
            style = DIM
        elif item := _ITEM.match(text):
            first = f"{item[1] or '•'} "
            rest = " " * len(first)
        if found := quote or item:
            spans = [(text[found.end() :], ""), *spans[1:]]
    return Paragraph(
        tuple(part for text, code in spans for part in (((text, code),) if code else _inline(text, style))), first, rest
    )


def _inline(text: str, style: str) -> Line:
    # There are three marks, so no deeper nesting has a meaning.
    if style.count(";") >= len(_STYLE):
        return ((text, style),)
    spans: list[Span] = []
    end = 0
    for found in _INLINE.finditer(text):
        spans.append((text[end : found.start()], style))
        code, mark, inner = found.groups()
        spans.extend([(code, _CODE)] if code else _inline(inner, f"{style};{_STYLE[mark]}".strip(";")))
        end = found.end()
    spans.append((text[end:], style))
    return tuple(spans)
