"""A journal in the tables of a database."""

import math
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from flowrunner.engine.history.phases import Phase
from flowrunner.journal.interface import Journal
from flowrunner.journal.rates import Given, Wanted
from flowrunner.journal.tables import (
    claims,
    history,
    members,
    names,
    rates,
    records,
)  # fmt: skip
from flowrunner.journal.tables.event_writes import Append
from flowrunner.journal.tables.listening import TablesListening
from flowrunner.journal.values import Busy, Claim, RunRecord, Sent, Upload
from flowrunner.model import Event, Recipient, Run

if TYPE_CHECKING:
    from flowrunner.journal.many import Beginning, Counts, Followed, Member, Omission  # fmt: skip
    from flowrunner.model.campaigns import Campaign, CampaignReport, StepTally


class TablesJournal(TablesListening, Journal):
    """Runs, campaigns and claims; beside what listens."""

    async def begin(self, run: Run, *, again: bool = False) -> None:
        await self._writer.submit(records.begin(run, again=again))

    async def append(self, *events: Event, claim: Claim | None = None, heard: int | None = None) -> None:
        await self._writer.submit(Append.of(events, claim, heard))

    async def claim(
        self, target: str, recipient: Recipient, owner: str, lease: float = 30.0, *, ended: Collection[str] = (),
        purpose: str = "",
    ) -> Claim | Busy:  # fmt: skip
        records.storable(target, owner, purpose, *recipient)
        wanted = claims.Wanted(target, recipient, owner, lease, ended, purpose, self._clock.up())
        return await self._share(claims.take_all, wanted)  # a power cut ends every process that has a claim

    async def renew(self, held: Sequence[Claim], lease: float = 30.0) -> list[Claim]:
        return await self._share(claims.renew_all, claims.Kept(held, lease, self._clock.up()), len(held))

    async def release(self, claim: Claim) -> None:
        await self._share(claims.release_all, claim)

    async def reserve(self, sender: str, wanted: Wanted) -> Given:
        # A power cut ends every process that has turns.
        return await self._write(lambda db: rates.reserve(db, sender, wanted), is_durable=False)

    async def begun_lately(self, target: str, recipient: Recipient, since: float) -> list[float]:
        return await self.soon.ask(lambda db: history.begun_lately(db, target, recipient, since))

    async def clock_offset(self) -> float:
        before = self._clock.now()
        theirs = await self.soon.ask(lambda db: db.now())
        return 0.0 if theirs is None else (before + self._clock.now()) / 2 - theirs

    async def learn(self, target: str, recipient: Recipient) -> None:
        records.storable(target, *recipient)
        await self._write(lambda db: names.learn(db, target, [recipient]))

    async def known(self, target: str, recipient: Recipient) -> Recipient:
        return await self.soon.ask(lambda db: names.known(db, target, recipient))

    async def aliases(self, target: str, people: Sequence[Recipient]) -> Mapping[int, Sequence[Recipient]]:
        return await self.soon.ask(lambda db: names.aliases(db, target, people))

    async def refuse_marketing(self, target: str, recipient: Recipient) -> None:
        records.storable(target, *recipient)
        await self._write(lambda db: names.refuse(db, target, recipient, names.MARKETING))

    async def allow_marketing(self, target: str, recipient: Recipient) -> None:
        records.storable(target, *recipient)
        await self._write(lambda db: names.allow(db, target, recipient, names.MARKETING))

    async def refusing_marketing(self, target: str, people: Sequence[Recipient]) -> set[int]:
        return await self.soon.ask_with(names.refusing_marketing, (target, people))

    async def uploaded(self, target: str, digest: str, upload: Upload) -> None:
        records.storable(target, digest, upload.media_id)
        from flowrunner.journal.tables import uploads

        await self._write(lambda db: uploads.keep(db, target, digest, upload))

    async def upload(self, target: str, digest: str) -> Upload | None:
        from flowrunner.journal.tables import uploads

        return await self.soon.ask(lambda db: uploads.kept(db, target, digest))

    async def ids(self, beginning: str, *, limit: int) -> tuple[list[str], list[str]]:
        return await self.soon.ask(lambda db: records.ids(db, beginning, limit))

    async def record(self, run_id: str) -> RunRecord | None:
        return await self.soon.ask_with(records.records_of, run_id)

    async def runs(self, *phases: Phase, limit: int | None = None) -> list[RunRecord]:
        return await self.soon.ask(lambda db: records.alone(db, phases, limit))

    async def events(self, run_id: str) -> list[Event]:
        return await self.soon.ask_with(records.events_of_all, (run_id, 0))

    async def tally(self, run_id: str, steps: Mapping[str, tuple[str, str]]) -> "tuple[StepTally, ...]":
        from flowrunner.journal.tables import tallies  # nobody needs it who sends to one person

        return (await self.soon.ask(lambda db: tallies.of_run(db, run_id, steps))).steps

    async def earlier(self, flow_name: str, target: str, recipient: Recipient) -> list[RunRecord]:
        return await self.soon.ask(lambda db: history.earlier(db, flow_name, target, recipient))

    async def had_before(
        self, flow_name: str, target: str, recipients: Sequence[Recipient], *, but: str = "", since: float = -math.inf
    ) -> set[int]:
        return await self.soon.ask_with(history.had_before, history.Had(flow_name, target, recipients, but, since))

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
    ) -> "AsyncIterator[Followed]":
        from flowrunner.journal.tables import unfinished_messages

        after: int | None = 0
        while after is not None:
            chosen = partial(unfinished_messages.followed, target=target, campaign_id=campaign, run_id=run, since=since)
            page, after = await self.later.ask(partial(chosen, after=after))
            for each in page:
                yield each

    async def prune(self, older_than: float) -> int:
        from flowrunner.journal.tables import prune

        deleted = 0
        for keys in await self.later.ask(lambda db: prune.prunable(db, older_than)):
            deleted += await self._write(partial(prune.prune, keys=keys), len(keys), is_late=True)
        age = max(0.0, self._clock.now() - older_than)
        await self._write(lambda db: prune.sweep(db, older_than, age), is_late=True)
        return deleted

    async def begin_campaign(self, campaign: "Campaign") -> None:
        await self._writer.submit(members.begin_campaign(campaign))

    async def begin_runs(self, campaign_id: str, beginnings: "Sequence[Beginning]") -> None:
        await self._writer.submit(members.begin_runs(campaign_id, beginnings))

    async def omit(self, campaign_id: str, omissions: "Sequence[Omission]") -> None:
        await self._writer.submit(members.omit(campaign_id, omissions))

    async def found(self, run_id: str, conversation: str) -> None:
        records.storable(run_id, conversation)
        await self._writer.submit(Append(told=((run_id, Recipient(conversation)),)))

    async def campaign(self, campaign_id: str) -> "Campaign | None":
        return await self.soon.ask(lambda db: members.campaign(db, campaign_id))

    async def campaigns(self, *phases: Phase, limit: int | None = None) -> "list[Campaign]":
        return await self.soon.ask(lambda db: members.newest(db, phases, limit))

    async def pending(
        self, campaign_id: str, *, phases: Sequence[Phase] = (Phase.NEW, Phase.UNDER_WAY), after: int = 0, limit: int,
        heard: bool = False,
    ) -> "list[Member]":  # fmt: skip
        return await self.soon.ask(lambda db: members.pending(db, campaign_id, phases, after, limit, int(heard)))

    async def wake(
        self, campaign_id: str, now: float, limit: int, *, only: Sequence[int] | None = None, owner: str = "",
        lease: float = 60.0,
    ) -> "list[Member]":  # fmt: skip
        # It is asked five times a second, and each write waits for the disk, and keeps other processes from theirs.
        if not await self.soon.ask(lambda db: members.is_due(db, campaign_id, now)):
            return []
        return await self._write(lambda db: members.wake(db, campaign_id, now, limit, only, owner, lease), limit)

    async def next_wake(self, campaign_id: str) -> float | None:
        from flowrunner.journal.tables import outcomes

        return await self.soon.ask(lambda db: outcomes.next_wake(db, campaign_id))

    async def cancel(self, campaign_id: str) -> None:
        at = self._clock.now()
        while await self._write(lambda db: members.cancel(db, campaign_id, at), members.CANCELLED_AT_ONCE):
            pass

    async def cancelled_at(self, campaign_id: str) -> float | None:
        return await self.soon.ask_with(members.cancelled_at, campaign_id)

    async def counts(self, campaign_id: str) -> "Counts":
        from flowrunner.journal.tables import outcomes

        return await self.later.ask(lambda db: outcomes.counts(db, campaign_id))

    async def report(
        self, campaign_id: str, steps: Mapping[str, tuple[str, str]] | None = None, *, state: str = ""
    ) -> "CampaignReport":
        from flowrunner.journal.tables import reports

        report = await self.later.ask(lambda db: reports.report(db, self.later.ask, campaign_id, steps or {}, state))
        if report is None:
            raise KeyError(campaign_id)
        return report
