"""What `run` and `resume` have in common: a door is opened, a run carried out, and its events shown as they come."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.cancel import is_cancelled, stop_when_cancelled
from flowrunner.cli.console import (
    DONE,
    IN_DOUBT,
    INTERRUPTED,
    STOPPED,
    WRONG_INPUT,
    complain,
    refuse,
    tell,
)
from flowrunner.cli.hints import command
from flowrunner.cli.interrupts import asker, interruptible
from flowrunner.cli.options import Manner
from flowrunner.cli.unforeseen import resumable
from flowrunner.cli.watch import Watch
from flowrunner.client import EMULATOR, TransportError, open_client
from flowrunner.client.access import Key
from flowrunner.delivery import Doubts, Pace, Rate, RunElsewhere, begin, carry_out, find, new_run, sleep_until
from flowrunner.diagnostics import Location
from flowrunner.dialects.kapso_v1 import PRODUCTION_URL
from flowrunner.engine import Given, bind, moment, render
from flowrunner.flow import Loaded, load_text
from flowrunner.journal import Journal, JournalError, LostClaim
from flowrunner.model import Event, EventKind, Recipient, Rendering, Run

if TYPE_CHECKING:
    from flowrunner.client.http import Client
    from flowrunner.engine.inputs import Bound

_PHONE = "+5215512345678"
_CODES = {EventKind.FINISHED: DONE, EventKind.FAILED: STOPPED, EventKind.IN_DOUBT: IN_DOUBT}


class RefusedError(Exception):
    """It cannot begin; nothing was sent.

    Attributes:
        hint: The remedy.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Order:
    """What `run` was asked to do."""

    loaded: Loaded
    values: Mapping[str, Given]
    conversation: str
    phone: str
    again: bool


async def send_flow(order: Order, api_url: str, emulator: bool, journal: Path, manner: Manner) -> int:
    """Bind, look the recipient up, render, begin, send. Answers with the exit code."""
    bound, diagnostics = bind(order.loaded, order.values, examples=False)
    if bound is not None and not _needs_recipient(order.loaded):
        # All that can be wrong is said before anything leaves this machine.
        _, diagnostics = render(order.loaded, Recipient(order.conversation, order.phone), bound, moment())
    errors = [each for each in diagnostics if each.is_error]
    if bound is None or errors:
        complain(diagnostics)
        return WRONG_INPUT
    try:
        target = target_of(api_url, emulator=emulator, insecure=manner.insecure)
        async with open_door(target, order.conversation, order.phone, manner.timeout, manner.insecure) as door:
            with Journal.open(journal) as book:
                run, rendering = await _begin(order, bound, target, door, book, journal)
                return await _carry_out(run, rendering, door, book, manner, journal)
    except RefusedError as refusal:
        refuse(str(refusal), refusal.hint)
        return WRONG_INPUT
    except JournalError as error:
        refuse(error.message, error.hint)
        return WRONG_INPUT


def target_of(api_url: str, *, emulator: bool = False, insecure: bool = False) -> str:
    """What the journal calls the other side.

    Raises:
        RefusedError: The URL cannot be used, or would send the key over http to another machine.
    """
    if emulator:
        return EMULATOR
    from flowrunner.client.access import InsecureError, address

    try:
        return address(api_url or PRODUCTION_URL, insecure=insecure).root
    except InsecureError as error:
        raise RefusedError(str(error), "start the API's URL with https://, or allow it with --insecure") from None
    except ValueError as error:
        raise RefusedError(str(error)) from None


async def resume_run(run: Run, book: Journal, manner: Manner, journal: Path, *, undelivered: bool = False) -> int:
    """Continue a run of the journal; ``undelivered`` is as for `carry_out`. Returns the exit code."""
    if run.target == EMULATOR:
        refuse(f"run {run.id} was sent to an emulator that has ended", "run the flow again")
        return WRONG_INPUT
    loaded = load_text(run.flow_text, run.flow_path)
    given = {name: Given(value, Location(f"the run's {name}")) for name, value in run.variables.items()}
    bound, diagnostics = bind(loaded, given, examples=False) if loaded.flow else (None, list(loaded.diagnostics))
    rendering = None
    if bound is not None:
        rendering, diagnostics = render(loaded, run.recipient, bound, run.now)
    if rendering is None:
        complain(diagnostics)  # a flow that an older flowrunner took and this one does not
        return WRONG_INPUT
    try:
        whom = run.recipient
        async with open_door(run.target, whom.conversation, whom.phone, manner.timeout, manner.insecure) as door:
            return await _carry_out(run, rendering, door, book, manner, journal, undelivered=undelivered)
    except RefusedError as refusal:
        refuse(str(refusal), refusal.hint)
        return WRONG_INPUT


async def _begin(
    order: Order, bound: "Bound", target: str, door: "Door", book: Journal, journal: Path
) -> tuple[Run, Rendering]:
    recipient = await _recipient(door.transport, door.conversation or order.conversation, order.phone)
    now = moment()
    rendering, diagnostics = render(order.loaded, recipient, bound, now)
    complain(diagnostics)
    if rendering is None:
        raise click.exceptions.Exit(WRONG_INPUT)
    run = new_run(rendering.flow, recipient, bound.values, now, target)
    earlier = await begin(run, book, again=order.again)
    if earlier is not None:
        when = moment_of(earlier.run.created_at)
        if earlier.state in ("finished", "cancelled"):
            how = "was sent to this conversation" if earlier.state == "finished" else "was begun, and later cancelled,"
            raise RefusedError(f"{run.flow_name} {how} on {when} (run {earlier.run.id})", "--again sends it once more")
        message = f"a run of {run.flow_name} to this conversation, begun on {when}, has not finished"
        resume = command("resume", earlier.run.id, journal=journal)
        raise RefusedError(message, f"{resume} continues it; --again starts over")
    return run, rendering


async def _recipient(transport: "Client", conversation: str, phone: str) -> Recipient:
    meant = Recipient(conversation, "" if conversation else "".join(sign for sign in phone if sign not in " -()./"))
    try:
        # Whoever waits at the terminal asks once more themselves.
        found = await find(meant, transport, Pace(Rate(100, 60.0)), partial(sleep_until, asyncio.Event()), 0.0, phone)
    except TransportError as error:
        about = f" ({conversation or phone})" if error.status == 404 else ""
        raise RefusedError(f"{error.reason}{about}", error.hint) from None
    assert found is not None  # noqa: S101  # nothing stops it
    return found


def _needs_recipient(loaded: Loaded) -> bool:
    names = {use.name for each in loaded.fields.values() for field in each for use in field.expression.uses}
    return bool(names & {"recipient", "conversation"})


@dataclass(frozen=True, slots=True)
class Door:
    """The way to the API for one command."""

    transport: "Client"
    conversation: str = ""  # the one that the emulator made


def require_key(target: str) -> str:
    """The API key of the environment; empty where none is needed.

    Raises:
        RefusedError: There is none, or it cannot be one.
    """
    if target == EMULATOR:
        return ""
    key = os.environ.get("KAPSO_API_KEY", "")
    if not key:
        raise RefusedError("there is no API key", "set KAPSO_API_KEY, or try it out with flowrunner emulator")
    try:
        Key(key)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    return key


@asynccontextmanager
async def open_door(target: str, conversation: str, phone: str, patience: float, insecure: bool) -> AsyncIterator[Door]:
    """The API, or an emulator in its place that knows the conversation; ``patience`` is for one request, in seconds."""
    made = ""
    try:
        if target == EMULATOR:
            from flowrunner.emulator.api.app import create_app
            from flowrunner.emulator.api.state import EmulatorState

            state = EmulatorState()
            state.conversations.on_demand = True
            made = state.conversations.create(phone or _PHONE, conversation_id=conversation).id
            transport = open_client("http://127.0.0.1", "embedded-emulator", timeout=patience, app=create_app(state))
        else:
            target_of(target, insecure=insecure)  # says which option allows it
            transport = open_client(target, require_key(target), timeout=patience, insecure=insecure)
    except ValueError as error:
        raise RefusedError(str(error)) from None
    try:
        yield Door(transport, made)
    finally:
        await transport.aclose()


async def _carry_out(
    run: Run,
    rendering: Rendering,
    door: Door,
    book: Journal,
    manner: Manner,
    journal: Path,
    *,
    undelivered: bool = False,
) -> int:
    pace = Pace(manner.rate)
    watch = Watch(run, rendering, manner.form, pace, bubbles=run.target == EMULATOR)
    stop = asyncio.Event()
    asking = sys.stdin is not None and sys.stdin.isatty() and manner.form == "text"
    doubts = Doubts(
        manner.in_doubt, manner.timeout, manner.grace, manner.max_wait,
        ask=asker(stop, watch.hide) if asking else None, tell=watch.wait if manner.form == "text" else None,
    )  # fmt: skip
    last: Event | None = None
    resume = command("resume", run.id, journal=journal) if run.target != EMULATOR else ""
    cancelling = asyncio.create_task(stop_when_cancelled(run, book, stop))
    with resumable(partial(_how_far, run, rendering, book), resume), watch, interruptible(stop):
        events = carry_out(
            run, rendering, door.transport, book,
            stop=stop, pace=pace, doubts=doubts, max_wait=manner.max_wait, undelivered=undelivered,
        )  # fmt: skip
        watch.start()
        try:
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
            last = Event(EventKind.FAILED, run.id, 0.0)
        except asyncio.CancelledError:
            last = None  # a second Ctrl-C
        finally:
            cancelling.cancel()
        if last is not None and last.kind is EventKind.FINISHED:
            await watch.follow(door.transport, stop)
    if (last is None or last.kind is not EventKind.FINISHED) and is_cancelled(run, book):
        tell(f"run {run.id} was cancelled")
        return STOPPED
    code = _CODES.get(last.kind, INTERRUPTED) if last is not None else INTERRUPTED
    if last is not None and last.kind is EventKind.SKIPPED and not last.step:
        code = DONE  # it had the flow by another run, or it was decided to leave it at that
    if code == IN_DOUBT and stop.is_set():
        code = INTERRUPTED  # resume looks it up: no decision is needed yet
    if code != DONE and run.target == EMULATOR:
        tell("the emulator ended with this program; run the flow again to start over")
    elif code != DONE:
        tell(f"{'interrupted; ' if code == INTERRUPTED else ''}continue with: {resume}")
    return code


def _how_far(run: Run, rendering: Rendering, book: Journal) -> str:
    sent = sum(event.kind is EventKind.ACCEPTED for event in book.events(run.id))
    return f"{sent} of {len(rendering.messages)} messages were sent"


def moment_of(at: float) -> str:
    """A moment as a person reads it."""
    from datetime import datetime

    return datetime.fromtimestamp(at).strftime("%Y-%m-%d at %H:%M")
