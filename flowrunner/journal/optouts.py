"""What a journal knows of those who want to be written to no more."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from flowrunner.model import OptOut, Recipient


class OptOuts(Protocol):
    """The part of `flowrunner.journal.Journal` for those who have said stop.

    Somebody who did has done so by all their names, those too that are learnt later, and for every API: a phone is the
    same person everywhere, and so is a user id. Only who said it to the emulator has said it to nobody else, and who
    said it elsewhere may be written to there. An `opted_out` event keeps it of its run's person, in the same commit.
    No opt-out is ever pruned.
    """

    async def opt_out(self, target: str, recipient: Recipient, reason: str, at: float, run: str = "") -> None:
        """Keep that somebody wants to be written to no more; what was kept of them before stays as it was.

        Args:
            target: The API at which they said so; empty for all of them.
            recipient: Who.
            reason: What they said, or why it is kept.
            at: When, in seconds since the epoch.
            run: The one to which they said so, which may have last words; empty for none.
        """

    async def opted_out(self, target: str, people: Sequence[Recipient]) -> set[int]:
        """Which of these must not be written to: their places in ``people``."""

    async def opt_out_of(self, target: str, recipient: Recipient) -> OptOut | None:
        """What is kept of somebody who must not be written to, the first where it is more than one; else None."""

    async def opt_in(self, target: str, recipient: Recipient) -> bool:
        """Forget that somebody wants to be written to no more. Returns whether they did."""

    async def opted_in(self, target: str, people: Sequence[Recipient]) -> dict[int, float]:
        """Since when those of these may be written to again of whom that was forgotten, by their places in ``people``.

        What they wrote before is no wish of theirs any more, however late it is told.
        """

    def optouts(self, target: str = "") -> AsyncIterator[OptOut]:
        """Everybody who wants to be written to no more, in the order it was kept; with a target only those there."""
