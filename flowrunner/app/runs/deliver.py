"""A run that was begun: carried out to its end, or to where it waits for an answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.app.runs.cancel import stop_when_cancelled
from flowrunner.app.runs.result import RunResult, ended, is_parked
from flowrunner.app.senders.sender import Sender
from flowrunner.client import EMULATOR
from flowrunner.client.targets import read_target
from flowrunner.delivery import Ask, Doubts, Pace, RunElsewhere, Uploads, deliver
from flowrunner.delivery.session import Tell
from flowrunner.engine import Prepared
from flowrunner.engine.history.files import to_send
from flowrunner.engine.history.phases import PARKED
from flowrunner.engine.history.state import state_of
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Rendering, Run

if TYPE_CHECKING:
    from flowrunner.client.http import Client
    from flowrunner.delivery.inbound.polling import Hearing


_MOMENT = 5.0
"""Seconds for which a process stays unasked: what was just written settles, two seconds where nothing else is said."""
_LOOK_AGAIN = 1.0
"""Seconds after which a run that another process has taken up meanwhile is looked at again."""


class Delivery(NamedTuple):
    """A run that was begun, and what it is sent by."""

    run: Run
    prepared: Prepared
    rendering: Rendering
    sender: Sender
    client: "Client"
    pace: Pace
    journal: Journal
    uploads: Uploads

    async def events(
        self,
        stop: asyncio.Event,
        *,
        ask: Ask | None = None,
        tell: Tell | None = None,
        undelivered: bool = False,
    ) -> AsyncGenerator[Event, None]:
        """Carry the run out; each event is in the journal when it is yielded. `ended` says what the last one comes to.

        Args:
            stop: Once set, no further message is begun; it is set where somebody cancels the run.
            ask: Asks a person about a message in doubt; None where there is none.
            tell: Told what is waited for, and for how many seconds.
            undelivered: Send those messages again of which WhatsApp said that they could not be delivered.

        Raises:
            RunElsewhere: Another process carries this run out, and did before this one; nothing was written.
            UploadError: A file that is still to be sent cannot be handed over; nothing was written.
            LostClaim: Another process took the conversation over; it goes on there.
            JournalError: The journal cannot be written or read; nothing further was sent.
        """
        state = state_of(await self.journal.events(self.run.id))
        its, shown = self.sender, self.rendering
        scope = self.prepared.scope(shown.recipient, {each.name: each.value for each in shown.variables}, shown.now)
        left = None if undelivered else to_send(self.prepared.for_reader(scope).flow, state)
        await self.uploads.ready(partial(self.pace.clock.sleep, stop=stop), left, anew=undelivered)
        doubts = Doubts(its.in_doubt, its.timeout, its.grace, its.max_wait, ask, tell)
        if state.run.phase in PARKED and self.run.listens:
            await self._hearing(stop).ask()  # what was written while nobody listened
        cancelling = asyncio.create_task(stop_when_cancelled(self.run, self.journal, stop, self.pace.clock))
        # An emulator inside of this program has new people: whom another one asked something is nobody any more.
        busy = None if read_target(self.run.target).url == EMULATOR else its.busy
        go_on = partial(
            deliver, self.run, self.prepared, scope, self.client, self.journal,
            stop=stop, pace=self.pace, doubts=doubts, max_wait=its.max_wait, undelivered=undelivered,
            uploads=self.uploads, busy=busy, park=self.run.listens,
        )  # fmt: skip
        last: Event | None = None
        try:
            while True:
                try:
                    async with aclosing(go_on()) as stream:
                        async for last in stream:
                            yield last
                except RunElsewhere:
                    if last is None:
                        raise
                    # It was stayed with, and a listener was quicker: what that comes to is waited for.
                    if await self.pace.clock.sleep(_LOOK_AGAIN, stop):
                        break
                    continue
                if last is None or not self._stays(last) or await self._stayed(last, stop):
                    break
        finally:
            cancelling.cancel()
            [looked] = await asyncio.gather(cancelling, return_exceptions=True)
        if isinstance(looked, Exception):
            raise looked

    def _stays(self, last: Event) -> bool:
        """Whether this process goes on with the run later: after a pause, or in a moment, as an answer settles."""
        if self.run.listens and last.kind is EventKind.PAUSED and last.step:
            return True
        if last.kind is EventKind.ASKED and float(last.detail["wake_at"]) - last.at <= _MOMENT:
            return True
        return self.sender.wait and is_parked(last)

    async def _stayed(self, parked: Event, stop: asyncio.Event) -> bool:
        """Wait until the run can be gone on with. Returns whether a stop was asked for instead."""
        from flowrunner.app.runs.wait_for_reply import stay  # few runs ask anything

        return await stay(self.run, parked, self.journal, self._hearing(stop), stop)

    def _hearing(self, stop: asyncio.Event) -> "Hearing":
        from flowrunner.delivery.inbound.polling import Hearing

        sleep = partial(self.pace.clock.sleep, stop=stop)
        return Hearing(self.client, self.journal, self.run.target, self.pace, sleep, self.sender.max_wait)

    async def carried_out(
        self,
        stop: asyncio.Event | None,
        on_event: Callable[[Event], None] = lambda _: None,
        *,
        undelivered: bool = False,
    ) -> RunResult:
        """Carry the run out, tell each event, and return how it ended; for the arguments and errors see `events`."""
        events = []
        async with aclosing(self.events(stop or asyncio.Event(), undelivered=undelivered)) as stream:
            async for event in stream:
                on_event(event)
                events.append(event)
        return RunResult(self.run.id, ended(events[-1] if events else None), tuple(events))
