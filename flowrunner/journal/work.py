"""What a journal does for workers: campaigns that several processes send together, and which processes there are."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol


class Terms(NamedTuple):
    """How workers are to carry a campaign out.

    Attributes:
        only: Nobody but those who ``failed``, or whose messages were ``undelivered``; empty for everybody who is left.
        in_doubt: What to do with a message that may have been taken; empty for what each worker does.
        busy: What to do while another run asks a person something; likewise.
        last: The key of the last run that is theirs.
        max_failures: The share of runs that may fail before it is stopped.
    """

    only: str = ""
    in_doubt: str = ""
    busy: str = ""
    last: int = 0
    max_failures: float = 1.0


class HandOver(NamedTuple):
    """A campaign in the hands of workers.

    Attributes:
        campaign: Its id.
        number: 1 when it was handed over first, one more each time; what was done for an earlier one counts no more.
        at: When, in seconds since the epoch.
        terms: How it is carried out.
        ended: How many of its runs have ended since then, well or not.
        failed: How many of those failed, or are in doubt.
        stopped: Why nothing more of it is begun; empty where nothing has stopped it.
    """

    campaign: str
    number: int
    at: float
    terms: Terms
    ended: int = 0
    failed: int = 0
    stopped: str = ""


class WorkerBeat(NamedTuple):
    """A worker that was there a moment ago.

    Attributes:
        name: What its runs are lent to.
        targets: The APIs it sends to, as `flowrunner.client.access.target_key` gives them.
        until: Until when it surely is there, in seconds since the epoch.
    """

    name: str
    targets: Collection[str]
    until: float


class Work(Protocol):
    """The part of `flowrunner.journal.Journal` for workers; what is said there of writing holds here."""

    async def hand_over(self, campaign_id: str, terms: Terms, at: float) -> HandOver:
        """Give a campaign to whichever workers there are; what had stopped it stops it no more."""

    async def take_back(self, campaign_id: str) -> None:
        """Have workers leave a campaign alone, and forget what had stopped it; nothing happens where none have it."""

    async def of(self, campaign_id: str) -> HandOver | None:
        """How a campaign was handed over last; None where it never was, or was taken back."""

    async def unsubmitted(self, before: float) -> list[HandOver]:
        """What was handed over before then, and is perhaps not all where workers take it from; the first one first.

        Nothing that was stopped or cancelled.
        """

    async def submitted(self, handed: HandOver) -> None:
        """Keep that all of it is there."""

    async def add_up(self, handed: HandOver, ended: int, failed: int) -> HandOver | None:
        """Add to what has ended. Returns what all workers together have come to; None where it counts no more."""

    async def stop(self, campaign_id: str, reason: str) -> None:
        """Have workers begin nothing more of a campaign; the first reason counts.

        Of its parked runs `due` gives only those whose people have written something.
        """

    async def note_worker(self, beat: WorkerBeat) -> None:
        """Keep that a worker is there."""

    async def workers(self) -> Sequence[WorkerBeat]:
        """All that were noted, those too that are there no more without a word; not for ever."""
