"""How long a message's status is waited for, and a pause."""

from collections.abc import Callable

from flowrunner.clock import Stamp
from flowrunner.engine.decisions import WaitForMoment, WaitForStatus
from flowrunner.engine.history.state import RANKS, Stage, StepState
from flowrunner.flow.steps.message import AUTO_TIMEOUT, UNTIL_TIMEOUT
from flowrunner.model import Message, Pause
from flowrunner.spec.facts import facts_of


def wait_of(message: Message, is_followed: Callable[[], bool]) -> WaitForStatus:
    """The wait that belongs to a message.

    Where its author has not said ``until``, a slow one that another message follows is waited for; one that asks only
    where what follows silence would come sooner.
    """
    step, known = message.step, facts_of(message.body)
    if step.until is not None:
        rank = min(RANKS[step.until], RANKS[known.last])
        return WaitForStatus(step, rank, _given(step.timeout, UNTIL_TIMEOUT), step.on_timeout or "stop")
    reply = step.reply
    soon = reply is None or min([reply.within, *(each.after for each in reply.remind)]) < AUTO_TIMEOUT
    rank = RANKS["delivered"] if known.slow and soon and is_followed() else 0
    return WaitForStatus(step, rank, _given(step.timeout, AUTO_TIMEOUT), step.on_timeout or "continue")


def pause_of(action: Pause, its: StepState, now: float, stamp: Stamp | None) -> WaitForMoment | None:
    """The wait for a pause's end; None where it is over."""
    if its.stage is Stage.NEW:
        return WaitForMoment(action.step, now + action.seconds, action.seconds)
    if its.stage is not Stage.WAITING:
        return None
    began, left = its.begun.at, its.until - now
    # A machine that was put back to an earlier state may be before what it has written since.
    if stamp is not None and began is not None and began.boot == stamp.boot and began.up <= stamp.up:
        left = action.seconds - (stamp.up - began.up)
    return WaitForMoment(action.step, its.until, min(left, action.seconds)) if left > 0 else None


def _given(seconds: float | None, default: float) -> float:
    return default if seconds is None else seconds
