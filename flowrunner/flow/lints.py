"""What only the whole flow shows, once it has no other error: mostly what is worth a warning."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from flowrunner.diagnostics import Problem, Route, warning
from flowrunner.expressions import ExpressionError
from flowrunner.expressions.reader import READER, Reader
from flowrunner.flow.fields import Field
from flowrunner.flow.quotes import quote_problems
from flowrunner.flow.steps import walk_file
from flowrunner.flow.steps.message import AUTO_TIMEOUT
from flowrunner.model import MessageStep, PauseStep, Step
from flowrunner.spec.facts import PAIR_BURST, PAIR_SECONDS, WINDOW, facts, facts_of

_SEND = "https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages"
_PLATFORM = "https://developers.facebook.com/documentation/business-messaging/whatsapp/about-the-platform"


def lint(
    opens: bool,
    inputs: Iterable[str],
    steps: Sequence[Step],
    fields: Mapping[str, tuple[Field, ...]],
    language: str,
) -> list[Problem]:
    """Every warning about the flow as a whole.

    Args:
        opens: Whether the flow says ``opens: conversation``.
        inputs: The names of those that its author has declared.
        steps: Its steps.
        fields: For each step's address, the parts that hold expressions.
        language: The code of the flow's own language; empty where it does not say it.
    """
    return [
        *_unused(inputs, fields.values()),
        *constant_problems(walk_file(steps), fields, language),
        *_window(opens, steps, fields),
        *_overtaken(steps),
        *_burst(steps),
        *quote_problems([*walk_file(steps)]),
    ]


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
        steps: The steps.
        fields: For each step's address, the parts that hold expressions.
        language: The code of the language that they are read in; empty where the flow does not say it.
    """
    same = "the condition is the same in every run: it does not use any input or step"
    for step in steps:
        at: Route = (*step.route, "when")
        if isinstance(step.when, bool):
            yield warning("constant-when", same, "compare an input, or remove it", route=at)
        for field in fields[step.address]:
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
                yield error.at((*step.route, *field.place))
                continue
            if is_condition and isinstance(value, bool):
                yield warning("constant-when", same, "compare an input, or remove it", route=at)
            elif is_condition:
                message = "the condition is neither true nor false"
                yield Problem("when-not-boolean", message, at, "compare it, as in plan == 'pro' or visits > 0")


def _window(opens: bool, steps: Iterable[Step], fields: Mapping[str, tuple[Field, ...]]) -> Iterator[Problem]:
    """The first message that may fall outside the window; what mends it mends those after it.

    One whose condition asks for the window is its author's to choose.
    """
    waited = 0.0
    first = True
    for step in steps:
        waited += step.seconds if isinstance(step, PauseStep) else 0.0
        if not isinstance(step, MessageStep):
            continue
        free = not facts_of(step.message).opens
        late = waited >= WINDOW
        if free and any(each.place == ("when",) and each.reads_window for each in fields[step.address]):
            continue
        if free and (late or (opens and first)):
            why = "after a pause of 24 hours or more" if late else "before the customer has written"
            message = f"a free-form message {why} is refused: only a template is accepted then"
            hint = "send a template here, or leave it out where it is too late: when: conversation.open"
            route: Route = (*step.route, step.key)
            yield warning("outside-window", message, hint, route=route, link=_SEND)
            return
        first = False


def _overtaken(steps: Iterable[Step]) -> Iterator[Problem]:
    for step, following in pairwise(steps):
        if not isinstance(step, MessageStep) or not isinstance(following, MessageStep):
            continue
        media = facts(str(step.message.get("message_type"))).media
        if media and step.until is None and following.message.get("message_type", "text") == "text":
            message = "the text after this message may reach the phone before it"
            hint = f"write until: delivered beside message: (without it the next step waits at most {AUTO_TIMEOUT:g} s)"
            yield warning("may-be-overtaken", message, hint, route=(*step.route, step.key), link=_SEND)


def _burst(steps: Iterable[Step]) -> Iterator[Problem]:
    messages = [step for step in steps if isinstance(step, MessageStep) and step.message.get("message_type") != "read"]
    if len(messages) > PAIR_BURST:
        message = f"the flow has {len(messages)} messages: after {PAIR_BURST} in a row,"
        message += f" a recipient gets one every {PAIR_SECONDS:g} s"
        hint = "put pauses between them, or fewer messages"
        yield warning("long-burst", message, hint, route=messages[PAIR_BURST].route, link=_PLATFORM)
