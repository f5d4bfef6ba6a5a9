"""What one run has while it goes on: its claim on the person, its client and pace, and where it writes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from flowrunner.client.access import target_key
from flowrunner.client.send_guard import leaving_only_while
from flowrunner.delivery.conflicts import ConversationBusy, RunElsewhere
from flowrunner.delivery.owner import has_ended, new_owner, run_of
from flowrunner.delivery.rate.in_flight import SendingWindow
from flowrunner.delivery.rate.pace import PAIR_MEMORY, Pace, Turn
from flowrunner.delivery.uploads import Uploads
from flowrunner.journal import Busy, CalledOff, Claim, HeardMore, Journal, JournalAwayError, LostClaim, OptedOut
from flowrunner.model import Event, EventKind, Json, Recipient, Run, Step

if TYPE_CHECKING:
    from flowrunner.client import RemoteMessage
    from flowrunner.client.http import Client

LEASE = 60.0
"""Seconds a conversation is claimed for, where nothing else is said; longer than any request may take."""
OURS = "fr:"
"""What the references of all our messages begin with."""
LAST_WAIT = 10.0
"""Seconds that the answer to a message in flight is waited for once a stop was asked for."""
_LOOK_AGAIN = 0.2
_MOST_LOOKS = 10
"""Times in a row that a run reads what its person has written meanwhile; somebody may never stop writing."""
_SOON = 1.0
"""Seconds in which a process that has taken a run over says that something in it is in doubt."""

Result = TypeVar("Result")
Tell = Callable[[str, float], None]
"""Says what a run waits for, and for how many seconds at most."""


class Session:
    """One run, being carried out by this process.

    Attributes:
        run: The run.
        recipient: Whom it is for, by all that is known of them meanwhile: where the next message goes.
        client: Of the API.
        pace: Shared by all that use the same key.
        stop: Once set, no further message is begun and no wait goes on.
        clock: Where time comes from.
        uploads: The files of its flow.
        window: The messages that are on their way, by default of this run alone.
        found: The conversation that a list has shown their message in, where no event tells it.
        read: How many messages of its person the run has read.
        put_off: How often in a row the run was put off before; None where it is not, but fails.
        shared: Another process reconciled a message of the run, and has let go of it.
    """

    def __init__(
        self, run: Run, client: "Client", journal: Journal, pace: Pace, stop: asyncio.Event, uploads: Uploads,
        tell: Tell | None = None, lease: float = LEASE, window: SendingWindow | None = None,
        *, puts_off: bool = False,
    ) -> None:  # fmt: skip
        """``tell`` is told for how long another process is waited for that reconciles a message of it; else none is.

        A conversation is claimed for ``lease`` seconds at a time. ``puts_off`` is `deliver`'s.
        """
        self.run, self.client, self.pace, self.stop, self.clock = run, client, pace, stop, pace.clock
        self.recipient = run.recipient
        self.found, self.shared, self.read, self._looks = "", False, 0, 0
        self.put_off = 0 if puts_off else None
        self.uploads, self._tell, self._lease = uploads, tell, lease
        self.window = window or SendingWindow(1)
        self._journal = journal
        self._owner = new_owner(run.id)
        self._claim: Claim | None = None
        self._held: list[Event] = []
        self._wrote, self._echoes = "", False
        self._limit: asyncio.Timeout | None = None  # of the answer that is waited for

    @property
    def key(self) -> str:
        """What all runs to the same conversation have in common, whatever their flow."""
        whom = self.recipient
        return f"{target_key(self.run.target)} {whom.conversation or whom.label}"

    async def echoes(self) -> bool:
        """Whether the API has ever shown a message of ours with its reference: then one without is not ours."""
        self._echoes = self._echoes or await self._journal.echoes(self.run.target)
        return self._echoes

    async def heard(self, message: "RemoteMessage") -> None:
        """Take into account that the API told a message's reference, where it did."""
        if message.reference and message.reference.startswith(OURS) and not await self.echoes():
            await self._journal.note_echo(self.run.target)

    async def refuse_marketing(self) -> None:
        """Keep that the person has stopped marketing messages."""
        await self._journal.refuse_marketing(self.run.target, self.recipient)

    async def write(
        self, kind: EventKind, step: Step | None = None, message_id: str = "", *, if_quiet: bool = False, **detail: Json
    ) -> Event:
        """Write an event; it is in the journal when this returns.

        With ``if_quiet`` only where its person has written nothing that the run has not read.

        Raises:
            CalledOff: It begins a message, and the run was cancelled meanwhile; what was noted is kept.
            LostClaim: Another process has the conversation; nothing was written.
            OptedOut: It begins a message, and the person has said stop meanwhile; what was noted is kept.
            HeardMore: They have; what was noted is kept.
            JournalError: The journal cannot be written.
        """
        event = self._event(kind, step, message_id, detail)
        events, self._held = [*self._held, event], []
        heard = self.read if if_quiet and self._looks < _MOST_LOOKS else None
        try:
            await self._journal.append(*events, claim=self._claim, heard=heard)
        except (CalledOff, OptedOut, HeardMore):
            self._held = events[:-1]  # what has happened is written all the same
            self._looks += 1
            raise
        self._looks = 0
        return event

    async def begin(self, step: Step, digest: str, whom: Recipient, **more: Json) -> Event:
        """Write that a message is about to leave to ``whom``, with all that a later look-up must know, as `write` does.

        Nothing is written if its person has written anything that the run has not read.
        """
        stamp = self.clock.stamp()
        await self._hold(stamp.up)
        detail: dict[str, Json] = {"digest": digest, "clock": list(stamp), **self.moment(stamp.up), **more}
        if not self.client.dialect.addresses(whom):
            detail["by_phone"] = True  # the API chooses the conversation
            self.found = ""
        elif whom.conversation not in ("", self._wrote):
            # Who is named by phone may be found in another conversation the next time.
            detail["conversation"] = whom.conversation
        event = await self.write(EventKind.BEGUN, step, if_quiet=True, **detail)
        self._wrote = whom.conversation
        return event

    def moment(self, up: float) -> dict[str, Json]:
        """A moment of ours by the API's clock, as an event keeps it; nothing where no answer had told of that yet."""
        spans = self.client.api_clock.at(up)[:1]
        return {"stored" if stored else "api": [round(low, 3), round(high, 3)] for low, high, stored in spans}

    def note(self, kind: EventKind, step: Step, message_id: str = "", **detail: Json) -> Event:
        """An event that the next write takes along: one commit for what became of a message and what follows it.

        Whoever notes must `write` or `flush` before the next request leaves and before anything is waited for.
        """
        event = self._event(kind, step, message_id, detail)
        self._held.append(event)
        return event

    async def flush(self) -> None:
        """Write what was noted; for errors see `write`."""
        events, self._held = self._held, []
        if events:
            await self._journal.append(*events, claim=self._claim)

    def _event(self, kind: EventKind, step: Step | None, message_id: str, detail: Mapping[str, Json]) -> Event:
        return Event(kind, self.run.id, self.clock.now(), step.address if step else "", message_id, detail)

    @asynccontextmanager
    async def claimed(self, patience: float) -> AsyncIterator[None]:
        """The conversation, for this run alone; waits up to ``patience`` seconds for another run to end or to pause.

        Raises:
            ConversationBusy: It did neither.
        """
        await self._take(patience)
        beside = asyncio.create_task(self._keep()), asyncio.create_task(self._hurry())
        try:
            yield
        finally:
            for each in beside:
                each.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self.flush()
            await self._give_back()

    async def sleep_released(self, seconds: float, patience: float) -> None:
        """Sleep, and let other runs send to the conversation meanwhile.

        Raises:
            ConversationBusy: Another run has it still, ``patience`` seconds after waking.
        """
        await self.flush()
        await self._give_back()
        await self.sleep(seconds)
        await self._take(patience)

    async def learn(self, recipient: Recipient, patience: float) -> bool:
        """Hold the person by all that is known of them by now. Returns whether anything was new.

        Another run that has them by what is new is waited for, and this one lets go of them meanwhile: two that wait
        for each other would wait for ever.

        Raises:
            ConversationBusy: It has them still, ``patience`` seconds later.
        """
        if recipient == self.recipient:
            return False
        self.recipient = recipient
        await self.flush()  # it may be what tells
        answer = await self._journal.claim(self.run.target, recipient, self._owner, self._lease)
        if isinstance(answer, Busy):
            await self._give_back()
            await self._take(patience)
        else:
            await self._have(answer)
        return True

    async def _have(self, claim: Claim) -> None:
        """Hold the conversation, and count what others have begun to the person lately."""
        self._claim = claim
        if max(claim.epochs) > 1:  # else nobody has ever had them
            since = self.clock.now() - PAIR_MEMORY
            begun = await self._journal.begun_lately(self.run.target, self.recipient, since)
            self.pace.recall(self.key, [at - since for at in begun])

    async def _take(self, patience: float) -> None:
        give_up, soon = self.clock.monotonic() + patience, self.clock.monotonic() + _SOON
        ended: set[str] = set()
        whom = (self.run.target, self.recipient)
        while isinstance(answer := await self._journal.claim(*whom, self._owner, self._lease, ended=ended), Busy):
            if has_ended(answer.owner, is_shared=self._journal.is_shared):
                ended.add(answer.owner)
                continue
            is_same = run_of(answer.owner) == self.run.id
            if is_same and not self.shared:
                if self._tell is None or (not await self._is_in_doubt() and self.clock.monotonic() > soon):
                    raise RunElsewhere(self.run.id)
                if await self._is_in_doubt():
                    self.shared = True
                    self._tell("another process is looking up a message in doubt; waiting for it", patience)
            if self.clock.monotonic() > give_up or await self.sleep(_LOOK_AGAIN):
                raise RunElsewhere(self.run.id) if is_same else ConversationBusy(run_of(answer.owner))
        await self._have(answer)

    async def _is_in_doubt(self) -> bool:
        events = await self._journal.events(self.run.id)
        return bool(events) and events[-1].kind is EventKind.IN_DOUBT

    async def _give_back(self) -> None:
        claim, self._claim = self._claim, None
        if claim is not None:
            await self._journal.release(claim)

    async def _hold(self, up: float) -> None:
        """Make sure that the claim outlives a request that leaves soon after this moment of `Clock.up`."""
        assert self._claim is not None  # noqa: S101  # only within claimed()
        if self._claim.until - up < self._lease / 2 and not await self._renew():
            raise LostClaim(self.key)

    def _may_leave(self, turn: Turn) -> bool:
        """Whether nobody else can have the conversation yet, nor the turn, whatever has held this process up."""
        return self._claim is not None and self._claim.until > self.clock.up() and turn.left()

    async def _keep(self) -> None:
        """Renew the claim while the run waits for something; what finds it lost says so at its next write."""
        while True:
            await self.clock.sleep(self._lease / 3)
            with suppress(JournalAwayError):  # it is tried again
                await self._renew()

    async def _renew(self) -> bool:
        claim = self._claim
        kept = await self._journal.renew([claim], self._lease) if claim else []
        if kept and self._claim is claim:  # it may have been given back meanwhile
            self._claim = kept[0]
        return bool(kept)

    async def sleep(self, seconds: float) -> bool:
        """Sleep, or wake as soon as a stop is asked for. Returns whether it was."""
        return await self.clock.sleep(seconds, self.stop)

    async def answered(self, request: Coroutine[Any, Any, Result], turn: Turn) -> Result:
        """The answer to a request that leaves by its turn; once a stop is asked for, it has `LAST_WAIT` more seconds.

        Raises:
            TimeoutError: It did not come in them.
        """
        async with asyncio.timeout(LAST_WAIT if self.stop.is_set() else None) as limit:
            self._limit = limit
            try:
                with leaving_only_while(partial(self._may_leave, turn)):
                    return await request
            finally:
                self._limit = None
                self.window.answered(self.clock.monotonic() - turn.at)

    async def _hurry(self) -> None:
        """Bound the wait for an answer as soon as a stop is asked for: one task a run, not two a message."""
        await self.stop.wait()
        if self._limit is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + LAST_WAIT)
