"""A doubtful message where ten like it stand in the conversation: only what it was posted with tells it from them."""

import asyncio
from pathlib import Path

import pytest

from flowrunner.client import open_client
from flowrunner.dialects import dialect_of
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.engine.history.state import state_of
from support.journals import blocking
from support.lab import SIX, Lab, outcome, rendered
from support.numbers import number_of
from support.virtual import VirtualClock

EXPECTED = ["one", "two", "three", "four", "five", "six"]
HELLO = "name: hello\nsteps:\n  - message: hello\n    until: delivered\n"
DOUBTS = [
    ("cut-before", False),
    ("html", False),
    ("status:code=500", False),
    ("status:code=504", False),
    ("cut-after", True),
    ("html:accepted=yes", True),
    ("malformed", True),
    ("status:code=500,accepted=yes", True),
    ("status:code=504,accepted=yes", True),
    ("timeout-after:seconds=1.5", True),
    ("slow-body:seconds=1.5", True),
]
"""What leaves a message in doubt, and whether it was taken."""
APIS = [("meta", True), ("meta", False), ("kapso-v1", False)]
"""Each dialect, and whether statuses show what a message was posted with."""


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.soak)], ids=["slice", "soak"])
@pytest.mark.parametrize(("dialect", "echoes"), APIS)
@pytest.mark.parametrize(("fault", "taken"), DOUBTS)
def test_a_doubt_among_ten_messages_like_it(
    tmp_path: Path, clock: VirtualClock, dialect: str, echoes: bool, fault: str, taken: bool, every: int
) -> None:
    """At every step: with an echo it is settled exactly; without one nobody can tell, and it is said to be in doubt.

    The slice takes one step, from case to case another.
    """

    async def at_every_step() -> None:
        labs = {}
        for step in range((DOUBTS.index((fault, taken)) + 2 * APIS.index((dialect, echoes))) % every, 6, every):
            (tmp_path / str(step)).mkdir()
            labs[step] = Lab(tmp_path / str(step), *([] if echoes else ["no-echo"]), clock=clock, dialect=dialect)
        await asyncio.gather(*(one(lab, fault, step) for step, lab in labs.items()))

    async def one(lab: Lab, fault: str, step: int) -> None:
        assert (
            outcome(await lab.run(rendered(HELLO))) == "finished"
        )  # from this on an echo was seen, where there are any
        rendering = rendered(SIX)
        wire = dialect_of(dialect).encode(rendering.messages[step].body)
        await others(lab, wire)
        kind, _, more = fault.partition(":")
        lab.state.faults.add(parse_fault(f"{kind}:count=1,after={step}{',' if more else ''}{more}"))
        theirs = lab.accepted()
        events = await lab.run(rendering)
        ours = lab.accepted()[len(theirs) :]
        if echoes:
            assert outcome(events) == "finished", events[-1].detail
            assert ours == EXPECTED
        else:
            assert outcome(events) == "in_doubt"
            assert ours == EXPECTED[: step + taken]
        with blocking(lab.path) as journal:
            known = state_of(journal.events(journal.runs(limit=1)[0].run.id)).steps.values()
        ids = [each.wamid if dialect == "meta" else each.id for each in lab.state.history()[len(theirs) :]]
        assert [each.message_id for each in known if each.message_id] == (ids if echoes else ids[:step])

    clock.run(asyncio.wait_for(at_every_step(), 600))


async def others(lab: Lab, wire: str) -> None:
    """Somebody else's program has just sent the same, ten times."""
    number = number_of(lab.dialect)
    stranger = open_client(
        "http://127.0.0.1", "other-key-0000", app=lab.app, clock=lab.clock, dialect=lab.dialect, number=number
    )
    whom = rendered(SIX).recipient
    for _ in range(10):
        await stranger.send(whom, wire)
    await stranger.aclose()
