"""A campaign that several processes send together: each person once, limits over all, and who died is replaced."""

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from flowrunner.campaign.run import RunSender
from flowrunner.delivery import Rate
from flowrunner.engine.decide import digest_of
from flowrunner.journal import Claim, JournalAwayError
from flowrunner.journal.many import Member
from flowrunner.journal.work import Terms
from flowrunner.model import Event, EventKind, Recipient
from support.lab import rendered
from support.shared import TARGET, TWO, Shared, shared
from support.virtual import VirtualClock

PAUSES = 'name: pausing\nsteps: [{message: "one"}, {pause: 1h}, {message: "two"}]\n'
BOTH = ["one", "two"]
DIGEST = digest_of(rendered(TWO).messages[0])


def scene(clock: VirtualClock, folder: Path, work: Any, text: str | None = None) -> None:
    async def all_of_it() -> None:
        async with shared(folder, clock, *([text] if text else [])) as its:
            await work(its)

    clock.run(all_of_it())


async def died(its: Shared, key: int, *, lease: float = 30.0) -> Claim:
    """Leave somebody as a process of another machine does that dies: claimed, and with the first message begun."""
    [member] = await its.journal.pending(its.campaign.id, after=key - 1, limit=1)
    run = member.run
    claim = await its.journal.claim(TARGET, run.recipient, f"{run.id}/elsewhere.4/17/3/ab.1", lease)
    assert isinstance(claim, Claim)
    stamp = its.clock.stamp()
    begun = Event(EventKind.BEGUN, run.id, its.clock.now(), "1", detail={"digest": DIGEST, "clock": list(stamp)})
    await its.journal.append(begun, claim=claim)
    return claim


def together(*works: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.gather(*works)


@pytest.mark.parametrize("processes", [1, 3])
def test_everybody_gets_every_message_once_and_in_order(tmp_path: Path, clock: VirtualClock, processes: int) -> None:
    """Although each stretch is given to all of them at once, and again afterwards."""

    async def work(its: Shared) -> None:
        await its.begin(60)
        keys = await its.keys()
        stretches = [(keys[at], keys[at + 19]) for at in (0, 20, 40)]
        parts = [its.process(window=7) for _ in range(processes)]
        for _ in range(2):
            await together(*(part.carry_out(*each) for part in parts for each in stretches))
        assert its.sent() == {f"c{number}": BOTH for number in range(60)}
        assert await its.states() == {"finished": 60}
        handed = await its.journal.work.of(its.campaign.id)
        assert handed is not None
        assert (handed.failed, handed.stopped) == (0, "")
        assert handed.ended == 60 or (
            handed.ended > 60 and processes > 1
        )  # who met the end of another's counts it, too

    scene(clock, tmp_path, work)


def test_a_stretch_is_its_own_people_alone(tmp_path: Path, clock: VirtualClock) -> None:
    """Both ends included."""

    async def work(its: Shared) -> None:
        await its.begin(10)
        keys = await its.keys()
        await its.process().carry_out(keys[3], keys[5])
        assert sorted(its.sent()) == ["c3", "c4", "c5"]

    scene(clock, tmp_path, work)


def test_who_waits_is_left_to_whoever_goes_on_with_the_parked(tmp_path: Path, clock: VirtualClock) -> None:
    """A stretch is done once everybody has ended or waits."""

    async def work(its: Shared) -> None:
        await its.begin(5)
        keys = await its.keys()
        began = clock.now()
        await its.process().carry_out(keys[0], keys[-1])
        assert clock.now() - began < 60
        assert await its.states() == {"paused": 5}

    scene(clock, tmp_path, work, PAUSES)


def test_hours_hold_before_anything_is_sent(tmp_path: Path, clock: VirtualClock) -> None:
    async def work(its: Shared) -> None:
        await its.begin(4, at="2099-01-01T09:00+01:00")
        keys = await its.keys()
        await its.process().carry_out(keys[0], keys[-1])
        assert its.sent() == {}
        assert await its.states() == {"held": 4}

    scene(clock, tmp_path, work)


@pytest.mark.parametrize("became", ["finished", "begun"])
def test_who_was_new_a_while_ago_is_not_held_by_a_process_that_slept_meanwhile(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, became: str
) -> None:
    """Another had them: what that wrote stands, and what was true before is not written after it."""

    async def work(its: Shared) -> None:
        await its.begin(1, at="2099-01-01T09:00+01:00")
        pending = its.journal.pending
        [member] = page = await pending(its.campaign.id, limit=1)
        if became == "finished":
            await its.journal.append(Event(EventKind.FINISHED, member.run.id, its.clock.now()))
        else:
            await died(its, member.key)
        before = await its.journal.events(member.run.id)

        async def once(*args: Any, **more: Any) -> list[Member]:
            monkeypatch.setattr(its.journal, "pending", pending)
            return page

        monkeypatch.setattr(its.journal, "pending", once)
        stop = asyncio.Event()
        part = its.process(stop)
        carrying = asyncio.create_task(part.carry_out(member.key, member.key))
        await clock.sleep(0.5)
        stop.set()
        await carrying
        assert await its.journal.events(member.run.id) == before

    scene(clock, tmp_path, work)


@pytest.mark.parametrize("was_taken", [True, False])
def test_whom_a_dead_machine_had_is_taken_over_once_its_lease_has_lapsed(
    tmp_path: Path, clock: VirtualClock, was_taken: bool
) -> None:
    """What it had begun is looked up, and sent only if it was not taken."""

    async def work(its: Shared) -> None:
        await its.begin(3)
        keys = await its.keys()
        if was_taken:
            await taken(its)
        await died(its, keys[1])
        began = clock.now()
        await its.process().carry_out(keys[0], keys[-1])
        assert clock.now() - began < 2 * 30
        assert its.sent() == {f"c{number}": BOTH for number in range(3)}

    async def taken(its: Shared) -> None:
        client = its.process().channel.client
        await client.send(Recipient("c1"), '{"message_type": "text", "content": "one"}')

    scene(clock, tmp_path, work)


def test_a_process_whose_claim_was_taken_meanwhile_sends_nothing_more(tmp_path: Path, clock: VirtualClock) -> None:
    """It was frozen for longer than its lease; its begun row is refused."""

    async def work(its: Shared) -> None:
        await its.begin(1)
        keys = await its.keys()
        claim = await died(its, keys[0])
        await its.process().carry_out(keys[0], keys[-1])
        run = its.events[0][1].run
        with pytest.raises(Exception, match="taken over"):
            await its.journal.append(Event(EventKind.BEGUN, run, clock.now(), "2"), claim=claim)
        assert its.sent() == {"c0": BOTH}

    scene(clock, tmp_path, work)


def test_too_many_failures_stop_all_processes(tmp_path: Path, clock: VirtualClock) -> None:
    """Each alone has had fewer than would stop it; the reason is where everybody sees it."""

    async def work(its: Shared) -> None:
        await its.begin(300, Terms(max_failures=0.05))
        its.fault("status:code=403,count=1000")
        keys = await its.keys()
        parts = [its.process(window=2) for _ in range(3)]
        await together(
            *(part.carry_out(keys[at], keys[at + 99]) for part, at in zip(parts, (0, 100, 200), strict=True))
        )
        assert all(part.is_over for part in parts)
        failed = (await its.states())["failed"]
        assert 21 <= failed <= 21 + 3 * 2
        handed = await its.journal.work.of(its.campaign.id)
        assert handed is not None
        assert re.fullmatch(r"2[1-7] of 2[1-7] runs failed or are in doubt", handed.stopped)

    scene(clock, tmp_path, work)


def test_what_failed_long_ago_is_tried_again_once_and_stops_nothing(tmp_path: Path, clock: VirtualClock) -> None:
    """As `resume` does; who fails again is left, also by whoever is given the same stretch afterwards."""

    async def work(its: Shared) -> None:
        await its.begin(30, Terms(max_failures=1.0))
        keys = await its.keys()
        its.fault("status:code=403,count=30")
        await its.process().carry_out(keys[0], keys[-1])
        assert await its.states() == {"failed": 30}
        await clock.sleep(5)
        await its.hand_over(Terms(max_failures=0.0))
        its.state.faults.clear()
        its.fault("status:code=403,count=25")
        for _ in range(3):
            await its.process().carry_out(keys[0], keys[-1])
        assert await its.states() == {"failed": 25, "finished": 5}
        handed = await its.journal.work.of(its.campaign.id)
        assert handed is not None
        assert (handed.ended, handed.failed, handed.stopped) == (30, 0, "")

    scene(clock, tmp_path, work)


def test_only_those_who_failed_are_gone_on_with_where_only_they_are_meant(tmp_path: Path, clock: VirtualClock) -> None:
    """Nobody is begun who was not, and nobody who lies elsewhere is taken up."""

    async def work(its: Shared) -> None:
        await its.begin(6)
        keys = await its.keys()
        its.fault("status:code=403,count=2")
        await its.process().carry_out(keys[0], keys[1])
        await died(its, keys[2], lease=1.0)
        its.state.faults.clear()
        await clock.sleep(5)
        await its.hand_over(Terms(only="failed"))
        await its.process().carry_out(keys[0], keys[-1])
        assert await its.states() == {"finished": 2, "running": 1, "waiting": 3}

    scene(clock, tmp_path, work)


def test_whose_runs_are_deleted_meanwhile_are_left(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody prunes the journal between two looks into it: there is no traceback, and nothing to do."""

    async def work(its: Shared) -> None:
        await its.begin(3)
        keys, pending = await its.keys(), its.journal.pending
        its.fault("status:code=403,count=3")
        await its.process().carry_out(keys[0], keys[-1])
        await its.hand_over(Terms(only="failed"))

        async def pruned(*asked: Any, **more: Any) -> list[Member]:
            found = await pending(*asked, **more)
            await its.journal.prune(clock.now() + 1.0)
            return [*found]

        monkeypatch.setattr(its.journal, "pending", pruned)
        await its.process().carry_out(keys[0], keys[-1])
        assert len(await its.journal.runs()) == 0

    scene(clock, tmp_path, work)


@pytest.mark.parametrize("between", ["new", "in doubt"])
def test_any_number_of_others_may_stand_between_those_who_alone_are_meant(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    """A unit is cut by who failed; those between are more than one page of the journal."""

    async def work(its: Shared) -> None:
        await its.begin(9)
        keys = await its.keys()
        its.fault("status:code=403,count=2")
        await together(*(its.process().carry_out(key, key) for key in (keys[0], keys[-1])))
        if between == "in doubt":
            for key in keys[1:-1]:
                await died(its, key, lease=1.0)
        its.state.faults.clear()
        await clock.sleep(5)
        await its.hand_over(Terms(only="failed"))
        monkeypatch.setattr("flowrunner.campaign.shared.PAGE", 2)
        await its.process().carry_out(keys[0], keys[-1])
        assert its.sent() == {"c0": BOTH, "c8": BOTH}

    scene(clock, tmp_path, work)


def test_a_sender_that_is_refused_stops_the_campaign_everywhere(tmp_path: Path, clock: VirtualClock) -> None:
    """With what the API said, and what to do."""

    async def work(its: Shared) -> None:
        await its.begin(100)
        its.fault("status:code=401,count=1000")
        keys = await its.keys()
        one, other = its.process(window=3), its.process(window=3)
        await together(one.carry_out(keys[0], keys[49]), other.carry_out(keys[50], keys[99]))
        handed = await its.journal.work.of(its.campaign.id)
        assert handed is not None
        assert "401" in handed.stopped
        assert (await its.states())["failed"] <= 6
        assert one.is_over
        assert other.is_over

    scene(clock, tmp_path, work)


@pytest.mark.parametrize(("code", "is_stopped"), [(131042, True), (131026, False)])
def test_what_fails_every_message_on_its_way_stops_the_campaign(
    code: int, is_stopped: bool, tmp_path: Path, clock: VirtualClock
) -> None:
    """That Meta cannot bill the account is told of what was taken; the next person's would fail, too."""

    async def work(its: Shared) -> None:
        await its.begin(15)
        its.fault(f"read-failed:code={code},text=No")
        keys = await its.keys()
        await its.process(window=2).carry_out(keys[0], keys[-1])
        handed = await its.journal.work.of(its.campaign.id)
        assert handed is not None
        assert ("payment method" in handed.stopped) is is_stopped
        assert (len(its.sent()) < 5) is is_stopped

    scene(clock, tmp_path, work, "name: one\nsteps: [{message: one, until: delivered}]\n")


@pytest.mark.parametrize("how", ["cancelled", "stopped", "handed over anew"])
def test_what_happens_to_a_campaign_meanwhile_is_learnt(tmp_path: Path, clock: VirtualClock, how: str) -> None:
    """Within seconds, also where nobody of this process has ended."""

    async def work(its: Shared) -> None:
        await its.begin(500)
        its.fault("latency:count=10000,seconds=2")
        keys = await its.keys()
        part = its.process(window=1)
        carrying = asyncio.ensure_future(part.carry_out(keys[0], keys[499]))
        await clock.sleep(20)
        if how == "cancelled":
            await its.journal.cancel(its.campaign.id)
        elif how == "stopped":
            await its.journal.work.stop(its.campaign.id, "that will do")
        else:
            await its.hand_over()
        began = clock.now()
        await carrying
        assert clock.now() - began < 10
        assert part.is_over or how == "cancelled"
        assert len(its.sent()) < 20

    scene(clock, tmp_path, work)


def test_a_process_that_is_to_end_leaves_the_rest_to_others(tmp_path: Path, clock: VirtualClock) -> None:
    """What is in flight is answered; the campaign goes on, and nobody gets anything twice."""

    async def work(its: Shared) -> None:
        await its.begin(50)
        its.fault("latency:count=40,seconds=1")
        keys = await its.keys()
        stop = asyncio.Event()
        part = its.process(stop, window=4)
        carrying = asyncio.ensure_future(part.carry_out(keys[0], keys[-1]))
        await clock.sleep(5.5)
        stop.set()
        began = clock.now()
        await carrying
        assert clock.now() - began < 5
        assert not part.is_over
        assert 0 < len(its.sent()) < 50
        await its.process().carry_out(keys[0], keys[-1])
        assert its.sent() == {f"c{number}": BOTH for number in range(50)}

    scene(clock, tmp_path, work)


def test_a_journal_that_is_away_ends_the_stretch_and_the_next_try_goes_on(tmp_path: Path, clock: VirtualClock) -> None:
    """What was under way has ended by then; what was begun is looked up, and nothing is sent twice."""

    async def work(its: Shared) -> None:
        await its.begin(40)
        keys = await its.keys()
        its.fault("latency:count=200,seconds=0.3")
        part = its.process(window=8)
        append, away = its.journal.append, False

        async def failing(*events: Event, claim: Claim | None = None, heard: int | None = None) -> None:
            if away:
                raise JournalAwayError("the journal is away")
            await append(*events, claim=claim, heard=heard)

        its.journal.append = failing  # type: ignore[method-assign]
        carrying = asyncio.ensure_future(part.carry_out(keys[0], keys[-1]))
        await clock.sleep(1.0)
        away = True
        with pytest.raises(JournalAwayError):
            await carrying
        away = False
        await part.carry_out(keys[0], keys[-1])
        assert its.sent() == {f"c{number}": BOTH for number in range(40)}

    scene(clock, tmp_path, work)


def test_people_are_finished_with_one_after_another(tmp_path: Path, clock: VirtualClock) -> None:
    """A slow rate is used for those who have begun; not everybody of a stretch is begun at once."""

    async def work(its: Shared) -> None:
        await its.begin(30, messages=60)
        keys = await its.keys()
        stop = asyncio.Event()
        part = its.process(stop, rate=Rate(10, 60.0))
        carrying = asyncio.ensure_future(part.carry_out(keys[0], keys[-1]))
        await clock.sleep(130)
        stop.set()
        await carrying
        assert 15 <= sum(map(len, its.sent().values())) <= 32
        assert sum(len(texts) < 2 for texts in its.sent().values()) <= 6

    scene(clock, tmp_path, work)


def test_a_run_that_fails_of_a_bug_is_left_and_holds_up_nobody(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not tried again and again; whoever runs it is told."""

    async def work(its: Shared) -> None:
        await its.begin(20)
        keys = await its.keys()
        failing(monkeypatch, lambda run: run.endswith("5"))
        await its.process().carry_out(keys[0], keys[-1])
        assert await its.states() == {"finished": 19, "waiting": 1}
        assert [type(error) for _, error in its.odd] == [KeyError]

    scene(clock, tmp_path, work)


def test_a_bug_that_meets_everybody_stops_the_campaign(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some of a stretch; with a reason that says where to look."""

    async def work(its: Shared) -> None:
        await its.begin(40)
        keys = await its.keys()
        failing(monkeypatch, lambda _: True)
        part = its.process()
        await part.carry_out(keys[0], keys[19])
        assert part.is_over
        handed = await its.journal.work.of(its.campaign.id)
        assert handed is not None
        assert "nobody foresaw" in handed.stopped

    scene(clock, tmp_path, work)


def failing(monkeypatch: pytest.MonkeyPatch, is_so: Callable[[str], bool]) -> None:
    send = RunSender.send

    async def sending(self: RunSender, member: Member) -> Event | None:
        if is_so(member.run.id):
            raise KeyError("a bug")
        return await send(self, member)

    monkeypatch.setattr(RunSender, "send", sending)


def test_who_comes_in_the_moment_in_which_the_one_before_goes_is_stopped_like_anybody(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its drain would wait for the whole of a stretch, else, and its end would be an error."""

    async def work(its: Shared) -> None:
        await its.begin(30)
        keys = await its.keys()
        stop, goes = asyncio.Event(), asyncio.Event()
        part = its.process(stop, rate=Rate(10, 60.0))
        asked = its.journal.cancelled_at

        async def cancelled_at(campaign_id: str) -> float | None:
            try:
                return await asked(campaign_id)
            except asyncio.CancelledError:
                goes.set()
                await asyncio.sleep(0)  # it takes a moment until it is gone
                await asyncio.sleep(0)
                raise

        monkeypatch.setattr(its.journal, "cancelled_at", cancelled_at)

        async def comes() -> None:
            await goes.wait()
            await part.carry_out(keys[0], keys[-1])

        coming = asyncio.create_task(comes())
        await part.carry_out(keys[-1] + 1, keys[-1] + 1)  # nobody is there
        assert goes.is_set()
        await clock.sleep(5.0)
        stop.set()
        await coming
        assert (await its.states())["waiting"] >= 15

    scene(clock, tmp_path, work)
