"""Late statuses: what became of messages after their run went on, asked of the API."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from flowrunner.client import Rejected, RemoteMessage, TransportError
from flowrunner.delivery.message_status import failure_of, stops_marketing
from flowrunner.delivery.queries import ask, said
from flowrunner.delivery.rate.pace import Pace
from flowrunner.delivery.rate.turn_order import Sleep
from flowrunner.delivery.session import Session
from flowrunner.engine.history.state import KINDS, RANKS, State
from flowrunner.flow.steps import walk_flow
from flowrunner.journal import Journal
from flowrunner.journal.many import Followed
from flowrunner.model import Event, EventKind, Flow, Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client

_NOT_THERE = 404
AT_ONCE = 20
"""Conversations that are asked for at once."""


@dataclass(slots=True)
class Learnt:
    """What was learnt.

    Attributes:
        asked: Runs whose conversation was read.
        moved: Messages that have come further.
        failed: Messages that WhatsApp could not deliver.
        unread: Runs whose conversation could not be read.
        reason: Why the last of those could not.
        hint: What to do about that.
    """

    asked: int = 0
    moved: int = 0
    failed: int = 0
    unread: int = 0
    reason: str = ""
    hint: str = ""


async def refresh(
    runs: AsyncIterator[Followed],
    target: str,
    journal: Journal,
    client: "Client",
    pace: Pace,
    stop: asyncio.Event,
    *,
    max_wait: float = 120.0,
    tell: Callable[[Learnt], None] = lambda _: None,
) -> Learnt:
    """Ask how far messages have come, and write down what is new. Nothing is sent, and no run goes on by it.

    A failure is written down only of a run that reached its end: one that has not learns it by itself.

    Args:
        runs: Whose messages.
        target: The API, as the journal knows it.
        journal: Where it is written.
        client: Of the API.
        pace: Questions count.
        stop: Once set, nothing further is asked.
        max_wait: Seconds that one conversation is tried again.
        tell: Called after each run.

    Raises:
        JournalError: It cannot be written.
    """
    learnt = Learnt()
    is_refused = False  # the API refuses the sender: for the others, too
    turn = asyncio.Lock()  # one at a time may ask for the next
    sleep = partial(pace.clock.sleep, stop=stop)

    async def work() -> None:
        nonlocal is_refused
        while not stop.is_set():
            async with turn:
                run = await anext(runs, None)
            if run is None:
                return
            if is_refused:
                learnt.unread += 1
                continue
            try:
                listed = await _seen(run.messages, run.recipient, client, pace, sleep, max_wait)
            except TransportError as refusal:
                learnt.unread += 1
                learnt.reason, learnt.hint = refusal.reason, refusal.hint
                is_refused = is_refused or refusal.concerns == "sender"
                continue
            if listed is None:
                return
            events = _news(run, listed, pace.clock.now())
            if events:
                await journal.append(*events)
            if any(stops_marketing(each) for each in listed.values()):
                await journal.refuse_marketing(target, run.recipient)
            learnt.asked += 1
            learnt.failed += sum(event.kind is EventKind.FAILED for event in events)
            learnt.moved += sum(event.kind is not EventKind.FAILED for event in events)
            tell(learnt)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return learnt


async def _seen(
    wanted: Iterable[str], recipient: Recipient, client: "Client", pace: Pace, sleep: Sleep, max_wait: float
) -> Mapping[str, RemoteMessage] | None:
    """Messages as they are now, by their ids; None where a stop was asked for before all of them were.

    One that the API does not know, or not any more, is not among them: it says nothing of the others.

    Raises:
        TransportError: They cannot be read.
    """
    if not client.lists:
        raise Rejected(
            "this API does not tell how far messages have come", hint="its webhooks tell it: flowrunner listen"
        )
    if not client.says_status:
        listed = await ask(partial(client.messages, recipient), client, pace, sleep, max_wait)
        return None if listed is None else {each.message_id: each for each in listed}
    found: dict[str, RemoteMessage] = {}
    for message_id in wanted:
        try:
            its = await ask(partial(client.status, message_id), client, pace, sleep, max_wait)
        except Rejected as refusal:
            if refusal.status != _NOT_THERE:
                raise
            continue
        if its is None:
            return None
        found[message_id] = its
    return found


def _news(run: Followed, listed: Mapping[str, RemoteMessage], now: float) -> list[Event]:
    events = []
    for message_id, (step, rank) in run.messages.items():
        message = listed.get(message_id)
        if message is None:
            continue
        reached = message.rank
        if message.failed and run.has_ended:
            detail = {**failure_of(message.error), "learnt": True}
            events.append(Event(EventKind.FAILED, run.run_id, now, step, message_id, detail))
        elif reached > rank:
            events.append(Event(KINDS[reached], run.run_id, now, step, message_id))
    return events


async def mark_undelivered(session: Session, state: State, flow: Flow, max_wait: float) -> Event | None:
    """Write down which of a run's messages are to be sent again, all at once: an end on the way forgets none of them.

    One that came late after all is not among them. Where nobody can say now which those are, none is to be sent again:
    the event returned says so. Before a stop, nothing is written.
    """
    again = [step for step in walk_flow(flow) if state.step(step.address).undelivered]
    wanted = [state.step(step.address).message_id for step in again]
    try:
        reached = await _reached(session, wanted, max_wait)
    except TransportError as error:
        reason = f"whether it has arrived by now could not be asked: {error.reason}"
        told = said(error) | {"reason": reason, "hint": "it is sent again only once that is known: resume as before"}
        return await session.write(EventKind.FAILED, again[0], wanted[0], learnt=True, **told)
    if reached is None:
        return None
    for step, message_id in zip(again, wanted, strict=True):
        if (rank := reached.get(message_id, 0)) >= RANKS["delivered"]:
            session.note(KINDS[rank], step, message_id)
        else:
            session.note(EventKind.RETRYING, step, reason="it was not delivered, and is sent again")
    await session.flush()
    return None


async def _reached(session: Session, wanted: Sequence[str], max_wait: float) -> Mapping[str, int] | None:
    """How far these messages have come by now, by their ids; none of them where the API tells that to nobody.

    None where a stop came first.

    Raises:
        TransportError: It cannot be asked for now.
    """
    if not wanted:
        return {}
    try:
        seen = await _seen(wanted, session.recipient, session.client, session.pace, session.sleep, max_wait)
    except Rejected:
        return {}
    return None if seen is None else {message_id: each.rank for message_id, each in seen.items()}
