"""The journal: what is written, in which order, and what becomes of it."""

import asyncio
import itertools
import sys
import threading
from functools import partial

import pytest

from flowrunner.engine.history.phases import LEFT
from flowrunner.journal import JournalError, Sent
from flowrunner.model import Bundle, Recipient
from support.journalled import RUN, event, named
from support.journals import Blocking, Opening, blocked


@pytest.fixture
def journal(journal: Blocking) -> Blocking:
    """A journal with one run."""
    journal.begin(RUN)
    return journal


def test_a_reopened_journal_gives_back_every_value(opening: Opening) -> None:
    """Runs and events survive closing unchanged, in the order they were written, not that of their times."""
    events = [
        event("begun", at=3.1, detail={"digest": "é\ud83d", "n": 1.5, "none": None, "list": [{"a": True}]}),
        event("accepted", at=2.2, message_id="0f8fad5b-d9cb-469f-a165-70867728950e", detail={"wamid": "wamid.HB=="}),
        event("skipped", step="", at=1.3),
    ]

    async def write(journal: Blocking) -> None:
        await journal.begin(RUN)
        await journal.append(events[0])
        await journal.append(*events[1:])

    with blocked(opening()) as journal:
        asyncio.run(write(journal))
    for _ in range(2):
        with blocked(opening()) as journal:
            assert journal.record(RUN.id).run == RUN
            assert journal.events(RUN.id) == events
            assert [(record.run, record.updated_at) for record in journal.runs()] == [(RUN, 1.3)]


STATES = [
    ([], "unfinished"),
    (["begun"], "unfinished"),
    (["begun", "retrying"], "unfinished"),
    (["begun", "accepted"], "unfinished"),
    (["begun", "accepted", "sent", "delivered", "read"], "unfinished"),
    (["begun", "in_doubt"], "in_doubt"),
    (["begun", "in_doubt", "accepted"], "unfinished"),
    (["begun", "in_doubt", "skipped"], "unfinished"),
    (["begun", "failed"], "failed"),
    (["begun", "failed", "begun"], "unfinished"),
    (["begun", "accepted", "finished"], "finished"),
    (["begun", "accepted", "finished", "delivered"], "finished"),
    (["begun", "accepted", "finished", "failed"], "failed"),
    (["skipped", "paused", "finished"], "finished"),
]


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("kinds", "state"), STATES)
def test_the_state_follows_from_the_events(journal: Blocking, kinds: list[str], state: str, together: bool) -> None:
    """A run's state is what its events say, written one by one or in one commit."""

    async def write() -> None:
        for part in [kinds] if together else [[kind] for kind in kinds]:
            await journal.append(*[event(kind, "" if kind == "finished" else "1") for kind in part])

    asyncio.run(write())
    assert [record.state for record in journal.runs()] == [state]
    assert [record.run.id for record in journal.runs(*LEFT, "failed")] == ([] if state == "finished" else [RUN.id])


def test_lists_are_newest_first_limited_and_by_state(journal: Blocking) -> None:
    """`runs` takes a limit and a state; the newest comes first."""

    async def write() -> None:
        for run_id in ("k3w0", "zz"):
            await journal.begin(named(run_id))
        await journal.append(event("finished", "", run="k3w0"))

    asyncio.run(write())
    assert [record.run.id for record in journal.runs()] == ["zz", "k3w0", "k3v9"]
    assert [record.run.id for record in journal.runs(limit=2)] == ["zz", "k3w0"]
    assert [record.run.id for record in journal.runs("finished")] == ["k3w0"]


@pytest.mark.parametrize(
    ("beginning", "found"),
    [
        ("k3v9", ["k3v9"]),
        ("k3w", ["k3w1", "k3w0"]),
        ("k3", ["k3w1", "k3w0"]),
        ("z", ["zz", "zy"]),
        ("", ["ab", "a"]),
        ("k3w0x", []),
        ("a", ["ab", "a"]),
        ("%", []),
    ],
)
def test_ids_are_found_by_their_beginning(journal: Blocking, beginning: str, found: list[str]) -> None:
    """Newest first, at most as many as asked for; a run itself is found by its very id alone."""

    async def write() -> None:
        for run_id in ("k3w0", "k3w1", "zy", "zz", "a", "ab"):
            await journal.begin(named(run_id))

    asyncio.run(write())
    assert journal.ids(beginning, limit=2) == ([], found)
    assert [run for run in ("k3w", "", "%", "a") if journal.record(run) is not None] == ["a"]


@pytest.mark.parametrize(
    ("flow", "target", "recipient", "count"),
    [
        ("onboarding", RUN.target, Recipient("conv-1"), 1),
        ("onboarding", RUN.target, Recipient("conv-1", "+1"), 1),
        ("onboarding", RUN.target, Recipient("conv-2", "+5215512345678"), 1),
        ("onboarding", RUN.target, Recipient("conv-2", "+525512345678"), 1),
        ("onboarding", RUN.target, Recipient("", "+5215512345678"), 1),
        ("onboarding", RUN.target, Recipient("", ""), 0),
        ("onboarding", "emulator", Recipient("conv-1"), 0),
        ("other", RUN.target, Recipient("conv-1"), 0),
        ("onboarding", RUN.target, Recipient("conv-9", "+2"), 1),
        ("onboarding", RUN.target, Recipient(user_id="US.1"), 1),
        ("onboarding", RUN.target, Recipient("conv-9", user_id="US.1"), 1),
        ("onboarding", RUN.target, Recipient(user_id="US.2"), 0),
    ],
)
def test_earlier_runs_of_the_same_person(
    journal: Blocking, flow: str, target: str, recipient: Recipient, count: int
) -> None:
    """Any name that they have in common decides; a conversation ends, and the next one is the same person's."""
    journal.begin(named("phone-only", recipient=Recipient("", "+2")))
    journal.begin(named("user-only", recipient=Recipient(user_id="US.1")))
    assert len(journal.earlier(flow, target, recipient)) == count


def test_prune_forgets_old_finished_runs_only(journal: Blocking) -> None:
    """A run that is not finished, or finished later, stays; the others go with their events and flow."""
    ages = itertools.product(("finished", "failed", "in_doubt", "begun"), (100.0, 300.0))

    async def write() -> int:
        for kind, at in ages:
            run = named(f"{kind}{at:.0f}", bundle=Bundle.of("f.yaml", "", digest=f"{kind}{at}"))
            await journal.begin(run)
            await journal.append(event(kind, at=at, run=run.id))
        return await journal.prune(older_than=200)

    assert asyncio.run(write()) == 1
    assert len(journal.runs()) == 8
    assert journal.record("finished100") is None
    assert journal.events("finished100") == []


def test_a_run_begun_after_pruning_has_no_past(journal: Blocking) -> None:
    """The events of a pruned run are gone too, and never come up as another's."""

    async def write() -> None:
        await journal.append(*[event("begun", at=1), event("finished", "", at=1)])
        assert await journal.prune(older_than=200) == 1
        await journal.begin(named("next"))

    asyncio.run(write())
    assert journal.events("next") == []


def test_loops_one_after_another_and_at_once(journal: Blocking, request: pytest.FixtureRequest) -> None:
    """The journal belongs to no event loop; a read in each thread sees what was written in all."""
    # Threads take turns far more often than they do by themselves: in the midst of each other's writes.
    request.addfinalizer(partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-6)

    async def some(name: str) -> None:
        await asyncio.gather(*(journal.append(event("begun", f"{name}{n}")) for n in range(50)))

    seen: list[int] = []

    def worker(name: str) -> None:
        for _ in range(2):
            asyncio.run(some(name))
        seen.append(len(asyncio.run(journal.journal.events(RUN.id))))

    threads = [threading.Thread(target=worker, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(journal.events(RUN.id)) == max(seen) == 300


def test_what_was_sent_to_a_conversation_is_told_in_its_order_and_without_what_went_to_another(
    journal: Blocking,
) -> None:
    """Who is named by phone may be in another conversation by the time that a run continues."""
    here = RUN.recipient.conversation
    moved, other = named("moved"), named("other", recipient=RUN.recipient._replace(conversation="conv-2"))
    for run in (moved, other):
        journal.begin(run)
    told = [
        event("begun", "1", run="moved", detail={"conversation": "ended-since"}),
        event("accepted", "1", run="moved", message_id="there"),
        event("begun", "1", detail={"conversation": here}),
        event("accepted", "1", message_id="m-1"),
        event("delivered", "1", message_id="m-1"),
        event("begun", "1", run="other"),
        event("accepted", "1", run="other", message_id="elsewhere"),
        event("begun", "2", run="moved", detail={"conversation": here}),
        event("accepted", "2", run="moved", message_id="m-2"),
        event("begun", "2"),
    ]
    journal.append(*told)
    assert journal.sent_to(RUN.target, Recipient(here)) == [
        Sent(RUN.id, "1", ""),
        Sent(RUN.id, "1", "m-1"),
        Sent("moved", "2", ""),
        Sent("moved", "2", "m-2"),
        Sent(RUN.id, "2", ""),
    ]
    assert journal.sent_to("https://another.example.com", Recipient(here)) == []


def test_a_failed_commit_leaves_nothing_behind(journal: Blocking) -> None:
    """A row that the file refuses fails its call; the next call is written as if nothing had been."""

    async def scene() -> None:
        with pytest.raises(JournalError):
            await journal.append(*[event("begun", "1"), event("accepted", "1", at=float("nan"))])
        await journal.append(event("begun", "2"))

    asyncio.run(scene())
    assert [found.step for found in journal.events(RUN.id)] == ["2"]
