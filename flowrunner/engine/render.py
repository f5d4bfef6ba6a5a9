"""The only renderer. A flow is prepared once, then its steps are rendered and checked for one recipient after another.

The same flow, values and moment give the same bytes, today and on `resume`.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

from flowrunner.diagnostics import Diagnostic
from flowrunner.dialects import Dialect
from flowrunner.engine.ahead.shown import NO_ANSWERS, Answers, drawn, shown
from flowrunner.engine.history.answered import Answered
from flowrunner.engine.rendering.conditions import Conditions, condition
from flowrunner.engine.rendering.messages import message_of
from flowrunner.engine.rendering.scope import Scope, scope_of
from flowrunner.engine.rendering.telling import Telling, in_turn
from flowrunner.engine.values.given import Given
from flowrunner.engine.values.inputs import Bound, Inputs
from flowrunner.expressions import Names
from flowrunner.flow import Loaded
from flowrunner.flow.carried import dialect_for
from flowrunner.flow.steps import verb_of
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import (
    Action,
    ChooseStep,
    Inbound,
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
from flowrunner.model.addresses import as_written
from flowrunner.model.media import with_references

if TYPE_CHECKING:
    from flowrunner.engine.ahead.paths import Paths, Sampled
    from flowrunner.engine.ahead.worlds import Live

_NOTHING_GIVEN: Mapping[str, Given] = {}


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
        assert loaded.flow is not None, "only a flow without errors is rendered"  # noqa: S101
        self.flow, self._loaded, self._telling = loaded.flow, loaded, Telling(loaded)
        self._is_branched = loaded.flow.is_branched
        self.conditions = Conditions(loaded, self._telling)
        its = dialect or dialect_for(loaded)
        self._dialect, encode = its.name, compact if is_flat else its.encode
        self._others = {code: Prepared(each, its, is_flat=is_flat) for code, each in loaded.translations.items()}
        media = loaded.flow.bundle.media
        self._encode = (lambda body: encode(with_references(body, media))) if media else encode
        self._read = {use.name for fields in loaded.fields.values() for each in fields for use in each.expression.uses}
        asking = (address for address, fields in loaded.fields.items() if any(each.reads_window for each in fields))
        self._asking = frozenset(asking)
        self._acts: dict[str, Callable[[Scope], Action]] = {}  # by address; each made when its step is first reached
        self._kept: dict[str, tuple[Scope, Action]] | None = None
        self._sampled: Sampled = {}

    def for_one(self) -> Self:
        """The same, for one run, of which each step is asked for again and again: it is rendered once for a scope."""
        its = copy(self)
        its._kept = {}  # noqa: SLF001  # of one of these
        its._others = {code: each.for_one() for code, each in self._others.items()}  # noqa: SLF001
        return its

    def for_reader(self, scope: Scope) -> "Prepared":
        """The same in the language of whom a scope is for."""
        return self._others.get(scope.values[LANGUAGE], self) if self._others else self

    @property
    def reads_conversation(self) -> bool:
        """Whether any step reads more of ``conversation`` than whether it is open."""
        fields = [each for its in self._loaded.fields.values() for each in its]
        others = self._others.values()
        return any(each.reads_conversation for each in fields) or any(each.reads_conversation for each in others)

    @property
    def asks(self) -> bool:
        """Whether any step reads ``conversation.open``."""
        return bool(self._asking) or any(each.asks for each in self._others.values())

    def asks_window(self, step: Step) -> Literal["", "when", "message"]:
        """Which part of a step reads ``conversation.open``, the condition first; empty for none."""
        if not self._asking:
            return ""
        address = as_written(step.address)
        if address in self._asking:
            own = self._loaded.fields[address]
            return "when" if any(each.reads_window for each in own if each.place == ("when",)) else "message"
        branches = step.branches if isinstance(step, ChooseStep) else ()
        return "message" if any(each.address in self._asking for each in branches) else ""

    @cached_property
    def inputs(self) -> Inputs:
        """What gives every input its value."""
        return Inputs(self._loaded)

    @cached_property
    def _live(self) -> "Live":
        from flowrunner.engine.ahead.worlds import Live  # few flows branch

        return Live(self._loaded.fields)

    def render(
        self,
        recipient: Recipient,
        given: Mapping[str, Given],
        now: str,
        *,
        examples: bool = False,
        lacking: Callable[[str], Diagnostic] | None = None,
        is_open: bool = True,
        answers: Answers = NO_ANSWERS,
    ) -> tuple[Rendering | None, list[Diagnostic]]:
        """Give every input its value, as `Inputs.bind` does, then render and check every step, as `actions` does.

        ``answers`` are what is answered on the path that is shown: by a question's id or address a text, or the id or
        title of what is tapped; None for silence. The first that may be answered elsewhere.
        """
        bound, found = self.inputs.bind(given, recipient, examples=examples, lacking=lacking)
        if bound is None:
            return None, found
        if not self._is_branched:
            actions, found = self.actions(recipient, bound, now, is_open=is_open)
            its = Rendering(self.flow, recipient, bound.variables, now, actions) if actions is not None else None
            return its, found
        paths, found = self._paths(recipient, bound, now, is_open=is_open)
        if any(each.is_error for each in found):
            return None, found
        scope = self.scope(recipient, bound.values, now, bound.given)
        path = shown(paths.prepared, scope, [], samples=paths.samples, answers=answers, is_open=is_open)
        samples = {**{address: drawn(several[0]) for address, several in paths.samples.items()}, **path.said}
        return Rendering(
            self.flow, recipient, bound.variables, now, path.actions, paths.acts, paths.depends, samples, path.taken
        ), found

    def actions(
        self, recipient: Recipient, bound: Bound, now: str, *, is_open: bool = True
    ) -> tuple[tuple[Action, ...] | None, list[Diagnostic]]:
        """What becomes of every step of the path that is shown, in order. Every branch is gone through.

        Args:
            recipient: Whom it is for.
            bound: A value for each input, as `inputs.bind` gives them.
            now: What `moment` gave when the run began.
            is_open: What ``conversation.open`` is taken for. Both are gone through for what there is to say.

        Returns:
            The actions, None when there is an error; and, by place, what reading the flow did not say.
        """
        scope = self.scope(recipient, bound.values, now, bound.given)
        if self._is_branched:
            paths, found = self._paths(recipient, bound, now, is_open=is_open)
            if any(each.is_error for each in found):
                return None, found
            path = shown(paths.prepared, scope, [], samples=paths.samples, is_open=is_open)
            return path.actions, found
        found, its = [], self.for_reader(scope)
        actions = shown(its, scope, found).actions
        if self.asks:
            shut = shown(its, scope, found, is_open=False).actions
            actions, found = (actions if is_open else shut), list(dict.fromkeys(found))
        found.sort(key=lambda each: (each.location.line, each.location.column))
        return None if any(each.is_error for each in found) else actions, found

    def _paths(
        self, recipient: Recipient, bound: Bound, now: str, *, is_open: bool
    ) -> "tuple[Paths, list[Diagnostic]]":
        """Every branch; and what there is to say of them, by file and place."""
        from flowrunner.engine.ahead.paths import Paths  # few flows branch
        from flowrunner.engine.ahead.worlds import MOST_WORLDS

        scope = self.scope(recipient, bound.values, now, bound.given)
        its = self.for_reader(scope)
        paths = Paths(its, its._loaded.fields, its._live, its._sampled, scope, is_open=is_open)  # noqa: SLF001  # of one of these
        found = [*paths.found]
        if its.asks:
            found += Paths(its, its._loaded.fields, its._live, its._sampled, scope, is_open=not is_open).found  # noqa: SLF001
        if paths.crowded is not None:
            found += its._telling.crowded(paths.crowded, MOST_WORLDS)  # noqa: SLF001
        own = self._loaded.path
        found = sorted(
            dict.fromkeys(found),
            key=lambda each: (each.location.path != own, each.location.path, each.location.line, each.location.column),
        )
        return paths, found

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
        language = values[LANGUAGE] if self._others else next(iter(self.flow.languages), "")
        return scope_of(recipient, values, now, given, language)

    def act(self, step: Step, scope: Scope) -> Action:
        """What becomes of a step.

        Raises:
            StepProblems: There is something to say.
        """
        kept = self._kept
        if kept is not None and (its := kept.get(step.address)) is not None and its[0] == scope:
            return its[1]
        act = self._acts.get(address := as_written(step.address))
        if act is None:
            act = self._acts[address] = self._prepared(step._replace(address=address))
        action = act(scope) if address == step.address else in_turn(act, scope, step)
        if kept is not None:
            kept[step.address] = scope, action
        return action

    def bind(
        self, scope: Scope, step: Step, action: Action, answered: Answered | None = None, said: Sequence[Inbound] = ()
    ) -> Scope:
        """What the steps after ``step`` may read, once it is known what became of it.

        Args:
            scope: What the step itself could read.
            step: The step.
            action: What became of it.
            answered: What the latest was taken for that was answered to a question; None before.
            said: The messages that it was.
        """
        if step.id not in self._read or isinstance(action, (Pause, Passed)):
            return scope
        return with_view(scope, step, action, answered, said)

    def _prepared(self, step: Step) -> Callable[[Scope], Action]:
        """What becomes of one step, as a function of the scope alone."""
        if isinstance(step, MessageStep):
            fields = self._loaded.fields.get(step.address, ())
            act = message_of(step, fields, self._loaded, self._dialect, self._encode, self._telling)
        else:
            act = _always(verb_of(step).act(step))
        if step.when is None or step.when is True:
            return act
        if step.when is False:
            return _always(Skipped(step, "when is false"))
        skipped, holds = Skipped(step, f"{step.when} is false"), condition(step.when, (*step.route, "when"))

        def act_if(scope: Scope) -> Action:
            applies, found = holds(scope, step.address)
            if found:
                return self._telling.told(scope, skipped, found)
            return act(scope) if applies else skipped

        return act_if


def with_view(scope: Scope, step: Step, action: Action, answered: Answered | None, said: Sequence[Inbound]) -> Scope:
    """A scope in which a step can be read by its id, whether anything does; for the arguments see `Prepared.bind`."""
    view: dict[str, Json] = {"skipped": isinstance(action, Skipped)}
    if isinstance(action, Message):
        view["message"] = action.body
    if isinstance(step, MessageStep) and step.reply is not None:
        from flowrunner.engine.answers.view import answer_view  # few flows ask

        question = action if isinstance(action, Message) else None
        view |= answer_view(step.reply, question, answered, said, scope.values["now"].tzinfo)
    return scope._replace(values=Names(scope.values, **{step.id: view}))


def _always(action: Action) -> Callable[[Scope], Action]:
    return lambda _scope: action
