"""One step as its author wrote it -> a Step, its message typed by the message spec."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrunner.diagnostics import Problem, Route
from flowrunner.expressions import expression, holds_expression
from flowrunner.model import MessageStep, PauseStep, Step
from flowrunner.source import Plain
from flowrunner.spec import MESSAGE_TYPES, as_typed, check_message, child, is_nothing, kinds, message_schema

if TYPE_CHECKING:
    from flowrunner.expressions import Simple
    from flowrunner.expressions.compiled import Expression

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# They choose the schema that says what type every other field has, so they are known before any value is.
_LITERAL = ("message_type", "interactive_type")


class Field(NamedTuple):
    """A part of a step that holds an expression.

    Attributes:
        place: Where it stands, from the step's route: ``("message", "body_text")``, ``("when",)``.
        route: Where its value goes in the message's body; empty for the condition.
        schema: What the message spec says of it.
    """

    place: Route
    route: Route
    expression: "Expression | Simple"
    schema: Mapping[str, Any]

    @property
    def wants_structure(self) -> bool:
        """Whether the spec wants a list or an object, so that the value cannot come as text."""
        wanted = kinds(self.schema)
        return bool(wanted) and "string" not in wanted and bool(wanted & {"array", "object"})


def read_step(
    entry: Mapping[str, Any], index: int, route: Route, defaults: Mapping[str, Any]
) -> tuple[Step, list[Field], list[Problem]]:
    """The step, the parts of it that hold expressions, and what is wrong with its message.

    ``defaults`` are the flow's, for what the entry does not say.

    What is wrong with the entry's shape is not said here (`flowrunner.spec.check_flow_shape` does).
    """
    fields: list[Field] = []
    problems: list[Problem] = []
    body: dict[str, Any] = {}
    written = entry.get("message")
    if "message" in entry and isinstance(written, (str, Mapping)) and not is_nothing(written):
        body, fields, problems = _read_message(written, (*route, "message"))
    when = entry.get("when")
    if isinstance(when, Plain) and isinstance(when.value, bool):
        when = when.value
    elif isinstance(when, str) and when.strip() and not is_nothing(when):  # a blank one is reported by its shape
        when = str(when)
        fields.insert(0, Field(("when",), (), expression(when, bare=True), {}))
    address, name = str(index + 1), _text(entry.get("id"))
    if "pause" in entry and "message" not in entry:
        return PauseStep(address, route, name, when, seconds(_text(entry["pause"]))), fields, problems
    waiting = {**defaults, **entry}
    step = MessageStep(
        address,
        route,
        name,
        when,
        message=body,
        until=waiting.get("until"),
        timeout=seconds(waiting["timeout"]) if isinstance(waiting.get("timeout"), str) else None,
        on_timeout=waiting.get("on_timeout"),
    )
    return step, fields, problems


def seconds(duration: str) -> float:
    """A duration such as ``500ms``, ``2s``, ``5m``, ``2h``, ``3d`` in seconds; 0.0 for what is none."""
    number = duration.rstrip("mshd")
    unit = _SECONDS.get(duration[len(number) :], 0.0)
    try:
        return float(number) * unit
    except ValueError:
        return 0.0


def _read_message(written: str | Mapping[str, Any], at: Route) -> tuple[dict[str, Any], list[Field], list[Problem]]:
    short = isinstance(written, str)
    data = {"message_type": "text", "content": str(written)} if isinstance(written, str) else written
    named = str(data.get("message_type", "text"))
    known = named in MESSAGE_TYPES
    schema = message_schema(named) if known else {}
    body: dict[str, Any] = as_typed(data, schema)
    fields: list[Field] = []
    problems: list[Problem] = []
    literal: dict[Route, str] = {}
    for route, text, wanted in _expressions(body, schema, ()):
        if route[0] in _LITERAL and len(route) == 1:
            message = f"{route[0]} cannot be an expression: it says which fields there are"
            hint = "write one step for each type, with when: to choose"
            return body, fields, [Problem("expression-not-allowed", message, (*at, *route), hint)]
        each = Field(("message",) if short else ("message", *route), route, expression(text), wanted)
        fields.append(each)
        literal[route] = text if each.wants_structure else each.expression.literal
        if each.wants_structure and not each.expression.is_whole and not each.expression.faults:
            message = f"{route[-1]} needs a list or an object, not text with an expression in it"
            problems.append(Problem("expression-type", message, (*at, *route), 'write one expression: "{{ ... }}"'))
    found = check_message(filled(body, literal) if literal else body, literal.keys())
    problems += [each._replace(route=at) if short else each.under(at) for each in found]
    return body, fields, problems


def filled(data: Any, values: Mapping[Route, Any], route: Route = ()) -> Any:
    """``data`` with the values put where they belong; what ``data`` holds is not changed."""
    if route in values:
        return values[route]
    if isinstance(data, dict):
        return {key: filled(value, values, (*route, key)) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, values, (*route, index)) for index, value in enumerate(data)]
    return data


def _expressions(data: Any, schema: Mapping[str, Any], route: Route) -> Iterator[tuple[Route, str, Mapping[str, Any]]]:
    if isinstance(data, str):
        if holds_expression(data):
            yield route, data, schema
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _expressions(value, child(schema, key) or {}, (*route, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _expressions(value, child(schema, index) or {}, (*route, index))


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str) else ""
