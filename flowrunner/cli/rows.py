"""Rows of an audience, as they are named on the command line."""

from typing import Any

import click


class Rows(click.ParamType[Any]):
    """``3``, ``1-5``, ``1,4-6``: rising numbers from 1, at most ``most`` of them; a rising tuple."""

    name = "ROWS"

    def __init__(self, most: int) -> None:
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """The numbers, each once."""
        if isinstance(value, tuple):
            return value
        found: set[int] = set()
        for part in str(value).split(","):
            first, dash, last = part.strip().partition("-")
            ends = (first, last if dash else first)
            if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in ends):
                self.fail(f"{value!r} is not like 3, 1-5 or 1,4-6", param, ctx)
            numbers = range(int(ends[0]), int(ends[1]) + 1)
            if not numbers or not numbers[0] or len(found) + len(numbers) > self._most:
                self.fail(f"{part.strip()} does not count up from 1, or has over {self._most} rows", param, ctx)
            found.update(numbers)
        return tuple(sorted(found))
