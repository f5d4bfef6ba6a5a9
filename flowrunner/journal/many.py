"""The journal's values about many runs: what a campaign begins and leaves out, who is due, how runs ended."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal, NamedTuple

from flowrunner.engine.history.phases import Phase
from flowrunner.journal.values import STATES
from flowrunner.model import EventKind, Json, Recipient, Run


class Counts(NamedTuple):
    """How many recipients of a campaign are where; fewer than its total: not all have begun.

    Attributes:
        phases: Of its runs.
        omitted: Of those who were left out before any run of theirs, by `Omission.state`.
    """

    phases: Mapping[Phase, int]
    omitted: Mapping[str, int]

    @property
    def states(self) -> Mapping[str, int]:
        """The same as a report says it; ``running`` includes what a process left lying."""
        total: Counter[str] = Counter()
        for phase, count in self.phases.items():
            total[STATES[phase]] += count
        return dict(total + Counter(self.omitted))


class Followed(NamedTuple):
    """A run with messages that may still come further.

    Attributes:
        recipient: Whom it went to, with the conversation that it had last.
        has_ended: It reached its end: nothing that is learnt can change how it goes on.
        messages: The API's id of each -> its step's address, and how far it has come, as in ``RANKS``.
    """

    run_id: str
    recipient: Recipient
    has_ended: bool
    messages: Mapping[str, tuple[str, int]]


class Beginning(NamedTuple):
    """One run of a campaign, before it begins.

    Attributes:
        run_id: Its id; ids that rise with the line are written fastest.
        line: Its line in the audience's file.
        zone: The IANA name of the recipient's time zone; empty where it does not matter.
    """

    run_id: str
    recipient: Recipient
    variables: Mapping[str, Json]
    line: int
    zone: str = ""


class Ending(NamedTuple):
    """How a run ended.

    Attributes:
        place: Where in the order of all that happened; what was told is noted by it.
        run: With its recipient by all that is known of their conversation.
        campaign: The id of its campaign; empty where it is of none.
        kind: `finished`, `handed_over` or `opted_out`.
        at: When, in seconds since the epoch.
        reason: Why; empty where nobody said.
    """

    place: int
    run: Run
    campaign: str
    kind: EventKind
    at: float
    reason: str


class Omission(NamedTuple):
    """Somebody who was left out before any run of theirs began, and why."""

    line: int
    recipient: Recipient
    state: Literal["skipped", "invalid"]
    reason: str


class Member(NamedTuple):
    """One run of a campaign, or of none.

    Attributes:
        key: Its place in the order of the audience; what a page ends at.
        line: Its line in the audience's file; 0 where there is none.
        phase: What its events come to.
        zone: As it was begun with.
        conversation: Where its messages go, as far as is known: the run's recipient may have been named otherwise.
        campaign: The id of its campaign, where not only runs of one are told of; empty where it has none.
    """

    key: int
    line: int
    phase: Phase
    run: Run
    zone: str = ""
    conversation: str = ""
    campaign: str = ""
