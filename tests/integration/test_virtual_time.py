"""Whatever a run waits for, a test need not: time is a Clock's, and another Clock lets it pass at once."""

import asyncio
from pathlib import Path

import pytest

import flowrunner
from flowrunner.client import EMULATOR
from flowrunner.emulator.api.messages import Delays
from flowrunner.journal import JournalError, open_journal
from flowrunner.model import Event, EventKind
from support.lab import Lab, kinds, outcome, rendered
from support.program import flow
from support.virtual import VirtualClock

DAYS = """
name: days
steps:
  - message: "one"
  - pause: 3d
  - message: {message_type: template, template_name: two, template_language: es}
    until: read
    timeout: 2h
  - message: {message_type: template, template_name: three, template_language: es}
"""
DAY = 86_400.0


def test_a_pause_of_three_days_takes_no_time(tmp_path: Path, clock: VirtualClock) -> None:
    """Statuses that come an hour later, too; the journal says when each thing was, by the same clock."""

    async def work() -> None:
        lab = Lab(tmp_path, delays=Delays(sent=1, delivered=60, read=3600), clock=clock)
        events = await lab.run(rendered(DAYS))
        assert outcome(events) == "finished"
        assert lab.accepted() == ["one", "two", "three"]
        at = {(event.step, event.kind): event.at for event in events}
        assert 0 <= at["3", EventKind.ACCEPTED] - at["1", EventKind.ACCEPTED] - 3 * DAY < 1
        assert 3600 <= at["3", EventKind.READ] - at["3", EventKind.ACCEPTED] < 3610
        assert kinds(events, "3")[-2:] == [EventKind.READ, EventKind.WAITED]
        assert 3 * DAY in clock.slept
        assert clock.monotonic() > 3 * DAY

    clock.run(work())


@pytest.mark.parametrize("days", [190, 200, 365, 3650])
def test_what_sleeps_for_years_is_woken(days: int, clock: VirtualClock) -> None:
    """Seconds of half a year and more have no nanoseconds any more, by which asyncio tells what is due."""

    async def work() -> None:
        await clock.sleep(days * DAY)
        await asyncio.sleep(0.1)
        assert days * DAY <= clock.monotonic() < days * DAY + 1

    clock.run(asyncio.wait_for(work(), 2 * days * DAY))


def test_what_was_taken_is_written_before_a_pause(tmp_path: Path, clock: VirtualClock) -> None:
    """By a clock that was set back a pause is not over, when the message before it is sent again at last."""
    rendering = rendered("name: two\nsteps: [{message: one}, {pause: 10s}, {message: two}]")

    async def work() -> None:
        lab = Lab(tmp_path, clock=clock)
        done = await lab.run(rendering)
        async with open_journal(lab.path, clock=clock) as journal:
            learnt = Event(EventKind.FAILED, done[0].run, clock.now(), "1", detail={"learnt": True})
            later = Event(EventKind.PAUSED, done[0].run, clock.now(), "2", detail={"wake_at": clock.now() + 5})
            await journal.append(later, done[-1], learnt)
        lab.state._messages.clear()  # noqa: SLF001  # the phone never had it
        assert outcome(again := await lab.resume(rendering, undelivered=True)) == "finished"
        assert [each for each in kinds(again, "1") if each is not EventKind.RETRYING][:2] == ["begun", "accepted"]
        assert lab.accepted()[-1] == "one"
        assert 5 in clock.slept

    clock.run(work())


def test_the_same_by_the_functions_for_python(tmp_path: Path, clock: VirtualClock) -> None:
    """Sender, journal and embedded emulator live by the clock that is handed in."""
    file = flow(tmp_path / "f.yaml", ["{message: one}", "{pause: 10m}", "{message: two}"])
    rendering = flowrunner.render(flowrunner.load(file), recipient=flowrunner.Recipient(phone="+5215512345678"))

    async def work() -> None:
        result = await flowrunner.run_async(rendering, key="", journal=tmp_path / "j.db", api_url=EMULATOR, clock=clock)
        assert result.state == "finished"
        first, *_, last = (event.at for event in result.events)
        assert 600 <= last - first < 601

    clock.run(work())


def test_a_journal_that_cannot_be_read_any_more_stops_a_run(
    tmp_path: Path, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could learn that the run was cancelled: nothing further is sent, and whoever sends is told why."""
    file = flow(tmp_path / "f.yaml", ["{message: one}", "{pause: 10m}", "{message: two}"])
    rendering = flowrunner.render(flowrunner.load(file), recipient=flowrunner.Recipient(phone="+5215512345678"))
    looks = iter([list[Event](), [], []])

    async def news(*_: object) -> list[Event]:
        for look in looks:
            return look
        raise JournalError("the journal cannot be read", "look at the disk")

    monkeypatch.setattr("flowrunner.journal.tables.listening.TablesListening.news", news)
    path = tmp_path / "j.db"

    async def work() -> None:
        with pytest.raises(JournalError, match="cannot be read"):
            await flowrunner.run_async(rendering, key="", journal=path, api_url=EMULATOR, clock=clock)
        async with open_journal(path, clock=clock) as journal:
            [run] = await journal.runs()
            events = await journal.events(run.run.id)
        assert [event.step for event in events if event.kind is EventKind.ACCEPTED] == ["1"]
        assert clock.monotonic() < 60, "the pause was not waited for"

    clock.run(work())


def test_sleepers_wake_in_their_order(clock: VirtualClock) -> None:
    """Each sees the moment that it asked for, and asyncio's own time-outs are of the same time."""
    woken: list[tuple[float, str]] = []

    async def sleeper(seconds: float, name: str) -> None:
        await clock.sleep(seconds, asyncio.Event())
        woken.append((clock.monotonic(), name))

    async def work() -> None:
        names = {"c": 3 * DAY, "a": 0.5, "b": DAY}
        async with asyncio.timeout(4 * DAY):
            await asyncio.gather(*(sleeper(seconds, name) for name, seconds in names.items()))

    clock.run(work())
    assert [name for _, name in woken] == ["a", "b", "c"]
    assert [round(at, 3) for at, _ in woken] == [0.5, DAY, 3 * DAY]
