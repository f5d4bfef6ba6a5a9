"""One message step made ready: a scope -> the message that is posted, or what is wrong with it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowrunner.engine.rendering.approved import approved_of
from flowrunner.engine.rendering.fields import text_of, value_of
from flowrunner.engine.rendering.scope import Found, Scope, problem_of
from flowrunner.engine.rendering.telling import Telling
from flowrunner.expressions import ExpressionError
from flowrunner.flow import Field, Loaded
from flowrunner.flow.fields import filled
from flowrunner.model import Action, Json, Message, MessageStep, compact
from flowrunner.spec import check_message
from flowrunner.spec.accepting import message_acceptor
from flowrunner.spec.carried import chooses, not_carried

if TYPE_CHECKING:
    from flowrunner.diagnostics import Route

Encode = Callable[[Mapping[str, Json]], str]


def message_of(
    step: MessageStep, fields: Sequence[Field], loaded: Loaded, dialect: str, encode: Encode, telling: Telling
) -> Callable[[Scope], Action]:
    """What becomes of a message step that is not left out, as a function of the scope alone."""
    varying = {each.route: each for each in fields if each.route}
    foreign: Found = [(each.under((*step.route, step.key)), ()) for each in not_carried(step.message, dialect)]
    if foreign:
        return lambda scope: telling.told(scope, Message(step, step.message, "", encode), foreign)
    approved = approved_of(step, loaded.templates)
    if not varying:
        template = approved.template(step.message) if approved else None
        message = Message(step, step.message, compact(step.message), encode, template)
        return lambda _scope: message
    parts = [(route, value_of(field)) for route, field in varying.items()]
    text = text_of(step.message, varying)
    accepts = message_acceptor(step.message, {route: each.expression.literal for route, each in varying.items()})
    at = step.route
    decides = any(len(route) == 1 and chooses(step.message, str(route[0])) for route in varying)

    def act(scope: Scope) -> Action:
        seed = scope.seed + step.address
        values: dict[Route, Json] = {}
        found: Found = []
        for route, value in parts:
            try:
                values[route] = value(scope.values, seed)
            except ExpressionError as error:
                field = varying[route]
                names = _names(field.expression.uses)
                found.append(problem_of(error, names, scope, (*at, *field.place)))
        body = filled(step.message, values)
        if found:
            return telling.told(scope, Message(step, body, "", encode), found)
        problems = [] if accepts(body, values) else check_message(body)
        problems += not_carried(body, dialect) if decides else ()
        template = None
        if approved:
            template = approved.template(body)
            problems += approved.problems(body, problems, scope.recipient)
        message = Message(step, body, text(values), encode, template)
        if not problems:
            return message
        for problem in problems:
            source = next((field for route, field in varying.items() if problem.route[: len(route)] == route), None)
            if source is None:
                found.append((problem.under((*at, step.key)), ()))
            else:  # where in the text it is says nothing of where in the expression
                placed = problem._replace(route=(*at, *source.place), offset=None)
                found.append((placed, _names(source.expression.uses)))
        return telling.told(scope, message, found)

    return act


def _names(uses: Iterable[Any]) -> list[str]:
    return [each.name for each in uses]
