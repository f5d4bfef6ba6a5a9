"""What a run's events say of each of its steps. Nothing else is remembered between two processes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from flowrunner.delivery.begun import Begun, begun
from flowrunner.model import Event, EventKind

RANKS: Mapping[str, int] = {"accepted": 0, "pending": 0, "sent": 1, "delivered": 2, "read": 3, "played": 3}
"""How far each status is; a message's status is the highest it ever had, for they come out of order."""


class Stage(StrEnum):
    """Where one step stands."""

    NEW = "new"
    OPEN = "open"  # begun, and no word of what became of it
    ACCEPTED = "accepted"
    FAILED = "failed"  # surely not with the recipient, or given up as if it were not: it may be sent again
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    PAUSED = "paused"


_NEVER = Begun()


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of one step.

    Attributes:
        begun: When its message was last handed over, or its pause began.
        message_id: The API's id of the message, once accepted; of one in doubt, if the API took it for somebody else.
        said_yes: The API's answer was a yes that could not be read.
        rank: The highest status learnt, as in `RANKS`.
        wake_at: When a pause ends, in seconds since the epoch.
        waited: The wait for its status is over, with or without success.
        undelivered: It was accepted, and after the run's end WhatsApp said that it could not be delivered.
    """

    stage: Stage = Stage.NEW
    begun: Begun = _NEVER
    message_id: str = ""
    said_yes: bool = False
    rank: int = 0
    wake_at: float = 0.0
    waited: bool = False
    undelivered: bool = False


def said_yes(event: Event) -> bool:
    """Whether an event in doubt is of an answer that was a yes, though one that could not be read."""
    status = event.detail.get("status")
    return isinstance(status, int) and 200 <= status < 300


def progress_of(events: Iterable[Event]) -> dict[str, Progress]:
    """The progress of every step that has events, by address."""
    known: dict[str, Progress] = {}
    for event in events:
        if event.step:
            known[event.step] = _after(event, known.get(event.step, Progress()))
    return known


def _after(event: Event, before: Progress) -> Progress:
    match event.kind:
        case EventKind.BEGUN:
            return Progress(Stage.OPEN, begun=begun(event))
        case EventKind.ACCEPTED:
            return replace(before, stage=Stage.ACCEPTED, message_id=event.message_id)
        case EventKind.SENT | EventKind.DELIVERED | EventKind.READ:
            rank = max(before.rank, RANKS[event.kind])
            return replace(before, rank=rank, undelivered=before.undelivered and rank < RANKS["delivered"])
        case EventKind.FAILED:
            # "Not there in time" is said of a message that was accepted, and so is what is learnt after the run's end:
            # neither takes anything back. The second is remembered, for whoever wishes it sent again.
            if event.detail.get("learnt"):
                return replace(before, undelivered=True)
            return before if event.detail.get("late") else replace(before, stage=Stage.FAILED)
        case EventKind.RETRYING:
            return replace(before, stage=Stage.FAILED, undelivered=False)
        case EventKind.IN_DOUBT:
            its = event.message_id or before.message_id
            return replace(before, stage=Stage.IN_DOUBT, message_id=its, said_yes=before.said_yes or said_yes(event))
        case EventKind.SKIPPED:
            return replace(before, stage=Stage.SKIPPED)
        case EventKind.PAUSED:
            wake_at = float(event.detail.get("wake_at", 0.0))
            return replace(before, stage=Stage.PAUSED, wake_at=wake_at, begun=begun(event))
        case EventKind.WAITED:
            return replace(before, waited=True)
        case _:
            return before
