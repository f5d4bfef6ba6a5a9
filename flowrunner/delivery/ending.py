"""How a run ends, written down: as its flow says, called off, or because what comes next cannot be sent."""

from collections.abc import AsyncGenerator, Awaitable, Mapping

from flowrunner.delivery.permission import LOOK_AGAIN
from flowrunner.delivery.session import Session
from flowrunner.engine.decisions import End
from flowrunner.engine.history.state import DONE, OPEN, State, state_of
from flowrunner.engine.rendering.scope import StepProblems
from flowrunner.journal import Journal
from flowrunner.model import Event, EventKind, Json, Run

TAKEN_EARLIER = "an earlier flowrunner accepted it; run the flow again with values that this one accepts"
"""What helps where a flow, or a value, that a run was begun with is refused now."""
_CHANGED = "what was begun of this step is not what would be sent now: its values or another flowrunner make it differ"
_CHANGED_HINT = "continue with the flowrunner that began it, or run the flow again with --again"

_HOW: Mapping[str, EventKind] = {"opted_out": EventKind.OPTED_OUT, "handed_over": EventKind.HANDED_OVER}
_AT_THE_END = frozenset([EventKind.FINISHED, *_HOW.values()])


async def end_of(session: Session, state: State, end: End) -> Event:
    """The event that a run ends with; one that has ended ends with the same again."""
    if end.step is not None:
        stage = state.step(end.step.address).stage
        kind = EventKind.IN_DOUBT if stage in OPEN else EventKind.FAILED
        # What was taken stays taken: who goes on as it was begun must not send it a second time.
        taken: dict[str, Json] = {"late": True} if stage in DONE else {}
        return await session.write(kind, end.step, reason=_CHANGED, hint=_CHANGED_HINT, **taken)
    if state.cancelled is None and state.last is not None and state.last.kind in _AT_THE_END:
        return state.last
    if state.cancelled is not None:
        return state.cancelled
    detail: dict[str, Json] = {"reason": end.reason} if end.reason else {}
    return await session.write(_HOW.get(end.how, EventKind.FINISHED), if_quiet=True, **detail)


async def given_way(session: Session, journal: Journal, why: str, *, parks: bool) -> Event:
    """The event of a run whose person another run has for too long.

    One that listens, and is carried on by whoever sees that it is due, tries again by itself: they may have answered.
    """
    if not parks or not session.run.listens:
        hint = "it can continue when that run has ended or pauses"
        return await session.write(EventKind.FAILED, reason=why, hint=hint)
    heard = state_of(await journal.events(session.run.id)).run.heard
    return await session.write(EventKind.PAUSED, wake_at=session.clock.now() + LOOK_AGAIN, reason=why, heard=heard)


async def unsendable(session: Session, problems: StepProblems) -> Event:
    """The event of a run whose next message cannot be sent, by what was answered."""
    problem = next(each for each in problems.diagnostics if each.is_error)
    step = problems.action.step
    return await session.write(EventKind.FAILED, step, if_quiet=True, reason=problem.message, hint=problem.hint)


async def keep_unread_stop(run: Run, journal: Journal, last: Event | None) -> None:
    """Keep that the person of a run said stop that ended, by this event, before it had read that: it goes on no more.

    As far as the journal knew it still waited, so that whoever heard them left it to the run.
    """
    if run.listens and last is not None and last.kind in (EventKind.FAILED, EventKind.SKIPPED):
        from flowrunner.delivery.inbound.late_optouts import keep_stops_of  # few runs end so

        await keep_stops_of(journal, run)


async def alone(event: Awaitable[Event]) -> AsyncGenerator[Event, None]:
    """One event, where there may be more."""
    yield await event
