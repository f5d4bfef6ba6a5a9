"""What comes next of a question that has left: an answer is taken, it is put again, a reminder is due, or it waits."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.engine.decisions import Decision, TakeAnswer, WaitForReply
from flowrunner.engine.history.answered import OTHERWISE, SILENCE, Answered
from flowrunner.engine.history.state import DONE, MAY_BE_SENT, OPEN, State, StepState
from flowrunner.model import Again, Answer, Inbound, MessageStep, Reply, Step

if TYPE_CHECKING:
    from flowrunner.engine.answers.matching import Said

LATE = "late"
"""What is taken for no answer, since it belongs to another message."""


class Asked(NamedTuple):
    """A question that has left.

    Attributes:
        step: It, with its address in its turn.
        reply: What may be answered to it.
        said: What makes of some messages what the question hears.
        holds: Whether the condition of an answer holds, taken for one.
        part: A reminder, or what is said when it is put again, with its address in the question's turn; and what comes
            next of that, ``None`` where it is done.
    """

    step: MessageStep
    reply: Reply
    said: "Callable[[tuple[Inbound, ...]], Said]"
    holds: Callable[[Answer, Answered], bool]
    part: Callable[[MessageStep, bool], Decision | None]


def answered(its: StepState) -> Answered | None:
    """What leads on from a question: the answer that was taken, or silence; None while it is open."""
    last = its.answers[-1] if its.answers else None
    return last if last is not None and last.branch != LATE and not is_again(last) else None


def is_again(answer: Answered) -> bool:
    """Whether the question is put again after this."""
    return answer.branch.startswith("g")


def last_said(its: StepState) -> Answered | None:
    """The latest that was answered to a question, also where it was put again; None before."""
    return next((each for each in reversed(its.answers) if each.branch != LATE), None)


def steps_of(reply: Reply, branch: str) -> tuple[Step, ...]:
    """The steps of a branch, as `Answered.branch` names it."""
    if branch == SILENCE:
        return reply.no_reply
    if branch == OTHERWISE:
        return reply.otherwise.then if isinstance(reply.otherwise, Again) else reply.otherwise or ()
    number = int(branch[1:]) if branch.startswith("a") and branch[1:].isdigit() else 0
    return reply.answers[number - 1].steps if 1 <= number <= len(reply.answers) else ()


def next_of(asked: Asked, state: State, now: float) -> Decision:
    """What comes next of a question that nothing leads on from yet."""
    from flowrunner.engine.answers.candidates import heard_of
    from flowrunner.engine.answers.matching import answer_to  # few flows ask

    step, reply = asked.step, asked.reply
    its = state.step(step.address)
    deadline = its.accepted_at + reply.within
    reminders = [(its.accepted_at + each.after, each.step) for each in reply.remind]
    again = [each for each in its.answers if is_again(each)]
    put = reply.otherwise.steps[: len(again)] if isinstance(reply.otherwise, Again) else ()
    for part in (*(each for _, each in reminders), *put):  # whether one left is found out before anything else
        if _state(asked, part, state).stage in OPEN and (decision := asked.part(part, False)) is not None:
            return decision
    settles = math.inf
    for heard in heard_of(step, state, now):
        if heard.is_late:
            said = asked.said(heard.messages)
            ids = tuple(each.id for each in heard.messages)
            return TakeAnswer(step, Answered(LATE, ids, said.text, None, LATE, said.messages[-1].choice))
        if not heard.settles:
            settles = state.heard_at + reply.settle
            continue
        taken = answer_to(reply, asked.said(heard.messages), len(again), asked.holds)
        # What was written before it was put again, and is no answer, does not count as another try.
        if taken is not None and (not put or taken.branch[0] == "a" or _heard_since(asked, put[-1], state, heard.at)):
            return TakeAnswer(step, taken)
    if settles < math.inf:
        return WaitForReply(step, settles)
    if now >= deadline:
        return TakeAnswer(step, Answered(SILENCE, name="no_reply"), unless_replied=True)
    if put and (decision := asked.part(put[-1], False)) is not None:
        return decision
    due = [each for at, each in reminders if at <= now]
    # One that was missed is not made up for by two at once.
    if due and _state(asked, due[-1], state).stage in MAY_BE_SENT and (decision := asked.part(due[-1], True)):
        return decision
    return WaitForReply(step, min([at for at, _ in reminders if at > now] + [deadline]))


def _heard_since(asked: Asked, part: MessageStep, state: State, at: float) -> bool:
    """Whether something was written after the question had been put again."""
    its = _state(asked, part, state)
    return its.stage in DONE and at > (its.asked.low if its.asked is not None else its.accepted_at) - 1.0


def _state(asked: Asked, part: MessageStep, state: State) -> StepState:
    question = asked.step.address
    return state.step(f"{question}.{part.address.rpartition('.')[2]}")
