"""The only renderer. A flow is prepared once, then its steps are rendered and checked for one recipient after another.

The same flow, values and moment give the same bytes, today and on `resume`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Self

from flowrunner.diagnostics import Diagnostic, Location, Problem, Route
from flowrunner.dialects import Dialect
from flowrunner.engine.approved import approved_of
from flowrunner.engine.decide import Cursor, assumed
from flowrunner.engine.fields import text_of, value_of
from flowrunner.engine.inputs import Bound, Given, Inputs
from flowrunner.engine.scope import Found, Scope, StepProblems, problem_of, with_notes
from flowrunner.expressions import ExpressionError, Names, expression
from flowrunner.flow import Field, Loaded
from flowrunner.flow.carried import dialect_for
from flowrunner.flow.fields import filled
from flowrunner.flow.ignores import without_ignored
from flowrunner.flow.steps import verb_of
from flowrunner.model import (
    Action,
    Json,
    Message,
    MessageStep,
    Passed,
    Pause,
    Recipient,
    Rendering,
    Skipped,
    Step,
    compact,
)
from flowrunner.model.media import with_references
from flowrunner.spec import check_message
from flowrunner.spec.accepting import message_acceptor
from flowrunner.spec.carried import chooses, not_carried

_NOTHING_GIVEN: Mapping[str, Given] = {}


def moment(at: float) -> str:
    """The moment a run begins, in seconds since the epoch, as it is kept: ISO 8601 with offset, to the second."""
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")


class Prepared:
    """A flow without errors, made ready to be rendered often. Only `for_one` keeps what it has rendered.

    Actions that are alike for all recipients are one object; nobody may change what is in them.
    """

    def __init__(self, loaded: Loaded, dialect: Dialect | None = None, *, is_flat: bool = False) -> None:
        """Make a flow ready.

        Args:
            loaded: A flow without errors.
            dialect: How its messages are written; None for what ``loaded`` names, or the first that has them all.
            is_flat: Post them as their author wrote them, as an older flowrunner did, which planned them.
        """
        assert loaded.flow is not None and loaded.document is not None, "only a flow without errors is rendered"  # noqa: S101, PT018
        self.flow, self._loaded = loaded.flow, loaded
        its = dialect or dialect_for(loaded)
        self._dialect, encode = its.name, compact if is_flat else its.encode
        media = loaded.flow.bundle.media
        self._encode = (lambda body: encode(with_references(body, media))) if media else encode
        self._read = {use.name for fields in loaded.fields.values() for each in fields for use in each.expression.uses}
        asking = {address: [each for each in fields if each.reads_window] for address, fields in loaded.fields.items()}
        self._asking = {address: fields for address, fields in asking.items() if fields}
        self._acts: dict[str, Callable[[Scope], Action]] = {}  # by address; each made when its step is first reached
        self._said = {_what(each) for each in loaded.diagnostics}
        self._kept: dict[str, tuple[Scope, Action]] | None = None

    def for_one(self) -> Self:
        """The same, for one run, of which each step is asked for again and again: it is rendered once for a scope."""
        its = copy(self)
        its._kept = {}  # noqa: SLF001  # of one of these
        return its

    @property
    def reads_conversation(self) -> bool:
        """Whether any step reads more of ``conversation`` than whether it is open."""
        return any(each.reads_conversation for fields in self._loaded.fields.values() for each in fields)

    @property
    def asks(self) -> bool:
        """Whether any step reads ``conversation.open``."""
        return bool(self._asking)

    def asks_window(self, step: Step) -> Literal["", "when", "message"]:
        """Which part of a step reads ``conversation.open``, the condition first; empty for none."""
        asking = self._asking.get(step.address)
        if not asking:
            return ""
        return "when" if any(each.place == ("when",) for each in asking) else "message"

    @cached_property
    def inputs(self) -> Inputs:
        """What gives every input its value."""
        return Inputs(self._loaded)

    def render(
        self,
        recipient: Recipient,
        given: Mapping[str, Given],
        now: str,
        *,
        examples: bool = False,
        lacking: Callable[[str], Diagnostic] | None = None,
        is_open: bool = True,
    ) -> tuple[Rendering | None, list[Diagnostic]]:
        """Give every input its value, as `Inputs.bind` does, then render and check every step, as `actions` does."""
        bound, found = self.inputs.bind(given, examples=examples, lacking=lacking)
        actions = None
        if bound is not None:
            actions, found = self.actions(recipient, bound, now, is_open=is_open)
        if bound is None or actions is None:
            return None, found
        return Rendering(self.flow, recipient, bound.variables, now, actions), found

    def actions(
        self, recipient: Recipient, bound: Bound, now: str, *, is_open: bool = True
    ) -> tuple[tuple[Action, ...] | None, list[Diagnostic]]:
        """What becomes of every step, in order.

        Args:
            recipient: Whom it is for.
            bound: A value for each input, as `inputs.bind` gives them.
            now: What `moment` gave when the run began.
            is_open: What ``conversation.open`` is taken for. Both are gone through for what there is to say.

        Returns:
            The actions, None when there is an error; and, by place, what reading the flow did not say.
        """
        found: list[Diagnostic] = []
        scope = self.scope(recipient, bound.values, now, bound.given)
        actions = assumed(Cursor(self, scope, found=found))
        if self._asking:
            shut = assumed(Cursor(self, scope, found=found), is_open=False)
            actions, found = (actions if is_open else shut), list(dict.fromkeys(found))
        found.sort(key=lambda each: (each.location.line, each.location.column))
        return None if any(each.is_error for each in found) else actions, found

    def scope(
        self,
        recipient: Recipient,
        values: Mapping[str, Json],
        now: str,
        given: Mapping[str, Given] = _NOTHING_GIVEN,
    ) -> Scope:
        """What the first step may read.

        Args:
            recipient: Whom it is for.
            values: A value for each input.
            now: What `moment` gave when the run began.
            given: Where the values came from, for what is said of them.
        """
        names = Names(values)
        names["now"] = datetime.fromisoformat(now)
        names["recipient"] = {
            name: text for name, text in recipient._asdict().items() if text and name != "conversation"
        }
        names["conversation"] = {"id": recipient.conversation} if recipient.conversation else {}
        return Scope(names, given, recipient, f"{now}\0{recipient.conversation}\0")

    def act(self, step: Step, scope: Scope) -> Action:
        """What becomes of a step.

        Raises:
            StepProblems: There is something to say.
        """
        kept = self._kept
        if kept is not None and (its := kept.get(step.address)) is not None and its[0] == scope:
            return its[1]
        act = self._acts.get(step.address)
        if act is None:
            act = self._acts[step.address] = self._prepared(step, self._loaded.fields[step.address])
        action = act(scope)
        if kept is not None:
            kept[step.address] = scope, action
        return action

    def bind(self, scope: Scope, step: Step, action: Action) -> Scope:
        """What the steps after ``step`` may read, once it is known what became of it."""
        if step.id not in self._read or isinstance(action, (Pause, Passed)):
            return scope
        skipped = isinstance(action, Skipped)
        view: dict[str, Json] = {"skipped": skipped}
        if isinstance(action, Message):
            view["message"] = action.body
        return scope._replace(values=Names(scope.values, **{step.id: view}))

    def _prepared(self, step: Step, fields: Sequence[Field]) -> Callable[[Scope], Action]:
        """What becomes of one step, as a function of the scope alone."""
        act = self._message(step, fields) if isinstance(step, MessageStep) else _always(verb_of(step).act(step))
        if step.when is None or step.when is True:
            return act
        if step.when is False:
            return _always(Skipped(step, "when is false"))
        skipped, condition = Skipped(step, f"{step.when} is false"), expression(step.when, bare=True)
        names, route = _names(condition.uses), (*step.route, "when")

        def act_if(scope: Scope) -> Action:
            try:
                applies = condition.evaluate(scope.values, scope.seed + step.address)
            except ExpressionError as error:
                return self._told(scope, skipped, [problem_of(error, names, scope, route)])
            if applies is True:
                return act(scope)
            if applies is False:
                return skipped
            message = "the condition is neither true nor false"
            problem = Problem("when-not-boolean", message, route, "compare it, as in plan == 'pro' or visits > 0")
            return self._told(scope, skipped, [(problem, names)])

        return act_if

    def _message(self, step: MessageStep, fields: Sequence[Field]) -> Callable[[Scope], Action]:
        varying = {each.route: each for each in fields if each.route}
        foreign: Found = [
            (each.under((*step.route, step.key)), ()) for each in not_carried(step.message, self._dialect)
        ]
        if foreign:
            return lambda scope: self._told(scope, Message(step, step.message, "", self._encode), foreign)
        approved = approved_of(step, self._loaded.templates)
        if not varying:
            template = approved.template(step.message) if approved else None
            return _always(Message(step, step.message, compact(step.message), self._encode, template))
        parts = [(route, value_of(field)) for route, field in varying.items()]
        text = text_of(step.message, varying)
        accepts = message_acceptor(step.message, {route: each.expression.literal for route, each in varying.items()})
        at, encode = step.route, self._encode
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
                return self._told(scope, Message(step, body, "", self._encode), found)
            problems = [] if accepts(body, values) else check_message(body)
            problems += not_carried(body, self._dialect) if decides else ()
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
            return self._told(scope, message, found)

        return act

    def _told(self, scope: Scope, action: Action, found: Found) -> Action:
        """The action, where nothing of what was found has to be said.

        Raises:
            StepProblems: Something has to.
        """
        document = self._loaded.document_of(action.step.address)
        told = [document.diagnose(with_notes(problem, names, scope)) for problem, names in found]
        told = [each for each in told if _what(each) not in self._said]
        told = without_ignored(document, told, idle="none")
        if told:
            raise StepProblems(told, action)
        return action


def _always(action: Action) -> Callable[[Scope], Action]:
    return lambda _scope: action


def _names(uses: Iterable[Any]) -> list[str]:
    return [each.name for each in uses]


def _what(diagnostic: Diagnostic) -> tuple[str, str, Location]:
    """What is said of which place; the hint and the notes may know more when values do."""
    return diagnostic.code, diagnostic.message, diagnostic.location
