"""The path that a run has taken, by its journal: what of the flow it went through, and what could be read then."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from flowrunner.diagnostics import Route
from flowrunner.engine.decide import Cursor
from flowrunner.engine.history.answered import Answered
from flowrunner.engine.history.state import State
from flowrunner.engine.render import with_view
from flowrunner.engine.renderer import Renderer
from flowrunner.engine.rendering.scope import Scope
from flowrunner.model import (
    Action,
    EndStep,
    Flow,
    ForEachStep,
    Inbound,
    IncludeStep,
    Json,
    Message,
    PauseStep,
    Skipped,
    Step,
)
from flowrunner.model.addresses import as_written


class Watched:
    """A `Renderer` that notes which conditions below its steps held, and which did not.

    Attributes:
        held: The addresses of branches and answers, as they are in the flow, each with whether its condition held.
    """

    def __init__(self, its: Renderer, held: set[tuple[str, bool]] | None = None, flow: Flow | None = None) -> None:
        """``flow`` is gone through instead of what ``its`` has."""
        self._its, self.flow = its, flow or its.flow
        self.held = set[tuple[str, bool]]() if held is None else held

    @property
    def conditions(self) -> "Watched":
        """Itself."""
        return self

    def for_reader(self, scope: Scope) -> "Watched":
        """As `Prepared.for_reader`."""
        its = self._its.for_reader(scope)
        return Watched(its, self.held, its.flow if self.flow.anytime else its.flow._replace(anytime=()))

    def holds(self, step: Step, address: str, when: Json, route: Route, scope: Scope) -> bool:
        """As `Conditions.holds`."""
        does = self._its.conditions.holds(step, address, when, route, scope)
        self.held.add((as_written(address), does))
        return does

    def items(self, step: ForEachStep, scope: Scope, around: int) -> list[Any]:
        """As `Conditions.items`."""
        return self._its.conditions.items(step, scope, around)

    def inner(self, step: IncludeStep, scope: Scope) -> Scope | None:
        """As `Conditions.inner`."""
        return self._its.conditions.inner(step, scope)

    def asks_window(self, step: Step) -> Literal["", "when", "message"]:
        """As `Prepared.asks_window`."""
        return self._its.asks_window(step)

    def act(self, step: Step, scope: Scope) -> Action:
        """As `Prepared.act`."""
        return self._its.act(step, scope)

    def bind(
        self, scope: Scope, step: Step, action: Action, answered: Answered | None = None, said: Sequence[Inbound] = ()
    ) -> Scope:
        """As `Prepared.bind`; but also what nothing of the flow reads can be read."""
        bound = self._its.bind(scope, step, action, answered, said)
        is_unread = bound is scope and step.id and isinstance(action, Message | Skipped)
        return with_view(scope, step, action, answered, said) if is_unread else bound


class Trail(NamedTuple):
    """What a run went through.

    Attributes:
        values: What could be read where it is, or where it ended, by name.
        done: Its keys, see `flowrunner.testing.covering`.
        actions: What became of each step so far, by its address in its turn.
    """

    values: Mapping[str, Json]
    done: frozenset[str]
    actions: Mapping[str, Action]


def path_of(its: Renderer, scope: Scope, state: State, now: float, answers: set[tuple[str, bool]]) -> Trail:
    """The path of a run.

    Args:
        its: Its flow.
        scope: What its first step may read.
        state: What its events come to.
        now: Seconds since the epoch.
        answers: Which conditions of answers held, and did not, when something was said: no event tells that.
    """
    # What was said at any time has ended it, perhaps in the middle of a question: the way there is gone through first.
    before = state._replace(anytime=None, last=None, cancelled=None, lost=None)
    quiet = Watched(its, flow=its.flow._replace(anytime=()))
    cursor = Cursor(quiet, scope, before, found=[])
    cursor.decide(now)
    done = {*_acted(cursor.actions, state), *_answered(state), *_conditions(quiet.held)}
    done.update(_conditions({each for each in answers if _is_answer(each[0])}))
    if state.anytime is not None:
        done.add(state.anytime.branch)
        last = Cursor(its, scope, state._replace(last=None, cancelled=None, lost=None), found=[])
        last.decide(now)
        done.update(_acted(last.actions, state))
    return Trail(cursor.values, frozenset(done), cursor.actions)


def _acted(actions: Mapping[str, Action], state: State) -> Iterator[str]:
    for address, action in actions.items():
        at, step = as_written(address), action.step
        if isinstance(step.when, str):
            yield f"{at}?{'false' if isinstance(action, Skipped) else 'true'}"
        is_sent = isinstance(action, Message) and state.step(address).taken
        if is_sent or (isinstance(step, PauseStep | EndStep) and not isinstance(action, Skipped)):
            yield at


def _answered(state: State) -> Iterator[str]:
    for address, its in state.steps.items():
        for answer in its.answers:
            yield f"{as_written(address)}.{answer.branch}"
        if its.taken:
            yield as_written(address)  # a reminder, or a question that is put again


def _conditions(held: set[tuple[str, bool]]) -> Iterator[str]:
    return (f"{address}?{'true' if does else 'false'}" for address, does in held)


def _is_answer(address: str) -> bool:
    last = address.rpartition(".")[2]
    return last[:1] == "a" and last[1:].isdigit()
