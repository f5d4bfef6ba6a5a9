"""A request that is under way: how long its answer is waited for, and until when it may leave."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from flowrunner.client.send_guard import TooLate, require_in_time
from flowrunner.delivery import Pace, Rate, Uploads
from flowrunner.delivery.rate.share import Share
from flowrunner.delivery.session import LAST_WAIT, Session
from flowrunner.journal import open_journal
from support.journalled import RUN
from support.virtual import VirtualClock

if TYPE_CHECKING:
    from flowrunner.client.http import Client


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock() as clock:
        yield clock


@pytest.mark.parametrize("takes", [0.0, 5.0, LAST_WAIT - 0.5, LAST_WAIT + 0.5, 100.0, None])
@pytest.mark.parametrize("stopped_after", [0.0, 0.2, 3.0, None])
def test_an_answer_is_waited_for(
    tmp_path: Path, clock: VirtualClock, takes: float | None, stopped_after: float | None
) -> None:
    """Without a stop for as long as it takes; after one, also one that came before it, for `LAST_WAIT` seconds."""
    stop = asyncio.Event()

    async def request() -> str:
        if takes is None:
            raise ConnectionError
        await clock.sleep(takes)
        return "yes"

    async def scene() -> str:
        async with open_journal(tmp_path / "journal.db", clock=clock) as journal:
            await journal.begin(RUN)
            pace = Pace(Rate(10, 1.0), clock=clock)
            uploads = Uploads(RUN.bundle, RUN.target, cast("Client", None), journal, pace, 1.0)
            session = Session(RUN, cast("Client", None), journal, pace, stop, uploads)
            async with session.claimed(1.0):
                if stopped_after is not None:
                    asyncio.get_running_loop().call_later(stopped_after, stop.set)
                turn = await pace.turn(clock.sleep, session.key)
                assert turn is not None
                try:
                    return await session.answered(request(), turn)
                except (TimeoutError, ConnectionError) as error:
                    return type(error).__name__
                finally:
                    # What comes afterwards is not cut off by what was before.
                    await clock.sleep(2 * LAST_WAIT)

    said = clock.run(scene())
    if takes is None:
        assert said == "ConnectionError"
    else:
        in_time = stopped_after is None or takes < stopped_after + LAST_WAIT
        assert said == ("yes" if in_time else "TimeoutError")


@pytest.mark.parametrize(("frozen", "leaves"), [(0.0, True), (20.0, True), (31.0, False), (3600.0, False)])
def test_a_process_that_was_frozen_beyond_its_lease_sends_nothing(
    tmp_path: Path,
    clock: VirtualClock,
    frozen: float,
    leaves: bool,
) -> None:
    """However it was held up between its last look at the lease and the first byte: another may have taken over."""

    async def request() -> str:
        clock.pass_frozen(frozen)
        try:
            require_in_time()
        except TooLate:
            return "late"
        return "left"

    async def scene() -> str:
        async with open_journal(tmp_path / "journal.db", clock=clock) as journal:
            await journal.begin(RUN)
            pace = Pace(Rate(10, 1.0), clock=clock)
            uploads = Uploads(RUN.bundle, RUN.target, cast("Client", None), journal, pace, 1.0)
            session = Session(RUN, cast("Client", None), journal, pace, asyncio.Event(), uploads, lease=30.0)
            async with session.claimed(1.0):
                turn = await pace.turn(session.sleep, session.key)
                assert turn is not None
                return await session.answered(request(), turn)

    assert clock.run(scene()) == ("left" if leaves else "late")


@pytest.mark.parametrize(("held_up", "leaves"), [(0.0, True), (0.2, True), (0.3, False), (5.0, False)])
def test_a_request_leaves_by_its_turn_when_its_first_byte_does(
    tmp_path: Path, clock: VirtualClock, held_up: float, leaves: bool
) -> None:
    """However long it takes until then, as to make a connection; it does not once others count on it."""
    rate = Rate(10, 1.0)

    async def request() -> str:
        clock.pass_frozen(held_up)
        require_in_time()
        return "left"

    async def scene() -> tuple[bool, float]:
        async with open_journal(tmp_path / "journal.db", clock=clock) as journal:
            await journal.begin(RUN)
            pace = Pace(rate, clock=clock, share=Share(journal, "a sender", rate, clock))
            uploads = Uploads(RUN.bundle, RUN.target, cast("Client", None), journal, pace, 1.0)
            session = Session(RUN, cast("Client", None), journal, pace, asyncio.Event(), uploads)
            async with session.claimed(1.0):
                turn = await pace.turn(session.sleep, session.key)
                assert turn is not None
                try:
                    assert await session.answered(request(), turn) == "left"
                except TooLate:
                    return turn.is_over, clock.monotonic()
                return turn.is_over, turn.at

    assert clock.run(scene()) == (not leaves, clock.monotonic())
