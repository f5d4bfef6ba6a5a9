"""What became of runs and campaigns, as the journal knows it; nothing is asked of the API."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeGuard

from flowrunner.app.blocking import blocking
from flowrunner.app.reports.statuses import message_steps
from flowrunner.app.runs.find import find_campaign
from flowrunner.clock import SYSTEM
from flowrunner.engine.history.phases import Phase
from flowrunner.engine.history.state import state_of
from flowrunner.flow import load_bundle
from flowrunner.flow.steps import walk_flow
from flowrunner.journal import Journal, RunRecord, open_journal
from flowrunner.journal.places import Place
from flowrunner.journal.work import HandOver
from flowrunner.model import MessageStep, PauseStep, Reply, Step
from flowrunner.model.campaigns import Campaign, CampaignReport, QuestionTally, RecipientReport, StepTally
from flowrunner.model.plain import NOTHING
from flowrunner.views.message.answers import answers_to
from flowrunner.views.terminal.runs import RunRow


def told_by_its_flow(report: CampaignReport) -> CampaignReport:
    """The same, with what only its flow tells.

    By language only where that is in several: an input may be called so for something else. And what must be answered
    for a branch that is called ``a2``.
    """
    if not report.languages and not report.questions:
        return report
    flow = load_bundle(report.campaign.bundle).flow
    languages = report.languages if flow is not None and len(flow.languages) > 1 else NOTHING
    words = {step.address: _words(step.reply) for step in walk_flow(flow) if _asks(step)} if flow is not None else {}
    named = tuple(each._replace(words=words.get(each.step, NOTHING)) for each in report.questions)
    return report._replace(languages=languages, questions=named)


def _asks(step: Step) -> TypeGuard[MessageStep]:
    return isinstance(step, MessageStep) and step.reply is not None


def _words(reply: Reply | None) -> Mapping[str, str]:
    answers = reply.answers if reply is not None else ()
    return {each.name: answers_to(each, {}) for each in answers if re.fullmatch(r"a\d+", each.name)}


class CampaignSummary(NamedTuple):
    """A campaign in few words.

    Attributes:
        states: How many recipients are in each state; none where it is not written down yet.
        next_wake: When the next one goes on, in seconds since the epoch; None if nobody waits.
        cancelled_at: When it was cancelled; None if it was not.
        handed: How workers have it; None where none do.
    """

    campaign: Campaign
    states: Mapping[str, int]
    next_wake: float | None
    cancelled_at: float | None
    handed: HandOver | None = None


class Report(NamedTuple):
    """What became of a campaign.

    Attributes:
        states: How many recipients are in each state.
        steps: What became of each message step.
        reasons: Why recipients failed, with how many, the most frequent first.
        recipients: Every recipient, in the order of the audience.
        questions: What became of each question of a flow that listens.
    """

    campaign: Campaign
    states: Mapping[str, int]
    steps: Sequence[StepTally]
    reasons: Sequence[tuple[str, int]]
    recipients: Sequence[RecipientReport]
    questions: Sequence[QuestionTally] = ()


async def summary(campaign: Campaign, journal: Journal) -> CampaignSummary:
    """How far a campaign is."""
    its = campaign.id
    return CampaignSummary(
        campaign, (await journal.counts(its)).states, await journal.next_wake(its), await journal.cancelled_at(its),
        await journal.work.of(its),
    )  # fmt: skip


async def run_rows(records: Iterable[RunRecord], journal: Journal) -> list[RunRow]:
    """How far each run is."""
    counted: dict[str, set[str]] = {}  # by a flow's digest: the steps that everybody gets
    table = []
    for record in records:
        run = record.run
        if run.bundle.digest not in counted:
            flow = load_bundle(run.bundle).flow
            steps = flow.steps if flow else ()
            counted[run.bundle.digest] = {s.address for s in steps if isinstance(s, (MessageStep, PauseStep))}
        its = counted[run.bundle.digest]
        states = state_of(await journal.events(run.id)).steps
        done = sum(state.is_done for address, state in states.items() if address in its)
        # Its flow may have ended in a branch: what it did not come to is nothing that is left.
        total = done if record.phase in (Phase.FINISHED, Phase.UNDELIVERED) else len(its)
        whom = run.recipient.label
        state = "undelivered" if record.undelivered else record.state.replace("_", " ")
        table.append(RunRow(run.id, run.flow_name, whom, state, done, total, run.created_at, record.updated_at))
    return table


async def runs_async(*, journal: Place | str, limit: int | None = None) -> list[RunRow | CampaignSummary]:
    """The campaigns and the runs of a journal, the newest of each first; at most ``limit`` of each.

    Raises:
        JournalError: The journal cannot be used.
    """
    async with open_journal(journal, read_only=True, clock=SYSTEM) as kept:
        campaigns = [await summary(each, kept) for each in await kept.campaigns(limit=limit)]
        return [*campaigns, *await run_rows(await kept.runs(limit=limit), kept)]


async def report_async(campaign_id: str, *, journal: Place | str, state: str = "") -> Report:
    """What became of a campaign, per step and per recipient.

    Args:
        campaign_id: Its id, or what the id begins with.
        journal: The file that it is in.
        state: Only the recipients that are in that state: ``failed``, ``in_doubt`` and the like.

    Raises:
        RefusedError: There is no such campaign.
        JournalError: The journal cannot be used.
    """
    async with open_journal(journal, read_only=True, clock=SYSTEM) as kept:
        campaign = await find_campaign(campaign_id, kept)
        its = told_by_its_flow(await kept.report(campaign.id, message_steps(campaign), state=state))
        recipients = [each async for each in its.recipients]
        return Report(campaign, its.states, its.tallies, its.reasons, recipients, its.questions)


runs = blocking(runs_async)
report = blocking(report_async)
