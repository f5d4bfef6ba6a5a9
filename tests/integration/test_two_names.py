"""One person by two names, in whatever order things happen: no flow twice, and no two flows mixed."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Event, EventKind, Recipient
from support.slices import some
from support.two_names import BOTH, PHONE, TARGET, USER, World
from support.virtual import VirtualClock


class Sending(NamedTuple):
    """A process that sends a flow.

    Attributes:
        whom: By which name.
        flow: The flow's name; its texts are that and a number.
        at: Seconds after the first could begin.
    """

    whom: Recipient
    flow: str
    at: float


SENDINGS = st.lists(
    st.builds(
        Sending,
        st.sampled_from([PHONE, USER, BOTH]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([0.0, 0.0, 0.01, 0.5, 1.0, 3.0]),
    ),
    min_size=2,
    max_size=5,
)
LATENCIES = st.lists(st.sampled_from([0.0, 0.01, 0.4, 1.0, 1.5]), max_size=4)
quick = settings(max_examples=some(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(sendings=SENDINGS, latencies=LATENCIES)
def test_of_whom_both_names_are_known_each_flow_is_had_once_and_whole(
    sendings: list[Sending], latencies: list[float]
) -> None:
    """Whoever comes first; the others wait for it, or leave the person out."""
    got, ends = carried_out(sendings, latencies, learnt=0.0)
    names = [text[0] for text in got[::3]]
    assert got == [f"{name}{number}" for name in names for number in (1, 2, 3)]
    assert sorted(names) == sorted({each.flow for each in sendings})
    assert [end for end in ends if end is not None].count(EventKind.FINISHED) == len(names)


@quick
@given(sendings=SENDINGS, latencies=LATENCIES, learnt=st.sampled_from([None, None, 0.3, 1.2]))
def test_of_whom_nobody_knew_both_names_only_what_was_under_way_meets(
    sendings: list[Sending], latencies: list[float], learnt: float | None
) -> None:
    """The first message of each may be on its way before an answer tells; from then on they are one person."""
    got, _ = carried_out(sendings, latencies, learnt=learnt)
    flows = {each.flow for each in sendings}
    rest = [text for text in got if not text.endswith("1")]
    names = [text[0] for text in rest[::2]]
    assert rest == [f"{name}{number}" for name in names for number in (2, 3)]
    assert sorted(names) == sorted(flows)
    for flow in flows:
        assert 1 <= got.count(f"{flow}1") <= 2
        assert got.index(f"{flow}1") < got.index(f"{flow}2")


def carried_out(
    sendings: Sequence[Sending], latencies: Sequence[float], learnt: float | None
) -> tuple[list[str], list[EventKind | None]]:
    """What the person got, and how each ended; None for one that did not begin.

    Args:
        sendings: What is sent, each by a process of its own.
        latencies: How long the API takes for the first messages.
        learnt: When the journal is told that both names are one person's; None where only answers tell it.
    """

    async def one(world: World, each: Sending) -> list[Event]:
        await world.clock.sleep(each.at)
        async with open_journal(world.path, clock=world.clock) as journal:
            return await world.send(journal, each.whom, each.flow, [f"{each.flow}{number}" for number in (1, 2, 3)])

    async def learn(world: World, journal: Journal) -> None:
        if learnt is not None:
            await world.clock.sleep(learnt)
            await journal.learn(TARGET, BOTH)

    async def all_of_it(world: World) -> list[list[Event]]:
        # It is open all the while: who opens it first, and who closes it last, has it alone, by the real time.
        async with open_journal(world.path, clock=world.clock) as journal:
            told = asyncio.ensure_future(learn(world, journal))
            if learnt == 0.0:
                await told
            done = await asyncio.gather(*(one(world, each) for each in sendings))
            await told
            return done

    with tempfile.TemporaryDirectory() as folder, VirtualClock() as clock:
        world = World(Path(folder), clock)
        for number, seconds in enumerate(latencies):
            world.state.faults.add(parse_fault(f"latency:seconds={seconds},count=1,after={number}"))
        done = clock.run(all_of_it(world))
        return world.got(), [events[-1].kind if events else None for events in done]
