"""``flowrunner status``."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.books import existing_journal, named
from flowrunner.cli.console import DONE, INTERRUPTED, STOPPED, WRONG_INPUT, colour, refuse, say, tell, width
from flowrunner.cli.options import INSECURE, MAX_WAIT, RATE, TIMEOUT, journal_file, sender_of
from flowrunner.clock import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flowrunner.app.sender import Sender
    from flowrunner.delivery import Learnt, Rate
    from flowrunner.journal import Journal
    from flowrunner.model import Campaign, Run, StepTally

_LISTED = 50
_DAYS = 30
"""Of what nothing was heard for so long, nothing more is asked."""


@click.command(
    help="Show how far the messages of RUN, a run or a campaign, have got; without RUN, those of the newest ones."
)
@click.argument("run_id", required=False, default="", metavar="[RUN]")
@journal_file
@click.option("--refresh", is_flag=True, help="Ask the API first, about all messages that are not known to be read.")
@RATE
@MAX_WAIT
@TIMEOUT
@INSECURE
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def status(
    run_id: str,
    journal: Path,
    refresh: bool,
    rate: "Rate",
    max_wait: float,
    timeout: float,
    insecure: bool,
    form: str,
) -> int:
    """Read the journal; with --refresh, bring late statuses into it."""
    sender = sender_of("", rate, max_wait, timeout, insecure=insecure) if refresh else None
    return asyncio.run(_shown(run_id, journal, sender, form))


async def _shown(run_id: str, journal: Path, sender: "Sender | None", form: str) -> int:
    async with existing_journal(journal, write=sender is not None) as book:
        campaign, record = await named(run_id, book, journal) if run_id else (None, None)
        run = record.run if record is not None else None
        if run_id and campaign is None and run is None:
            return WRONG_INPUT
        code = await _refresh(book, campaign, run, sender) if sender is not None else DONE
        say(await (_json if form == "json" else _table)(book, campaign, run))
        return code


async def _refresh(book: "Journal", campaign: "Campaign | None", run: "Run | None", sender: "Sender") -> int:
    from flowrunner.app.sender import open_sender
    from flowrunner.cli.interrupts import interruptible
    from flowrunner.client import EMULATOR
    from flowrunner.delivery import Pace, refresh

    one = campaign or run
    targets = [one.target] if one else await book.targets()
    stop = asyncio.Event()
    code = DONE
    for target in targets:
        if target == EMULATOR:
            continue  # it ended with its program
        runs = book.followed(
            target,
            campaign=campaign.id if campaign else "",
            run=run.id if run else "",
            since=SYSTEM.now() - _DAYS * 86_400,
        )
        async with open_sender(sender._replace(api_url=target)) as (transport, _):
            with interruptible(stop):
                learnt = await refresh(
                    runs, book, transport, Pace(sender.rate), stop, max_wait=sender.max_wait, tell=_teller()
                )
        tell(_said(learnt))
        if learnt.unread:
            refuse(
                f"{learnt.unread} conversation{'' if learnt.unread == 1 else 's'} could not be read: {learnt.reason}",
                "try again later",
            )
            code = STOPPED
        if stop.is_set():
            return INTERRUPTED
    return code


def _said(learnt: "Learnt") -> str:
    what = f"{learnt.moved} message{'' if learnt.moved == 1 else 's'} updated" if learnt.moved else "nothing new"
    failed = f", {learnt.failed} could not be delivered" if learnt.failed else ""
    return f"asked about {learnt.asked} run{'' if learnt.asked == 1 else 's'}: {what}{failed}"


def _teller() -> "Callable[[Learnt], None]":
    """One line a minute: a million conversations take their time."""
    last = SYSTEM.monotonic()

    def show(learnt: "Learnt") -> None:
        nonlocal last
        if SYSTEM.monotonic() - last > 60:
            last = SYSTEM.monotonic()
            tell(_said(learnt))

    return show


async def _table(book: "Journal", campaign: "Campaign | None", run: "Run | None") -> str:
    from flowrunner.views.report.text import tally_table

    one = campaign or run
    if one is not None:
        return tally_table(await _of_steps(book, campaign, run), width=width(), colour=colour())
    rows = await _of_runs(book)
    return tally_table(rows, width=width(), colour=colour(), first="RUN") if rows else "no runs yet"


async def _json(book: "Journal", campaign: "Campaign | None", run: "Run | None") -> str:
    from flowrunner.views.report.listing import listing, tally_data

    one = campaign or run
    if one is not None:
        return listing(run=one.id, steps=tally_data(await _of_steps(book, campaign, run)))
    return listing(runs=tally_data(await _of_runs(book)))


async def _of_steps(book: "Journal", campaign: "Campaign | None", run: "Run | None") -> "Sequence[StepTally]":
    if campaign is not None:
        return (await book.report(campaign.id, message_steps(campaign))).tallies
    return await book.tally(run.id, message_steps(run)) if run is not None else ()


async def _of_runs(book: "Journal") -> "list[StepTally]":
    rows = [
        _sum(its.id, f"{its.flow_name}, {its.audience}", (await book.report(its.id)).tallies)
        for its in await book.campaigns(limit=_LISTED)
    ]
    for record in await book.runs(limit=_LISTED):
        whom = record.run.recipient.label
        rows.append(_sum(record.run.id, f"{record.run.flow_name}, {whom}", await book.tally(record.run.id, {})))
    return rows


def _sum(run_id: str, what: str, tallies: "tuple[StepTally, ...]") -> "StepTally":
    from flowrunner.model import StepTally

    counts = [sum(column) for column in zip(*(tally[3:] for tally in tallies), strict=True)]
    return StepTally("", run_id, what, *counts)


def message_steps(its: "Campaign | Run") -> "Mapping[str, tuple[str, str]]":
    """The message steps of its flow: address -> label, what it is."""
    from flowrunner.flow import load_bundle
    from flowrunner.flow.steps import outline, walk
    from flowrunner.model import MessageStep

    flow = load_bundle(its.bundle).flow
    return {
        step.address: (step.label, outline(step))
        for step in walk(flow.steps if flow else ())
        if isinstance(step, MessageStep)
    }
