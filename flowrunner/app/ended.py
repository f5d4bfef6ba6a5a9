"""How the carrying out of a run ended."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from flowrunner.model import Event, EventKind

Ended = Literal["finished", "failed", "in_doubt", "withheld", "stopped"]
"""How the carrying out of a run ended; `stopped` is any way from which it is to be gone on with."""


class RunResult(NamedTuple):
    """How a run ended.

    Attributes:
        run_id: What `flowrunner resume` takes.
        state: ``finished``, ``failed``, ``in_doubt``, ``withheld`` or ``stopped``.
        events: Its events, in order.
    """

    run_id: str
    state: Ended
    events: tuple[Event, ...]


def ended(last: Event | None) -> Ended:
    """How a run ended, by its last event."""
    if last is None:
        return "stopped"
    if last.kind is EventKind.SKIPPED and not last.step:
        return "withheld"  # it had the flow by another run, or it was decided to leave it at that
    return _ENDED.get(last.kind, "stopped")


_ENDED: Mapping[EventKind, Ended] = {
    EventKind.FINISHED: "finished",
    EventKind.FAILED: "failed",
    EventKind.IN_DOUBT: "in_doubt",
}
