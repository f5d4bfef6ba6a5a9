"""One run as it is sent: its events are shown as they come, and what it came to is said."""

import asyncio
import sys
from contextlib import aclosing
from functools import partial
from pathlib import Path

from flowrunner.app.people.optout_check import OptedOutError
from flowrunner.app.runs.cancel import is_cancelled
from flowrunner.app.runs.deliver import Delivery
from flowrunner.app.runs.result import ended
from flowrunner.app.runs.send import SentBeforeError, begin_run, resume_run
from flowrunner.app.senders.sender import Sender
from flowrunner.cli.cautions import warn_of_doubts
from flowrunner.cli.console import DONE, IN_DOUBT, INTERRUPTED, STOPPED, WRONG_INPUT, complain, refuse, tell
from flowrunner.cli.crash_message import resumable
from flowrunner.cli.interrupts import asker, interruptible
from flowrunner.cli.journals import command
from flowrunner.cli.progress_lines import Watch
from flowrunner.client import EMULATOR
from flowrunner.client.targets import read_target
from flowrunner.delivery import RunElsewhere
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine import Given
from flowrunner.flow import Loaded
from flowrunner.journal import Journal, JournalError, LostClaim
from flowrunner.journal.places import Place
from flowrunner.model import Event, EventKind, Recipient, Run
from flowrunner.views.times import minute

_CODES = {
    "finished": DONE,
    "opted_out": DONE,
    "handed_over": DONE,
    "waiting": DONE,
    "withheld": DONE,
    "failed": STOPPED,
    "in_doubt": IN_DOUBT,
    "stopped": INTERRUPTED,
}


async def send_flow(
    loaded: Loaded,
    values: dict[str, Given],
    recipient: Recipient,
    sender: Sender,
    journal: Place,
    form: str,
    *,
    again: bool,
    exclude: Path | None,
    region: str,
) -> int:
    """Begin a run and carry it out. Returns the exit code."""
    try:
        async with begin_run(
            loaded, values, recipient, sender, journal, again=again, exclude=exclude, region=region, warn=complain
        ) as delivery:
            return await _show(delivery, journal, form)
    except SentBeforeError as before:
        raise _before(before, journal) from None
    except OptedOutError as out:
        remove = command("optouts", "remove", out.person, journal=journal)
        raise RefusedError(out.message, f"if they want to be written to again: {remove}") from None


async def send_again(
    run: Run, journal: Journal, path: Place, sender: Sender, form: str, *, undelivered: bool = False
) -> int:
    """Continue a run of the journal; ``undelivered`` is as for `Delivery.events`. Returns the exit code."""
    async with resume_run(run, sender, journal) as delivery:
        return await _show(delivery, path, form, undelivered=undelivered)


def _before(before: SentBeforeError, journal: Place) -> RefusedError:
    """The same in the words of the command line."""
    earlier, run = before.record, before.record.run
    when = minute(run.created_at)
    if earlier.has_ended:
        how = "was begun, and later cancelled," if earlier.state == "cancelled" else f"was sent to {before.whom}"
        return RefusedError(f"{run.flow_name} {how} on {when} (run {run.id})", "--again sends it once more")
    message = f"a run of {run.flow_name} to {before.whom}, begun on {when}, has not finished"
    return RefusedError(message, f"{command('resume', run.id, journal=journal)} continues it; --again starts over")


async def _show(delivery: Delivery, journal: Place, form: str, *, undelivered: bool = False) -> int:
    run, stop, on_emulator = delivery.run, asyncio.Event(), read_target(delivery.run.target).url == EMULATOR
    watch = Watch(run, delivery.rendering, form, delivery.pace, bubbles=on_emulator)
    warn_of_doubts(delivery.sender, run.target)
    asks = sys.stdin is not None and sys.stdin.isatty() and form == "text"
    last: Event | None = None
    resume = "" if on_emulator else command("resume", run.id, journal=journal)
    async with resumable(partial(_how_far, delivery), resume):
        with watch, interruptible(stop):
            watch.start()
            ask, waits = asker(stop, watch.hide) if asks else None, watch.wait if form == "text" else None
            try:
                events = delivery.events(stop, ask=ask, tell=waits, undelivered=undelivered)
                async with aclosing(events):
                    async for last in events:
                        watch.show(last)
            except RunElsewhere as elsewhere:
                refuse(str(elsewhere), f"{command('runs', run.id, journal=journal)} shows how far it is")
                return WRONG_INPUT
            except LostClaim as taken:
                refuse(str(taken), f"{command('runs', journal=journal)} shows what is sent there")
                return STOPPED
            except JournalError as error:
                refuse(error.message, error.hint)
                return _ended(STOPPED, resume)
            except asyncio.CancelledError:
                last = None  # a second Ctrl-C
            if ended(last) in ("finished", "opted_out", "handed_over"):
                await watch.follow(delivery.client, stop)
    how = ended(last)
    if how != "finished" and await is_cancelled(run, delivery.journal):
        tell(f"run {run.id} was cancelled")
        return STOPPED
    if how == "waiting" and last is not None and not stop.is_set():
        from flowrunner.cli.parked_runs import say_waiting  # most flows ask nothing

        await say_waiting(delivery, last, journal)
        return DONE
    # After a stop resume looks up what is in doubt: no decision is needed yet.
    return _ended(INTERRUPTED if how == "in_doubt" and stop.is_set() else _CODES[how], resume)


def _ended(code: int, resume: str) -> int:
    """Say how to go on, unless all is done: by a command, if there is one. Returns the exit code."""
    if code != DONE and not resume:
        tell("the emulator ended with this program; run the flow again to start over")
    elif code != DONE:
        tell(f"{'interrupted; ' if code == INTERRUPTED else ''}continue with: {resume}")
    return code


async def _how_far(delivery: Delivery) -> str:
    sent = sum(event.kind is EventKind.ACCEPTED for event in await delivery.journal.events(delivery.run.id))
    return f"{sent} of {len(delivery.rendering.messages)} messages were sent"
