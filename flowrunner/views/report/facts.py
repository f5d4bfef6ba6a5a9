"""Each recipient of a campaign as the facts that other programs are told, in pieces: there may be a million."""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import UTC, datetime

from flowrunner.model.campaigns import RecipientReport

FACTS = ("line", "state", "step", "status", "reason", "updated_at", "run", "conversation_id")
"""What is said of each, beside what the audience says."""

_PIECE = 500


async def pieces(entries: AsyncIterable[RecipientReport], size: int = _PIECE) -> AsyncIterator[list[RecipientReport]]:
    """All of them, at most ``size`` at a time; none is read before it is asked for."""
    piece: list[RecipientReport] = []
    async for entry in entries:
        piece.append(entry)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece


def facts(entry: RecipientReport) -> dict[str, str | int]:
    """What is said of one of them, by the names in `FACTS`."""
    return {
        "line": entry.row,
        "state": entry.state,
        "step": entry.step,
        "status": entry.status,
        "reason": entry.reason,
        "updated_at": _moment(entry.updated_at),
        "run": entry.run,
        "conversation_id": entry.recipient.conversation,
    }


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds") if at else ""
