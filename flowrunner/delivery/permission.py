"""Whether anything of a run may leave now, and the event that says why it may not."""

from collections.abc import Callable
from typing import Literal

from flowrunner.delivery.beginning import Refuse
from flowrunner.delivery.session import Session
from flowrunner.engine.history.phases import Phase, RunState
from flowrunner.engine.history.state import State
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Json, Message
from flowrunner.spec.facts import facts_of

Hold = Callable[[float], float]
"""The first moment from the given one on at which a message may leave, both in seconds since the epoch."""
WhenBusy = Literal["wait", "refuse"]
"""What a run does whose person another run is asking something."""
LOOK_AGAIN = 60.0
"""Seconds after which it looks again whether they have answered, at first."""
_SELDOM = 600.0
"""At most so many: each look is an event, and thousands may wait for days."""
NO_MARKETING = "has stopped marketing messages"
"""Why a person is not sent a flow that begins with a template: which of them are marketing WhatsApp alone knows."""
OPTED_OUT = "opted out"
"""Why a person is sent nothing more, by whatever flow."""
HELD = "held until the allowed hours"
"""Why a run waits outside of its steps."""


class Permission:
    """What is asked before anything of a run leaves.

    Attributes:
        session: The run.
        journal: What knows of other runs, and of who has said stop.
        hold: When messages may leave; None for always.
        refuse: Why it must not begin.
        busy: What to do while another run asks its person something; None not to look.
        may_begin: It has begun before, or `refuse` was asked.
        is_willing: Its person had not said stop when that was asked, before the first message. Whoever says it later
            is found by the commit that begins the next.
    """

    def __init__(
        self, session: Session, journal: Journal, hold: Hold | None, refuse: Refuse, busy: WhenBusy | None
    ) -> None:
        self.session, self.journal, self.hold, self.refuse, self.busy = session, journal, hold, refuse, busy
        self.may_begin = False

    is_willing: bool = False

    async def to_go_on(self, state: State) -> Event | None:
        """The event that says that another run is asking the person something; None where none is.

        Asked once this run has the person: while it does, no other comes to ask them.

        Raises:
            JournalAwayError: This machine's clock is wrong: nothing is decided by it.
        """
        await self._require_right_clock()
        its, session = state.run, self.session
        if its.phase is Phase.ASKED or self.busy is None:
            return None
        other = await self.journal.busy_with(session.run.target, session.recipient, session.run.id)
        if not other:
            return None
        if self.busy == "refuse" and not its.may_have_had:
            return await session.write(EventKind.SKIPPED, reason=f"is being asked something by run {other}")
        now, reason = session.clock.now(), f"waits until run {other} has its answer"
        last, since = state.last, now
        if last is not None and last.detail.get("reason") == reason:
            since = float(last.detail.get("since", last.at))
        look_again = min(max((now - since) / 10, LOOK_AGAIN), _SELDOM)
        return await self._park(its, now + look_again, reason, since=since)

    async def to_leave(self, its: RunState) -> Event | None:
        """The event that says why nothing may leave now; None where it may."""
        session = self.session
        if not self.may_begin and (why := await self.refuse()):
            return await session.write(EventKind.SKIPPED, if_quiet=True, reason=why)
        self.may_begin = True
        out = await self.journal.opt_out_of(session.run.target, session.recipient)
        if out is not None and out.run != session.run.id:  # who said stop to this very run has its last words
            return await session.write(EventKind.SKIPPED, reason=OPTED_OUT)
        self.is_willing = True
        wake_at = self.held_until()
        return await self._park(its, wake_at, HELD) if wake_at else None

    async def to_send(self, message: Message, its: RunState) -> Event | None:
        """The same for one message; raises as `to_go_on` does."""
        await self._require_right_clock()
        if (not self.is_willing or self.held_until()) and (event := await self.to_leave(its)) is not None:
            return event
        session = self.session
        if its.may_have_had or not facts_of(message.body).opens or not await self._refuses_marketing():
            return None
        return await session.write(EventKind.SKIPPED, if_quiet=True, reason=NO_MARKETING)

    async def _refuses_marketing(self) -> bool:
        return bool(await self.journal.refusing_marketing(self.session.run.target, [self.session.recipient]))

    async def _require_right_clock(self) -> None:
        if (right := self.session.pace.right) is not None:
            await right.require()

    def held_until(self) -> float:
        """When a message may leave, in seconds since the epoch; 0.0 for now."""
        now = self.session.clock.now()
        may = self.hold(now) if self.hold is not None else now
        return may if may > now else 0.0

    async def _park(self, its: RunState, wake_at: float, reason: str, **more: Json) -> Event:
        known: dict[str, Json] = {"heard": its.heard} if self.session.run.listens else {}
        return await self.session.write(EventKind.PAUSED, wake_at=wake_at, reason=reason, **known, **more)
