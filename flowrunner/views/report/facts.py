"""Each recipient of a campaign as the facts that other programs are told, in pieces: there may be a million."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice

from flowrunner.model import Fate

FACTS = ("line", "state", "step", "status", "reason", "updated_at", "run", "conversation_id")
"""What is said of each, beside what the audience says."""

_PIECE = 500


def pieces(fates: Iterable[Fate]) -> Iterator[list[Fate]]:
    """All of them, at most 500 at a time."""
    left = iter(fates)
    while piece := list(islice(left, _PIECE)):
        yield piece


def facts(fate: Fate) -> dict[str, str | int]:
    """What is said of one of them, by the names in `FACTS`."""
    return {
        "line": fate.row,
        "state": fate.state,
        "step": fate.step,
        "status": fate.status,
        "reason": fate.reason,
        "updated_at": _moment(fate.updated_at),
        "run": fate.run,
        "conversation_id": fate.recipient.conversation,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") if at else ""
