"""Which refusals put a run off, and for how long."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from flowrunner.client import Rejected, Retryable, TransportError
from flowrunner.delivery.putting_off import put_off, refused
from flowrunner.delivery.uploads import UploadError
from flowrunner.model import EventKind, Step

if TYPE_CHECKING:
    from flowrunner.delivery.session import Session

STEP = cast("Step", SimpleNamespace(address="1"))
AWAY, KEY, WRONG = Retryable("away"), Rejected("no such key", concerns="sender"), Rejected("too long")


class Kept:
    """What stands for a session: it keeps the kinds of the events."""

    clock = SimpleNamespace(now=lambda: 1000.0)
    run = SimpleNamespace(listens=True)
    read = 0

    def __init__(self, put_off: int | None) -> None:
        self.put_off = put_off
        self.kinds: list[EventKind] = []

    def note(self, kind: EventKind, *_: Any, **__: Any) -> None:
        self.kinds.append(kind)

    async def write(self, kind: EventKind, *_: Any, **__: Any) -> None:
        self.kinds.append(kind)


@pytest.mark.parametrize("is_begun", [True, False])
@pytest.mark.parametrize(
    ("refusal", "waits"),
    [
        (AWAY, True),
        (KEY, True),
        (WRONG, False),
        (Retryable("outside of the 24 hours", concerns="recipient"), False),
        (UploadError("a.png could not be uploaded", "", AWAY), True),
        (UploadError("a.png could not be uploaded", "", WRONG), False),
        (UploadError("a.png is gone", "put it back"), False),
    ],
)
def test_what_may_be_taken_later_as_it_is_puts_a_run_off(
    refusal: TransportError | UploadError, waits: bool, is_begun: bool
) -> None:
    """A message that was begun is then not in doubt; in the foreground nothing is put off."""
    later = [EventKind.RETRYING, EventKind.PAUSED] if is_begun else [EventKind.PAUSED]
    for before, is_expected in ((0, waits), (None, False)):
        session = Kept(before)
        asyncio.run(refused(cast("Session", session), STEP, refusal, is_begun=is_begun))
        assert session.kinds == (later if is_expected else [EventKind.FAILED])


@pytest.mark.parametrize(("before", "least", "most"), [(0, 120, 240), (1, 240, 480), (2, 300, 600), (10**6, 300, 600)])
def test_it_waits_ever_longer_and_at_most_ten_minutes(before: int, least: float, most: float) -> None:
    """Not always as long."""
    waits = {put_off(before, 1000.0, {})["wake_at"] - 1000 for _ in range(50)}
    assert least <= min(waits) < max(waits) <= most
