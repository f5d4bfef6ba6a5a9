"""How many examples are tried: some in each run of the tests, all of them in `make soak`.

Whose examples are not made by Hypothesis is marked as ``sliced``, so that `make soak` runs it.
"""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, TypeVar

Row = TypeVar("Row")

_PART = 10
_LEAST = 10
_soaks = False


def soak() -> None:
    """This is `make soak`; said before any test is read."""
    global _soaks  # noqa: PLW0603  # what pytest was told, for what is worked out as tests are read
    _soaks = True


def some(whole: int) -> int:
    """So many examples in `make soak`, a tenth of them otherwise."""
    return whole if _soaks else max(whole // _PART, _LEAST)


def part(rows: Sequence[Row], every: int) -> Sequence[Row]:
    """All rows in `make soak`, every so-many-th of them otherwise."""
    return rows if _soaks else rows[::every]


def crossed(every: int, *axes: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Each with each in `make soak`; otherwise every so-many-th of these, dealt so that all of each axis take part.

    Args:
        every: How many rows there are for one that is tried, at most as many as an axis has.
        axes: What is combined, for `pytest.mark.parametrize`.
    """
    return [
        tuple(its for _, its in row)
        for row in product(*map(enumerate, axes))
        if _soaks or sum(number for number, _ in row) % every == 0
    ]
