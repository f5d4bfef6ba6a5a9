"""One flow rendered for one recipient: the same flow, values and moment give the same bytes, today and on `resume`."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from flowrunner.diagnostics import Diagnostic, Location, Note, Problem, Route
from flowrunner.engine.inputs import Bound
from flowrunner.expressions import ExpressionError, expression
from flowrunner.flow import Field, Loaded
from flowrunner.flow.fields import filled
from flowrunner.flow.ignores import without_ignored
from flowrunner.model import Action, Json, Message, MessageStep, Pause, PauseStep, Recipient, Rendering, Skipped, Step
from flowrunner.numbers import as_shown, exact, is_number
from flowrunner.source import Plain, plain
from flowrunner.spec import check_message, child, kinds

_NUMBERS: Final = frozenset(["number", "integer"])


def moment(at: float) -> str:
    """The moment a run begins, in seconds since the epoch, as it is kept: ISO 8601 with offset, to the second."""
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")


def render(loaded: Loaded, recipient: Recipient, bound: Bound, now: str) -> tuple[Rendering | None, list[Diagnostic]]:
    """Render and check every step.

    Args:
        loaded: A flow without errors.
        recipient: Whom it is for.
        bound: A value for each input.
        now: What `moment` gave when the run began.

    Returns:
        The rendering, None when there is an error; and, by place, what reading the flow did not say.
    """
    return _Renderer(loaded, recipient, bound, now).render()


class _Renderer:
    def __init__(self, loaded: Loaded, recipient: Recipient, bound: Bound, now: str) -> None:
        assert loaded.flow is not None and loaded.document is not None, "render() needs a flow without errors"  # noqa: S101, PT018
        self._flow, self._document, self._fields = loaded.flow, loaded.document, loaded.fields
        self._recipient, self._bound, self._now = recipient, bound, now
        self._values: dict[str, Any] = {
            **bound.values,
            "now": datetime.fromisoformat(now),
            "recipient": {"phone": recipient.phone} if recipient.phone else {},
            "conversation": {"id": recipient.conversation} if recipient.conversation else {},
        }
        self._diagnostics: list[Diagnostic] = []
        self._said = {_what(each) for each in loaded.diagnostics}

    def render(self) -> tuple[Rendering | None, list[Diagnostic]]:
        actions = [self._act(step) for step in self._flow.steps]
        found = [each for each in self._diagnostics if _what(each) not in self._said]
        self._diagnostics = without_ignored(self._document, found, idle="none")
        self._diagnostics.sort(key=lambda each: (each.location.line, each.location.column))
        if any(each.is_error for each in self._diagnostics):
            return None, self._diagnostics
        rendering = Rendering(self._flow, self._recipient, self._bound.variables, self._now, tuple(actions))
        return rendering, self._diagnostics

    def _act(self, step: Step) -> Action:
        action: Action
        if not self._applies(step):
            action = Skipped(step, f"{step.when} is false" if isinstance(step.when, str) else "when is false")
            view: dict[str, Any] = {"skipped": True}
        elif isinstance(step, PauseStep):
            return Pause(step, step.seconds)
        else:
            action = self._message(step)
            view = {"skipped": False, "message": action.body}
        if step.id:
            self._values[step.id] = view
        return action

    def _applies(self, step: Step) -> bool:
        if step.when is None or isinstance(step.when, bool):
            return step.when is not False
        route: Route = (*step.route, "when")
        try:
            answer = expression(step.when, bare=True).evaluate(self._values, self._seed(step))
        except ExpressionError as error:
            self._report_error(error, route, expression(step.when, bare=True).uses)
            return False
        if isinstance(answer, bool):
            return answer
        message = "the condition is neither true nor false"
        hint = "compare it, as in plan == 'pro' or visits > 0"
        self._report(Problem("when-not-boolean", message, route, hint), expression(step.when, bare=True).uses)
        return False

    def _message(self, step: MessageStep) -> Message:
        values: dict[Route, Any] = {}
        fields = {each.route: each for each in self._fields[step.address] if each.route}
        failed = False
        for route, each in fields.items():
            try:
                values[route] = self._value(each, step)
            except ExpressionError as error:
                failed = True
                self._report_error(error, (*step.route, *each.place), each.expression.uses)
        body: dict[str, Json] = filled(step.message, values)
        if failed:
            return Message(step, body, "")
        for problem in check_message(body):
            source = next((each for route, each in fields.items() if problem.route[: len(route)] == route), None)
            place: Route = ("message", *problem.route)
            if source is not None:
                # Where in the text it is says nothing of where in the expression.
                place, problem = source.place, problem._replace(offset=None)  # noqa: PLW2901
            self._report(problem._replace(route=(*step.route, *place)), source.expression.uses if source else ())
        return Message(step, body, wire_text(body))

    def _value(self, field: Field, step: Step) -> Json:
        seed = self._seed(step)
        if field.wants_structure:
            return structured(field.expression.evaluate(self._values, seed), field.schema)
        typed = typed_text(field.expression.render(self._values, seed), field.schema)
        if is_unread(typed, field):
            return number_of(field.expression.evaluate(self._values, seed), typed)
        return typed

    def _seed(self, step: Step) -> str:
        return f"{self._now}\0{self._recipient.conversation}\0{step.address}"

    def _report_error(self, error: ExpressionError, route: Route, uses: Any) -> None:
        names = {each.name for each in uses}
        for name, part, known, other in (
            ("conversation", "id", self._recipient.conversation, "phone"),
            ("recipient", "phone", self._recipient.phone, "conversation"),
        ):
            if error.code == "undefined-value" and error.name == part and name in names and not known:
                message = f"{name}.{part} is not known here: the recipient is given by {other}"
                hint = f"name the recipient by {part if name == 'recipient' else name}"
                self._report(Problem(error.code, message, route, hint, offset=error.offset, length=error.length), ())
                return
        problem = Problem(error.code, error.message, route, error.hint, offset=error.offset, length=error.length)
        self._report(problem, uses)

    def _report(self, problem: Problem, uses: Any) -> None:
        notes = tuple(
            Note(f"{each.name} is {_shown(self._values[each.name])}", self._bound.origins[each.name])
            for each in uses
            if each.name in self._bound.origins
        )
        self._diagnostics.append(self._document.diagnose(problem._replace(notes=(*problem.notes, *notes))))


def typed_text(text: str, schema: Mapping[str, Any]) -> Json:
    """A field's text as its spec wants it: a number, a truth value, or the text."""
    wanted = kinds(schema)
    if not wanted or "string" in wanted:
        return text
    typed = plain(text.strip())
    return typed.value if isinstance(typed, Plain) and typed.value is not None else text


def is_unread(typed: Json, field: Field) -> bool:
    """Whether a text stands where `typed_text` should have made a number, and one expression is all there is."""
    return isinstance(typed, str) and field.expression.is_whole and not kinds(field.schema).isdisjoint(_NUMBERS)


def number_of(value: Any, otherwise: Json) -> Json:
    """The number that an expression gave, however it is shown (``12,5``)."""
    return exact(value) if is_number(value) else otherwise


def structured(value: Any, schema: Mapping[str, Any]) -> Json:
    """What an expression yielded as plain data, its numbers as text where the spec wants text."""
    if isinstance(value, Mapping):
        return {str(key): structured(item, child(schema, str(key)) or {}) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [structured(item, child(schema, 0) or {}) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and "string" not in kinds(schema):
        return exact(value)
    return str(value)


def wire_text(body: Json) -> str:
    """Plain data as it goes on the wire."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _what(diagnostic: Diagnostic) -> tuple[str, str, Location]:
    """What is said of which place; the hint and the notes may know more when values do."""
    return diagnostic.code, diagnostic.message, diagnostic.location


def _shown(value: Any) -> str:
    text = as_shown(value)
    return repr(text) if len(text) <= 40 else repr(text[:39] + "…")
