"""What two versions of flows make different for a customer: the values that `diff` makes and `views` draws.

They stand apart from `model`: only one command needs them, and making them would cost every other start its share.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from flowrunner.diagnostics import Diagnostic, Route
from flowrunner.engine.ahead.outline import Way
from flowrunner.model import Action, Flow, Json, Variable
from flowrunner.model.media import path_of

MOST_ROWS: Final = 1_000
"""Rows of an audience that are compared at once: nobody reads more, and each is rendered twice and kept."""

Kind = Literal["kept", "added", "removed", "moved", "changed"]
"""What became of one step. One that was changed may have been moved as well."""

_KINDS: Final[tuple[Kind, ...]] = ("added", "removed", "changed", "moved", "kept")


class Span(NamedTuple):
    """A piece of a text. ``same`` and ``removed`` pieces are the old text, ``same`` and ``added`` ones the new text."""

    kind: Literal["same", "removed", "added"]
    text: str


class FieldChange(NamedTuple):
    """One value of a step that is not what it was.

    Attributes:
        route: Where it stands in the new step: ``("message", "buttons", 1, "title")``, ``("pause",)``, ``("until",)``;
            empty where it is no longer there.
        old_route: Where it stood in the old step; empty where it was not there.
        before: None where it was not there.
        after: None where it is no longer there.
        spans: Where both are texts, the new one beside the old one, word by word; else empty.
    """

    route: Route
    old_route: Route
    before: Json
    after: Json
    spans: tuple[Span, ...] = ()

    @property
    def name(self) -> str:
        """What a person calls it: ``buttons[1].title``."""
        route = self.route or self.old_route
        parts = route[1:] if route[0] == "message" else route
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


class StepChange(NamedTuple):
    """What became of one step; at least one of ``before`` and ``after`` is there.

    Attributes:
        fields: What is not the same, where both are there and do the same.
        moved: It comes at another place among the steps that both have.
        under: The ways that lead there, from the outermost; none for the steps that everybody gets.
    """

    before: Action | None
    after: Action | None
    fields: tuple[FieldChange, ...] = ()
    moved: bool = False
    under: tuple[Way, ...] = ()

    @property
    def kind(self) -> Kind:
        """What became of it."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.fields or type(self.before) is not type(self.after):
            return "changed"
        return "moved" if self.moved else "kept"


class WayChange(NamedTuple):
    """What became of a way on from a question or a choice that both have; one of ``before`` and ``after`` is there.

    Attributes:
        step: What it goes on from; None for what is looked at anytime.
        under: The ways that lead to that.
        moved: It is looked at earlier or later among the others.
    """

    before: Way | None
    after: Way | None
    step: Action | None
    under: tuple[Way, ...] = ()
    moved: bool = False

    @property
    def kind(self) -> Kind:
        """What became of it."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "moved" if self.moved else "changed"


class Case(NamedTuple):
    """What is different with certain values.

    Attributes:
        rows: The rows of the audience with exactly these differences, counted from 1; empty where there is no audience.
        variables: The values of the first of them, as the new flow has them.
        changes: Every step of both, in the order of the new flow; what was removed stands after what it followed.
            Behind a question or a choice, each way on from there that is not as it was, before the steps below it.
        languages: The codes of those in which exactly this differs; empty where the flow is in one, or for rows.
    """

    rows: tuple[int, ...]
    variables: tuple[Variable, ...]
    changes: tuple[StepChange | WayChange, ...]
    languages: tuple[str, ...] = ()

    @property
    def steps(self) -> Iterator[StepChange]:
        """What became of steps."""
        return (each for each in self.changes if isinstance(each, StepChange))

    @property
    def ways(self) -> Iterator[WayChange]:
        """What became of ways on."""
        return (each for each in self.changes if isinstance(each, WayChange))

    @property
    def differs(self) -> bool:
        """Whether anything is not as it was."""
        return any(change.kind != "kept" for change in self.changes)

    @property
    def counts(self) -> dict[Kind, int]:
        """How many steps became what."""
        found = Counter(change.kind for change in self.steps)
        return {kind: found[kind] for kind in _KINDS}


class FlowDifference(NamedTuple):
    """One flow on both sides; at least one of ``before`` and ``after`` is there, unless there are ``problems``.

    Attributes:
        path: Where it stands in its folder, or its file's name.
        notes: What a customer does not see and the one who runs it needs to know, a sentence each.
        problems: Why it cannot be compared, or not for every row; and warnings about the audience.
    """

    path: str
    before: Flow | None
    after: Flow | None
    cases: tuple[Case, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether a customer sees anything that is not as it was."""
        return any(case.differs for case in self.cases) or bool(other_files(self.before, self.after))

    @property
    def state(self) -> Literal["same", "changed", "added", "removed", "unknown"]:
        """What became of the flow; ``unknown`` where it cannot be compared at all."""
        if not self.cases and any(problem.is_error for problem in self.problems):
            return "unknown"
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.differs else "same"


def other_files(before: Flow | None, after: Flow | None) -> list[str]:
    """The files of messages that are called the same on both sides and are not the same."""
    if before is None or after is None:
        return []
    old, new = before.bundle.media, after.bundle.media
    return [path_of(name) for name, its in new.items() if name in old and old[name].digest != its.digest]


class Comparison(NamedTuple):
    """Two sides as they were named, and every flow of both, sorted by path."""

    before: str
    after: str
    flows: tuple[FlowDifference, ...]

    @property
    def differs(self) -> bool:
        """Whether a customer sees anything that is not as it was."""
        return any(flow.differs for flow in self.flows)

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """Everything there is to say, each once."""
        return tuple(dict.fromkeys(problem for flow in self.flows for problem in flow.problems))

    @property
    def is_whole(self) -> bool:
        """Whether everything could be compared."""
        return not any(problem.is_error for problem in self.problems)
