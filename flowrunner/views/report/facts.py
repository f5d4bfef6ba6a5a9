"""Each recipient of a campaign as the facts that other programs are told, in pieces: there may be a million."""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import UTC, datetime

from flowrunner.model import Fate

FACTS = ("line", "state", "step", "status", "reason", "updated_at", "run", "conversation_id")
"""What is said of each, beside what the audience says."""

_PIECE = 500


async def pieces(fates: AsyncIterable[Fate], size: int = _PIECE) -> AsyncIterator[list[Fate]]:
    """All of them, at most ``size`` at a time; none is read before it is asked for."""
    piece: list[Fate] = []
    async for fate in fates:
        piece.append(fate)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
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
