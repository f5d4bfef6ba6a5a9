"""What ``reply_to`` quotes: an earlier message of the flow, by its step's id, or any by WhatsApp's own."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.diagnostics import Problem, nearest, warning
from flowrunner.expressions import holds_expression
from flowrunner.flow.steps import verb_of
from flowrunner.model import MessageStep, Step

_PAGE: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/contextual-replies"
_BRANCH: Final = r"\.(?:a\d+|c\d+|o|n)\."
_NO_MESSAGES: Final = {"reaction": "a reaction", "read": "a mark as read"}
"""Types of which nothing stands in the chat that could be quoted."""


def quote_problems(steps: Sequence[Step]) -> Iterator[Problem]:
    """All that is wrong with what the messages of a flow quote."""
    earlier: dict[str, Step] = {}
    for step in steps:  # those of branches come before the steps below these
        if isinstance(step, MessageStep) and isinstance(step.message.get("reply_to"), str):
            yield from _problems(step, step.message["reply_to"], earlier, [each.id for each in steps])
        if step.id:
            earlier[step.id] = step


def _problems(step: MessageStep, quoted: str, earlier: Mapping[str, Step], ids: Sequence[str]) -> Iterator[Problem]:
    route = (*step.route, step.key, "reply_to")
    if step.message.get("message_type") == "template":
        message = "a template that quotes a message is shown without the quote"
        yield warning("quote-not-shown", message, "remove reply_to", route=route, link=_PAGE)
    if quoted.startswith("wamid.") or holds_expression(quoted):
        return
    its = earlier.get(quoted)
    if its is None:
        message = f"reply_to {quoted} is the id of no earlier step"
        hint = "write the id of an earlier step, or WhatsApp's own id of a message: wamid and what follows it"
        near = nearest(quoted, [*earlier])
        if quoted == step.id:
            message = f"reply_to {quoted} is the step itself: a message cannot quote itself"
        elif quoted in ids:
            message = f"reply_to {quoted} is a later step, whose message is not sent yet"
            hint = f"move this step below {quoted}, or write the id of an earlier step"
        elif near:
            hint = f"did you mean {near}?"
        yield Problem("bad-quote", message, route, hint, link=_PAGE)
        return
    if _are_apart(its.address, step.address):
        message = f"reply_to {quoted} is in another branch, and has not been sent here"
        yield Problem("bad-quote", message, route, "write the id of a step that is sent before this one", link=_PAGE)
        return
    what = (
        _NO_MESSAGES.get(str(its.message.get("message_type")))
        if isinstance(its, MessageStep)
        else f"a {verb_of(its).name}"
    )
    if what:
        message = f"reply_to {quoted} is {what}, which cannot be quoted"
        yield Problem("bad-quote", message, route, "write the id of a step with a message", link=_PAGE)
    elif its.when not in (None, True, step.when) or _is_optional(its.address, step.address):
        message = f"{quoted} may be skipped, and then nothing is quoted"
        hint = f"write the same when: as at {quoted}, or remove reply_to"
        hint = "remove reply_to" if _is_optional(its.address, step.address) else hint
        yield warning("quote-not-shown", message, hint, route=route, link=_PAGE)


def _branches(address: str) -> list[str]:
    """The branches around a step, from the outermost, each as the beginning of the addresses in it."""
    return [address[: found.end()] for found in re.finditer(_BRANCH, address)]


def _are_apart(earlier: str, later: str) -> bool:
    """Whether two steps stand in two branches of one step, of which only one is taken."""
    for one, other in zip(_branches(earlier), _branches(later), strict=False):
        if one != other:
            return one[: one.rindex(".", 0, -1)] == other[: other.rindex(".", 0, -1)]
    return False


def _is_optional(earlier: str, later: str) -> bool:
    """Whether a step stands in a branch around which the way may lead to another."""
    return not set(_branches(earlier)) <= set(_branches(later))
