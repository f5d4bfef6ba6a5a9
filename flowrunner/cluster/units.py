"""What workers share among each other: units of work, and the interface of whatever hands them out."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

if TYPE_CHECKING:
    import asyncio


class Unit(NamedTuple):
    """One to a few hundred people of a campaign, next to each other: what one worker carries out in one piece.

    It holds ids only. Who of these people still has something to come, and what, is in the journal: a unit that is
    given twice, late, or after all of it is done is harmless.
    """

    campaign: str
    """The campaign's id."""
    first: int
    last: int
    """The keys of its first and last member, as ``Journal.pending`` has them. Both belong to the unit."""
    attempt: int = 0
    """How often the rest of the unit was handed over again."""
    not_before: float = 0.0
    """When it may be given to a worker, in seconds since the epoch by the journal's clock. In the past: at once."""
    sender: str = ""
    """Who sends, by whatever name its workers know it: only they are given the unit."""

    @property
    def id(self) -> str:
        """The same for the same work, whoever sends it and when: submitted twice under one id, it is there once."""
        return f"{self.campaign}:{self.first}-{self.last}:{self.attempt}"

    def text(self) -> str:
        """How a unit is kept between two workers, which may be of different versions of flowrunner."""
        return json.dumps(self._asdict())

    @classmethod
    def read(cls, text: str) -> Self:
        """What ``text`` wrote. Fields that only a later version knows are passed over."""
        values = json.loads(text)
        return cls(**{name: values[name] for name in cls._fields if name in values})


class Executor(Protocol):
    """Gives each unit to one worker at a time, and once more where that worker died.

    It decides only where and when a unit is carried out: claims on people and the rows of what was begun decide what
    may leave. What is asked of it raises JournalAwayError where the server is out of reach; who works waits for it.
    """

    async def submit(self, units: Sequence[Unit]) -> None:
        """Put units into the queue, all or none. One whose id is waiting or being carried out is left as it is."""

    async def work(
        self, carry_out: Callable[[Unit], Awaitable[Unit | None]], stop: "asyncio.Event", at_once: int, sender: str = ""
    ) -> None:
        """Take a sender's units and carry them out, until ``stop`` is set and what was begun has returned.

        Args:
            carry_out: Carries one out and returns when nothing of it is left to do, whoever did it; what it returns
                is put into the queue in its stead. Where it raises, the same unit is given to somebody after a while.
                It must be safe to call twice, at once, or late: a unit of a worker that no longer shows signs of
                life is given to another, and the first may only have been asleep.
            stop: Set, nothing further is begun.
            at_once: How many are carried out at a time, at least 2.
            sender: Whose units.
        """

    async def waiting(self, sender: str = "") -> int:
        """How many of a sender's units nobody has begun yet."""
