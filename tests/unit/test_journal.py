"""What a journal in SQLite does beside what every journal does: shared commits, old versions, damaged claims."""

import asyncio
import gzip
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.engine.history.phases import ENDED, LEFT, Phase
from flowrunner.engine.history.state import state_of
from flowrunner.journal import Busy, Claim, Journal, JournalError, LostClaim, open_journal, threads
from flowrunner.journal.many import Beginning
from flowrunner.journal.sqlite.backup import back_up
from flowrunner.journal.sqlite.checking import check_journal
from flowrunner.journal.sqlite.loss import accept_loss
from flowrunner.journal.tables import batches
from flowrunner.model import Bundle, EventKind, Inbound, Recipient, Told
from support.before import BEFORE
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, blocking, traced


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Blocking]:
    with blocking(path) as journal:
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


def test_a_sqlite_that_cannot_drop_a_column_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3.34 is what RHEL 9 has; an older journal that it brought to this version is whole for any other."""
    path = BEFORE["026c618"].journal("campaigns", tmp_path)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with blocking(path) as journal:
        known = journal.campaigns()
    monkeypatch.undo()
    with blocking(path) as journal:
        assert journal.campaigns() == known != []
    with closing(sqlite3.connect(path)) as db:
        assert "failures" in {name for _, name, *_ in db.execute("PRAGMA table_info(campaigns)")}


def test_concurrent_appends_share_a_commit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred callers that wait for the same lock are written by one commit, each in its own order."""
    statements = traced(monkeypatch)
    with blocking(path) as journal:
        journal.begin(RUN)
        statements.clear()
        calls = [lambda step=str(n): journal.append(event("begun", step)) for n in range(200)]
        assert asyncio.run(shared_commit(path, calls)) == [None] * 200
        assert statements.count("COMMIT") == 1
        assert [found.step for found in journal.events(RUN.id)] == [str(n) for n in range(200)]


def test_what_is_learnt_of_many_runs_in_one_commit_is_as_if_it_came_one_by_one(journal: Blocking, path: Path) -> None:
    """By phone or begun with a conversation, twice of one run, of nobody's, and beside an event that tells more."""
    a, b = Recipient("", "+34600000001"), Recipient("begun", "+34600000002")
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [Beginning("a", a, {}, 1), Beginning("b", b, {}, 2)])
    its = journal.journal
    calls = [
        lambda: its.found("a", "first"),
        lambda: its.found("b", "other"),
        lambda: its.found("nobody", "none"),
        lambda: its.append(event("begun", run="a", detail={"conversation": "first", "user_id": "ES.1"})),
        lambda: its.found("a", "second"),
    ]
    assert asyncio.run(shared_commit(path, calls)) == [None] * len(calls)
    members = journal.pending(CAMPAIGN.id, limit=9)
    assert sorted((each.run.id, *each.run.recipient, each.conversation) for each in members) == [
        ("a", *a, "second"), ("b", *b, "begun"),
    ]  # fmt: skip
    assert {alias.conversation for alias in journal.aliases(RUN.target, [a])[0]} >= {"first", "second"}
    assert journal.known(RUN.target, Recipient("other")).phone == b.phone
    assert journal.known(RUN.target, Recipient(user_id="ES.1")).phone == a.phone
    assert check_journal(path).is_whole


def test_what_one_turn_of_the_loop_asks_is_done_together(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred who write share a commit though nothing holds it up, a hundred who read one wake-up of the loop.

    Two, where the writer was still awake and took the first of them alone.
    """
    commits, wakes = list[int](), list[int]()
    append_all, wake = batches.append_all, threads.wake
    monkeypatch.setattr(batches, "append_all", lambda *args: (commits.append(1), append_all(*args))[1])
    monkeypatch.setattr(threads, "wake", lambda answers: (wakes.append(1), wake(answers))[1])

    async def scene(journal: Journal) -> list[Any]:
        commits.clear()
        await asyncio.gather(*(journal.append(event("begun", str(n))) for n in range(100)))
        wakes.clear()
        return await asyncio.gather(*(journal.events(RUN.id) for _ in range(100)))

    with blocking(path) as journal:
        journal.begin(RUN)
        assert [len(found) for found in asyncio.run(scene(journal.journal))] == [100] * 100
    assert max(len(commits), len(wakes)) <= 2


def test_a_bad_write_does_not_hurt_those_it_shares_a_commit_with(journal: Blocking, path: Path) -> None:
    """Unknown and doubled runs, lost claims and text that is no text are refused alone."""
    claim = journal.claim(RUN.target, Recipient("c"), "me")
    assert isinstance(claim, Claim)
    answers = asyncio.run(
        shared_commit(
            path,
            [
                lambda: journal.append(event("begun", "good")),
                lambda: journal.append(*[event("begun", "bad"), event("begun", run="nobody")]),
                lambda: journal.begin(RUN),
                lambda: journal.append(event("begun", "bad"), claim=claim._replace(epochs=(7,))),
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


def test_a_lease_is_counted_from_this_machine_s_start_and_never_longer_than_it_can_be(
    journal: Blocking, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wall's clock that is set ends none, early or late; one of an earlier start of the machine is cut short."""
    journal.claim(RUN.target, Recipient("conv"), "ana", 30)
    for wall in (3600.0, -3600.0):
        now = time.time() + wall
        with monkeypatch.context() as set_to:
            set_to.setattr(time, "time", lambda now=now: now)
            found = journal.claim(RUN.target, Recipient("conv"), "ben", 30)
            assert isinstance(found, Busy)
            assert found.owner == "ana"
            assert found.until == pytest.approx(SYSTEM.up() + 30, abs=5)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE claims SET until = 1790000000")
    for _ in range(2):
        found = journal.claim(RUN.target, Recipient("conv"), "ben", 30)
        assert isinstance(found, Busy)
        assert found.until == pytest.approx(SYSTEM.up() + 60, abs=5)


@pytest.mark.parametrize("change", ["epoch = 'x'", "owner = x'00'", "until = 'y'", "epoch = 1.5"])
def test_a_claim_that_is_not_what_was_written_is_damage(journal: Blocking, path: Path, change: str) -> None:
    """A bit that flipped in it is said with its remedy; the journal stays usable for other conversations."""
    journal.claim(RUN.target, Recipient("conv"), "ana", 30)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE claims SET {change}")  # noqa: S608 - ours
    with pytest.raises(JournalError, match="damaged") as caught:
        journal.claim(RUN.target, Recipient("conv"), "ben", 30)
    assert caught.value.hint
    assert not isinstance(journal.claim(RUN.target, Recipient("other"), "ben", 30), Busy)


def test_a_run_that_fails_while_it_is_pruned_stays(journal: Blocking, path: Path) -> None:
    """Prune looks first and deletes later; what was written in between counts."""
    journal.append(event("finished", "", at=1))
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: journal.append(event("failed", at=1)),
        lambda: journal.prune(older_than=200),
    ]
    assert asyncio.run(shared_commit(path, calls)) == [None, 0]
    assert [record.state for record in journal.runs()] == ["failed"]


OLD = Path(__file__).parents[1] / "data" / "journal-1.db.gz"


def test_the_text_of_a_flow_is_kept_once(journal: Blocking, path: Path) -> None:
    """A hundred runs of a large flow take little more than one."""
    text = "x" * 100_000

    async def write() -> None:
        for n in range(100):
            await journal.begin(named(f"many{n}", bundle=Bundle.of("f.yaml", text, digest="big")))

    asyncio.run(write())
    assert [record.run.bundle.text for record in journal.runs(limit=1)] == [text]
    journal.close()
    assert path.stat().st_size < 400_000


def test_a_journal_of_version_1_keeps_all_it_knows(tmp_path: Path) -> None:
    """A file that version 1 wrote is read and gone on with: its runs, events and states, and its claim's epoch."""
    path = tmp_path / "journal.db"
    path.write_bytes(gzip.decompress(OLD.read_bytes()))
    for _ in range(2):
        with blocking(path) as journal:
            assert journal.record(RUN.id).run == RUN
            assert [(r.run.id, r.state) for r in journal.runs()] == [
                ("lost", "in_doubt"),
                ("done", "finished"),
                (RUN.id, "unfinished"),
            ]
            assert [r.run.id for r in journal.runs(*LEFT, "failed")] == ["lost", RUN.id]
            assert [each.kind for each in journal.events(RUN.id)] == ["begun", "accepted", "delivered", "paused"]
            assert [each.kind for each in journal.events("lost")][-1] == "in_doubt"
            assert [each.message_id for each in journal.sent_to(RUN.target, Recipient("conv-1"))] == ["", "m-1"]
    with blocking(path) as journal:
        journal.append(event("finished", ""))
        assert [r.run.id for r in journal.runs("finished")] == ["done", RUN.id]
        journal.begin_campaign(CAMPAIGN)
        journal.begin_runs(CAMPAIGN.id, [beginning(1)])
        assert journal.counts(CAMPAIGN.id).states == {"waiting": 1}
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT conversation, epoch FROM claims").fetchall() == [(f"{RUN.target} conv-1", 1)]


def test_a_journal_of_version_3_learns_who_had_what(tmp_path: Path) -> None:
    """By the events: nobody who got nothing counts, and nobody who may have got something is forgotten."""
    path = tmp_path / "journal.db"
    path.write_bytes(gzip.decompress(OLD.with_name("journal-3.db.gz").read_bytes()))
    had = {"k3v9", "doubt", "skipped", "resent", "r0001"}
    surely_not = {"nothing", "r0002", "r0003", "r0004"}
    with blocking(path) as journal:
        for run in had | surely_not:
            record = journal.record(run)
            assert record is not None
            assert record.may_have_had is state_of(journal.events(run)).run.may_have_had is (run in had)
        people = [Recipient(f"k-{n}", f"+52155{n:08}") for n in range(1, 5)]
        assert journal.had_before("onboarding", CAMPAIGN.target, people) == {0}
        zones = [member.zone for member in journal.pending(CAMPAIGN.id, limit=9)]
        assert zones == ["America/Mexico_City"] * 2
        assert sum(journal.counts(CAMPAIGN.id).states.values()) == 5
    assert check_journal(path).is_whole


def test_a_read_blocks_neither_the_event_loop_nor_what_is_small(journal: Blocking) -> None:
    """Both kinds wait for what only the loop does after them; while a report is read, a run's events are too."""

    async def scene() -> list[Any]:
        its, gate = journal.journal, threading.Event()
        report = asyncio.ensure_future(its.later.ask(lambda _: gate.wait(20)))
        assert await its.events(RUN.id) == []
        small = asyncio.ensure_future(its.soon.ask(lambda _: gate.wait(20)))
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(report, small)

    assert asyncio.run(scene()) == [True, True]


def test_closing_ends_a_read_that_would_take_for_ever(path: Path) -> None:
    """Whoever waits for it is told; the file is closed, and nobody waits for the end of the query."""
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"

    async def scene() -> None:
        async with open_journal(path, clock=SYSTEM) as journal:
            begun = threading.Event()
            read = asyncio.ensure_future(journal.later.ask(lambda db: (begun.set(), db.execute(endless).fetchone())))
            await asyncio.to_thread(begun.wait)
        with pytest.raises(JournalError, match="interrupted"):
            await read

    asyncio.run(scene())


def test_a_process_may_fork_soon_after_it_has_read(journal: Blocking) -> None:
    """It must have no other thread then; what checks an audience over all cores reads between two chunks."""
    journal.runs()
    for _ in range(2_000):
        if not any(thread.name == "journal, reading" for thread in threading.enumerate()):
            return
        time.sleep(0.005)
    pytest.fail("the thread that reads is still there")


def test_an_old_journal_that_must_not_be_written_is_read_all_the_same(tmp_path: Path) -> None:
    """By a copy of this version, which is gone afterwards; and its loss can be accepted, which brings it here."""
    path = BEFORE["026c618"].journal("killed", tmp_path)
    path.with_name(f"{path.name}-mark").unlink()
    kept = {each.name: each.read_bytes() for each in (path, path.with_name(f"{path.name}-wal"))}
    with blocking(path, read_only=True) as journal:
        assert "may be incomplete" in journal.incomplete.message
        runs = {record.run.id: record.phase for record in journal.runs()}
        assert runs
        assert all(journal.events(run) for run in runs)
    assert {name: (tmp_path / name).read_bytes() for name in kept} == kept
    with pytest.raises(JournalError, match="may be incomplete"), blocking(path):
        pass
    assert accept_loss(path) == sum(phase not in ENDED for phase in runs.values())
    with blocking(path) as journal:
        assert {record.phase for record in journal.runs()} <= {Phase.IN_DOUBT, *ENDED}


@pytest.mark.parametrize("change", ["reason = 'x'", "run = 'x'", "api = 9", "at = 2.0", "text = ''", "person = 7"])
def test_an_opt_out_that_is_not_what_was_written_is_damage(journal: Blocking, path: Path, change: str) -> None:
    """Nobody is let in by a bit that flipped; a check of the file says so, and another person can be asked for."""
    journal.opt_out(RUN.target, Recipient(phone="+34600000001"), "stop", 1.0)
    assert check_journal(path).is_whole
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE optouts SET {change}")  # noqa: S608 - ours
    with pytest.raises(JournalError, match="damaged"):
        journal.opted_out(RUN.target, [Recipient(phone="+34600000001")])
    assert journal.opted_out(RUN.target, [Recipient(phone="+34600000002")]) == set()
    with pytest.raises(JournalError, match="damaged"):
        check_journal(path)


def test_a_copy_of_a_journal_has_those_who_opted_out(journal: Blocking, path: Path, tmp_path: Path) -> None:
    """And what was heard."""
    journal.begin(named("r", recipient=Recipient(phone="+34600000001"), listens=True))
    said = Inbound("wamid.1", 1.0, "text", "hi")
    assert journal.hear(RUN.target, [(Recipient(phone="+34600000001"), said)]) == ["r"]
    journal.append(event("opted_out", "", run="r"))
    back_up(path, tmp_path / "copy.db")
    with blocking(tmp_path / "copy.db", read_only=True) as copy:
        assert copy.opted_out(RUN.target, [Recipient(phone="+34600000001")]) == {0}
        assert [each.kind for each in copy.events("r")] == ["heard", "opted_out"]


def test_what_many_are_told_of_in_one_turn_of_the_loop_shares_a_commit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand webhooks a second come so: a few statements for all of them, whoever told of what."""
    statements = traced(monkeypatch)
    with blocking(path) as journal:
        for n in range(100):
            journal.begin(named(f"r{n}", recipient=Recipient(f"c{n}"), listens=True))
            journal.append(event("begun", run=f"r{n}"), event("accepted", run=f"r{n}", message_id=f"m-{n}"))
        statements.clear()
        its = journal.journal

        async def scene() -> list[Any]:
            return await asyncio.gather(
                *(
                    its.hear(RUN.target, [(Recipient(f"c{n}"), Inbound(f"w{n}", 1.0, "text", "hi"))])
                    for n in range(100)
                ),
                *(its.tell(RUN.target, [Told((f"m-{n}",), EventKind.READ, 1.0)]) for n in range(100)),
            )

        assert asyncio.run(scene()) == [[f"r{n}"] for n in range(100)] * 2
        # The writer may be awake just then, and take the first of them alone.
        assert statements.count("COMMIT") <= 2
        assert len(statements) < 60
