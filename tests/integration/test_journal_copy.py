"""All that a journal keeps is copied to a new one, whichever kind each of them is, and nothing is lost on the way."""

import gzip
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.journals.maintenance import check_journal, copy_journal, migrate_journal
from flowrunner.clock import SYSTEM
from flowrunner.delivery.owner import new_owner
from flowrunner.journal import JournalError
from flowrunner.journal.sqlite.connection import connected
from flowrunner.journal.sqlite.migrations import MIGRATIONS
from flowrunner.journal.tables import copying
from flowrunner.journal.tables.copying import COPIED, LEFT, digest
from flowrunner.journal.work import WorkerBeat
from flowrunner.model import Recipient
from support import postgres
from support.everything import everything, fill
from support.journalled import CAMPAIGN, RUN, beginning, event
from support.journals import blocking
from support.program import flowrunner

OF_PROCESSES = {"runs": {"lent", "lent_to"}, "apis": {"listened"}, "ledger": {"journal", "commits", "schema", "clean"}}
"""Columns that say what processes do at the moment, or which copy it is."""


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A journal with a row of every kind."""
    with blocking(path := tmp_path / "full.db") as journal:
        fill(journal)
    return path


def test_no_column_is_forgotten(full: Path) -> None:
    """Each table and each column is copied, or is of what processes do; and each table has a row in the tests."""
    with closing(connected(f"{full.as_uri()}?mode=ro")) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables == {*COPIED, *LEFT}
        for table, columns in COPIED.items():
            there = {name for (name,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))}
            copied = {each.rpartition(" ")[2] for each in columns.split(", ")}
            assert there - copied == OF_PROCESSES.get(table, set()), table
            assert copied <= there
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0], table  # noqa: S608


def test_a_copy_is_the_same_and_so_is_a_copy_of_it(full: Path, tmp_path: Path) -> None:
    """By its digest, by all that it says, and read through; it can be written to."""
    first = copy_journal(full, tmp_path / "a.db")
    second = copy_journal(tmp_path / "a.db", tmp_path / "b.db")
    assert first == second
    assert first.runs >= 60
    for name in ("a.db", "b.db"):
        assert check_journal(tmp_path / name).is_whole
        with blocking(full) as one, blocking(tmp_path / name) as other:
            assert everything(one) == everything(other)
            other.begin(RUN._replace(id="new"))
            assert other.record("new") is not None


def test_no_column_of_a_server_is_forgotten(postgres_journal: str) -> None:
    """It has the same, and a row for each process that writes."""
    of_processes = {**OF_PROCESSES, "ledger": {"journal", "version", "commits"}}
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    there: dict[str, set[str]] = {}
    with postgres.connected(postgres_journal) as server:
        for table, column in server.execute(columns):
            there.setdefault(table, set()).add(column)
    assert there.keys() == {*COPIED, *LEFT, "writers"}
    for table, said in COPIED.items():
        assert there[table] - {each.rpartition(" ")[2] for each in said.split(", ")} == of_processes.get(table, set())


def test_to_a_server_and_back_it_is_the_same(full: Path, tmp_path: Path, postgres_server: Callable[[], str]) -> None:
    """By its digest and by all that it says; the server's copy can be written to, by the keys that come next."""
    place, other = postgres_server(), postgres_server()
    to = copy_journal(full, place)
    assert to == copy_journal(place, tmp_path / "back.db") == copy_journal(place, other)
    assert to == copy_journal(tmp_path / "back.db", tmp_path / "again.db")
    assert check_journal(tmp_path / "back.db").is_whole
    with blocking(full) as one, blocking(place) as there, blocking(tmp_path / "back.db") as back:
        assert everything(one) == everything(there) == everything(back)
        for journal in (one, there):
            journal.begin(RUN._replace(id="new"))
            journal.append(event("begun", run="new"))
            journal.learn(RUN.target, Recipient("conv-new", "+5215500000077"))
            journal.begin_campaign(CAMPAIGN._replace(id="new"))
            journal.begin_runs("new", [beginning(77)._replace(run_id="newer")])
        assert everything(one) == everything(there)
    with blocking(full) as journal, pytest.raises(JournalError, match="is there already") as refused:
        copy_journal(place, full)
    assert refused.value.hint == "name another file"
    assert journal is not None


DAMAGES = {
    "UPDATE events SET detail = '{}' WHERE kind = 'asked'": "a row of events is not what was written",
    "UPDATE texts SET text = text || ' '": "a row of texts is not what was written",
    "UPDATE runs SET phone = '+1' WHERE id = 'k3v9'": "a row of runs is not what was written",
    "DELETE FROM events WHERE kind = 'asked'": "the events are not those that were counted as they were written",
    "DELETE FROM runs WHERE id = 'listens'": "a row of events refers to one of runs that is not there",
    "UPDATE runs SET state = 'finished' WHERE id = 'listens'": "1 runs do not say what their events do",
}


@pytest.mark.tampers
def test_a_server_s_journal_is_read_through(full: Path, tmp_path: Path, postgres_url: str) -> None:
    """Each row by its seal, the events by their number, the runs by their events; other than a file it has no parts."""
    copy_journal(full, postgres_url)
    done = flowrunner("journal", "check", cwd=tmp_path, FLOWRUNNER_JOURNAL=postgres_url)
    assert done.returncode == 0, done.stderr
    assert "nothing is damaged, nothing is missing (runs: " in done.stdout
    assert check_journal(postgres_url) == check_journal(full)
    for damage, told in DAMAGES.items():
        with postgres.connected(postgres_url) as server:
            for table in ("events", "texts", "runs"):
                server.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")  # noqa: S608
            server.execute(damage)
            assert told in check_journal(postgres_url).damages, damage
            for table in ("events", "texts", "runs"):
                server.execute(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}")  # noqa: S608
                server.execute(f"DROP TABLE kept_{table}")
    assert check_journal(postgres_url).is_whole


def test_a_server_s_journal_is_written_over_only_where_it_is_empty(
    full: Path, postgres_server: Callable[[], str]
) -> None:
    """A journal that somebody opened, and wrote nothing to, is; another program's tables stay."""
    place, foreign = postgres_server(), postgres_server()
    with blocking(place):
        pass
    assert copy_journal(full, place).runs
    with pytest.raises(JournalError, match="is not empty"):
        copy_journal(full, place)
    with postgres.connected(foreign) as server:
        server.execute("CREATE TABLE runs (n int)")
        with pytest.raises(JournalError, match="another program has its tables"):
            copy_journal(full, foreign)
        assert server.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall() == [
            ("runs",)
        ]


def test_a_copy_to_a_server_that_is_interrupted_leaves_no_row(
    full: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be begun again at once."""
    with monkeypatch.context() as patch:
        patch.setattr(copying, "_pages", interrupted)
        with pytest.raises(KeyboardInterrupt):
            copy_journal(full, postgres_url)
    with monkeypatch.context() as patch:
        patch.setattr(copying, "digest", lambda _: copying.Digest())
        with pytest.raises(JournalError, match="is not what was copied"):
            copy_journal(full, postgres_url)
    assert copy_journal(full, postgres_url).runs


def test_who_sends_by_a_server_keeps_it_from_being_copied(full: Path, tmp_path: Path, postgres_url: str) -> None:
    """Until they let go; whoever is on another machine cannot be known to have ended."""
    copy_journal(full, postgres_url)
    of_this_image = f"r/{new_owner('r').split('/')[1]}/999999999/00000000-7/ab.1"  # another start of the same machine
    owners = (new_owner("r"), "r/elsewhere.pid:[1]/7/7/ab.1", of_this_image)
    with blocking(postgres_url) as journal:
        for owner, is_refused in (*((each, True) for each in owners), ("", False)):
            claim = journal.claim(RUN.target, Recipient("conv-1"), owner or "x", ended=owners)
            if is_refused:
                with pytest.raises(JournalError, match="a process sends by the journal postgresql://"):
                    copy_journal(postgres_url, tmp_path / "copy.db")
            journal.release(claim)
    assert copy_journal(postgres_url, tmp_path / "copy.db").runs


def test_whatever_is_changed_changes_the_digest(full: Path) -> None:
    """A value of any column, a row less, or one more."""
    with closing(connected(f"{full.as_uri()}?mode=rw")) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        for (index,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql <> ''").fetchall():
            db.execute(f"DROP INDEX {index}")  # of what is no JSON any more it could not be kept
        right, seen = digest(db), set()
        for table, columns in COPIED.items():
            names = [each for each in columns.split(", ") if " AS " not in each]
            changes = [
                f"UPDATE {table} SET {name} = CASE typeof({name}) WHEN 'text' THEN {name} || 'x' ELSE coalesce({name}, 0) + 1000000 END"  # noqa: S608, E501
                for name in names
            ]
            for change in (*changes, f"DELETE FROM {table}"):  # noqa: S608
                db.execute("BEGIN")
                db.execute("PRAGMA defer_foreign_keys = ON")
                db.execute(change)
                seen.add(digest(db))
                db.rollback()
        assert right not in seen
        assert digest(db) == right


def test_who_sends_or_listens_keeps_a_journal_from_being_copied(full: Path, tmp_path: Path) -> None:
    """Until they have ended, or their lease is over; and nothing is made."""
    person, target = Recipient("conv-1"), tmp_path / "copy.db"

    def refused() -> str:
        with pytest.raises(JournalError) as error:
            copy_journal(full, target)
        assert not [*tmp_path.glob("*copy*")]
        assert "end it" in error.value.hint
        return error.value.message

    with blocking(full) as journal:
        claim = journal.claim(RUN.target, person, owner := new_owner("r"))
        assert refused() == f"a process sends by the journal {full}: {owner}"
        journal.release(claim)
        journal.note_listener(RUN.target, SYSTEM.now() + 60)
        assert "listens to https://api.example.com" in refused()
        journal.note_listener(RUN.target, SYSTEM.now() - 1)
        journal.work.note_worker(WorkerBeat("w1", (), SYSTEM.now() + 60))
        assert "a worker works by" in refused()
        journal.work.note_worker(WorkerBeat("w1", (), SYSTEM.now() - 1))
        ended = subprocess.run([sys.executable, "-c", ENDED], check=True, capture_output=True, text=True).stdout
        journal.claim(RUN.target, person, ended)
    assert copy_journal(full, target).runs


ENDED = "from flowrunner.delivery.owner import new_owner; print(new_owner('r'), end='')"


@pytest.mark.parametrize("name", ["copy.db", "copy.db-wal", "copy.db-mark"])
def test_what_is_there_is_not_written_over(full: Path, tmp_path: Path, name: str) -> None:
    """Neither a file, nor what belongs to one."""
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(JournalError, match="is there already"):
        copy_journal(full, tmp_path / "copy.db")
    assert (tmp_path / name).read_bytes() == b"mine"


def test_a_copy_that_is_interrupted_leaves_nothing(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one whose rows are not what was copied; it can be begun again."""
    target = tmp_path / "copy.db"
    with monkeypatch.context() as patch:
        patch.setattr(copying, "_pages", interrupted)
        with pytest.raises(KeyboardInterrupt):
            copy_journal(full, target)
    with monkeypatch.context() as patch:
        patch.setattr(copying, "digest", lambda _: copying.Digest())
        with pytest.raises(JournalError, match="is not what was copied"):
            copy_journal(full, target)
    assert not [*tmp_path.glob("*copy*")]
    assert copy_journal(full, target).runs


def interrupted(rows: Any) -> Iterator[list[Any]]:
    """A page, then Ctrl-C."""
    yield [next(iter(rows))]
    raise KeyboardInterrupt


def test_the_command_says_what_it_did_and_what_to_use_now(full: Path, tmp_path: Path) -> None:
    """And is refused with one line."""
    done = flowrunner("journal", "copy", full, "copy.db", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert re.fullmatch(rf"copy.db has all of {full} \(runs: \d+, events: \d+, rows of all tables: \d+\)", first)
    assert re.fullmatch("digest on both sides: [0-9a-f]{32}", second)
    assert "Use the copy from now on" in done.stderr
    again = flowrunner("journal", "copy", full, "copy.db", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (1, "")
    assert "copy.db is there already" in again.stderr
    missing = flowrunner("journal", "copy", "no.db", "other.db", cwd=tmp_path)
    assert (missing.returncode, missing.stderr.splitlines()[-1]) == (1, "  hint: name it"), "it has no --journal"
    assert not (tmp_path / "other.db").exists()


def test_an_older_journal_is_migrated_and_then_copied(tmp_path: Path) -> None:
    """By the command that the refusal names; once more there is nothing to do."""
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress(OLD.read_bytes()))
    refused = flowrunner("journal", "copy", old, "copy.db", cwd=tmp_path)
    assert refused.returncode == 1
    assert f"hint: bring it to this one: flowrunner journal migrate --journal {old}" in refused.stderr
    done = flowrunner("journal", "migrate", "--journal", old, cwd=tmp_path)
    assert done.stdout == f"{old} was of version 3, and is of version {len(MIGRATIONS)} now\n"
    again = flowrunner("journal", "migrate", "--journal", old, cwd=tmp_path)
    assert again.stdout.endswith(
        f"is of version {len(MIGRATIONS)}, as this flowrunner needs it: nothing was to be done\n"
    )
    assert flowrunner("journal", "copy", old, "copy.db", cwd=tmp_path).returncode == 0
    assert flowrunner("journal", "migrate", "--journal", "no.db", cwd=tmp_path).returncode == 1
    assert not (tmp_path / "no.db").exists()


OLD = Path(__file__).parents[1] / "data" / "journal-3.db.gz"


def test_whoever_migrates_at_once_makes_the_tables_once(postgres_url: str) -> None:
    """One after another: the others find them made."""
    with ThreadPoolExecutor(4) as pool:
        done = [*pool.map(lambda _: migrate_journal(postgres_url), range(4))]
    newest = done[0].now
    assert sorted(done) == [(0, newest), *[(newest, newest)] * 3]
