"""What is particular to a journal in PostgreSQL: a server that goes away, others' locks, texts, versions, schemas."""

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from flowrunner.client.access import target_key
from flowrunner.clock import SYSTEM
from flowrunner.journal import Busy, Claim, Journal, JournalAwayError, JournalError, LostClaim
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.names import learn
from flowrunner.journal.tables.optouts import PERHAPS, opt_out
from flowrunner.journal.work import Terms
from flowrunner.model import Recipient
from support.cutting import Cutter
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, blocking
from support.postgres import PASSWORD, Cluster

psycopg = pytest.importorskip("psycopg")

OTHER = "https://other.example.com"


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as server:
        its = server.execute(statement)
        return its.fetchall() if its.description else []


def steps(journal: Blocking) -> list[str]:
    return [each.step for each in journal.events(RUN.id)]


def opening(place: str, **options: Any) -> Any:
    return blocking(place, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("passes_on", [False, True], ids=["the server never hears of", "the server has done"])
def test_a_commit_that_was_not_answered_is_written_once(own_postgres: Cluster, passes_on: bool) -> None:
    """The row of who wrote it tells whether it was done; only where it was not, it is done again."""
    with Cutter(own_postgres.port) as cutter:
        url = own_postgres.url(password=PASSWORD).replace(f":{own_postgres.port}/", f":{cutter.port}/")
        with opening(url) as journal:
            journal.begin(RUN)
            cutter.cut_at(b"COMMIT", passes_on=passes_on)
            journal.append(event("begun", "1"))
            journal.append(event("begun", "2"))
            assert cutter.cuts == 1
            assert steps(journal) == ["1", "2"]


def test_a_server_that_crashes_and_comes_again_loses_and_doubles_nothing(own_postgres: Cluster) -> None:
    """Whoever writes and reads meanwhile waits for it."""
    names = [str(n) for n in range(300)]

    async def scene(journal: Journal) -> list[list[str]]:
        async def one(step: str) -> list[str]:
            await asyncio.sleep(int(step) / 200)
            await journal.append(event("begun", step))
            return [each.step for each in await journal.events(RUN.id)]

        crash = asyncio.create_task(asyncio.to_thread(lambda: (time.sleep(0.5), own_postgres.restart("immediate"))))
        seen = await asyncio.gather(*map(one, names))
        await crash
        return seen

    with opening(own_postgres.url()) as journal:
        journal.begin(RUN)
        seen = asyncio.run(scene(journal.journal))
        assert all(step in found for step, found in zip(names, seen, strict=True))
        assert sorted(steps(journal), key=int) == names


def test_a_server_that_stays_away_is_said_to_be_away(own_postgres: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading and writing; and all goes on by the same journal once it is there."""
    from flowrunner.journal.postgres import reconnecting

    with opening(own_postgres.url()) as journal:
        journal.begin(RUN)
        own_postgres.stop()
        monkeypatch.setattr(reconnecting, "PATIENCE", 0.3)
        for ask in (lambda: journal.append(event("begun")), lambda: journal.events(RUN.id)):
            with pytest.raises(JournalAwayError, match="cannot be reached"):
                ask()
        with pytest.raises(JournalAwayError, match="cannot be reached"), opening(own_postgres.url()):
            pass
        own_postgres.start()
        journal.append(event("begun", "again"))
        assert steps(journal) == ["again"]


def test_who_has_an_answer_keeps_it_though_the_server_goes_away_right_after_it(own_postgres: Cluster) -> None:
    """What ends the transaction is lost then, and nobody need wait for the server."""

    def answer_and_stop(db: Database) -> object:
        found = db.execute("SELECT 'an answer'").fetchone()
        own_postgres.stop()
        return found

    with opening(own_postgres.url()) as journal:
        assert asyncio.run(journal.journal.soon.ask(answer_and_stop)) == ("an answer",)


def test_a_process_that_is_frozen_in_a_transaction_holds_nobody_up_for_long(postgres_url: str) -> None:
    """Not even one that has none of our time-outs: whoever waits ends its connection."""
    with opening(postgres_url) as journal, psycopg.connect(postgres_url) as other:
        journal.begin(RUN)
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('flowrunner ' || current_schema(), 0))")
        begun = time.monotonic()
        journal.append(event("begun"))
        assert 2 < time.monotonic() - begun < 15
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")


FROZEN = """
import asyncio, sys
from flowrunner.clock import SYSTEM
from flowrunner.journal import open_journal
from flowrunner.journal.postgres import committing
from flowrunner.model import Event, EventKind, Recipient

async def main():
    async with open_journal(sys.argv[1], clock=SYSTEM) as journal:
        claim = await journal.claim(sys.argv[2], Recipient("conv-1"), "frozen", 1.0)
        apply = committing.apply
        def stopped(db, writes):
            answers = apply(db, writes)
            print("now", flush=True)
            sys.stdin.readline()  # in the middle of a transaction that holds the lock
            return answers
        committing.apply = stopped
        try:
            await journal.append(Event(EventKind.BEGUN, sys.argv[3], 1.0, "stale"), claim=claim)
        except Exception as error:
            print(type(error).__name__, flush=True)
        finally:
            committing.apply = apply
asyncio.run(main())
"""


def test_a_stale_owner_that_wakes_in_the_middle_of_its_commit_has_written_nothing(postgres_url: str) -> None:
    """Its transaction was ended by the server, another has taken the person, and the fence refuses what it tries."""
    with opening(postgres_url) as journal:
        journal.begin(RUN)
        arguments = [sys.executable, "-c", FROZEN, postgres_url, RUN.target, RUN.id]
        with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as frozen:
            assert frozen.stdin is not None
            assert frozen.stdout is not None
            assert frozen.stdout.readline() == "now\n"
            frozen.send_signal(signal.SIGSTOP)
            try:
                while isinstance(claim := journal.claim(RUN.target, RUN.recipient, "ben"), Busy):
                    time.sleep(0.1)
                journal.append(event("begun", "fresh"), claim=claim)
            finally:
                frozen.send_signal(signal.SIGCONT)
            frozen.stdin.write("\n" * 9)
            frozen.stdin.flush()
            said = [line.strip() for line in frozen.stdout]
        assert said[-1] == LostClaim.__name__
        assert steps(journal) == ["fresh"]


def test_two_processes_that_begin_a_journal_at_once_make_one(postgres_url: str) -> None:
    """Whoever comes second finds what the first has made."""
    failures: list[BaseException] = []

    def begin(name: str) -> None:
        try:
            with opening(postgres_url) as journal:
                journal.begin(named(name))
        except BaseException as error:  # noqa: BLE001  # it is told below
            failures.append(error)

    threads = [threading.Thread(target=begin, args=[f"r{n}"]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with opening(postgres_url) as journal:
        assert len(journal.runs()) == 6


def test_a_schema_that_is_not_there_is_made_by_who_writes_alone(postgres_url: str) -> None:
    """Who only reads is told that there is no journal, with what to do."""
    url = postgres_url + "_2"
    for its, words in ((url, "in no schema that is there"), (postgres_url, "there is no journal")):
        with pytest.raises(JournalError, match=words), opening(its, read_only=True):
            pass
    with opening(url) as journal:
        journal.begin(RUN)
    with opening(url, read_only=True) as journal:
        assert journal.record(RUN.id).run == RUN
        with pytest.raises(JournalError, match="only to be read"):
            journal.append(event("begun"))


@pytest.mark.parametrize("gone", [psycopg.errors.InvalidCatalogName, psycopg.errors.InvalidSchemaName])
def test_who_was_in_is_not_told_to_make_another_journal(gone: type[Exception]) -> None:
    """It would be empty, and whoever sends by it sends all once more."""
    from flowrunner.journal.places import DatabaseUrl
    from flowrunner.journal.postgres.errors import explain

    place = DatabaseUrl("postgresql:///shop")
    assert explain(gone("it does not exist"), place).hint.startswith("make it: ")  # type: ignore[arg-type]
    hint = explain(gone("it does not exist"), place, was_in=True).hint  # type: ignore[arg-type]
    assert "another one would not know what was sent" in hint
    assert "make" not in hint


@pytest.mark.parametrize(
    ("statement", "words", "hint"),
    [
        ("UPDATE ledger SET version = 99", "written by a newer flowrunner", "update flowrunner"),
        ("UPDATE ledger SET version = 0", "damaged", "restore"),
        ("DROP TABLE ledger", "another program has its tables", "a schema of its own"),
    ],
)
def test_what_is_no_journal_of_this_version_is_refused(
    postgres_url: str, statement: str, words: str, hint: str
) -> None:
    """Reading and writing, before anything is sent."""
    with opening(postgres_url) as journal:
        journal.begin(RUN)
    rows(postgres_url, statement)
    for read_only in (False, True):
        with pytest.raises(JournalError, match=words) as caught, opening(postgres_url, read_only=read_only):
            pass
        assert hint in caught.value.hint


def test_an_older_journal_is_migrated_by_its_command_alone(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of yesterday may still be writing to it."""
    from flowrunner.journal.places import DatabaseUrl
    from flowrunner.journal.postgres import migrating
    from flowrunner.journal.postgres.upgrading import upgrade

    with opening(postgres_url) as journal:
        journal.begin(RUN)
    monkeypatch.setattr(migrating, "MIGRATIONS", (*migrating.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN more TEXT",)))
    with pytest.raises(JournalError, match="written by an older flowrunner") as caught, opening(postgres_url):
        pass
    assert "flowrunner journal migrate" in caught.value.hint
    before = len(migrating.MIGRATIONS) - 1
    assert upgrade(DatabaseUrl(postgres_url), SYSTEM) == (before, before + 1)
    assert upgrade(DatabaseUrl(postgres_url), SYSTEM) == (before + 1, before + 1)
    with opening(postgres_url) as journal:
        assert journal.record(RUN.id).run == RUN


def test_who_still_works_when_a_journal_is_migrated_writes_no_more(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their statements are an older version's; they end, and lose nothing."""
    from flowrunner.journal.places import DatabaseUrl
    from flowrunner.journal.postgres import migrating
    from flowrunner.journal.postgres.upgrading import upgrade

    with opening(postgres_url) as journal:
        journal.begin(RUN)
        with monkeypatch.context() as newer:
            newer.setattr(migrating, "MIGRATIONS", (*migrating.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN more TEXT",)))
            upgrade(DatabaseUrl(postgres_url), SYSTEM)
        for _ in range(2):
            with pytest.raises(JournalError, match="brought to another version") as caught:
                journal.append(event("begun", "1"))
            assert not isinstance(caught.value, JournalAwayError)
            assert "start it again" in caught.value.hint
    assert rows(postgres_url, "SELECT kind FROM events") == []


def test_two_schemas_of_one_database_are_two_journals(postgres_server: Callable[[], str]) -> None:
    """Also where the path names another schema after its own."""
    one, two = postgres_server(), postgres_server()
    with opening(one) as journal:
        journal.begin(RUN)
    with opening(f"{two}%2C{one.rpartition('%3D')[2]}") as journal:
        assert journal.record(RUN.id) is None
        journal.begin(named("other"))
    assert rows(two, "SELECT id FROM runs") == [("other",)]


TEXTS = {
    "a NUL": "a\0b",
    "what a NUL is kept as": "a\x010b\x01",
    "a name longer than an index takes": "x" * 10_000 + "é",
    "as much in random letters": "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(5_000)),
    "all kinds of signs": "'\"\\%s?$1 :x {} \u2028 👋",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_comes_back_as_it_was(postgres_url: str, text: str) -> None:
    """Wherever a person, an API or an author may have written it, and it is found again by it."""
    whom = Recipient(f"c{text}", "", f"u{text}")
    with opening(postgres_url) as journal:
        journal.begin(RUN._replace(recipient=whom, variables={text: text}))
        journal.append(event("begun"), event("accepted", message_id=f"m{text}", detail={"reason": text, "wamid": text}))
        journal.begin_campaign(CAMPAIGN)
        journal.begin_runs(CAMPAIGN.id, [beginning(1, **{text: text})])
        journal.opt_out(RUN.target, whom, text, 1.0)
        journal.learn(OTHER, whom)
        held = journal.claim(RUN.target, whom, "ana")
    with opening(postgres_url) as journal:
        record = journal.record(RUN.id)
        assert (record.run.recipient, record.run.variables) == (whom, {text: text})
        assert [dict(each.detail) for each in journal.events(RUN.id)][1] == {"reason": text, "wamid": text}
        assert journal.events(RUN.id)[1].message_id == f"m{text}"
        assert journal.pending(CAMPAIGN.id, limit=9)[0].run.variables == {text: text}
        assert journal.opt_out_of("", Recipient(user_id=whom.user_id)).reason == text
        assert journal.known(OTHER, Recipient(whom.conversation)) == whom
        assert journal.had_before(RUN.flow_name, RUN.target, [Recipient(user_id=whom.user_id)]) == {0}
        assert isinstance(held, Claim)
        assert isinstance(journal.claim(RUN.target, Recipient(whom.conversation), "ben"), Busy)


def test_half_a_character_is_refused_alone(postgres_url: str) -> None:
    """Whatever has it; who writes beside it is not held up."""
    half = Recipient("\ud800")

    async def scene(journal: Journal) -> list[object]:
        return await asyncio.gather(
            journal.learn(RUN.target, half),
            journal.claim(RUN.target, half, "ana"),
            journal.opt_out(RUN.target, RUN.recipient, "\ud800", 1.0),
            journal.begin(named("half", recipient=half)),
            journal.append(event("begun", "\ud800")),
            journal.append(event("begun", "whole")),
            return_exceptions=True,
        )

    with opening(postgres_url) as journal:
        journal.begin(RUN)
        *refused, done = asyncio.run(scene(journal.journal))
        assert [type(each) for each in refused] == [UnicodeEncodeError] * 5
        assert done is None
        assert steps(journal) == ["whole"]


@pytest.mark.tampers
def test_what_was_changed_on_the_server_is_found_before_it_is_believed(postgres_url: str) -> None:
    """A row's seal is of what was written."""
    with opening(postgres_url) as journal:
        journal.begin(RUN)
        journal.append(event("begun"))
    rows(postgres_url, "UPDATE events SET step = '7'")
    rows(postgres_url, "UPDATE runs SET phone = '+34600000009'")
    with opening(postgres_url, read_only=True) as journal:
        for ask in (lambda: journal.events(RUN.id), lambda: journal.record(RUN.id)):
            with pytest.raises(JournalError, match="is damaged") as caught:
                ask()
            assert "restore" in caught.value.hint


def test_what_need_not_survive_a_crash_of_the_server_does_not_wait_for_its_disk(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claims and statuses commit at once; what begins a message waits, also where the server would not by itself."""
    from flowrunner.journal.postgres import committing

    waits: list[str] = []
    apply = committing.apply

    def told(db: Any, writes: Any) -> list[object]:
        waits.append(db.execute("SELECT current_setting('synchronous_commit')").fetchone()[0])
        return apply(db, writes)

    monkeypatch.setattr(committing, "apply", told)
    with opening(f"{postgres_url}%20-csynchronous_commit%3Doff") as journal:
        journal.begin(RUN)
        journal.claim(RUN.target, RUN.recipient, "ana")
        journal.append(event("begun"))
        journal.append(event("accepted", message_id="m"))
    assert waits == ["on", "off", "on", "off"]


def test_a_process_leaves_nothing_behind_on_the_server(postgres_url: str) -> None:
    """The row that counts its commits is gone with it."""
    with opening(postgres_url) as journal:
        journal.begin(RUN)
        assert len(rows(postgres_url, "SELECT 1 FROM writers")) == 1
    assert rows(postgres_url, "SELECT 1 FROM writers") == []


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_state_without_any_commit_of_this_process_is_an_earlier_one(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, is_forgotten: bool
) -> None:
    """Others may have brought it further since: what this process sent is not in it. After a day it is forgotten."""
    from flowrunner.journal.postgres import committing

    monkeypatch.setattr(committing, "_LONG", 0.0 if is_forgotten else 60.0)
    with opening(postgres_url) as journal:
        journal.begin(RUN)
        rows(postgres_url, "DELETE FROM writers; UPDATE ledger SET commits = commits + 10")
        with (
            nullcontext() if is_forgotten else pytest.raises(JournalError, match="an earlier state of it was put back")
        ):
            journal.append(event("begun", "1"))


def test_its_tables_have_the_columns_of_a_file(postgres_url: str, tmp_path: Path) -> None:
    """But for what says how far a file, or a server, has come."""
    import sqlite3

    own = {"ledger": {"schema", "clean", "version"}, "writers": {"name", "commits", "at"}}
    with opening(postgres_url), blocking(tmp_path / "journal.db"):
        pass
    columns = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    with sqlite3.connect(tmp_path / "journal.db") as file:
        there = file.execute("SELECT m.name, p.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p").fetchall()
        tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    left = {pair for pair in there if pair[0] in tables} ^ set(rows(postgres_url, columns))
    assert {pair for pair in left if pair[1] not in own.get(pair[0], set())} == set()


@pytest.mark.tampers
def test_a_campaign_that_was_stopped_is_passed_by_on_a_server_as_well(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it plans what is asked of a journal of the first version, brought to this one, in which 20,000 wait."""
    from flowrunner.journal.places import DatabaseUrl
    from flowrunner.journal.postgres import migrating
    from flowrunner.journal.postgres.database import ServerDatabase, translated
    from flowrunner.journal.postgres.upgrading import upgrade

    with monkeypatch.context() as older:
        older.setattr(migrating, "MIGRATIONS", migrating.MIGRATIONS[:1])
        with opening(postgres_url):
            pass
    assert upgrade(DatabaseUrl(postgres_url), SYSTEM) == (1, len(migrating.MIGRATIONS))
    asked: list[tuple[str, Sequence[Any]]] = []
    execute = ServerDatabase.execute

    def noted(db: ServerDatabase, statement: str, parameters: Sequence[Any] = (), /) -> Any:
        asked.append((statement, parameters))
        return execute(db, statement, parameters)

    with opening(postgres_url) as journal:
        for name, kind in (("stopped", "paused"), ("other", "asked")):
            journal.begin_campaign(CAMPAIGN._replace(id=name, listens=True))
            journal.begin_runs(name, [beginning(1)._replace(run_id=name)])
            journal.append(event(kind, run=name, detail={"wake_at": 5.0 if name == "stopped" else 6.0}))
        its = "key + it, id || it, conversation || it, flow, campaign, state, wake_at, listens, phone, variables, now"
        kept = its.replace(" + it", "").replace(" || it", "")
        more = f"INSERT INTO runs ({kept}, created_at, seal) SELECT {its}, 0, 0 FROM runs"  # noqa: S608
        rows(postgres_url, f"{more}, generate_series(1000, 21000) AS it WHERE id = 'stopped'")
        rows(postgres_url, "ANALYZE runs")
        journal.work.hand_over("stopped", Terms(), 1.0)
        journal.work.stop("stopped", "it was enough")
        with monkeypatch.context() as listening:
            listening.setattr(ServerDatabase, "execute", noted)
            assert journal.next_due([CAMPAIGN.target]) == 6.0
            assert journal.listening_since(CAMPAIGN.target) == CAMPAIGN.created_at
            assert [each.run.id for each in journal.due([CAMPAIGN.target], 9.0, 9)] == ["other"]
    with psycopg.connect(postgres_url) as server:
        for statement, parameters in asked:
            if "runs" in statement:
                explained = b"EXPLAIN (ANALYZE, FORMAT JSON) " + translated(statement)
                [(found,)] = server.execute(explained, parameters).fetchall()
                assert _read(found[0]["Plan"]) < 100, statement
    assert len(asked) > 5


def _read(plan: dict[str, Any]) -> float:
    """How many rows of tables a plan has read."""
    its = plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0) if "Relation Name" in plan else 0
    return its * plan["Actual Loops"] + sum(_read(each) for each in plan.get("Plans", ()))


def test_a_commit_reads_through_no_table_of_which_the_server_knows_nothing_yet(postgres_url: str) -> None:
    """While one asks who has said stop, by all names of theirs, all who write wait for the lock."""
    people = [Recipient(f"c{n}", f"+34600{n:06}") for n in range(3_000)]
    asked = [(n, "r", target_key(RUN.target), f"conversation c{n}") for n in range(50)]

    def ways(db: Database) -> str:
        learn(db, RUN.target, people)
        for each in people[::30]:
            opt_out(db, RUN.target, each, "stop", 1.0)
        [(values, parameters)] = db.blocks(asked, int, str, str, str)
        return "\n".join(row for (row,) in db.execute(f"EXPLAIN {PERHAPS.format(values)}", parameters))

    with opening(postgres_url) as journal:
        shown = journal._write(ways)  # noqa: SLF001  # nothing else tells how it is found
    assert "names_name" in shown
    assert "Seq Scan on names" not in shown, shown
