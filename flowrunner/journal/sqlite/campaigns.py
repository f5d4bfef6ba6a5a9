"""What the journal knows of campaigns: many runs of one flow, written in bulk and read in pages."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from flowrunner.journal.sqlite import members, outcomes
from flowrunner.journal.sqlite.cancelling import CancelRuns, MarkCancelled
from flowrunner.journal.sqlite.members import (
    BeginCampaign,
    Beginning,
    BeginRuns,
    Found,
    Member,
    Omission,
    Omit,
    ResetFailures,
    Wake,
)
from flowrunner.journal.sqlite.records import Standing
from flowrunner.journal.sqlite.reports import report
from flowrunner.model import Campaign, CampaignReport, Recipient

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager

    from flowrunner.clock import Clock
    from flowrunner.journal.errors import JournalError
    from flowrunner.journal.sqlite.writer import Writer

_Reading = Callable[[], "AbstractContextManager[sqlite3.Connection]"]


class Campaigns:
    """The campaigns of one journal; `Journal.campaigns`. What holds there of writing, reading and errors holds here.

    A campaign is begun, then its runs are, in the order of the audience. Their events go the way of all events; what
    is kept of a campaign beside them changes in the same commits.
    """

    def __init__(self, writer: "Writer", reading: _Reading, clock: "Clock") -> None:
        """Use `Journal.campaigns`."""
        self._writer = writer
        self._reading = reading
        self._clock = clock

    async def begin(self, campaign: Campaign) -> None:
        """Write a new campaign, without any run."""
        await self._submit(BeginCampaign.of(campaign))

    async def begin_runs(self, campaign_id: str, beginnings: Sequence[Beginning]) -> None:
        """Write runs of a campaign in one commit, all or none; ten thousand at a time are fast and small.

        A process may die between two calls: `last_line` says where to continue.
        """
        await self._submit(BeginRuns.of(campaign_id, beginnings))

    async def omit(self, campaign_id: str, omissions: Sequence[Omission]) -> None:
        """Write who was left out before a run of theirs began, in one commit; a line that is there stays as it was."""
        await self._submit(Omit.of(campaign_id, omissions))

    async def _submit(self, write: BeginCampaign | BeginRuns | Omit) -> None:
        if refusal := await self._writer.submit(write):
            raise cast("JournalError", refusal)

    async def wake(
        self, campaign_id: str, now: float, limit: int, *, only: Sequence[int] | None = None
    ) -> list[Member]:
        """Take at most ``limit`` parked runs whose time has come by ``now``, the earliest first; ``only`` those keys.

        Nobody gets them a second time: from then on they are unfinished, and those that a process leaves lying are
        found by `pending`.

        A run is parked by a `paused` event with ``wake_at`` (seconds since the epoch) in its detail: with a step it is
        waiting in that pause, without one it is held, for the ``reason`` in the detail. Its next event ends that.
        """
        return cast(
            "list[Member]", await self._writer.submit(Wake(campaign_id, now, limit, json.dumps(only) if only else ""))
        )

    async def cancel(self, campaign_id: str) -> None:
        """Call a campaign off for good: nobody of it is begun from now on, and `pending` and `wake` find nobody.

        Who is being sent to by a process meanwhile gets the message that is in flight; how that ends is still written.
        """
        await self._writer.submit(MarkCancelled(campaign_id, self._clock.now()))
        while await self._writer.submit(CancelRuns(campaign_id)):
            pass

    def cancelled_at(self, campaign_id: str) -> float | None:
        """When it was cancelled, in seconds since the epoch; None if it was not."""
        with self._reading() as db:
            found = db.execute("SELECT cancelled_at FROM campaigns WHERE id = ?", (campaign_id,)).fetchone()
        return found[0] if found else None

    async def found(self, run_id: str, conversation: str) -> None:
        """Write which conversation a run's phone number has: what was sent there is known by it."""
        await self._writer.submit(Found(run_id, conversation))

    async def reset_failures(self, campaign_id: str) -> None:
        """Count `failures` from here on: whoever resumes has seen those before."""
        await self._writer.submit(ResetFailures(campaign_id))

    def find(self, campaign_id: str) -> Campaign | None:
        """The campaign with this id, or the only one whose id begins so; None if there is none, or more than one."""
        with self._reading() as db:
            found = members.campaigns(db, "WHERE campaigns.id = ?", (campaign_id,))
            if not found and campaign_id:
                span = (campaign_id, f"{campaign_id}\U0010ffff")
                found = members.campaigns(db, "WHERE campaigns.id >= ? AND campaigns.id < ?", span, 2)
        return found[0] if len(found) == 1 else None

    def newest(self, limit: int | None = None) -> list[Campaign]:
        """Campaigns, newest first; at most ``limit``."""
        with self._reading() as db:
            return members.campaigns(db, limit=-1 if limit is None else limit)

    def unfinished(self) -> list[Campaign]:
        """Campaigns with somebody who is still to be sent to, to the end, newest first; who failed is not counted."""
        waiting = "('new', 'unfinished', 'waiting', 'held', 'in_doubt')"
        some = f"EXISTS (SELECT 1 FROM runs WHERE runs.campaign = campaigns.key AND state IN {waiting})"  # noqa: S608
        with self._reading() as db:
            return members.campaigns(db, f"WHERE cancelled_at IS NULL AND {some}")

    def with_some(self, standing: Standing) -> list[tuple[Campaign, int]]:
        """Campaigns that were not cancelled and have somebody who stands so, newest first, with how many those are."""
        with self._reading() as db:
            found = members.campaigns(
                db,
                "WHERE cancelled_at IS NULL AND EXISTS"
                " (SELECT 1 FROM runs WHERE runs.campaign = campaigns.key AND state = ?)",
                (standing,),
            )
            return [(its, outcomes.standing(db, its.id, standing)) for its in found]

    def how_many(self, campaign_id: str, standing: Standing) -> int:
        """How many of its runs stand so."""
        with self._reading() as db:
            return outcomes.standing(db, campaign_id, standing)

    def last_line(self, campaign_id: str) -> int:
        """The highest line of the audience's file whose run has begun; 0 if none has."""
        with self._reading() as db:
            return outcomes.last_line(db, campaign_id)

    def pending(
        self, campaign_id: str, *, standings: Sequence[Standing] = ("new", "unfinished"), after: int = 0, limit: int
    ) -> list[Member]:
        """The next runs that stand so, at most ``limit``, in the order of the audience.

        Args:
            campaign_id: The campaign.
            standings: Which runs. ``unfinished`` are those under way, here or elsewhere, and those left lying.
            after: The key of the last one of the page before.
            limit: How many at most.
        """
        # One search for each standing, merged: the index has each in the order of keys, but not all together.
        one = (
            "SELECT key FROM (SELECT key FROM runs"
            " WHERE campaign = ?1 AND state = {} AND key > ?2 ORDER BY key LIMIT ?3)"
        )
        every = " UNION ALL ".join(one.format(f"?{place}") for place in range(4, 4 + len(standings)))
        where = f"runs.key IN ({every}) ORDER BY runs.key LIMIT ?3"
        with self._reading() as db:
            return members.members(db, campaign_id, where, (after, limit, *standings))

    def next_wake(self, campaign_id: str) -> float | None:
        """When the next parked run wakes, in seconds since the epoch; None if none is parked."""
        with self._reading() as db:
            return outcomes.next_wake(db, campaign_id)

    def counts(self, campaign_id: str) -> Mapping[str, int]:
        """How many recipients are in each state of a `Fate`, the omitted too; fewer than its total: not all have begun.

        ``running`` includes what a process left lying, ``waiting`` those before their first event.
        """
        with self._reading() as db:
            return outcomes.counts(db, campaign_id)

    def failures(self, campaign_id: str) -> int:
        """How many times a run of it failed since `reset_failures`, or ever."""
        with self._reading() as db:
            return outcomes.failures(db, campaign_id)

    def sent_before(
        self, flow_name: str, target: str, recipients: Sequence[Recipient], *, but: str = "", since: float = -math.inf
    ) -> set[int]:
        """Which of these people got that flow before, or part of it, or may have: their places in ``recipients``.

        A run of which surely no message was taken does not count, nor one of a campaign that has not had its turn yet.
        Where a run or a recipient has no conversation, the phone number decides. The run ``but`` does not count, nor
        one whose last message was handed over before ``since``, in seconds since the epoch.
        """
        with self._reading() as db:
            return outcomes.sent_before(db, flow_name, target, recipients, but, since)

    def ended_so(self, flow_name: str, target: str, recipients: Sequence[Recipient], standing: str) -> set[int]:
        """For which of these people the last run of that flow that was begun stands so: their places."""
        with self._reading() as db:
            return outcomes.ended_so(db, flow_name, target, recipients, standing)

    def report(
        self, campaign_id: str, steps: Mapping[str, tuple[str, str]] | None = None, *, state: str = ""
    ) -> CampaignReport:
        """What became of a campaign that is there.

        Its figures are of one moment; its fates are read as they are asked for, each time again, in pages of which each
        is of one moment: while the campaign runs they may be further than the figures.

        Args:
            campaign_id: The campaign.
            steps: For each message step's address, in the flow's order, its label and what it is. A step that is not
                among them is called by its address and comes last.
            state: Only the fates that are in that state; the figures are of all.

        Raises:
            KeyError: There is no such campaign.
        """
        return report(self._reading, campaign_id, steps or {}, state)
