"""A six-step flow through every fault at every step: each message once and in order, or an honest stop."""

import asyncio
import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from flowrunner.client import open_client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Doubts
from flowrunner.dialects import DIALECTS
from flowrunner.engine.history.state import OPEN, Stage, state_of
from flowrunner.model import Recipient
from support.journals import blocking
from support.lab import SIX, Lab, outcome, rendered
from support.slices import crossed, part
from support.virtual import VirtualClock

EXPECTED = ["one", "two", "three", "four", "five", "six"]

# The fault, and how the run ends. {k} is the number of messages that go well before it.
FAULTS = [
    ("latency:seconds=0.1,count=1,after={k}", "finished"),
    ("status:code=429,retry_after=0.05,count=2,after={k}", "finished"),
    ("status:code=400,graph=131056,count=1,after={k}", "finished"),
    ("status:code=400,graph=130429,count=1,after={k}", "finished"),
    ("status:code=500,count=1,after={k}", "finished"),
    ("status:code=500,accepted=yes,count=1,after={k}", "finished"),
    ("status:code=503,graph=133004,count=1,after={k}", "finished"),
    ("status:code=504,accepted=yes,count=1,after={k}", "finished"),
    ("status:code=401,count=1,after={k}", "failed"),
    ("status:code=402,reason=insufficient_credits,count=1,after={k}", "failed"),
    ("status:code=403,count=1,after={k}", "failed"),
    ("status:code=404,count=1,after={k}", "failed"),
    ("status:code=422,count=1,after={k}", "failed"),
    ("status:code=400,graph=131047,count=1,after={k}", "failed"),
    ("html:count=1,after={k}", "finished"),
    ("html:accepted=yes,count=1,after={k}", "finished"),
    ("cut-before:count=1,after={k}", "finished"),
    ("cut-after:count=1,after={k}", "finished"),
    ("timeout-after:seconds=1.5,count=1,after={k}", "finished"),
    ("slow-body:seconds=1.5,count=1,after={k}", "finished"),
    ("malformed:count=1,after={k}", "finished"),
    ("store-late:seconds=0.6,count=1,after={k}", "finished"),
    ("in-flight-409:count=2,after={k}", "finished"),
    ("agent-409:count=1,after={k}", "failed"),
    ("window-422:count=1,after={k}", "failed"),
    ("rate-limit:limit=1,window=0.3", "finished"),
    ("rate-limit:limit=1,window=0.3,headers=date", "finished"),
    ("rate-limit:limit=1,window=0.3,headers=no", "finished"),
    ("media-late:seconds=0.3", "finished"),
    ("status-duplicate:count=9", "finished"),
    ("status-reorder:count=9", "finished"),
    ("status-skip:count=9", "finished"),
    ("list-order:order=shuffled,count=999", "finished"),
    ("list-order:order=oldest,count=999 cut-after:count=1,after={k}", "finished"),
    ("list-partial:count=999 cut-after:count=1,after={k}", "in_doubt"),
]


PASSIVE = ("media-late", "list-partial", "rate-limit", "list-order")
"""They need not strike: a limit that is told in headers is kept before it is reached, and on Meta's API no list is read
for statuses."""
LACKING = FAULTS[-1][0]


def end_of(dialect: str, faults: str, k: int, ends: str) -> str:
    """How a run ends: one message of an incomplete list settles it on Meta's API, by what it was posted with."""
    return "finished" if (dialect, faults) == ("meta", LACKING) and k else ends


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.soak)], ids=["slice", "soak"])
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("faults", "ends"), FAULTS, ids=[row[0] for row in FAULTS])
def test_whatever_goes_wrong_each_message_is_taken_once_and_in_order(
    tmp_path: Path, clock: VirtualClock, faults: str, ends: str, dialect: str, every: int
) -> None:
    """All six steps at once, each with an emulator of its own; where the run stops, resume makes it whole.

    The slice takes one step in each dialect, from fault to fault another.
    """

    async def at_every_step() -> list[None]:
        first = (FAULTS.index((faults, ends)) + 3 * list(DIALECTS).index(dialect)) % every
        steps = range(first, 6, every) if "{k}" in faults else range(1)
        for k in steps:
            (tmp_path / str(k)).mkdir()
        labs = (Lab(tmp_path / str(k), *faults.format(k=k).split(" "), clock=clock, dialect=dialect) for k in steps)
        ended = [end_of(dialect, faults, k, ends) for k in steps]
        return await asyncio.gather(*map(through, labs, ended))

    clock.run(asyncio.wait_for(at_every_step(), 600))


@pytest.mark.sliced
@pytest.mark.parametrize(("row", "where"), part(crossed(12, FAULTS, [*product(DIALECTS, range(6))]), 3), ids=str)
def test_the_same_with_a_journal_in_postgresql(
    tmp_path: Path,
    virtual_postgres_at: Callable[[str], str],
    clock: VirtualClock,
    row: tuple[str, str],
    where: tuple[str, int],
) -> None:
    """The slice takes every third fault, each at one step in one of the dialects."""
    (faults, ends), (dialect, k) = row, where
    place = virtual_postgres_at("journal")
    lab = Lab(tmp_path, *faults.format(k=k).split(" "), clock=clock, dialect=dialect, journal=place)
    clock.run(asyncio.wait_for(through(lab, end_of(dialect, faults, k, ends)), 600))


async def through(lab: Lab, ends: str) -> None:
    rendering = rendered(SIX)
    events = await lab.run(rendering)
    assert outcome(events) == ends, [(event.kind, event.step, dict(event.detail)) for event in events]
    taken = lab.accepted()
    assert taken == EXPECTED[: len(taken)]
    struck = [each["struck"] for each in lab.state.faults.data() if each["kind"] not in PASSIVE]
    assert all(struck), "a fault that never struck proves nothing"
    honest(lab, taken)
    if ends != "finished":
        lab.state.faults.clear()
        events = await lab.resume(rendering)
        assert outcome(events) == "finished"
    assert lab.accepted() == EXPECTED


def honest(lab: Lab, taken: list[str]) -> None:
    """What the journal calls accepted was taken; what was taken is accepted there, or in doubt."""
    with blocking(lab.path) as journal:
        known = state_of(journal.events(journal.runs(limit=1)[0].run.id)).steps
    accepted = {EXPECTED[int(step) - 1] for step, each in known.items() if each.stage is Stage.ACCEPTED}
    doubtful = {EXPECTED[int(step) - 1] for step, each in known.items() if each.stage in OPEN}
    assert accepted <= set(taken)
    assert set(taken) <= accepted | doubtful


def test_a_request_that_is_still_under_way_is_waited_for_not_sent_again(tmp_path: Path, clock: VirtualClock) -> None:
    """The list does not show it yet, but the API is busy with the conversation: that may be this very message."""
    lab = Lab(tmp_path, "latency:seconds=2.5,count=1,after=1", clock=clock)
    assert outcome(clock.run(lab.run(rendered(SIX)))) == "finished"
    assert lab.accepted() == EXPECTED


def test_a_message_left_out_in_doubt_stays_left_out(tmp_path: Path, clock: VirtualClock) -> None:
    """Also when the run stops later and is resumed: skipped is settled."""
    lab = Lab(tmp_path, "cut-after:count=1,after=1", "status:code=402,count=1,after=2", clock=clock)
    rendering = rendered(SIX)
    assert outcome(clock.run(lab.run(rendering, doubts=Doubts("skip")))) == "failed"
    assert outcome(clock.run(lab.resume(rendering))) == "finished"
    assert lab.accepted() == EXPECTED


def test_an_identical_message_of_somebody_else_is_not_taken_for_ours(tmp_path: Path) -> None:
    """It was there a moment before our own last message, so a person decides: ours is still to be sent."""
    lab = Lab(tmp_path, "cut-before:count=1,after=3")

    async def both() -> str:
        stranger = open_client("http://127.0.0.1", "lab-key-0000", app=lab.app, clock=SYSTEM)
        await stranger.send(Recipient("c1"), json.dumps({"message_type": "text", "content": "three"}))
        await stranger.aclose()
        return outcome(await lab.run(rendered(SIX)))

    assert asyncio.run(both()) == "in_doubt"
    assert lab.accepted() == ["three", "one", "two"]
    assert outcome(asyncio.run(lab.resume(rendered(SIX), doubts=Doubts("resend")))) == "finished"
    assert lab.accepted() == ["three", *EXPECTED]
