"""Nothing goes on for ever: tries end after `--max-wait`, a blind resend happens once, and a stop ends every wait."""

import asyncio
from pathlib import Path

import pytest

from flowrunner.delivery import Doubts, Pace, Rate
from flowrunner.delivery.rate.pace import Sleep, Turn
from flowrunner.journal import open_journal
from flowrunner.model import EventKind, Recipient
from support.journals import blocking
from support.lab import Lab, kinds, outcome, rendered
from support.virtual import VirtualClock

TWO = rendered("name: two\nsteps: [{message: one}, {message: two}]")


def test_an_api_that_fails_for_ever_is_given_up_after_max_wait_and_resumed_without_a_double(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Each try is looked up; the message surely was not taken, so that resume sends it."""
    lab = Lab(tmp_path, "status:code=500,after=1", timeout=0.1, grace=0.1, clock=clock)
    events = clock.run(asyncio.wait_for(lab.run(TWO, max_wait=0.7), 30))
    assert outcome(events) == "failed"
    assert events[-1].detail["reason"] == "looked up: the API had not taken it"
    assert kinds(events, "2").count(EventKind.BEGUN) > 1
    lab.state.faults.clear()
    assert outcome(clock.run(lab.resume(TWO))) == "finished"
    assert lab.accepted() == ["one", "two"]


def test_a_blind_resend_happens_once_however_often_the_api_takes_it_and_fails(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """`--in-doubt resend` may double a message; it must not flood a person with it."""
    lab = Lab(tmp_path, "status:code=500,accepted=yes,after=1", clock=clock)
    doubts = Doubts("resend", timeout=0.1, grace=0.1)
    events = clock.run(asyncio.wait_for(lab.run(TWO, doubts=doubts), 30))
    assert outcome(events) == "in_doubt"
    assert lab.accepted() == ["one", "two", "two"]


def test_tries_count_against_max_wait_only_from_the_first_one_on(tmp_path: Path, clock: VirtualClock) -> None:
    """Waiting for its turn among many is no fault of the message's."""
    lab = Lab(tmp_path, "status:code=429,retry_after=0.1,count=1,after=1", clock=clock)
    events = clock.run(lab.run(TWO, max_wait=0.5, pace=Pace(Rate(1, 1.0), window=1.0, clock=clock)))
    assert outcome(events) == "finished"
    assert EventKind.RETRYING in kinds(events, "2")


def test_every_try_has_a_turn_of_its_own(tmp_path: Path, clock: VirtualClock) -> None:
    """A message that is tried again counts against the limit again."""
    taken: list[str] = []

    class Counting(Pace):
        async def turn(self, sleep: Sleep, conversation: str = "") -> Turn | None:
            taken.append(conversation)
            return await super().turn(sleep, conversation)

    lab = Lab(tmp_path, "status:code=429,retry_after=0.05,count=2,after=1", clock=clock)
    assert outcome(clock.run(lab.run(TWO, pace=Counting(Rate(100, 1.0), clock=clock)))) == "finished"
    assert taken == ["emulator c1"] * 4


def test_a_stop_while_another_run_has_the_conversation_is_no_failure(tmp_path: Path, clock: VirtualClock) -> None:
    """The run has not begun anything; it is as it was."""
    lab = Lab(tmp_path, clock=clock)

    async def stopped() -> list[object]:
        stop = asyncio.Event()
        async with open_journal(lab.path, clock=clock) as journal:
            await journal.claim("emulator", Recipient("c1"), "another/elsewhere/1/1/x", 30.0)
        asyncio.get_running_loop().call_later(0.3, stop.set)
        return list(await lab.run(TWO, stop=stop))

    assert clock.run(stopped()) == []
    with blocking(lab.path) as journal:
        assert journal.runs()[0].state == "unfinished"


def test_a_conversation_that_stays_busy_is_named_with_the_run_that_has_it(tmp_path: Path, clock: VirtualClock) -> None:
    """After `--max-wait` seconds of another run's sending."""
    lab = Lab(tmp_path, clock=clock)

    async def busy() -> list[object]:
        async with open_journal(lab.path, clock=clock) as journal:
            await journal.claim("emulator", Recipient("c1"), "another/elsewhere/1/1/x", 30.0)
        return list(await lab.run(TWO, max_wait=0.3))

    (event,) = clock.run(busy())
    assert event.kind is EventKind.FAILED
    assert event.detail["reason"] == "run another is sending to this conversation"
    assert lab.accepted() == []


@pytest.mark.parametrize("fault", ["status:code=429,retry_after=10,after=1", "latency:seconds=0.4,after=1"])
def test_a_stop_in_the_middle_of_a_message_leaves_it_settled(tmp_path: Path, clock: VirtualClock, fault: str) -> None:
    """It was taken or it was not; resume goes on from there."""
    lab = Lab(tmp_path, fault, timeout=2.0, clock=clock)

    async def stopped() -> list[object]:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(0.3, stop.set)
        return list(await asyncio.wait_for(lab.run(TWO, stop=stop), 5))

    event = clock.run(stopped())[-1]
    assert event.kind in (EventKind.RETRYING, EventKind.ACCEPTED)
    lab.state.faults.clear()
    events = clock.run(lab.resume(TWO))
    assert outcome(events) == "finished"
    assert lab.accepted() == ["one", "two"]


def test_a_parked_run_that_is_woken_too_early_is_parked_again(tmp_path: Path, clock: VirtualClock) -> None:
    """A pause lasts as long as it says, whoever asks."""
    lab = Lab(tmp_path, clock=clock)
    rendering = rendered("name: p\nsteps: [{message: one}, {pause: 1s}, {message: two}]")
    first = clock.run(lab.run(rendering, park=True))[-1]
    again = clock.run(lab.resume(rendering, park=True))[-1]
    assert first.kind is again.kind is EventKind.PAUSED
    assert first.detail == again.detail
    assert lab.accepted() == ["one"]
    assert outcome(clock.run(lab.resume(rendering))) == "finished"
    assert lab.accepted() == ["one", "two"]
