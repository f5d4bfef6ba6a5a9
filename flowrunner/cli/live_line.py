"""One line at the foot of the terminal that is drawn again each second, while others scroll by above it."""

import asyncio
import sys
from collections.abc import Callable
from typing import Self

import click

from flowrunner.cli.console import FOOT
from flowrunner.clock import SYSTEM

EVERY = 1.0
"""Seconds between two drawings by the timer."""


class Live:
    """Within: the line is there, on standard error. Without a terminal there is none, and none of this does anything.

    Attributes:
        is_seen: Whether there is a terminal.
    """

    def __init__(self, line: Callable[[], str], *, by_timer: bool = True) -> None:
        """``line`` says what stands there now, nothing where it is empty; without a timer only `draw` draws it."""
        self.is_seen = sys.stderr.isatty()
        self._line, self._by_timer, self._hidden = line, by_timer, False
        self._timer: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        if self.is_seen:
            FOOT.append(self._clear)
        if self.is_seen and self._by_timer:
            self._timer = asyncio.create_task(self._redraw())
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self.is_seen:
            self._clear()
            FOOT.remove(self._clear)

    def draw(self) -> None:
        """Draw it as it is now."""
        if self.is_seen:
            self._hidden = False
            click.echo(f"\r{self._line()}\x1b[K", err=True, nl=False, color=True)

    def hide(self) -> None:
        """Make room for a question; it is not drawn again before `draw` is called."""
        if self.is_seen:
            self._clear()
            self._hidden = True

    @staticmethod
    def _clear() -> None:
        click.echo("\r\x1b[K", err=True, nl=False, color=True)

    async def _redraw(self) -> None:
        while True:
            await SYSTEM.sleep(EVERY)
            if not self._hidden:
                self.draw()
