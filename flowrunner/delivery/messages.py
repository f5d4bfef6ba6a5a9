"""The messages of one run: where each goes, and what is known of the one that the run is at."""

from collections.abc import AsyncGenerator
from functools import partial

from flowrunner.delivery.beginning import Refuse
from flowrunner.delivery.doubt.attempt import NO_ATTEMPT, quoted_by
from flowrunner.delivery.doubt.policy import Doubts
from flowrunner.delivery.read_receipts import is_mark
from flowrunner.delivery.sending import IsNext, send
from flowrunner.delivery.session import Session
from flowrunner.engine.decide import Cursor
from flowrunner.engine.history.state import Stage, state_of
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Flow, Message, Recipient


class Messages:
    """Sends the messages of a run, and reconciles those in doubt.

    Attributes:
        session: The run.
        flow: Its flow.
        journal: Where its events are.
        doubts: What to do with a message in doubt.
        max_wait: Seconds that one message may be tried again.
        sure: The conversation that is known is the active one, or the API has chosen it.
    """

    sure: bool

    def __init__(self, session: Session, flow: Flow, journal: Journal, doubts: Doubts, max_wait: float) -> None:
        self.session, self.flow, self.journal, self.doubts, self.max_wait = session, flow, journal, doubts, max_wait
        self._attempt = NO_ATTEMPT
        self.forget()

    def forget(self) -> None:
        """Somebody else may have sent to the person meanwhile: what conversation they have is not sure any more."""
        self.sure = self.session.client.dialect.addresses(self.session.run.recipient)

    async def send(
        self, message: Message, cursor: Cursor, refuse: Refuse, is_next: IsNext
    ) -> AsyncGenerator[Event, None]:
        """Send one; the last event says what became of it.

        Args:
            message: What is sent.
            cursor: Where the run is.
            refuse: Why a run that has not begun must not, once it is known who its person is.
            is_next: Whether it still is what comes next, asked when it has its turn.
        """
        session, clock = self.session, self.session.clock
        whom = await self._address(message, None if cursor.state.run.may_have_had else refuse)
        if not isinstance(whom, Recipient):
            if whom is not None:
                yield whom
            return
        attempt = self._attempt.at(message)
        attempt = attempt._replace(give_up=min(attempt.give_up, clock.monotonic() + self.max_wait))
        taken = cursor.state.accepted
        event, quoted = None, quoted_by(message, cursor.state, self.flow)
        sending = send(
            session, message, whom, self.max_wait, taken, is_next, quoted,
            doubted=attempt.doubted, wrote=cursor.state.heard_at,
        )  # fmt: skip
        async for event in sending:
            yield event
        is_taken = event is not None and event.kind is EventKind.ACCEPTED
        # A slow journal may let a request leave long after it was begun; it has its grace all the same.
        self._attempt = attempt if is_taken else attempt._replace(ended=clock.stamp())
        self.sure = self.sure or is_taken

    async def _address(self, message: Message, refuse: Refuse | None) -> Recipient | Event | None:
        if self.sure:
            return self.session.recipient
        from flowrunner.delivery.recipient_lookup import address  # most runs know theirs

        return await address(self.session, message, refuse, self.max_wait)

    async def reconcile(self, message: Message, cursor: Cursor) -> AsyncGenerator[Event, None]:
        """Find out whether a message was taken."""
        # Most messages are never in doubt.
        from flowrunner.delivery.doubt.reconcile import doubt_of, reconcile, unanswered

        session, doubts = self.session, self.doubts
        its, attempt = cursor.state.step(message.step.address), self._attempt.at(message)
        if its.stage is Stage.BEGUN and not its.told and not is_mark(message.body):
            yield await unanswered(session, its.begun, message, doubts)
        if attempt.resent:
            doubts = doubts._replace(policy="stop")  # a server that is down would send it again and again
        self._attempt = attempt._replace(resent=doubts.policy == "resend" or attempt.resent)
        doubt = await doubt_of(session, self.journal, cursor, message, attempt.ended)
        told = partial(self._told, message.step.address)
        async for event in reconcile(session, doubt, doubts, attempt.give_up, told):
            if event.kind is EventKind.RETRYING:
                self._attempt = self._attempt._replace(doubted=True)
            yield event

    async def _told(self, address: str) -> str:
        """The id of a message in doubt, if a webhook has told by now what became of it; empty if none has."""
        return state_of(await self.journal.events(self.session.run.id)).step(address).told

    async def reconcile_run(self, lost: Event) -> AsyncGenerator[Event, None]:
        """Decide on a run of which part of the journal was lost, as ``lost`` says."""
        from flowrunner.delivery.doubt.reconcile import reconcile_run

        yield await reconcile_run(self.session, lost, self.doubts)
