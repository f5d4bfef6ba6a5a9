"""What crosses the journal's interface, beside the values of `flowrunner.model`."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from flowrunner.engine.history.phases import ENDED, Phase
from flowrunner.model import EventKind, Json, Recipient, Run

STATES: Final[Mapping[Phase, str]] = {
    Phase.NEW: "waiting",
    Phase.UNDER_WAY: "running",
    Phase.PAUSED: "paused",
    Phase.HELD: "held",
    Phase.FINISHED: "finished",
    Phase.UNDELIVERED: "failed",
    Phase.WITHHELD: "skipped",
    Phase.FAILED: "failed",
    Phase.IN_DOUBT: "in_doubt",
    Phase.CANCELLED: "cancelled",
    Phase.ASKED: "asked",
    Phase.OPTED_OUT: "opted_out",
    Phase.HANDED_OVER: "handed_over",
}
"""What a report calls a recipient whose run has come to that; see `flowrunner.model.RecipientReport`."""

LEARNT_AGAIN: Final = frozenset(
    {EventKind.ACCEPTED, EventKind.SENT, EventKind.DELIVERED, EventKind.READ, EventKind.WAITED, EventKind.FINISHED}
)
"""Events that a power cut may take: whoever goes on looks such a message up, or asks for its status again, and comes to
the same end. What a person decided, or that a message was surely not taken, could not be learnt again."""


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


class RunRecord(NamedTuple):
    """A run as the journal knows it.

    Attributes:
        phase: What its events come to. A process that died in the middle of a send leaves a run under way and an open
            step.
        may_have_had: Whether its person had anything of it, or may have.
        updated_at: When its last event was, else when it began; seconds since the epoch.
        again: It was begun although its person may have had the flow before.
        conversation: Where its messages go, as far as is known: the run's recipient may have been named otherwise.
    """

    run: Run
    phase: Phase
    may_have_had: bool
    updated_at: float
    again: bool
    conversation: str = ""

    @property
    def state(self) -> str:
        """The same in fewer words: who only waits is ``unfinished``, who was left out, or not reached, ``finished``."""
        if self.phase in (Phase.UNDELIVERED, Phase.WITHHELD):
            return Phase.FINISHED
        return Phase.UNDER_WAY if self.phase in (Phase.NEW, Phase.PAUSED, Phase.HELD) else self.phase

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it is gone on with, but for who asks for that by name."""
        return self.phase in ENDED

    @property
    def undelivered(self) -> bool:
        """It reached its end, and afterwards it was learnt that a message did not arrive."""
        return self.phase is Phase.UNDELIVERED


class Sent(NamedTuple):
    """A message of ours that was begun in a conversation, or taken there.

    Attributes:
        message_id: The API's id; empty where it was begun.
    """

    run: str
    step: str
    message_id: str


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


class Claim(NamedTuple):
    """The right to send to one person.

    Attributes:
        names: What it goes by: each name of theirs that was known when it was taken.
        owner: Who holds it: one worker, never two.
        epochs: Of each name 1 at first, one more whenever it goes to another owner; what fences off a late one.
        until: From then on another owner may take it, on the clock of `flowrunner.clock.Clock.up`: what is counted by
            the wall ends early or late when that is set.
    """

    names: tuple[str, ...]
    owner: str
    epochs: tuple[int, ...]
    until: float


class Busy(NamedTuple):
    """Another owner holds the person, by one of their names, until then unless it renews."""

    owner: str
    until: float


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


class Upload(NamedTuple):
    """A file that an API has.

    Attributes:
        media_id: What it is sent by.
        until: When the API forgets it, in seconds since the epoch.
    """

    media_id: str
    until: float


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
