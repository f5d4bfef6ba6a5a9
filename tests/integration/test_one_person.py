"""One person by two names: runs by phone and by user id are one after the other, and nobody gets a flow twice."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from flowrunner.app.runs.cancel import call_off
from flowrunner.delivery import Rate
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import open_journal
from flowrunner.model import EventKind, Recipient
from support.two_names import BOTH, PHONE, QUICK, TARGET, THREE, USER, World, at_once
from support.virtual import VirtualClock


def test_a_run_by_phone_and_a_run_by_user_id_at_once(tmp_path: Path, clock: VirtualClock) -> None:
    """Nobody knew that they are one person: the first answers tell, and then one of the two goes no further."""
    world = World(tmp_path, clock)
    world.state.faults.add(parse_fault("latency:seconds=1,count=2"))
    done = clock.run(at_once(world, (PHONE, "hi", THREE), (USER, "hi", THREE)))
    assert sorted(each[-1].kind for each in done) == [EventKind.FINISHED, EventKind.SKIPPED]
    assert world.got() == ["one", "one", "two", "three"], "the first message was on its way twice before anybody knew"
    (skipped,) = [each[-1] for each in done if each[-1].kind is EventKind.SKIPPED]
    assert skipped.detail["reason"] == "had this flow before"


@pytest.mark.parametrize("names", [(PHONE, USER), (USER, PHONE), (BOTH, USER), (PHONE, BOTH)])
def test_a_person_whose_names_are_known_gets_a_flow_once(
    tmp_path: Path, clock: VirtualClock, names: Sequence[Recipient]
) -> None:
    """By whichever of them it is sent, one after the other or at once."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            await journal.learn(TARGET, BOTH)
        done = await at_once(world, *((whom, "hi", THREE) for whom in names))
        assert min(map(len, done)) == 0
        assert world.got() == THREE
        assert await at_once(world, (names[1], "hi", THREE)) == [[]]

    clock.run(work(World(tmp_path, clock)))


def test_two_flows_to_a_person_of_two_names_do_not_mix(tmp_path: Path, clock: VirtualClock) -> None:
    """The one waits for the other, as two flows to one conversation do."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            await journal.learn(TARGET, BOTH)
        done = await at_once(world, (PHONE, "hi", THREE), (USER, "bye", ["four", "five", "six"]))
        assert [each[-1].kind for each in done] == [EventKind.FINISHED] * 2
        got = world.got()
        assert sorted([got[:3], got[3:]]) == [["four", "five", "six"], THREE]

    clock.run(work(World(tmp_path, clock)))


def test_a_link_that_is_learnt_in_the_middle_makes_the_rest_wait(tmp_path: Path, clock: VirtualClock) -> None:
    """Two flows at once to a person of two names, of which nobody knows: after the first answers they do not mix."""
    world = World(tmp_path, clock)
    world.state.faults.add(parse_fault("latency:seconds=1,count=2"))
    done = clock.run(at_once(world, (PHONE, "hi", THREE), (USER, "bye", ["four", "five", "six"])))
    assert [each[-1].kind for each in done] == [EventKind.FINISHED] * 2
    got = world.got()
    assert set(got[:2]) == {"one", "four"}
    assert sorted([got[2:4], got[4:]]) == [["five", "six"], ["two", "three"]]


def test_what_an_answer_told_stands_in_the_event_and_is_known_afterwards(tmp_path: Path, clock: VirtualClock) -> None:
    """The run stays as it was begun; by the other name, nothing begins."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            events = await world.send(journal, PHONE)
            told = [event.detail.get("user_id", "") for event in events if event.kind is EventKind.ACCEPTED]
            assert told == [USER.user_id, "", ""], "once is enough"
            (record,) = await journal.runs()
            assert record.run.recipient == PHONE
            assert await journal.known(TARGET, PHONE) == BOTH
            assert await world.send(journal, USER) == []
        assert world.got() == THREE

    clock.run(work(World(tmp_path, clock)))


def test_an_answer_about_somebody_else_links_nobody(tmp_path: Path, clock: VirtualClock) -> None:
    """It is in doubt who got the message: that is no proof of who is whom."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:
            stranger = BOTH._replace(user_id="MX.9999")
            events = await world.send(journal, stranger)
            assert events[-1].kind is EventKind.IN_DOUBT
            assert await journal.known(TARGET, USER) == USER

    clock.run(work(World(tmp_path, clock)))


@pytest.mark.parametrize("after", [5.0, 65.0])
def test_who_says_stop_while_a_message_waits_for_its_turn_is_not_sent_it(
    tmp_path: Path, clock: VirtualClock, after: float
) -> None:
    """A campaign's message may wait for minutes; what was noted of the one before it is kept."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:

            async def stop() -> None:
                await clock.sleep(after)
                await journal.opt_out(TARGET, USER, "stop", clock.now())

            sending = world.send(journal, BOTH, rate=Rate(1, 60.0))
            events, _ = await asyncio.gather(sending, stop())
            assert world.got() == THREE[: 1 + int(after // 60)]
            assert (events[-1].kind, events[-1].detail) == (EventKind.SKIPPED, {"reason": "opted out"})
            assert events[-1].step == ""
            (record,) = await journal.runs()
            assert record.phase is Phase.WITHHELD
            kinds = [each.kind for each in await journal.events(record.run.id)]
            assert kinds.count(EventKind.ACCEPTED) == len(world.got())

    clock.run(work(World(tmp_path, clock)))


@pytest.mark.parametrize(
    ("rate", "refused", "quiet_after", "got"),
    [(Rate(1, 60.0), 0, 65.0, ["one", "two"]), (QUICK, 3, 10.0, []), (QUICK, 0, 10.0, THREE)],
    ids=["for its turn", "to be tried again", "for nothing"],
)
def test_who_may_not_be_written_to_any_more_once_a_message_has_waited_is_not(
    tmp_path: Path, clock: VirtualClock, rate: Rate, refused: int, quiet_after: float, got: list[str]
) -> None:
    """Quiet hours have begun meanwhile: it leaves when they are over."""

    async def work(world: World) -> None:
        begins = clock.now() + quiet_after
        ends = begins + 3600.0
        if refused:
            world.state.faults.add(parse_fault(f"status:code=429,count={refused}"))
        async with open_journal(world.path, clock=clock) as journal:
            hold = lambda now: ends if begins <= now < ends else now  # noqa: E731
            events = await world.send(journal, BOTH, rate=rate, hold=hold)
            assert world.got() == got
            if got == THREE:
                assert events[-1].kind is EventKind.FINISHED
            else:
                assert (events[-1].kind, events[-1].step, events[-1].detail["wake_at"]) == (EventKind.PAUSED, "", ends)
                (record,) = await journal.runs()
                assert record.phase is Phase.HELD

    clock.run(work(World(tmp_path, clock)))


def test_a_run_that_is_cancelled_while_a_message_waits_for_its_turn_sends_no_more(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """Whoever carries it out, and though it asks nothing and hears of nothing."""

    async def work(world: World) -> None:
        async with open_journal(world.path, clock=clock) as journal:

            async def cancel() -> None:
                await clock.sleep(65)
                (record,) = await journal.runs()
                assert await call_off(record, journal, clock) == "cancelled"

            sending = world.send(journal, BOTH, rate=Rate(1, 60.0))
            events, _ = await asyncio.gather(sending, cancel())
            assert world.got() == ["one", "two"]
            assert events[-1].kind is EventKind.ACCEPTED
            (record,) = await journal.runs()
            assert record.phase is Phase.CANCELLED
            kinds = [each.kind for each in await journal.events(record.run.id)]
            assert kinds.count(EventKind.ACCEPTED) == 2, "what was noted is kept"

    clock.run(work(World(tmp_path, clock)))
