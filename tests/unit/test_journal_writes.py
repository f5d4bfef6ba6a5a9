"""Writing to the journal: many callers at once, and who may write at all."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import Busy, Claim, JournalError, LostClaim, Sent
from support.journalled import RUN, event, named
from support.journals import Blocking, blocking


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Blocking]:
    with blocking(path, patience=5) as journal:
        journal.begin(RUN)
        yield journal


async def shared_commit(path: Path, calls: Sequence[Callable[[], Awaitable[Any]]]) -> list[Any]:
    """Start all calls while another connection holds the write lock, then let it go: they share one commit."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tasks = [asyncio.ensure_future(call()) for call in calls]
    await asyncio.sleep(0.01)
    other.rollback()
    other.close()
    return await asyncio.gather(*tasks, return_exceptions=True)


def test_concurrent_appends_share_a_commit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred callers that wait for the same lock are written by one commit, each in its own order."""
    statements: list[str] = []

    class Traced(sqlite3.Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.set_trace_callback(statements.append)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kwargs: connect(*args, **{"factory": Traced, **kwargs}))
    with blocking(path) as journal:
        journal.begin(RUN)
        statements.clear()
        calls = [lambda step=str(n): journal.append(event("begun", step)) for n in range(200)]
        assert asyncio.run(shared_commit(path, calls)) == [None] * 200
        assert statements.count("COMMIT") == 1
        assert [found.step for found in journal.events(RUN.id)] == [str(n) for n in range(200)]


def test_a_bad_write_does_not_hurt_those_it_shares_a_commit_with(journal: Blocking, path: Path) -> None:
    """Unknown and doubled runs, lost claims and text that is no text are refused alone."""
    claim = journal.claim("c", "me")
    assert isinstance(claim, Claim)
    answers = asyncio.run(
        shared_commit(
            path,
            [
                lambda: journal.append(event("begun", "good")),
                lambda: journal.append(*[event("begun", "bad"), event("begun", run="nobody")]),
                lambda: journal.begin(RUN),
                lambda: journal.append(event("begun", "bad"), claim=claim._replace(epoch=7)),
                lambda: journal.append(event("begun", "\ud83d")),
                lambda: journal.append(event("finished", "also good"), claim=claim),
            ],
        )
    )
    kinds = [type(None), JournalError, JournalError, LostClaim, UnicodeEncodeError, type(None)]
    assert [type(answer) for answer in answers] == kinds
    assert [found.step for found in journal.events(RUN.id)] == ["good", "also good"]


def test_a_cancelled_caller_leaves_its_row_but_nothing_beyond_the_bound(journal: Blocking, path: Path) -> None:
    """What is queued is written though nobody waits; who waits for room in a full queue has queued nothing."""
    full = [event("begun", str(n)) for n in range(5_000)]

    async def scene() -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        queued = asyncio.ensure_future(journal.append(*full))
        await asyncio.sleep(0.01)
        waiting = asyncio.ensure_future(journal.append(event("begun", "late")))
        patient = asyncio.ensure_future(journal.append(event("begun", "patient")))
        await asyncio.sleep(0.01)
        queued.cancel()
        waiting.cancel()
        await asyncio.sleep(0.01)
        other.close()
        await patient

    asyncio.run(scene())
    assert [found.step for found in journal.events(RUN.id)] == [*(str(n) for n in range(5_000)), "patient"]


def test_loops_one_after_another_and_at_once(journal: Blocking) -> None:
    """The journal belongs to no event loop; a read in each thread sees what was written in all."""

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


def test_claims_follow_the_rules(journal: Blocking) -> None:
    """Each row: who asks, for how long (0 has run out at once), and the epoch it gets, or who is in the way."""
    rows: list[tuple[str, float, int | str]] = [
        ("ana", 30, 1),
        ("ana", 30, 1),
        ("ben", 30, "ana"),
        ("ana", 0, 1),
        ("ben", 0, 2),
        ("ben", 30, 2),
        ("ana", 30, "ben"),
    ]
    for owner, lease, wanted in rows:
        got = journal.claim("conv", owner, lease)
        assert (got.owner if isinstance(got, Busy) else got.epoch) == wanted
    held = journal.claim("conv", "ben")
    assert isinstance(held, Claim)
    journal.release(held)
    assert journal.renew([held]) == []
    after = journal.claim("conv", "ben")
    assert isinstance(after, Claim)
    assert after.epoch == 3


def test_a_lease_is_counted_from_this_machine_s_start_and_never_longer_than_it_can_be(
    journal: Blocking, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wall's clock that is set ends none, early or late; one of an earlier start of the machine is cut short."""
    journal.claim("conv", "ana", 30)
    for wall in (3600.0, -3600.0):
        now = time.time() + wall
        with monkeypatch.context() as set_to:
            set_to.setattr(time, "time", lambda now=now: now)
            found = journal.claim("conv", "ben", 30)
            assert isinstance(found, Busy)
            assert found.owner == "ana"
            assert found.until == pytest.approx(SYSTEM.up() + 30, abs=5)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE claims SET until = 1790000000")
    for _ in range(2):
        found = journal.claim("conv", "ben", 30)
        assert isinstance(found, Busy)
        assert found.until == pytest.approx(SYSTEM.up() + 60, abs=5)


@pytest.mark.parametrize("change", ["epoch = 'x'", "owner = x'00'", "until = 'y'", "epoch = 1.5"])
def test_a_claim_that_is_not_what_was_written_is_damage(journal: Blocking, path: Path, change: str) -> None:
    """A bit that flipped in it is said with its remedy; the journal stays usable for other conversations."""
    journal.claim("conv", "ana", 30)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE claims SET {change}")  # noqa: S608 - ours
    with pytest.raises(JournalError, match="damaged") as caught:
        journal.claim("conv", "ben", 30)
    assert caught.value.hint
    assert not isinstance(journal.claim("other", "ben", 30), Busy)


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
    assert journal.sent_to(RUN.target, here) == [
        Sent(RUN.id, "1", ""),
        Sent(RUN.id, "1", "m-1"),
        Sent("moved", "2", ""),
        Sent("moved", "2", "m-2"),
        Sent(RUN.id, "2", ""),
    ]
    assert journal.sent_to("https://another.example.com", here) == []


def test_a_lost_claim_writes_nothing(journal: Blocking) -> None:
    """A lease that ran out still writes until somebody else takes over; then all of a call is refused."""

    async def scene() -> None:
        old, kept = await journal.claim("conv", "ana", 0), await journal.claim("kept", "ana")
        assert isinstance(old, Claim)
        assert isinstance(kept, Claim)
        await journal.append(event("begun", "1"), claim=old)
        new = await journal.claim("conv", "ben")
        assert isinstance(new, Claim)
        with pytest.raises(LostClaim, match="conv"):
            await journal.append(*[event("accepted", "1"), event("begun", "2")], claim=old)
        await journal.release(old)
        await journal.append(event("accepted", "1"), claim=new)
        renewed = await journal.renew([old, kept], 50)
        assert [(claim.conversation, claim.until > kept.until) for claim in renewed] == [("kept", True)]
        assert await journal.claim("kept", "ben") == Busy("ana", renewed[0].until)

    asyncio.run(scene())
    assert [(found.kind, found.step) for found in journal.events(RUN.id)] == [("begun", "1"), ("accepted", "1")]


def test_a_run_that_fails_while_it_is_pruned_stays(journal: Blocking, path: Path) -> None:
    """Prune looks first and deletes later; what was written in between counts."""
    journal.append(event("finished", "", at=1))
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: journal.append(event("failed", at=1)),
        lambda: journal.prune(older_than=200),
    ]
    assert asyncio.run(shared_commit(path, calls)) == [None, 0]
    assert [record.state for record in journal.runs()] == ["failed"]


def test_a_failed_commit_leaves_nothing_behind(journal: Blocking) -> None:
    """A row that the file refuses fails its call; the next call is written as if nothing had been."""

    async def scene() -> None:
        with pytest.raises(JournalError, match=r"journal\.db cannot be used"):
            await journal.append(*[event("begun", "1"), event("accepted", "1", at=float("nan"))])
        await journal.append(event("begun", "2"))

    asyncio.run(scene())
    assert [found.step for found in journal.events(RUN.id)] == ["2"]
