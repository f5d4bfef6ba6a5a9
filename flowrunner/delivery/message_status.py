"""How far a message has come: told by a listener, asked of that message, or learnt from the conversation's list."""

import math
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, Final, Literal

from flowrunner.client import Rejected, RemoteMessage, Retryable
from flowrunner.delivery.doubt.verdict import SURELY
from flowrunner.delivery.queries import once
from flowrunner.delivery.session import Session
from flowrunner.delivery.transit_times import sort_of, then
from flowrunner.dialects.refusals import NO_MARKETING
from flowrunner.engine.decisions import WaitForStatus
from flowrunner.engine.history.state import KINDS, StepState, state_of
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind

_GLANCE: Final = 0.5
"""Seconds after which it is asked once more what the looks of others have told meanwhile."""
_READING: Final = 2.0
"""Seconds between two readings of the journal at most."""
NO_REASON: Final = "WhatsApp could not deliver it, and gave no reason"
Teller = Literal["listener", "api", "nobody"]


async def wait(
    session: Session, journal: Journal, known: StepState, wanted: WaitForStatus
) -> AsyncGenerator[Event, None]:
    """Wait until the message has come far enough; a last `failed` event means that the run must stop.

    The API is asked when messages of that sort mostly are there, in a turn that no message needs; where it is not there
    yet, again at growing distances, and once more when the time is over. Where a listener tells, only that last time.
    """
    await session.flush()
    step, clock, message_id = wanted.step, session.clock, known.message_id
    give_up = clock.monotonic() + wanted.timeout
    watch = _Watch(session, journal, known, wanted, give_up)
    while watch.rank < wanted.rank:
        if session.stop.is_set():
            return
        teller = await who_tells(session, journal)
        left = min(watch.due(teller), give_up) - clock.monotonic()
        if left > 0:
            session.pace.expect(left)
            await session.sleep(left if teller == "nobody" or watch.is_settled else min(left, _GLANCE))
            continue
        is_last = clock.monotonic() >= give_up
        found = await watch.look("api" if is_last and teller == "listener" else teller)
        if found is not None:
            yield found
            if found.kind is EventKind.FAILED:
                return
        if is_last and watch.rank < wanted.rank and not session.stop.is_set():
            reason = f"not {KINDS[wanted.rank]} within {wanted.timeout:g} s"
            if wanted.on_timeout == "continue":
                yield await session.write(EventKind.WAITED, step, message_id, reason=f"{reason}; continuing")
            else:
                hint = "resume continues to wait; the phone may be off"
                yield await session.write(EventKind.FAILED, step, message_id, reason=reason, hint=hint, late=True)
            return
    yield await session.write(EventKind.WAITED, step, message_id)


async def who_tells(session: Session, journal: Journal) -> Teller:
    """Who tells how far messages are: a listener that is alive, the API where it can be asked, or nobody."""
    if await journal.listened_until(session.run.target) > session.clock.now():
        return "listener"
    # Where nobody tells anything, time is all that can be waited for.
    return "api" if session.client.lists or session.client.says_status else "nobody"


class _Watch:
    """One message whose status is waited for.

    Attributes:
        rank: How far it is, as far as is known.
    """

    def __init__(
        self, session: Session, journal: Journal, known: StepState, wanted: WaitForStatus, give_up: float
    ) -> None:
        self._session, self._journal, self._wanted, self._give_up = session, journal, wanted, give_up
        self._message_id, self.rank = known.message_id, known.rank
        self._sort = sort_of(wanted.step.message)
        passed = session.clock.now() - known.accepted_at if known.accepted_at else 0.0
        self._accepted = session.clock.monotonic() - max(passed, 0.0)
        self._looked = 0.0  # seconds after it was accepted; 0.0 where nobody has looked
        self._is_late = False  # it was looked at before it was there

    @property
    def is_settled(self) -> bool:
        """Whether nothing that others learn makes it worth to look earlier."""
        return self._looked > 0 or self._session.pace.transit.is_known(self._sort, self._wanted.rank)

    def due(self, teller: Teller) -> float:
        """When to look next, on the clock of `Clock.monotonic`; never where nobody tells."""
        if teller == "nobody":
            return math.inf
        if teller == "listener":
            after = self._looked + min(then(self._looked), _READING)
        elif self._looked:
            after = self._looked + then(self._looked)
        else:
            after = self._session.pace.transit.first(self._sort, self._wanted.rank, self)
        return self._accepted + after

    async def look(self, teller: Teller) -> Event | None:
        """The event of what is new: it is further, or it failed; None where nothing is, or a stop came first."""
        if teller == "nobody":
            return None
        found = await (self._read() if teller == "listener" else self._ask())
        self._looked = max(self._session.clock.monotonic() - self._accepted, 0.001)
        return found

    async def _ask(self) -> Event | None:
        session, pace, step = self._session, self._session.pace, self._wanted.step
        if (turn := await pace.turn(session.sleep, is_look=True)) is None:
            return None
        try:
            its = await once(partial(_seen, session, self._message_id), turn, pace, session.sleep)
        except Retryable as refusal:
            pace.refused(refusal.retry_after, max(self._give_up - session.clock.monotonic(), 0.0))
            return None  # what cannot be read now may be read later; the wait has its own end
        except Rejected:
            return None
        if its is not None and its.failed:
            if stops_marketing(its):
                await session.refuse_marketing()
            return await session.write(EventKind.FAILED, step, self._message_id, **failure_of(its.error))
        if its is not None and its.rank >= self._wanted.rank:
            self._learn(its)
        self._is_late = True
        if its is None or its.rank <= self.rank:  # a status that goes back is an old one that came late
            return None
        self.rank = its.rank
        return await session.write(KINDS[its.rank], step, self._message_id)

    def _learn(self, its: RemoteMessage) -> None:
        """Keep how long it took: as the API dates it, else as it was seen."""
        took, is_exact = self._session.clock.monotonic() - self._accepted, self._is_late
        if its.changed_at and its.created_at:
            # Dates in whole seconds may hide nearly one.
            is_rough = its.changed_at.is_integer() and its.created_at.is_integer()
            took = min(took, max(its.changed_at - its.created_at, 0.0) + is_rough)
            # Of one that is further by now the later status is dated: it had come so far before.
            is_exact = is_exact or (not is_rough and its.rank == self._wanted.rank)
        self._session.pace.transit.learn(self._sort, self._wanted.rank, took, is_exact=is_exact)

    async def _read(self) -> Event | None:
        """What a listener has written meanwhile; it is in the journal already, but for what it means that it failed."""
        step = self._wanted.step
        events = [each for each in await self._journal.events(self._session.run.id) if each.step == step.address]
        its = state_of(events).step(step.address)
        newest = next((each for each in reversed(events) if each.message_id == self._message_id), None)
        if newest is None:
            return None
        if its.undelivered:
            failed = next(each for each in reversed(events) if each.kind is EventKind.FAILED)
            told = failure_of(str(failed.detail.get("reason", "")))
            return await self._session.write(EventKind.FAILED, step, self._message_id, **told)
        if its.rank <= self.rank:
            return None
        self.rank = its.rank
        return newest


async def _seen(session: Session, message_id: str) -> RemoteMessage | None:
    """The message as it is now; None where it is not listed yet."""
    if session.client.says_status:
        its = await session.client.status(message_id)
        await session.heard(its)
        return its
    listed = await session.client.messages(session.recipient, since=session.run.created_at - SURELY)
    message = next((each for each in listed if each.message_id == message_id), None)
    if message is not None and not session.recipient.conversation:
        session.found = next(iter(message.named.conversations), "")
    return message


def stops_marketing(message: RemoteMessage) -> bool:
    """Whether a message failed because its person has stopped marketing messages."""
    return message.failed and message.error.partition(":")[0] in NO_MARKETING


def failure_of(reason: str) -> dict[str, Any]:
    """Why a message failed that the API had taken, as an event keeps it."""
    from flowrunner.client.outcomes import of_failed  # most messages arrive

    return {"reason": reason or NO_REASON, **of_failed(reason)}
