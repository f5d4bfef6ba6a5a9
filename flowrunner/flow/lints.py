"""What only the whole flow shows, once it has no other error: mostly what is worth a warning."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.expressions import ExpressionError
from flowrunner.expressions.reader import READER, Reader
from flowrunner.flow.fields import Field
from flowrunner.flow.quotes import quote_problems
from flowrunner.flow.steps import is_flat, verb_of, walk_file
from flowrunner.flow.steps.message import AUTO_TIMEOUT
from flowrunner.model import ChooseStep, IncludeStep, Json, MessageStep, Step
from flowrunner.spec.facts import facts

_SEND = "https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages"


def lint(
    inputs: Iterable[str], steps: Sequence[Step], fields: Mapping[str, tuple[Field, ...]], language: str
) -> list[Problem]:
    """Every warning about one file of a flow as a whole.

    Args:
        inputs: The names of those that its author has declared.
        steps: Its steps.
        fields: For each step's address, the parts that hold expressions.
        language: The code of the flow's own language; empty where it does not say it.
    """
    return [
        *_unused(inputs, fields.values()),
        *constant_problems(steps, fields, language),
        *_branches(steps),
        *_overtaken(steps),
        *quote_problems([*walk_file(steps)]),
    ]


def _branches(steps: Sequence[Step]) -> Iterable[Problem]:
    if is_flat(steps):
        return []
    from flowrunner.flow.unreachable import never_reached  # few flows branch
    from flowrunner.flow.ways_out import too_deep

    return [*never_reached(steps), *too_deep(steps)]


def _unused(inputs: Iterable[str], fields: Iterable[tuple[Field, ...]]) -> Iterator[Problem]:
    used = {use.name for each in fields for field in each for use in field.expression.uses}
    for name in inputs:
        if name not in used:
            message, hint = f"input {name} is never used", "remove it, or use it: {{ " + name + " }}"
            yield warning("unused-input", message, hint, route=("inputs", name), at_key=True)


def constant_problems(
    steps: Iterable[Step], fields: Mapping[str, tuple[Field, ...]], language: str
) -> Iterator[Problem]:
    """What depends on no name: errors where it fails or is no condition, warnings where it is one.

    Args:
        steps: The steps of one file.
        fields: For each step's address, the parts that hold expressions.
        language: The code of the language that they are read in; empty where the flow does not say it.
    """
    for address, route, when, remedies in _held(steps):
        at: Route = (*route, "when")
        if isinstance(when, bool):
            yield _constant(when, remedies, at)
        for field in fields.get(address, ()):
            if field.expression.uses:
                continue
            is_condition = field.place == ("when",)
            try:
                read = (
                    field.expression.evaluate
                    if is_condition or field.wants_structure or field.keeps_type
                    else field.expression.render
                )
                value: object = read({READER: Reader(language)})
            except ExpressionError as error:
                yield error.at((*route, *field.place))
                continue
            if is_condition and isinstance(value, bool):
                yield _constant(value, remedies, at)
            elif is_condition:
                message = "the condition is neither true nor false"
                yield Problem("when-not-boolean", message, at, "compare it, as in plan == 'pro' or visits > 0")


def _constant(value: bool, remedies: tuple[str, str], at: Route) -> Problem:
    message = f"the condition is always {'true' if value else 'false'}: it does not use any input or step"
    return warning("constant-when", message, f"compare an input, or {remedies[not value]}", route=at)


def _held(steps: Iterable[Step]) -> Iterator[tuple[str, Route, Json, tuple[str, str]]]:
    """All that may have a condition: its address, where it stands, the condition, and two remedies.

    The first is for a condition that is always true, the second for one that is always false.
    """
    for step in walk_file(steps):
        yield step.address, step.route, step.when, ("remove the condition", "remove the step: it is never done")
        if isinstance(step, ChooseStep):
            for branch in step.branches:
                if len(step.branches) == 1:
                    where = "in the place of choose"
                else:
                    where = "below otherwise: beside choose" if branch is step.branches[-1] else ""
                always = f"write its steps {where}" if where else "remove the branches below it: they are never taken"
                yield branch.address, branch.route, branch.when, (always, "remove the branch: it is never taken")
        elif isinstance(step, MessageStep) and step.reply is not None:
            for answer in step.reply.answers:
                never = "remove the answer: it is never taken"
                yield answer.address, answer.route, answer.when, ("remove the condition", never)


def _overtaken(steps: Sequence[Step]) -> Iterator[Problem]:
    for step in steps:
        for children in () if isinstance(step, IncludeStep) else verb_of(step).children(step):
            if not any(each.address.rpartition(".")[2][0] in "rg" for each in children):  # hours are between those
                yield from _overtaken(children)
    for step, following in pairwise(steps):
        if not isinstance(step, MessageStep) or not isinstance(following, MessageStep) or step.reply is not None:
            continue
        media = facts(str(step.message.get("message_type"))).media
        if media and step.until is None and following.message.get("message_type", "text") == "text":
            message = "the text after this message may reach the phone before it"
            hint = f"write until: delivered beside message: (without it the next step waits at most {AUTO_TIMEOUT:g} s)"
            yield warning("may-be-overtaken", message, hint, route=(*step.route, step.key), link=_SEND)
