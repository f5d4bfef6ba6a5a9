"""How the carrying out of a run ended."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from flowrunner.model import Event, EventKind

Ended = Literal["finished", "opted_out", "handed_over", "waiting", "failed", "in_doubt", "withheld", "stopped"]
"""How the carrying out of a run ended: `waiting` for an answer, or for another run that asks its person something;
`stopped` is any other way from which it is to be gone on with."""


class RunResult(NamedTuple):
    """How a run ended.

    Attributes:
        run_id: What `flowrunner resume` takes.
        state: ``finished``, ``opted_out``, ``handed_over``, ``waiting``, ``failed``, ``in_doubt``, ``withheld`` or
            ``stopped``.
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
    return "waiting" if is_parked(last) else _ENDED.get(last.kind, "stopped")


def is_parked(last: Event | None) -> bool:
    """Whether a run whose last event that is waits for something, and no process has to."""
    if last is None:
        return False
    return last.kind is EventKind.ASKED or (last.kind is EventKind.PAUSED and not last.step)


_ENDED: Mapping[EventKind, Ended] = {
    EventKind.FINISHED: "finished",
    EventKind.OPTED_OUT: "opted_out",
    EventKind.HANDED_OVER: "handed_over",
    EventKind.FAILED: "failed",
    EventKind.IN_DOUBT: "in_doubt",
}
