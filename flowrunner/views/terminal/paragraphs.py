"""Styled text, and its folding into lines that fit."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from flowrunner.views.message.formatting import Format, FormattedLine, lines
from flowrunner.views.terminal.cells import clusters, width
from flowrunner.views.terminal.styles import BOLD, CYAN, DIM, ITALIC, STRIKE, paint
from flowrunner.views.visible import visible

Styled = tuple[str, str]
"""Visible text and its style; an empty style is none."""

StyledLine = tuple[Styled, ...]


class Paragraph(NamedTuple):
    """Text that is folded as one.

    Attributes:
        spans: The text; holds no line break.
        first: What stands before its first line.
        rest: What stands before every other line.
        align: Where a line shorter than the space stands.
        typed: The text with its formatting as it was typed, drawn in place of ``spans`` where there are no styles.
    """

    spans: StyledLine
    first: str = ""
    rest: str = ""
    align: Literal["left", "centre", "right"] = "left"
    typed: str | None = None


def plain(text: str, style: str = "", indent: str = "") -> Paragraph:
    """One paragraph in one style; a line break in `text` is drawn as a sign."""
    return Paragraph(((visible(text), style),), indent, indent)


_STYLES = {"bold": BOLD, "italic": ITALIC, "strike": STRIKE, "code": CYAN, "block": CYAN, "link": ""}


def written(text: str) -> tuple[Paragraph, ...]:
    """A message's text, a paragraph for each of its lines; WhatsApp's formatting as styles, as on the phone."""
    return tuple(_written(line) for line in lines(text))


def _written(line: FormattedLine) -> Paragraph:
    first, rest, style = "", "", ""
    if line.kind == "quote":
        first = rest = "▌ "
        style = DIM
    elif line.kind != "text":
        first = f"{line.number}. " if line.number else "• "
        rest = " " * len(first)
    return Paragraph(
        tuple((segment.text, _style(segment.formats, style)) for segment in line.segments),
        first,
        rest,
        typed=line.typed,
    )


def _style(set_in: Iterable[Format], around: str) -> str:
    # Code has a style of its own, whatever it stands in.
    codes = [around, *(_STYLES[each] for each in set_in)]
    return CYAN if codes[-1] == CYAN else ";".join(filter(None, codes))


def fold(paragraphs: Iterable[Paragraph], cells: int, colour: bool) -> list[tuple[StyledLine, Paragraph]]:
    """Every line with the paragraph it is of, none wider than `cells` (which must be 6 or more).

    A line ends at a space where there is one, and between two wide characters (Chinese and its neighbours write no
    spaces); a longer word is cut. Only the one space at the end of a line is lost.
    """
    return [
        (line, paragraph)
        for paragraph in (each if colour else _as_typed(each) for each in paragraphs)
        for line in _fold(paragraph, cells - max(width(paragraph.first), width(paragraph.rest)))
    ]


def _as_typed(paragraph: Paragraph) -> Paragraph:
    return paragraph if paragraph.typed is None else Paragraph(((paragraph.typed, ""),))


def _fold(paragraph: Paragraph, cells: int) -> list[StyledLine]:
    lines: list[list[tuple[str, int, str]]] = []
    line: list[tuple[str, int, str]] = []
    used = 0
    for text, style in paragraph.spans:
        for cluster, size in clusters(text):
            if used + size > cells:
                if cluster == " ":
                    lines.append(line)
                    line, used = [], 0
                    continue
                cut, resume = _break(line, size)
                lines.append(line[:cut])
                line = line[resume:]
                used = sum(part[1] for part in line)
            line.append((cluster, size, style))
            used += size
    lines.append(line)
    return [
        _merge([(paragraph.rest if number else paragraph.first, ""), *((text, style) for text, _, style in line)])
        for number, line in enumerate(lines)
    ]


def _break(line: Sequence[tuple[str, int, str]], next_size: int) -> tuple[int, int]:
    """Where a full line ends and where the next one begins."""
    if line[-1][1] == next_size == 2:
        return len(line), len(line)
    for index in range(len(line) - 1, 0, -1):
        if line[index][0] == " ":
            return index, index + 1
        if line[index][1] == line[index - 1][1] == 2:
            return index, index
    return len(line), len(line)


def _merge(spans: Iterable[Styled]) -> StyledLine:
    merged: list[Styled] = []
    for text, style in spans:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        elif text:
            merged.append((text, style))
    return tuple(merged)


def line_width(line: StyledLine) -> int:
    """How many terminal cells a line takes."""
    return width(text_of(line))


def text_of(line: StyledLine) -> str:
    """A line without its styles."""
    return "".join(text for text, _ in line)


def render(line: StyledLine, colour: bool) -> str:
    """A line as text, with escape codes only in colour."""
    return "".join(paint(text, style, colour) for text, style in line)
