"""What of a flow can be done, and what of it tests or ways through it have done, as values."""

from typing import Literal, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location

ItemKind = Literal["step", "reminder", "again", "answer", "otherwise", "no_reply", "when", "anytime", "language"]


class Item(NamedTuple):
    """One thing of a flow that a test can do.

    Attributes:
        key: What `flowrunner.testing.outcomes.Outcome.covered` has of it.
        kind: What it is.
        name: What a person calls it: ``later``, ``button: later``, ``plan == "pro"``.
        at: Where it stands.
        never: What is said of it where no test does it.
    """

    key: str
    kind: ItemKind
    name: str
    at: Location
    never: str

    @property
    def is_step(self) -> bool:
        """Whether it counts as a step; all else are branches."""
        return self.kind == "step"


class Coverage(NamedTuple):
    """What the tests of a flow have done of it.

    Attributes:
        path: The flow's file.
        items: All that there is to do, in the order of the file; those of included files behind.
        done: The keys of what was done.
    """

    path: str
    items: tuple[Item, ...]
    done: frozenset[str]

    @property
    def missing(self) -> tuple[Item, ...]:
        """What no test does."""
        return tuple(each for each in self.items if each.key not in self.done)

    def counts(self, *, steps: bool) -> tuple[int, int]:
        """How many of the steps, or of the branches, are done, and how many there are."""
        its = [each for each in self.items if each.is_step is steps]
        return sum(each.key in self.done for each in its), len(its)

    @property
    def percent(self) -> float:
        """How much is done, of all; 100 where there is nothing to do."""
        return 100.0 * (1 - len(self.missing) / len(self.items)) if self.items else 100.0


class Explored(NamedTuple):
    """What came of going through a flow by itself.

    Attributes:
        walked: How many ways were.
        left: How many more were known, and were too many.
        coverage: What they have done of the flow.
        diagnostics: What is wrong with the flow, by place.
    """

    walked: int
    left: int
    coverage: Coverage
    diagnostics: tuple[Diagnostic, ...]
