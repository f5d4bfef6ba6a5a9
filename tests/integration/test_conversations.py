"""Random flows that listen, random people, a listener killed at random, webhooks lost, repeated and out of order.

Nothing is doubled, lost or overtaken, nobody who said stop is written to, and every run ends as the pure function says.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, count
from pathlib import Path
from random import Random

import pytest

from flowrunner.app.runs.send import prepared_again
from flowrunner.dialects import DIALECTS
from flowrunner.engine.decide import decide
from flowrunner.engine.decisions import Decision, End, Send, Skip, TakeAnswer, WaitForMoment, WaitForReply
from flowrunner.engine.history.phases import ENDED, is_from_outside
from flowrunner.engine.history.state import after, state_of
from flowrunner.flow import load_text
from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Run
from support.emulated import on_phone
from support.generated_talks import Author
from support.lives import Town
from support.slices import crossed
from support.virtual import VirtualClock

DAY = 86_400.0
_HOW = {
    EventKind.FINISHED: "finished",
    EventKind.OPTED_OUT: "opted_out",
    EventKind.HANDED_OVER: "handed_over",
}


@pytest.mark.sliced
@pytest.mark.parametrize(("seed", "dialect"), crossed(2, [10, 1, 14, 3], DIALECTS))
def test_a_town_that_is_talked_to(tmp_path: Path, clock: VirtualClock, dialect: str, seed: int) -> None:
    """Some people; the long form has hundreds of towns."""
    lived(tmp_path / "journal.db", clock, dialect, seed)


@pytest.mark.parametrize(("dialect", "seed"), [*zip(DIALECTS, count(2, 12))])
def test_the_same_town_with_a_journal_in_postgresql(
    virtual_postgres_at: Callable[[str], str], clock: VirtualClock, dialect: str, seed: int
) -> None:
    lived(virtual_postgres_at("town"), clock, dialect, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 210))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_many_towns_with_a_journal_in_postgresql(
    virtual_postgres_at: Callable[[str], str], clock: VirtualClock, dialect: str, seed: int
) -> None:
    for part in range(5):
        lived(virtual_postgres_at(f"{part}"), clock, dialect, seed * 1000 + part)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 110))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_many_towns_that_are_talked_to(tmp_path: Path, clock: VirtualClock, dialect: str, seed: int) -> None:
    for part in range(20):
        lived(tmp_path / f"{part}.db", clock, dialect, seed * 1000 + part)


def lived(place: Path | str, clock: VirtualClock, dialect: str, seed: int) -> None:
    """Let a town live until every run has ended, and look at what came of it."""
    dice = Random(seed)  # noqa: S311  # repeats itself, and keeps no secret

    async def all_of_it() -> None:
        async with open_journal(place, clock=clock) as journal:
            town = Town(journal, clock, dialect, dice, is_told=dice.random() < 0.7)
            try:
                await _live(town)
                for talk, runs in town.runs.items():
                    await _look(town, talk, runs)
            finally:
                await town.close()

    clock.run(all_of_it())


async def _live(town: Town) -> None:
    dice = town.dice
    runs = [await town.begin(number, _flow(dice)) for number in range(3)]
    works = [asyncio.ensure_future(town.kills(dice.randint(1, 6)))]
    works += [asyncio.ensure_future(town.go_on(run)) for run in runs]
    works += [asyncio.ensure_future(town.talks(talk)) for talk in [*town.runs]]
    await town.clock.sleep(dice.choice([1.0, 600.0]))
    runs.append(second := await town.begin(0, _flow(dice)))  # the same person, by another flow
    works.append(asyncio.ensure_future(town.go_on(second)))
    await asyncio.gather(*works)
    for _ in range(60):
        left = [run for run in runs if not _has_ended(await town.journal.events(run.id))]
        if not left:
            await town.clock.sleep(1.0)  # the last message is on its way
            return
        await town.clock.sleep(DAY / 12)
        for run in left:  # who was killed before it waited for the first time, or in doubt, is gone on with by name
            await town.go_on(run)
    raise AssertionError([(await town.journal.events(run.id))[-3:] for run in left])


def _has_ended(events: Sequence[Event]) -> bool:
    """Who waited too long for another run may be written to no more: the 24 hours are over."""
    state = state_of(events)
    return state.run.phase in ENDED or (state.last is not None and "24-hour" in str(state.last.detail.get("reason")))


def _flow(dice: Random) -> str:
    while load_text(text := Author(dice).flow(), "flow.yaml").flow is None:
        pass  # as where a message would leave after the 24 hours
    return text


async def _look(town: Town, talk: str, runs: Sequence[Run]) -> None:
    name = "wamid" if town.dialect == "meta" else "id"
    sent = [getattr(each, name) for each in town.state.messages(talk, "oldest") if each.direction == "outbound"]
    accepted = set()
    for run in runs:
        events = await town.journal.events(run.id)
        taken = [each for each in events if each.kind is EventKind.ACCEPTED]
        assert len({each.step for each in taken}) == len(taken), "a step was sent twice"
        its = [each.message_id for each in taken]
        assert [each for each in sent if each in its] == its, "they left in another order"
        accepted |= {*its}
        _ends_as_decided(run, events)
        _says_nothing_after_stop(events)
    assert accepted == {*sent}, "the API has others"
    shown = [getattr(each, name) for each in on_phone(town.state, talk) if each.direction == "outbound"]
    assert shown == sent, "one overtook another"


def _says_nothing_after_stop(events: Sequence[Event]) -> None:
    stopped = next((n for n, each in enumerate(events) if _is_stop(each)), len(events))
    for each in events[stopped:]:
        said = each.kind is EventKind.BEGUN and not each.step.startswith("@")
        assert not said or each.at - events[stopped].at < 1.0, f"{each.step} was sent to who had said stop"


def _is_stop(event: Event) -> bool:
    return event.kind is EventKind.HEARD and "stop" in str(event.detail.get("text"))


def _ends_as_decided(run: Run, events: Sequence[Event]) -> None:
    """Each event of the run's own is what was decided by those before it."""
    prepared, scope = prepared_again(run)
    states = [*accumulate(events, after, initial=state_of(()))]
    for number, event in enumerate(events):
        decided = (
            decide(prepared, scope, states[known], event.at - before)
            for known in _known(events, number)
            for before in (0.0, 0.5)
        )
        assert any(_is_of(each, event) for each in decided), (event, number)
    assert states[-1] == state_of(events)


def _known(events: Sequence[Event], number: int) -> Iterator[int]:
    """How many of the events whoever wrote that one may have known: others write at the same time."""
    yield number
    while number and is_from_outside(events[number - 1]):
        number -= 1
        yield number


def _is_of(decision: Decision, event: Event) -> bool:
    match event.kind, decision:
        case EventKind.BEGUN, Send(message):
            return message.step.address == event.step
        case EventKind.ANSWERED, TakeAnswer(step, answered):
            is_here = (step.address if step is not None else "") == event.step
            return is_here and answered.branch == event.detail["branch"]
        case EventKind.ASKED, WaitForReply(step):
            return step.address == event.step
        case (EventKind.PAUSED, WaitForMoment(step)) | (EventKind.SKIPPED, Skip(step)) if event.step:
            return step.address == event.step
        case (EventKind.FINISHED | EventKind.OPTED_OUT | EventKind.HANDED_OVER) as kind, End(how):
            return _HOW[kind] == how
        case kind, _:
            decides = (EventKind.BEGUN, EventKind.ANSWERED, EventKind.ASKED, *_HOW)
            return kind not in decides and (kind not in (EventKind.PAUSED, EventKind.SKIPPED) or not event.step)
