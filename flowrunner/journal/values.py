"""What crosses the journal's interface, beside the values of `flowrunner.model`."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flowrunner.engine.history.phases import ENDED, Phase
from flowrunner.model import EventKind, Run

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


class RunRecord(NamedTuple):
    """A run as the journal knows it.

    Attributes:
        phase: What its events come to. A process that died in the middle of a send leaves a run under way and an open
            step.
        may_have_had: Whether its person had anything of it, or may have.
        updated_at: When its last event was, else when it began; seconds since the epoch.
        again: It was begun although its person may have had the flow before.
        conversation: Where its messages go, as far as is known: the run's recipient may have been named otherwise.
        called_off: Its campaign was cancelled: also one in doubt, which is in doubt still, is gone on with by nobody.
    """

    run: Run
    phase: Phase
    may_have_had: bool
    updated_at: float
    again: bool
    conversation: str = ""
    called_off: bool = False

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


class Upload(NamedTuple):
    """A file that an API has.

    Attributes:
        media_id: What it is sent by.
        until: When the API forgets it, in seconds since the epoch.
    """

    media_id: str
    until: float
