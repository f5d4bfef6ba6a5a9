"""What a journal does for those who listen: it is told of messages and statuses, and says which runs that concerns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from flowrunner.journal.values import RunRecord
from flowrunner.model import Event, Inbound, Recipient, Told

if TYPE_CHECKING:
    from flowrunner.journal.many import Ending, Member


class Listening(Protocol):
    """The part of `flowrunner.journal.Journal` for what people write, and for what became of messages.

    A run that waits is parked: it has come to `Phase.ASKED`, `Phase.PAUSED` or `Phase.HELD`, by an `asked` or `paused`
    event whose detail has ``wake_at``, and nobody carries it out. It is due from that moment on, or as soon as its
    person has written something; with ``heard`` in the detail also where more was heard by then than that many
    messages.
    """

    async def hear(self, target: str, people: Sequence[tuple[Recipient, Inbound]]) -> list[str]:
        """Write what people wrote into every run of theirs that listens and has not ended.

        A run gets each message once, however often and by whichever of its ids it is told; none that its person wrote
        before they were let in again, see `OptOuts.opted_in`. What is parked becomes due.
        What is in doubt, too: it may be found out by then, and they may have said stop. Who is the same person is as
        for `earlier`; of those the journal knows, further names are learnt.

        Returns:
            The ids of the runs that heard something new.
        """

    async def tell(self, target: str, statuses: Sequence[Told]) -> list[str]:
        """Write what became of messages of any runs, where that is further than is known.

        A message is known by any of its ids, or, as long as it is not known whether it was taken, by its reference.

        Returns:
            The ids of the runs of which something new was told.
        """

    async def news(self, run_id: str, after: int) -> list[Event]:
        """The events of a run beyond its first ``after``, in the order they were written."""

    async def due(
        self, targets: Sequence[str], now: float, limit: int, lease: float = 60.0, *,
        owner: str = "", has_ended: Callable[[str], bool] = lambda _: False,
    ) -> "list[Member]":  # fmt: skip
        """Take at most ``limit`` parked runs, also of campaigns, whose time has come by ``now``, the earliest first.

        Nobody else is given them for ``lease`` seconds, also by `Journal.wake`; they stay what they have come to. That
        one waits again or ends ends that; what a process that was killed had taken is due again, and so is what it
        still goes on with after so long. What was taken by an ``owner`` that surely ``has_ended`` is due at once.
        """

    async def next_due(self, targets: Sequence[str]) -> float | None:
        """When the next of them is to be had, in seconds since the epoch; None if none is parked."""

    async def doubts(self, target: str) -> int:
        """How many runs have a message that may have been taken."""

    async def asking(self, target: str) -> int:
        """How many runs have a question that waits for its answer, those of campaigns too; all are counted."""

    async def listening_since(self, target: str) -> float | None:
        """Since when what people write may be of a run that is parked, in seconds since the epoch; None if none is.

        The first of those who ask has asked then, or the first of those was begun who listen while they wait for
        something else: their people may say stop.
        """

    async def asked_last(self, target: str) -> float | None:
        """When a run last asked something that still waits for its answer, in seconds since the epoch; None for never.

        By the clock of who asked.
        """

    async def hears(self, target: str, recipient: Recipient) -> bool:
        """Whether any run hears what that person writes."""

    async def listening_to(self, target: str, recipient: Recipient) -> Sequence[RunRecord]:
        """The runs there that hear that person, newest first, at most ten; where none does, the newest that has."""

    async def busy_with(self, target: str, recipient: Recipient, but: str) -> str:
        """The id of another run than ``but`` that has asked that person something; empty where none has."""

    async def note_listener(self, target: str, until: float) -> None:
        """Keep that somebody hears what the API there tells, until then, in seconds since the epoch."""

    async def listened_until(self, target: str) -> float:
        """Until when somebody does, as was noted last; 0.0 where nobody ever did."""

    async def endings(self, name: str, limit: int) -> "list[Ending]":
        """How the next runs ended that a program is to be told of, at most ``limit``, in the order in which they did.

        Those whose flows ended them are told, campaigns' too. Of what had ended before a program was first asked for
        it is told nothing.

        Args:
            name: What the program is called.
            limit: How many at most.
        """

    async def note_notified(self, name: str, place: int) -> None:
        """Keep that a program was told all as far as an ending's ``place``."""
