"""The one path through a flow that a preview shows: with the answers that are asked for, else the first ones."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.engine.history.answered import OTHERWISE, SILENCE
from flowrunner.engine.history.state import NEW_STEP
from flowrunner.engine.history.window import Open
from flowrunner.engine.places import turned
from flowrunner.engine.renderer import Renderer
from flowrunner.engine.rendering.scope import Scope, StepProblems, with_window
from flowrunner.engine.walk import Walk
from flowrunner.model import Action, Again, Answer, EndStep, Inbound, Message, MessageStep, Passed
from flowrunner.model import Sample as Drawn
from flowrunner.model.addresses import as_written
from flowrunner.model.plain import NOTHING

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic
    from flowrunner.engine.ahead.samples import Sample

_OFTEN = 99  # as if it had been put again as often as it may be

Answers = Mapping[str, str | None]
"""What is answered to each question, by its label or address: a text, an option's id or title; None for silence."""


NO_ANSWERS: Final[Answers] = {}
"""The first that may be answered to each question."""


class Shown(NamedTuple):
    """What becomes of the steps of one path, in order.

    Attributes:
        taken: By the address of each question: the branch that the path takes.
        said: By the address of that branch: what is answered.
    """

    actions: tuple[Action, ...]
    taken: Mapping[str, str]
    said: Mapping[str, Drawn]


def shown(
    prepared: Renderer,
    scope: Scope,
    found: "list[Diagnostic]",
    *,
    samples: "Mapping[str, Sequence[Sample]]" = NOTHING,
    answers: Answers = NO_ANSWERS,
    is_open: bool = True,
) -> Shown:
    """The path.

    Args:
        prepared: The flow.
        scope: What its first step may read.
        found: What there is to say of its steps is added to it.
        samples: By the address of each branch: what leads there. Of a flow that asks they are needed.
        answers: What is answered.
        is_open: What the API would say where it has to be asked whether the person may be sent free text.
    """
    walk = Walk(prepared, prepared.flow.steps, scope, found)
    actions: list[Action] = []
    taken: dict[str, str] = {}
    said: dict[str, Drawn] = {}
    while (step := walk.step) is not None:
        if walk.lacks_window(step, NEW_STEP, 0.0):
            walk.learn(Open(is_open, math.inf))
        walk.action = action = walk.act(step, walk.scope)
        actions.append(action)
        if isinstance(step, EndStep) and isinstance(action, Passed):
            break
        if not isinstance(action, Message) or action.step.reply is None:
            walk.pass_step()
            continue
        sample = _answer(prepared, walk, action, samples, answers)
        branch = taken[step.address] = sample.answered.branch
        said[branch if branch.startswith("@") else f"{step.address}.{branch}"] = drawn(sample)
        actions += _meanwhile(prepared, walk, action, sample, is_open=is_open)
        entry = next((each for each in prepared.flow.anytime if each.address == sample.answered.branch), None)
        if entry is None:
            walk.pass_question(action, sample.answered, sample.said)
        else:
            walk = Walk(prepared, entry.steps, scope, found)
    return Shown(tuple(actions), taken, said)


def _meanwhile(
    prepared: Renderer, walk: Walk, question: Message, sample: "Sample", *, is_open: bool
) -> Iterator[Action]:
    """What is sent before an answer is taken: each reminder where there is none, each time it is asked again."""
    reply, branch = question.step.reply, sample.answered.branch
    assert reply is not None  # noqa: S101  # it is a question
    parts: Sequence[MessageStep] = ()
    if branch == SILENCE:
        parts, scope = [each.step for each in reply.remind], walk.bound(question, None)
    elif branch == OTHERWISE and isinstance(reply.otherwise, Again):
        parts, scope = reply.otherwise.steps, walk.bound(question, sample.answered, sample.said)
    for part in parts:
        step = turned(part, walk.frame.turns)
        asks = walk.window is None and prepared.asks_window(step)
        yield walk.act(step, with_window(scope, is_open=is_open) if asks else scope)


def drawn(sample: "Sample") -> Drawn:
    """A sample as a preview draws it."""
    said = sample.said[-1] if sample.said else None
    return Drawn(said.kind, said.text) if said is not None else Drawn()


def _answer(
    prepared: Renderer, walk: Walk, question: Message, samples: "Mapping[str, Sequence[Sample]]", answers: Answers
) -> "Sample":
    """What is answered to a question."""
    from flowrunner.engine.ahead.samples import Sample
    from flowrunner.engine.answers.matching import Said, answer_to, anytime_of, options_of  # few flows ask

    step, reply = question.step, question.step.reply
    assert reply is not None  # noqa: S101  # it is a question
    for name in (step.address, as_written(step.address), step.id):
        if name in answers:
            break
    else:
        branches = (f"a{place}" for place in range(1, len(reply.answers) + 1))
        for branch in (*branches, "any", OTHERWISE, SILENCE):
            if several := samples.get(f"{step.address}.{branch}"):
                return several[0]
    text = answers.get(name)
    if text is None:
        return samples[f"{step.address}.{SILENCE}"][0]
    options, now = options_of(question), walk.scope.values["now"]
    its = next((each for each in options if each.id == text), None)
    kind, title, choice = (its.kind, its.title, its.id) if its is not None else ("text", text, "")
    said = (Inbound(f"wamid.{step.address}", now.timestamp(), kind, title, choice),)
    if (anytime := anytime_of(prepared.flow.anytime, said[0])) is not None:
        return Sample(anytime, said)

    def holds(answer: Answer, sample: "Sample") -> bool:
        bound = with_window(walk.bound(question, sample.answered, sample.said), is_open=True)
        try:
            return prepared.conditions.holds(step, answer.address, answer.when, answer.route, bound)
        except StepProblems:
            return False

    heard = Said(said, options, reply.typed, now, walk.scope.recipient.phone)
    taken = answer_to(reply, heard, _OFTEN, lambda answer, its: holds(answer, Sample(its, said)))
    return Sample(taken, said) if taken is not None else samples[f"{step.address}.{SILENCE}"][0]
