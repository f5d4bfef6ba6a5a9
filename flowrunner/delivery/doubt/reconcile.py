"""A message that was perhaps taken: looked up in the conversation before anything else is sent there.

What this cannot promise, for the API has no key to tell two requests apart: a process frozen between its lease check
and its send may send after it was taken over; an API that records a message later than the grace defeats the look-up.
"""

import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

from flowrunner.client import RemoteMessage, TransportError
from flowrunner.clock import Clock, Stamp
from flowrunner.delivery.doubt.policy import Choice, Doubts
from flowrunner.delivery.doubt.references import told
from flowrunner.delivery.doubt.verdict import SURELY, Ours, beginnings, known_well, missing, ours, verdict
from flowrunner.delivery.putting_off import later
from flowrunner.delivery.queries import ask
from flowrunner.delivery.read_receipts import AGAIN, is_mark
from flowrunner.delivery.session import Session
from flowrunner.engine.decide import Cursor
from flowrunner.engine.history.begun import Begun, Span
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Json, Message, Recipient

_SET = 3600.0
"""Seconds by which our clock must be ahead of the API's to ask for more."""
_READINGS = 3
"""Times that the list is read before it is believed to be without something of ours."""
_DATES = 6
"""Answers by which the second of the API's clock is known well enough to tell one message from the one before it."""
_BETWEEN = 0.17
"""Seconds between two of them: each is in another part of a second."""


class _UnreadError(Exception):
    """Why the conversation was not read."""


class Doubt(NamedTuple):
    """One message of which it is not known whether it was taken.

    Attributes:
        begun: When it was begun.
        ended: When this process gave its request up; None where another process had begun it.
        ours: What is known to be another message of ours.
        earlier: When those of this run's messages were begun that were taken before, by the API's id.
        bodies: What those messages were, likewise.
        message_id: Its id, where the API took it but named somebody else: then only that id in the list is proof.
        said_yes: The API's answer was a yes that could not be read: a list without it contradicts that.
    """

    action: Message
    begun: Begun = Begun()
    ended: Stamp | None = None
    ours: Ours = Ours()
    earlier: Mapping[str, Begun] = MappingProxyType({})
    bodies: Mapping[str, Mapping[str, Json]] = MappingProxyType({})
    message_id: str = ""
    said_yes: bool = False


async def doubt_of(session: Session, journal: Journal, cursor: Cursor, message: Message, ended: Stamp | None) -> Doubt:
    """What is known of a message that may have been taken.

    Args:
        session: The run.
        journal: What says what else was sent there.
        cursor: Where the run is.
        message: What is in doubt.
        ended: When this process gave its request up; None where another process had begun it.
    """
    run, accepted, its = session.run, cursor.state.accepted, cursor.state.step(message.step.address)
    whom = session.recipient._replace(conversation="") if its.begun.by_phone else session.recipient
    sent = await journal.sent_to(run.target, whom)
    earlier = {message_id: each.begun for message_id, each in accepted.items()}
    actions = {message_id: cursor.actions.get(each.step) for message_id, each in accepted.items()}
    bodies = {message_id: each.body for message_id, each in actions.items() if isinstance(each, Message)}
    others = ours(sent, run.id, message.step.address)
    message = message._replace(body=await session.uploads.named(message.body))
    return Doubt(message, its.begun, ended, others, earlier, bodies, its.message_id, its.said_yes)


async def reconcile(
    session: Session, doubt: Doubt, doubts: Doubts, give_up: float, told: Callable[[], Awaitable[str]]
) -> AsyncGenerator[Event, None]:
    """Find out whether a message in doubt was taken.

    The last event says what it came to: accepted, retrying or failed (not taken), skipped, or still in doubt.

    Args:
        session: The run.
        doubt: What is in doubt.
        doubts: What to do.
        give_up: When a message that was not taken has been tried long enough, on the clock of `Clock.monotonic`.
        told: The id of the message, where a webhook told what became of it: then it was taken, and nobody is asked.
    """
    action, clock = doubt.action, session.clock
    if is_mark(action.body):
        yield await session.write(EventKind.RETRYING, action.step, reason=AGAIN, unsent=True)
        return
    reason, message_id = "not looked up", await told()
    if doubts.looks_up and not message_id:
        wait = grace_left(doubt.begun, doubt.ended, doubts.timeout, doubts.grace, clock)
        doubts.say(action, "waiting until its request must have ended, then looking it up", wait)
        if await session.sleep(wait):
            return
        message_id = await told()
    if message_id:
        reason = "a webhook told of it: the API had taken it"
        yield await session.write(EventKind.ACCEPTED, action.step, message_id, reason=reason)
        return
    if doubts.looks_up:
        try:
            found = await _look_up(session, doubt, doubts)
        except _UnreadError as unread:
            found = str(unread)
        if isinstance(found, RemoteMessage):
            its: dict[str, Json] = {**found.named.learnt(_place(session, doubt))} if doubt.begun.by_phone else {}
            reason = "looked up: the API had taken it"
            yield await session.write(EventKind.ACCEPTED, action.step, found.message_id, reason=reason, **its)
            return
        if found is None:
            ended = clock.monotonic() >= give_up and not session.stop.is_set()
            reason = "looked up: the API had not taken it"
            if ended and session.put_off is not None:
                yield await later(session, action.step, {"reason": reason})
                return
            kind = EventKind.FAILED if ended else EventKind.RETRYING
            yield await session.write(kind, action.step, if_quiet=ended, reason=reason)
            return
        reason = found
    decision: Choice = "stop"
    if doubts.policy in ("resend", "skip"):
        decision = "resend" if doubts.policy == "resend" else "skip"
    elif doubts.policy != "stop" and doubts.ask is not None and not session.stop.is_set():
        decision = await doubts.ask(action, reason)
    if decision == "resend":
        reason = "sent again, though it may have been taken"
        yield await session.write(EventKind.RETRYING, action.step, reason=reason, doubtful=True)
    elif decision == "skip":
        yield await session.write(EventKind.SKIPPED, action.step, reason="in doubt, and not sent again")
    else:
        hint = "look at the chat, then resume with --in-doubt resend or --in-doubt skip"
        yield await session.write(EventKind.IN_DOUBT, action.step, reason=reason, hint=hint)


async def unanswered(session: Session, begun: Begun, action: Message, doubts: Doubts) -> Event:
    """Write down that the program ended before it knew what became of a message that had begun."""
    left = grace_left(begun, None, doubts.timeout, doubts.grace, session.clock)
    # Who watches is told of it at the moment it is waited for.
    hint = f"it is looked up in {math.ceil(left)} s" if doubts.looks_up and doubts.tell is None else ""
    reason = "the program ended before the API's answer was known"
    return await session.write(EventKind.IN_DOUBT, action.step, reason=reason, hint=hint)


def grace_left(begun: Begun, ended: Stamp | None, timeout: float, grace: float, clock: Clock) -> float:
    """Seconds until what was begun then surely has ended, and the API has had time to list it.

    Counted from this moment where it is not known how long ago that was: never more than both together.

    Args:
        begun: When the request was about to leave.
        ended: When we gave it up, where this process did: a slow journal may have let it leave late.
        timeout: Seconds after which a request of ours has ended.
        grace: Seconds that the API may need.
        clock: Where time comes from.
    """
    passed = clock.since(begun.at)
    whole = timeout + grace
    left = whole if passed is None else whole - passed
    return max(0.0, left, grace - (clock.since(ended) or 0.0) if ended is not None else 0.0)


async def reconcile_run(session: Session, doubt: Event, doubts: Doubts) -> Event:
    """What a run in doubt as a whole comes to: `retrying`, it goes on after what is known; `skipped`, it ends here.

    Without a decision it stays in doubt: looking one message up would say nothing of those after it.
    """
    if doubts.policy == "resend":
        reason = "continued after the last step that is known, though more may have been sent"
        return await session.write(EventKind.RETRYING, reason=reason, doubtful=True)
    if doubts.policy == "skip":
        return await session.write(EventKind.SKIPPED, reason="in doubt, and not continued")
    return await session.write(EventKind.IN_DOUBT, **doubt.detail)


def _place(session: Session, doubt: Doubt) -> Recipient:
    """Where the message went; of one that went to a phone the conversation is not known."""
    return session.recipient._replace(conversation="") if doubt.begun.by_phone else session.recipient


def _ours(session: Session, doubt: Doubt, listed: Sequence[RemoteMessage]) -> Ours:
    """What is ours and must be listed. Of a phone's conversations those that ended long before were not read."""
    if not doubt.begun.by_phone:
        return doubt.ours
    passed = session.clock.since(doubt.begun.at)
    ages = {each: session.clock.since(begun.at) for each, begun in doubt.earlier.items()}
    late = {each for each, age in ages.items() if age is not None and passed is not None and age - passed < SURELY}
    there = late | {each.message_id for each in listed}
    return doubt.ours._replace(before=[each for each in doubt.ours.before if each in there])


def _since(session: Session, doubt: Doubt) -> float:
    """A moment surely before the message was begun, by the API's clock; 0.0 where nobody knows when that was.

    Our own clock may be days ahead: it counts only until an answer has told what the API's shows.
    """
    passed = session.clock.since(doubt.begun.at)
    if passed is None:
        return 0.0
    here = session.clock.now() - passed
    known = [span.low for span in (doubt.begun.api, *session.client.api_clock.at(session.clock.up() - passed)) if span]
    return min(known, default=here) - SURELY


async def _look_up(session: Session, doubt: Doubt, doubts: Doubts) -> RemoteMessage | str | None:
    """As `verdict`, of what the API lists.

    Raises:
        _UnreadError: The conversation was not read.
    """
    client = session.client
    if not client.lists:
        raise _UnreadError("this API has no list in which it could be looked up")

    async def sleep(seconds: float) -> bool:
        doubts.say(doubt.action, "asking the API for the conversation again", seconds)
        return await session.sleep(seconds)

    async def read_since(since: float) -> list[RemoteMessage]:
        question = partial(client.messages, _place(session, doubt), to_the_end=True, since=since)
        try:
            listed = await ask(question, client, session.pace, sleep, doubts.patience)
        except TransportError as refusal:
            raise _UnreadError(f"the conversation could not be read: {refusal.reason}") from None
        if listed is None:
            raise _UnreadError("stopped before it could be looked up")
        return listed

    async def read() -> list[RemoteMessage]:
        since = _since(session, doubt)
        listed, told = await read_since(since), _since(session, doubt)
        # Its answers may tell that our clock is ahead: then too little was asked for.
        return listed if since <= told + _SET else await read_since(told)

    if doubt.message_id:
        mine = next((each for each in await read() if each.message_id == doubt.message_id), None)
        return mine or f"the API took it as {doubt.message_id}, and this conversation does not have it: who got it?"
    for _ in range(_READINGS):
        listed = await read()
        ours = _ours(session, doubt, listed)
        if not missing(listed, ours):
            break
        doubts.say(doubt.action, "the API's list lacks a message that must be in it; reading it again", doubts.grace)
        await session.sleep(doubts.grace)
    patience, is_same, body = doubts.timeout + doubts.grace, client.dialect.is_same, doubt.action.body
    others: Collection[str] = ()
    if client.says_status:
        known = {*ours.before, *ours.after}
        may_be = [each for each in listed if each.direction != "inbound" and each.message_id not in known]
        may_be = [each for each in may_be if each.message_id and is_same(body, each) != "no"]
        mine, others = await told(session, doubt.action.step.address, may_be, doubts.patience)
        if mine is not None:
            return mine
    for _ in range(_DATES):
        spans = _spans(session, doubt, listed)
        found = verdict(body, listed, ours, spans, patience, doubt.bodies, others, is_same=is_same)
        if not isinstance(found, RemoteMessage) or known_well(spans) or client.api_clock.dates >= _DATES:
            break
        # It is equal to ours, but another's may have been there just before, in the second that we know of.
        await session.sleep(_BETWEEN)
        await read()
    if found is None and doubt.said_yes:
        return "the API said yes to it, but does not list it"
    return found


def _spans(session: Session, doubt: Doubt, listed: Sequence[RemoteMessage]) -> list[Span]:
    passed, at = session.clock.since(doubt.begun.at), doubt.begun.at
    now = session.client.api_clock.at(at.up) if at is not None and passed is not None else ()
    return beginnings(doubt.begun, now, listed, doubt.earlier, passed)
