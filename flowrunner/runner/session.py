"""What one run holds while it goes on: its claim on the conversation, its pen in the journal, and the wish to stop."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from flowrunner.journal import Busy, Claim, Journal
from flowrunner.model import Event, EventKind, Json, Run, Step
from flowrunner.runner.owner import has_ended, new_owner

LEASE = 60.0
"""Seconds a conversation is claimed for; longer than any request may take."""
SETTLE = 10.0
"""Seconds that a message in flight is given to settle once a stop was asked for."""
_LOOK_AGAIN = 0.2

Result = TypeVar("Result")


class ConversationBusy(Exception):  # noqa: N818 - not a fault: the other run is in the right
    """Another run is sending to this conversation, and did not end in time.

    Attributes:
        owner: Who has it.
    """

    def __init__(self, owner: str) -> None:
        super().__init__(f"another run is sending to this conversation: {owner}")
        self.owner = owner


class Session:
    """One run, being carried out by this process.

    Attributes:
        run: The run.
        stop: Once set, no further message is begun and no wait goes on.
    """

    def __init__(self, run: Run, journal: Journal, stop: asyncio.Event) -> None:
        self.run, self.stop = run, stop
        self._journal = journal
        self._owner = new_owner()
        self._claim: Claim | None = None

    @property
    def key(self) -> str:
        """What all runs to the same conversation have in common, whatever their flow."""
        return f"{self.run.target} {self.run.recipient.conversation}"

    async def write(self, kind: EventKind, step: Step | None = None, message_id: str = "", **detail: Json) -> Event:
        """Write an event; it is durable when this returns.

        Raises:
            LostClaim: Another process has the conversation; nothing was written.
            JournalError: The journal cannot be written.
        """
        event = Event(kind, self.run.id, time.time(), step.address if step else "", message_id, detail)
        await self._journal.append(event, self._claim)
        return event

    @asynccontextmanager
    async def claimed(self, patience: float) -> AsyncIterator[None]:
        """The conversation, for this run alone; waits up to ``patience`` seconds for another run to end.

        Raises:
            ConversationBusy: It did not.
        """
        give_up = time.monotonic() + patience
        ended = ""
        while isinstance(answer := await self._journal.claim(self.key, self._owner, LEASE, ended=ended), Busy):
            if has_ended(answer.owner):
                ended = answer.owner
                continue
            if time.monotonic() > give_up or await self.sleep(_LOOK_AGAIN):
                raise ConversationBusy(answer.owner)
        self._claim = answer
        keeper = asyncio.create_task(self._keep())
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            claim, self._claim = self._claim, None
            await self._journal.release(claim)

    async def hold(self) -> None:
        """Make sure that the claim outlives a request that leaves now."""
        assert self._claim is not None  # noqa: S101  # only within claimed()
        if self._claim.until - time.time() < LEASE / 2:
            await self._renew()

    async def _keep(self) -> None:
        """Renew the claim while the run waits for something; what finds it lost says so at its next write."""
        while True:
            await asyncio.sleep(LEASE / 3)
            await self._renew()

    async def _renew(self) -> None:
        if self._claim is not None:
            kept = await self._journal.renew([self._claim], LEASE)
            self._claim = kept[0] if kept else self._claim

    async def sleep(self, seconds: float) -> bool:
        """Sleep, or wake as soon as a stop is asked for. Answers whether it was."""
        if seconds > 0 and not self.stop.is_set():
            try:
                await asyncio.wait_for(self.stop.wait(), seconds)
            except TimeoutError:
                return False
        return self.stop.is_set()

    async def settled(self, request: Coroutine[Any, Any, Result]) -> Result:
        """The answer to a request; once a stop is asked for, it has `SETTLE` more seconds.

        Raises:
            TimeoutError: It did not come in them.
        """
        task = asyncio.ensure_future(request)
        stopping = asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return await asyncio.wait_for(task, None if task.done() else SETTLE)
        finally:
            stopping.cancel()
            task.cancel()
