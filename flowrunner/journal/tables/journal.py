"""A journal in one SQLite file."""

import math
import sqlite3
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from functools import partial
from typing import cast

from flowrunner.clock import Clock
from flowrunner.engine.history.phases import Phase
from flowrunner.journal.errors import JournalError
from flowrunner.journal.interface import Journal
from flowrunner.journal.sqlite.file import JournalFile, Pen
from flowrunner.journal.sqlite.reader import Question, Reader, Result
from flowrunner.journal.sqlite.writer import Writer
from flowrunner.journal.tables import (
    claims,
    endings,
    hearing,
    history,
    members,
    names,
    optouts,
    outcomes,
    parked,
    records,
    telling,
    uploads,
)  # fmt: skip
from flowrunner.journal.tables.appending import Append
from flowrunner.journal.tables.work import TablesWork
from flowrunner.journal.tables.writes import Write
from flowrunner.journal.values import (
    Asking,
    Beginning,
    Busy,
    Claim,
    Counts,
    Ending,
    Followed,
    Member,
    Omission,
    RunRecord,
    Sent,
    Upload,
)  # fmt: skip
from flowrunner.model import Campaign, CampaignReport, Event, Inbound, OptOut, Recipient, Run, StepTally, Told


class TablesJournal(Journal):
    """What must survive a power cut is synced (`synchronous=FULL`); what comes while a commit runs shares the next one.

    One thread writes. One more (`soon`) reads for all who want something small, a third (`later`) what takes seconds:
    a report of a million runs must not hold up those that are under way. More would only take turns with each other.

    Attributes:
        path: Where the file is.
    """

    def __init__(
        self, file: JournalFile, clock: Clock, pen: Pen | None = None, incomplete: JournalError | None = None
    ) -> None:
        """Without a pen it can only be read."""
        self.path = file.path
        self.incomplete = incomplete
        self._clock = clock
        self._writer = Writer(file, pen, clock)
        self.soon, self.later = Reader(file), Reader(file)
        self.work = TablesWork(self._write, self.soon.ask)
        self._closed = False

    def close(self) -> None:
        """Write what is still queued, and let go of the file. Blocks meanwhile; may be called twice."""
        if not self._closed:
            self._closed = True
            for each in (self.soon, self.later, self._writer):
                each.close()

    async def begin(self, run: Run, *, again: bool = False) -> None:
        await self._writer.submit(records.begin(run, again=again))

    async def append(self, *events: Event, claim: Claim | None = None) -> None:
        await self._writer.submit(Append.of(events, claim))

    async def claim(
        self, target: str, recipient: Recipient, owner: str, lease: float = 30.0, *, ended: Collection[str] = (),
        purpose: str = "",
    ) -> Claim | Busy:  # fmt: skip
        def take(db: sqlite3.Connection) -> Claim | Busy:
            keys = claims.keys_of(db, target, recipient, purpose)
            return claims.take(db, keys, owner, lease, ended, self._clock.up())

        return await self._write(take, is_durable=False)  # a power cut ends every process that has a claim

    async def renew(self, held: Sequence[Claim], lease: float = 30.0) -> list[Claim]:
        until = self._clock.up() + lease
        return await self._write(lambda db: claims.renew(db, held, until), len(held), is_durable=False)

    async def release(self, claim: Claim) -> None:
        await self._write(lambda db: claims.release(db, claim, self._clock.up()), is_late=True, is_durable=False)

    async def learn(self, target: str, recipient: Recipient) -> None:
        await self._write(lambda db: names.learn(db, target, [recipient]))

    async def known(self, target: str, recipient: Recipient) -> Recipient:
        return await self.soon.ask(lambda db: names.known(db, target, recipient))

    async def aliases(self, target: str, people: Sequence[Recipient]) -> Mapping[int, Sequence[Recipient]]:
        return await self.soon.ask(lambda db: names.aliases(db, target, people))

    async def refuse_marketing(self, target: str, recipient: Recipient) -> None:
        await self._write(lambda db: names.refuse(db, target, recipient, names.MARKETING))

    async def refusing_marketing(self, target: str, people: Sequence[Recipient]) -> set[int]:
        return await self.soon.ask(lambda db: names.refusing(db, target, people, names.MARKETING))

    async def uploaded(self, target: str, digest: str, upload: Upload) -> None:
        await self._write(lambda db: uploads.keep(db, target, digest, upload))

    async def upload(self, target: str, digest: str) -> Upload | None:
        return await self.soon.ask(lambda db: uploads.kept(db, target, digest))

    async def _write(
        self, work: Question[Result], rows: int = 1, *, is_late: bool = False, is_durable: bool = True
    ) -> Result:
        return cast("Result", await self._writer.submit(Write(work, rows, is_late, is_durable=is_durable)))

    async def record(self, run_id: str) -> RunRecord | None:
        return await self.soon.ask(lambda db: records.record(db, run_id))

    async def runs(self, *phases: Phase, limit: int | None = None) -> list[RunRecord]:
        return await self.soon.ask(lambda db: records.alone(db, phases, limit))

    async def events(self, run_id: str) -> list[Event]:
        return await self.soon.ask(lambda db: records.events(db, run_id))

    async def tally(self, run_id: str, steps: Mapping[str, tuple[str, str]]) -> tuple[StepTally, ...]:
        from flowrunner.journal.tables import tallies  # nobody needs it who sends to one person

        return (await self.soon.ask(lambda db: tallies.of_run(db, run_id, steps))).steps

    async def earlier(self, flow_name: str, target: str, recipient: Recipient) -> list[RunRecord]:
        return await self.soon.ask(lambda db: history.earlier(db, flow_name, target, recipient))

    async def had_before(
        self, flow_name: str, target: str, recipients: Sequence[Recipient], *, but: str = "", since: float = -math.inf
    ) -> set[int]:
        return await self.soon.ask(lambda db: history.had_before(db, flow_name, target, recipients, but, since))

    async def ended_so(self, flow_name: str, target: str, recipients: Sequence[Recipient], phase: Phase) -> set[int]:
        return await self.soon.ask(lambda db: history.ended_so(db, flow_name, target, recipients, phase))

    async def sent_to(self, target: str, recipient: Recipient) -> list[Sent]:
        return await self.soon.ask(lambda db: history.sent_to(db, target, recipient))

    async def note_echo(self, target: str) -> None:
        await self._write(lambda db: names.note_echo(db, target))

    async def echoes(self, target: str) -> bool:
        return await self.soon.ask(lambda db: names.echoes(db, target))

    async def targets(self) -> list[str]:
        return await self.soon.ask(records.targets)

    async def followed(
        self, target: str, *, campaign: str = "", run: str = "", since: float = 0.0
    ) -> AsyncIterator[Followed]:
        from flowrunner.journal.tables import following

        after: int | None = 0
        while after is not None:
            chosen = partial(following.followed, target=target, campaign_id=campaign, run_id=run, since=since)
            page, after = await self.later.ask(partial(chosen, after=after))
            for each in page:
                yield each

    async def prune(self, older_than: float) -> int:
        from flowrunner.journal.tables import prune

        deleted = 0
        for keys in await self.later.ask(lambda db: prune.prunable(db, older_than)):
            deleted += await self._write(partial(prune.prune, keys=keys), len(keys), is_late=True)
        since = self._clock.up() - max(0.0, self._clock.now() - older_than)
        await self._write(lambda db: prune.sweep(db, older_than, since), is_late=True)
        return deleted

    async def hear(self, target: str, people: Sequence[tuple[Recipient, Inbound]]) -> list[str]:
        return cast("list[str]", await self._writer.submit(hearing.hear(target, people, self._clock.now())))

    async def tell(self, target: str, statuses: Sequence[Told]) -> list[str]:
        return cast("list[str]", await self._writer.submit(telling.tell(target, statuses)))

    async def news(self, run_id: str, after: int) -> list[Event]:
        return await self.soon.ask(lambda db: records.events(db, run_id, after))

    async def due(
        self, targets: Sequence[str], now: float, limit: int, lease: float = 60.0, *,
        owner: str = "", has_ended: Callable[[str], bool] = lambda _: False,
    ) -> list[Member]:  # fmt: skip
        # It is asked twice a second, and each write keeps other processes from theirs.
        gone = await self.soon.ask(lambda db: parked.ended(db, targets, now, has_ended))
        its = (targets, now, limit, lease, owner, gone or ())
        return [] if gone is None else await self._write(lambda db: parked.due(db, *its), limit, is_durable=False)

    async def next_due(self, targets: Sequence[str]) -> float | None:
        return await self.soon.ask(lambda db: parked.next_due(db, targets))

    async def asking(self, target: str) -> Asking:
        return await self.soon.ask(lambda db: parked.asking(db, target))

    async def hears(self, target: str, recipient: Recipient) -> bool:
        return await self.soon.ask(lambda db: hearing.hears(db, target, recipient))

    async def busy_with(self, target: str, recipient: Recipient, but: str) -> str:
        return await self.soon.ask(lambda db: parked.busy_with(db, target, recipient, but))

    async def note_listener(self, target: str, until: float) -> None:
        await self._write(lambda db: names.note_listener(db, target, until), is_durable=False)

    async def listened_until(self, target: str) -> float:
        return await self.soon.ask(lambda db: names.listened_until(db, target))

    async def opt_out(self, target: str, recipient: Recipient, reason: str, at: float) -> None:
        await self._write(lambda db: optouts.opt_out(db, target, recipient, reason, at))

    async def opted_out(self, target: str, people: Sequence[Recipient]) -> set[int]:
        return await self.soon.ask(lambda db: optouts.opted_out(db, target, people))

    async def opt_out_of(self, target: str, recipient: Recipient) -> OptOut | None:
        return await self.soon.ask(lambda db: optouts.opt_out_of(db, target, recipient))

    async def opt_in(self, target: str, recipient: Recipient) -> bool:
        return await self._write(lambda db: optouts.opt_in(db, target, recipient))

    async def optouts(self, target: str = "") -> AsyncIterator[OptOut]:
        after: int | None = 0
        while after is not None:
            page, after = await self.later.ask(partial(optouts.optouts, target=target, after=after))
            for each in page:
                yield each

    async def endings(self, name: str, limit: int) -> list[Ending]:
        if (found := await self.soon.ask(lambda db: endings.endings(db, name, limit))) is None:
            await self._write(lambda db: endings.begin(db, name))
        return found or []

    async def note_notified(self, name: str, place: int) -> None:
        await self._write(lambda db: endings.note_notified(db, name, place))

    async def begin_campaign(self, campaign: Campaign) -> None:
        await self._writer.submit(members.begin_campaign(campaign))

    async def begin_runs(self, campaign_id: str, beginnings: Sequence[Beginning]) -> None:
        await self._writer.submit(members.begin_runs(campaign_id, beginnings))

    async def omit(self, campaign_id: str, omissions: Sequence[Omission]) -> None:
        await self._writer.submit(members.omit(campaign_id, omissions))

    async def found(self, run_id: str, conversation: str) -> None:
        await self._writer.submit(Append(told=((run_id, Recipient(conversation)),)))

    async def campaign(self, campaign_id: str) -> Campaign | None:
        return await self.soon.ask(lambda db: members.campaign(db, campaign_id))

    async def campaigns(self, *phases: Phase, limit: int | None = None) -> list[Campaign]:
        return await self.soon.ask(lambda db: members.newest(db, phases, limit))

    async def pending(
        self, campaign_id: str, *, phases: Sequence[Phase] = (Phase.NEW, Phase.UNDER_WAY), after: int = 0, limit: int
    ) -> list[Member]:
        return await self.soon.ask(lambda db: members.pending(db, campaign_id, phases, after, limit))

    async def wake(
        self, campaign_id: str, now: float, limit: int, *, only: Sequence[int] | None = None
    ) -> list[Member]:
        return await self._write(lambda db: members.wake(db, campaign_id, now, limit, only), limit)

    async def next_wake(self, campaign_id: str) -> float | None:
        return await self.soon.ask(lambda db: outcomes.next_wake(db, campaign_id))

    async def cancel(self, campaign_id: str) -> None:
        at = self._clock.now()
        while await self._write(lambda db: members.cancel(db, campaign_id, at), members.CANCELLED_AT_ONCE):
            pass

    async def cancelled_at(self, campaign_id: str) -> float | None:
        return await self.soon.ask(lambda db: members.cancelled_at(db, campaign_id))

    async def counts(self, campaign_id: str) -> Counts:
        return await self.later.ask(lambda db: outcomes.counts(db, campaign_id))

    async def report(
        self, campaign_id: str, steps: Mapping[str, tuple[str, str]] | None = None, *, state: str = ""
    ) -> CampaignReport:
        from flowrunner.journal.tables import reports

        report = await self.later.ask(lambda db: reports.report(db, self.later.ask, campaign_id, steps or {}, state))
        if report is None:
            raise KeyError(campaign_id)
        return report
