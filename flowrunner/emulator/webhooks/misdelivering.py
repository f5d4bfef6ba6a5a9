"""When a webhook is told that faults befall: late, twice, out of order, or never."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from flowrunner.emulator.api.faults import FaultTable
from flowrunner.emulator.webhooks.values import Event


class Try(NamedTuple):
    """One time that an event is told.

    Attributes:
        late: Seconds after it could have been told.
        is_same: Under the key of the first time.
    """

    late: float
    is_same: bool


def tries(faults: FaultTable, event: Event, number: int) -> Iterator[Try]:
    """Each time that an event is told to one receiver, besides what the receiver does not answer.

    Args:
        faults: What may befall it.
        event: What happened.
        number: Of this event at this receiver: with the same seed the same number comes out of order in the same way.
    """
    post, of = faults.next_post, _sort(event)
    if faults.strike("webhook-lost", post, of=of):
        return
    late = 0.0
    if fault := faults.strike("webhook-late", post, of=of):
        late += fault["seconds"]
    if fault := faults.strike("webhook-reorder", post, of=of):
        # The dice of an emulator are for repeating a run, not for secrets.
        late += Random(f"{fault.seed} {number}").uniform(0.0, fault["seconds"])  # noqa: S311
    yield Try(late, is_same=True)
    if fault := faults.strike("webhook-duplicate", post, of=of):
        yield Try(late + fault["seconds"], is_same=fault["key"] == "same")


def _sort(event: Event) -> str:
    """What faults call it: a person's answer, a status, or neither."""
    if event.status >= 0:
        return "statuses"
    return "answers" if event.message_id else "conversations"
