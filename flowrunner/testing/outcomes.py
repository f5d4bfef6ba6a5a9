"""What came of a test."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowrunner.diagnostics import Location
from flowrunner.model.plain import NOTHING, Json
from flowrunner.testing.values import Case

if TYPE_CHECKING:
    from flowrunner.diff.values import Span

Verdict = Literal["passed", "failed", "internal"]
"""``internal``: flowrunner itself went wrong, and nothing is known of the flow."""

Amends = Literal["", "add above", "add below", "drop"]
"""What makes a test say what is there."""


class Origin(NamedTuple):
    """What of the flow sent a message.

    Attributes:
        label: The step's id, else its address.
        at: Where it stands in the flow's file.
    """

    label: str
    at: Location


class Entry(NamedTuple):
    """One line of the chat, in the order of what happened.

    Attributes:
        who: The flow, the customer, or what else a reader should know: time that passed, a status, a fault, a crash.
        seconds: When, in seconds since the test began.
        turn: Which turn of the test named it, from 1; 0 for none.
        text: What is read of it.
        body: The message as posted, or as the emulator keeps what a customer said; nothing of what is none.
        origin: What of the flow sent it; None where the flow did not.
    """

    who: Literal["bot", "customer", "event"]
    seconds: float
    turn: int
    text: str
    body: Mapping[str, Json] = NOTHING
    origin: Origin | None = None


class Failure(NamedTuple):
    """What is not as the test says.

    Attributes:
        at: Where in the test file: the predicate, else the check, else the turn.
        turn: Which turn, from 1; 0 for what is asked afterwards.
        says: What happened, in a few words: ``sent instead``, ``nothing was sent``, ``ended otherwise``.
        expected: What was wanted, where it can be held against ``got`` word by word; else None.
        got: What was there in its stead; None for nothing.
        origin: What of the flow sent it; or what of it waits, where nothing came.
        hint: What would mend it, where that is sure; else empty.
        amends: What makes the test say what is there, where it is not a text: to add a turn for the last message of the
            chat, above or below this one, or to drop this one.
    """

    at: Location
    turn: int
    says: str
    expected: str | None = None
    got: str | None = None
    origin: Origin | None = None
    hint: str = ""
    amends: Amends = ""

    @property
    def difference(self) -> "tuple[Span, ...]":
        """What was there beside what was wanted, word by word; empty where they cannot be held against each other."""
        if self.expected is None or self.got is None:
            return ()
        from flowrunner.diff.words import spans  # most tests pass

        return spans(self.expected, self.got)


class Outcome(NamedTuple):
    """What came of one test.

    Attributes:
        case: The test.
        verdict: Whether it passed.
        failures: What is not as it says: of the turns the first; afterwards all.
        chat: All that happened, up to the failure.
        covered: What of the flow was done, see `flowrunner.testing.covering`.
        seconds: How much time passed in the test.
        took: How many seconds it took.
        internal: The traceback, where flowrunner itself went wrong.
        ended: What the run has come to in the end, a word of `ends`; empty where the test did not come to its end.
    """

    case: Case
    verdict: Verdict
    failures: tuple[Failure, ...] = ()
    chat: tuple[Entry, ...] = ()
    covered: frozenset[str] = frozenset()
    seconds: float = 0.0
    took: float = 0.0
    internal: str = ""
    ended: str = ""
