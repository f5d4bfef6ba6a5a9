"""Rows of cells, each column as wide as it needs or as the terminal allows."""

from collections.abc import Collection, Mapping, Sequence

from flowrunner.views.terminal.cells import head, pad
from flowrunner.views.terminal.cells import width as cells_of

_BETWEEN = "  "

Elastic = Mapping[int, int]
"""The columns that give way where the terminal is narrow, and the cells that each keeps."""


def fitted(rows: Sequence[Sequence[str]], width: int, elastic: Elastic, right: Collection[int] = ()) -> list[list[str]]:
    """The rows with each cell padded to its column, or cut with an ellipsis; the widest column gives way first.

    Args:
        rows: Visible text; all have as many cells.
        width: The terminal's columns.
        elastic: What gives way.
        right: The columns that end at one edge, as numbers do.
    """
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


def narrowest(rows: Sequence[Sequence[str]], elastic: Elastic) -> int:
    """How many cells a line takes when all columns that can have given way."""
    return _total([min(size, elastic.get(place, size)) for place, size in enumerate(_sizes(rows))])


def joined(cells: Sequence[str]) -> str:
    """One line."""
    return _BETWEEN.join(cells).rstrip()


def _sizes(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cells_of, column)) for column in zip(*rows, strict=True)]


def _total(sizes: Sequence[int]) -> int:
    return sum(sizes) + len(_BETWEEN) * (len(sizes) - 1)
