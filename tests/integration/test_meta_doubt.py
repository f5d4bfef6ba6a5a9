"""A message in doubt on Meta's API: settled by what it was posted with, else as anywhere."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowrunner.journal import open_journal
from flowrunner.model import Event, EventKind, Told
from support.meta_judge import MetaJudge
from support.meta_runs import TARGET, carried_out, refreshed
from support.slices import crossed
from support.virtual import VirtualClock

TWO = "name: two\nsteps:\n  - message: Hola\n  - message: Hola\n"
HEARD = "name: heard\nsteps:\n  - message: Uno\n    until: delivered\n  - message: Hola\n"


def echo_elsewhere(judge: MetaJudge) -> None:
    judge.foreign(10, "Hola", biz_opaque_callback_data="fr:elsewhere:2:1")


Prepare = Callable[[MetaJudge], None]
Doubt = tuple[str, dict[str, Any], str, Prepare, list[str], EventKind]
DOUBTS: list[Doubt] = [
    # what the API is like, the flow, what else is in the conversation, what is there in the end, how the run ends
    ("taken, and told at once", {"lag": 0.0, "cuts": {2: "after"}}, TWO, lambda _: None, ["Hola", "Hola"],
     EventKind.FINISHED),
    ("not taken", {"lag": 0.0, "cuts": {2: "before"}}, TWO, lambda _: None, ["Hola", "Hola"], EventKind.FINISHED),
    ("taken among ten like it", {"cuts": {2: "after"}}, HEARD, lambda its: its.foreign(10, "Hola"), ["Uno", "Hola"],
     EventKind.FINISHED),
    ("not taken among ten like it", {"cuts": {2: "before"}}, HEARD, lambda its: its.foreign(10, "Hola"),
     ["Uno", "Hola"], EventKind.FINISHED),
    ("taken among ten of another run", {"cuts": {2: "after"}}, TWO, echo_elsewhere, ["Hola", "Hola"],
     EventKind.FINISHED),
    ("not taken among ten of another run", {"cuts": {2: "before"}}, TWO, echo_elsewhere, ["Hola", "Hola"],
     EventKind.FINISHED),
    ("told only after some seconds", {"lag": 5.0, "cuts": {2: "after"}}, TWO, lambda its: its.foreign(3, "Hola"),
     ["Hola", "Hola"], EventKind.FINISHED),
    ("never told: by content, as anywhere", {"lag": None, "cuts": {2: "after"}}, TWO, lambda _: None, ["Hola", "Hola"],
     EventKind.FINISHED),
    ("told without what it was posted with", {"echoes": False, "cuts": {2: "after"}}, TWO, lambda _: None,
     ["Hola", "Hola"], EventKind.FINISHED),
    ("nothing tells ten like it apart", {"echoes": False, "cuts": {2: "after"}}, TWO,
     lambda its: its.foreign(10, "Hola"), ["Hola", "Hola"], EventKind.IN_DOUBT),
    ("nor whether it was taken at all", {"echoes": False, "cuts": {2: "before"}}, TWO,
     lambda its: its.foreign(10, "Hola"), ["Hola"], EventKind.IN_DOUBT),
    ("a timeout of Kapso's is a doubt", {"answers": {2: (504, {"error": "Kapso proxy timeout"})}}, TWO, lambda _: None,
     ["Hola", "Hola"], EventKind.FINISHED),
    ("an API without a list", {"lists": False, "cuts": {2: "after"}}, TWO, lambda _: None, ["Hola", "Hola"],
     EventKind.IN_DOUBT),
]  # fmt: skip
STRANGE = [
    {}, {"ahead": 5000.0}, {"ahead": -5000.0}, {"page": 1}, {"last_cursor": "same"}, {"last_cursor": "none", "page": 3},
    {"phones": False},
]  # fmt: skip


@pytest.mark.sliced
@pytest.mark.parametrize(
    ("doubt", "strange"),
    crossed(3, DOUBTS, STRANGE),
    ids=lambda each: each[0] if isinstance(each, tuple) else str(each),
)
def test_a_doubt_is_settled_as_well_as_the_api_can_tell(
    doubt: Doubt, strange: dict[str, Any], tmp_path: Path, clock: VirtualClock
) -> None:
    """Nothing twice, nothing lost, and no guess; whatever its clock, its pages and its people's names are like."""
    _, api, flow, before, there, end = doubt
    judge = MetaJudge(clock, **{**api, **strange})
    before(judge)
    events = clock.run(carried_out(judge, tmp_path, flow))
    assert (judge.copies(), events[-1].kind) == (there, end)
    accepted = [event.message_id for event in events if event.kind is EventKind.ACCEPTED]
    ours = [each["id"] for each in judge.taken if each["ours"]]
    assert accepted == ours[: len(accepted)]
    assert len(accepted) == (2 if end is EventKind.FINISHED else 1)


async def told(judge: MetaJudge, folder: Path, kind: EventKind) -> None:
    """A listener writes down what a webhook says of the second message."""
    async with open_journal(folder / "journal.db", clock=judge.clock) as journal:
        [record] = await journal.runs()
        its = Told((judge.taken[-1]["id"],), kind, judge.clock.now(), "", f"fr:{record.run.id}:2:1")
        assert await journal.tell(TARGET, [its]) == [record.run.id]


@pytest.mark.parametrize("kind", [EventKind.SENT, EventKind.READ, EventKind.FAILED])
@pytest.mark.parametrize("late", [False, True], ids=["while its end is waited for", "when nobody is at it any more"])
@pytest.mark.parametrize("more", [{"lists": False}, {"echoes": False}], ids=["no list", "no sure list"])
def test_what_a_webhook_tells_of_a_message_settles_its_doubt(
    more: dict[str, Any], late: bool, kind: EventKind, tmp_path: Path, clock: VirtualClock
) -> None:
    """It was taken, whatever became of it then: nobody need look it up, and nothing is sent twice."""
    judge = MetaJudge(clock, cuts={2: "after"}, **more)
    judge.foreign(10, "Hola")

    async def both() -> list[Event]:
        run = asyncio.ensure_future(carried_out(judge, tmp_path, TWO))
        while len([each for each in judge.taken if each["ours"]]) < 2:
            await clock.sleep(0.1)
        if not late:
            await told(judge, tmp_path, kind)
            return await run
        assert (await run)[-1].kind is EventKind.IN_DOUBT
        await told(judge, tmp_path, kind)
        return await carried_out(judge, tmp_path, TWO, goes_on=True)

    events = clock.run(both())
    assert (judge.copies(), events[-1].kind) == (["Hola", "Hola"], EventKind.FINISHED)
    accepted = next(each for each in events if each.kind is EventKind.ACCEPTED and each.step == "2")
    assert accepted.message_id == judge.taken[-1]["id"]
    assert accepted.detail["reason"] == "a webhook told of it: the API had taken it"


def test_an_api_that_tells_no_status_is_not_to_be_asked_again_later(tmp_path: Path, clock: VirtualClock) -> None:
    """The hint says who would tell."""
    judge = MetaJudge(clock, lists=False)
    clock.run(carried_out(judge, tmp_path, TWO))
    learnt = clock.run(refreshed(judge, tmp_path))
    assert (learnt.unread, learnt.hint) == (1, "its webhooks tell it: flowrunner listen")
