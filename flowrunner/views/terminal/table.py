"""Rows of cells, each column as wide as it needs or as the terminal allows; in a narrow one a line for each cell."""

from collections.abc import Collection, Mapping, Sequence

from flowrunner.views.terminal.cells import head, pad
from flowrunner.views.terminal.cells import width as cells_of
from flowrunner.views.terminal.styles import BOLD, paint

_BETWEEN = "  "
_APART = "\n"
"""What stands before each record but the first."""
_USUAL = 80
"""From so many columns on a row is one line, as what is piped counts as so wide and other programs read it by lines."""

Elastic = Mapping[int, int]
"""The columns that give way where the terminal is narrow, and the cells that each keeps."""
Styles = Mapping[int, Sequence[str]]
"""The colours of a column, one for each row below the head."""


def tabled(
    rows: Sequence[Sequence[str]], width: int, elastic: Elastic, *, colour: bool, styles: Styles | None = None,
    right: Collection[int] = (), spare: int = 0,
) -> list[str]:  # fmt: skip
    """A text for each row, of which the first is the head; the widest column gives way first, with an ellipsis.

    In a terminal too narrow even so, the head's is empty, and each other row's has a line for each of its cells, with
    what the head calls it.

    Args:
        rows: Visible text; all have as many cells.
        width: The terminal's columns.
        elastic: What gives way.
        colour: Whether to use escape codes.
        styles: Colours of cells.
        right: The columns that end at one edge, as numbers do.
        spare: How many of the last columns are left out of a narrow terminal, the first of them first.
    """
    lines = rows
    for left in range(spare, 0, -1):
        if _narrowest(lines, elastic) > width:
            lines = [[*cells[:-left], *cells[len(cells) - left + 1 :]] for cells in lines]
    is_narrow = len(rows) > 1 and width < _USUAL and _narrowest(lines, elastic) > width
    heads, *below = [list(row) for row in rows] if is_narrow else _fitted(lines, width, elastic, right)
    for place, column in (styles or {}).items():
        for cells, style in zip(below, column, strict=True):
            cells[place] = paint(cells[place], style, colour)
    if not is_narrow:
        return [paint(_joined(heads), BOLD, colour), *map(_joined, below)]
    size = max(map(cells_of, heads))
    named = [paint(pad(each, size), BOLD, colour) for each in heads]
    records = ("\n".join(_joined(pair) for pair in zip(named, cells, strict=True) if pair[1]) for cells in below)
    return ["", *(f"{'' if place == 0 else _APART}{each}" for place, each in enumerate(records))]


def drawn(lines: Sequence[str]) -> str:
    """What `tabled` gave, as one text that does not end with a line break."""
    return "\n".join(filter(None, lines))


def _narrowest(rows: Sequence[Sequence[str]], elastic: Elastic) -> int:
    """How many cells a line takes when all columns that can have given way."""
    return _total([min(size, elastic.get(place, size)) for place, size in enumerate(_sizes(rows))])


def _fitted(rows: Sequence[Sequence[str]], width: int, elastic: Elastic, right: Collection[int]) -> list[list[str]]:
    sizes = _sizes(rows)
    over = max(_total(sizes) - width, 0)
    for place in sorted(elastic, key=lambda column: -sizes[column]):
        given = min(over, max(sizes[place] - elastic[place], 0))
        sizes[place] -= given
        over -= given
    return [
        [
            cell.rjust(size) if place in right else pad(head(cell, size), size)
            for place, (cell, size) in enumerate(zip(row, sizes, strict=True))
        ]
        for row in rows
    ]


def _joined(cells: Sequence[str]) -> str:
    return _BETWEEN.join(cells).rstrip()


def _sizes(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cells_of, column)) for column in zip(*rows, strict=True)]


def _total(sizes: Sequence[int]) -> int:
    return sum(sizes) + len(_BETWEEN) * (len(sizes) - 1)
