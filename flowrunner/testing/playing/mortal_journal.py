"""A journal with which a dead process can do nothing."""

import asyncio
from collections.abc import Callable
from typing import Any


class MortalJournal:
    """Whatever journal it is asked for, as long as its process lives.

    Attributes:
        journal: The journal.
    """

    def __init__(self, journal: Any, is_dead: Callable[[], bool]) -> None:
        self.journal, self._is_dead = journal, is_dead

    def __getattr__(self, name: str) -> Any:
        its = getattr(self.journal, name)
        if not callable(its):
            return its

        async def call(*args: Any, **more: Any) -> Any:
            if self._is_dead():
                raise asyncio.CancelledError
            return await its(*args, **more)

        return call
