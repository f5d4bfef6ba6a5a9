"""The way of a message to the phone: which statuses it gets when, with the faults that can befall it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from flowrunner.emulator.api.faults import FaultTable
from flowrunner.emulator.api.messages import Delays, Failure, StatusChange, StoredMessage, has_file
from flowrunner.model import Json
from flowrunner.spec.facts import facts_of


class Course(NamedTuple):
    """The way of one message to the phone.

    Attributes:
        statuses: Its statuses, in the order of time.
        shown_at: When the phone has it; None where it never does.
        failure: Why it failed; None where it did not.
        held: It is held for quality assessment before it is sent.
    """

    statuses: tuple[StatusChange, ...]
    shown_at: float | None
    failure: Failure | None = None
    held: bool = False


def course(
    body: Mapping[str, Json],
    start: float,
    delays: Delays,
    *,
    late: float,
    held: float | None,
    failure: Failure | None,
    oddity: str,
) -> Course:
    """The way of a message that was taken at ``start``. Reactions are sent, and nothing more is ever heard of them.

    Args:
        body: The message.
        start: Seconds since the epoch.
        delays: When it gets its statuses.
        late: Seconds that its media comes late.
        held: Seconds that it is held before it is sent; None where it is not.
        failure: Why it fails after it was sent; None where it does not.
        oddity: One of `ODDITIES`, or empty.
    """
    extra = delays.media + late if has_file(body) else 0.0
    begin, is_held = start + (held or 0.0), held is not None
    sent, delivered, read = begin + delays.sent, begin + delays.delivered + extra, begin + delays.read + extra
    pending = StatusChange(start, "pending")
    if failure:
        return Course((pending, StatusChange(sent, "sent"), StatusChange(delivered, "failed")), None, failure, is_held)
    if facts_of(body).last == "sent":
        return Course((pending, StatusChange(sent, "sent")), sent)
    half = (read - delivered) / 2
    at = {"sent": sent, "delivered": delivered, "between": delivered + half, "read": read, "after": read + half}
    statuses = (StatusChange(at[moment], status) for status, moment in _ORDERS[oddity])
    return Course((pending, *statuses), delivered, held=is_held)


_ORDERS: Mapping[str, Sequence[tuple[str, str]]] = {
    "": (("sent", "sent"), ("delivered", "delivered"), ("read", "read")),
    "status-duplicate": (("sent", "sent"), ("delivered", "delivered"), ("sent", "between"), ("read", "read"),
                         ("delivered", "after")),
    "status-reorder": (("delivered", "sent"), ("sent", "delivered"), ("read", "read")),
    "status-skip": (("read", "read"),),
}  # fmt: skip
"""The statuses that are told, each with the moment, by the fault that causes it; none for the right ones."""

ODDITIES = tuple(filter(None, _ORDERS))
"""The faults that change the order of statuses."""


def course_of(body: Mapping[str, Json], start: float, delays: Delays, faults: FaultTable, post: int) -> Course:
    """The way of the message that came with a post, with the faults that strike there.

    Args:
        body: The message.
        start: When it was taken, in seconds since the epoch.
        delays: When it gets its statuses.
        faults: What may befall it.
        post: The number `FaultTable.posted` gave to the request.
    """
    late = faults.strike("media-late", post) if has_file(body) else None
    failed = faults.strike("read-failed", post)
    held = faults.strike("held", post) if facts_of(body).opens else None
    return course(
        body,
        start,
        delays,
        late=late["seconds"] if late else 0.0,
        held=held["seconds"] if held else None,
        failure=Failure(failed["code"], failed["text"]) if failed else None,
        oddity=next((kind for kind in ODDITIES if faults.strike(kind, post)), ""),
    )


def turned(message: StoredMessage, now: float, status: str, failure: Failure | None = None) -> StoredMessage:
    """The same message, of which the phone network says this now; what else was to come of it does not."""
    so_far = tuple(each for each in message.statuses if each.at <= now)
    shown_at = None if failure else message.shown_at if status == "sent" else min(message.shown_at or now, now)
    return replace(message, statuses=(*so_far, StatusChange(now, status)), failure=failure, shown_at=shown_at)
