"""Questions as a whole: the answers beside what the message lets its reader tap."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from flowrunner.diagnostics import Problem, Route, nearest, warning
from flowrunner.expressions import holds_expression
from flowrunner.flow.steps import walk_file
from flowrunner.model import Answer, Match, MessageStep, Reply, Step
from flowrunner.spec.choices import Choice, choices_of
from flowrunner.spec.patterns import matches_whole
from flowrunner.spec.plainly import plainly, says
from flowrunner.spec.words import listed, printable

if TYPE_CHECKING:
    from flowrunner.model.templates import Template, Templates

_MUTE: Final = {"read": "a mark as read", "reaction": "a reaction"}
"""Types of message that nobody can answer."""


def question_problems(steps: Iterable[Step], templates: "Templates | None") -> Iterator[Problem]:
    """What is wrong with the questions of one file; ``templates`` are the account's, where they are known."""
    for step in walk_file(steps):
        if isinstance(step, MessageStep) and step.reply is not None:
            yield from _question(step, step.reply, templates)


def names_choice(match: Match, choice: Choice) -> bool:
    """Whether a tap on a choice is what an answer names."""
    titled = choice.title and not holds_expression(choice.title)
    if match.kind in ("button", "row"):
        return match.value == choice.id or (bool(titled) and not choice.id and match.value == choice.title)
    if not titled:
        return False
    several = match.value if isinstance(match.value, list) else [match.value]
    match match.kind:
        case "text":
            return plainly(choice.title) in [plainly(str(each)) for each in several]
        case "words":
            return any(says(choice.title, str(each)) for each in several)
        case "matches":
            return matches_whole(str(match.value), choice.title)
        case "number":
            return any(sign.isdecimal() for sign in choice.title)
    return False


def _question(step: MessageStep, reply: Reply, templates: "Templates | None") -> Iterator[Problem]:
    kind = _MUTE.get(str(step.message.get("message_type")))
    if kind is not None:
        message = f"{kind} cannot be answered"
        yield Problem("unanswerable", message, reply.route, "move reply: to the message that asks")
        return
    if reply.expect == "any" and reply.otherwise is not None and not reply.answers:
        message = "otherwise is never done: without answers, and without expect, anything will do"
        hint = "remove it, or add answers above it, or what is expected, such as expect: email"
        yield Problem("foreign-field", message, (*reply.route, "otherwise"), hint, at_key=True)
    choices = choices_of(step.message, _template(step, templates))
    if choices is None:
        return
    if reply.expect == "choice" and not choices and not any(answer.matches for answer in reply.answers):
        message = "a choice is expected, and the message has nothing to choose from"
        yield Problem(
            "unanswerable", message, (*reply.route, "expect"), "write expect: text, or give the message buttons"
        )
    yield from _answers(step, reply.answers, choices)


def _template(step: MessageStep, templates: "Templates | None") -> "Template | None":
    if templates is None or step.message.get("message_type") != "template":
        return None
    from flowrunner.templates.checks import template_of

    return template_of(step.message, templates)


def _answers(step: MessageStep, answers: Sequence[Answer], choices: Sequence[Choice]) -> Iterator[Problem]:
    known = [choice for choice in choices if choice.id and not holds_expression(choice.id)]
    if len(known) < len(choices):
        return  # an id that only a run knows may be any
    matches = [match for answer in answers for match in answer.matches]
    tapped = (match for match in matches if match.kind in ("button", "row"))
    unknown = [match for match in tapped if not any(names_choice(match, each) for each in known)]
    yield from (_unknown(str(match.value), match, known) for match in unknown)
    for answer in answers:
        for match in answer.matches:
            yield from _titles(match, answer, known) if match.kind == "text" else ()
    if not answers or unknown or any(not answer.matches for answer in answers):
        return  # anything will do, or one of them is meant, or a condition alone may be about it
    for choice in known:
        if not any(names_choice(match, choice) for match in matches):
            message = f"no answer names the {choice.kind} {printable(choice.id)}: a tap on it is none of the answers"
            hint = f"add an answer: - {choice.kind}: {choice.id}"
            yield warning("unanswered-button", message, hint, route=_at(step, choice))


def _unknown(name: str, match: Match, known: Sequence[Choice]) -> Problem:
    if not known:
        message = f"the message has nothing to tap, and {match.kind} names {printable(name)}"
        return Problem("unknown-button", message, match.route, f"write text: {name}, or give the message buttons")
    titled = next((each.id for each in known if plainly(each.title) == plainly(name)), "")
    near = titled or nearest(name, [each.id for each in known])
    kind = known[0].kind
    hint = f"did you mean {near}?" if near else f"the {kind}s here are {listed([each.id for each in known], 'and')}"
    return Problem("unknown-button", f"the message has no {kind} {printable(name)}", match.route, hint)


def _titles(match: Match, answer: Answer, known: Sequence[Choice]) -> Iterator[Problem]:
    """A title as a text: it is met, but no longer when the title changes, or is translated."""
    texts = match.value if isinstance(match.value, list) else [match.value]
    for choice in known:
        for place, text in enumerate(texts):
            if holds_expression(choice.title) or plainly(str(text)) != plainly(choice.title) or not choice.title:
                continue
            message = f"{printable(choice.title)} is the title of a {choice.kind}, which may change"
            its = f"{choice.kind}: {choice.id}"
            is_said = any(each.kind in ("button", "row") and names_choice(each, choice) for each in answer.matches)
            hint = f"write {its}, which a typed title meets, too"
            if is_said:
                hint = f"remove {'it' if len(texts) > 1 else 'text'}: {its} is met by its typed title, too"
            route = (*match.route, place) if len(texts) > 1 else match.route
            yield warning("title-as-text", message, hint, route=route)


def _at(step: MessageStep, choice: Choice) -> Route:
    return (*step.route, step.key, *choice.route)
