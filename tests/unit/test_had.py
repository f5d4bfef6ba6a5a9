"""May they have had it: one answer, and everybody who asks gives it."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.delivery import begin
from flowrunner.delivery.beginning import had_elsewhere
from flowrunner.engine.history.state import state_of
from flowrunner.journal.many import Beginning
from flowrunner.journal.sqlite.inspection import APPLICATION
from flowrunner.journal.sqlite.migrations import MIGRATIONS
from flowrunner.model import Event, EventKind, Recipient
from flowrunner.model.campaigns import Campaign
from support.journalled import RUN, named
from support.journals import Blocking, blocking

HISTORIES: list[tuple[str, bool]] = [
    ("", False),
    ("finished -", False),
    ("skipped 1, finished -", False),
    ("skipped 1, begun 2, failed 2", False),
    ("paused 1", False),
    ("paused -", False),
    ("skipped -", False),
    ("failed -", False),
    ("begun 1", True),
    ("begun 1, failed -", True),
    ("begun 1, failed 1", False),
    ("begun 1, retrying 1", False),
    ("begun 1, retrying 1, begun 1", True),
    ("begun 1, retrying 1, failed 1", False),
    ("begun 1, in_doubt 1", True),
    ("begun 1, in_doubt 1, accepted 1", True),
    ("begun 1, in_doubt 1, retrying 1", False),
    ("begun 1, in_doubt 1, failed 1", False),
    ("begun 1, in_doubt 1, skipped 1", True),
    ("begun 1, in_doubt 1, skipped 1, begun 2, failed 2", True),
    ("begun 1, in_doubt 1, retrying 1 doubtful, begun 1, failed 1", True),
    ("begun 1, begun 1, failed 1", True),
    ("begun 1, accepted 1", True),
    ("begun 1, accepted 1, finished -", True),
    ("begun 1, accepted 1, sent 1", True),
    ("begun 1, accepted 1, failed 1", False),
    ("begun 1, accepted 1, sent 1, failed 1", False),
    ("begun 1, accepted 1, delivered 1, failed 1", True),
    ("begun 1, accepted 1, failed 1 late", True),
    ("begun 1, accepted 1, finished -, failed 1 learnt", True),
    ("begun 1, accepted 1, begun 2, failed 2", True),
    ("begun 1, accepted 1, begun 2, accepted 2, failed 2", True),
    ("begun 1, accepted 1, failed 1, begun 1, accepted 1", True),
    ("begun 1, accepted 1, failed 2 unsent", True),
    ("begun 1, accepted 1, begun 2 unsent, retrying 2 unsent, failed 2 unsent", True),
    ("begun 1, retrying 1, failed 1 unsent", False),
    ("begun 1 unsent, accepted 1 unsent", False),
    ("begun 1 unsent, accepted 1 unsent, begun 2, failed 2", False),
    ("in_doubt -", True),
    ("in_doubt -, begun 1, failed 1", True),
]

RUNS = [
    named(f"run{number}", recipient=Recipient(f"conv-{number}", f"+52155123456{number:02}"))
    for number in range(len(HISTORIES))
]
"""A run for each history, each for another person."""
CAMPAIGN = Campaign("c1", *RUN[1:3], RUN.target, RUN.now, RUN.created_at, "people.csv", len(RUNS))


def events(history: str, run: str = RUN.id) -> list[Event]:
    """Events from their short form; ``-`` for no step, then perhaps a mark."""
    found = []
    for place, each in enumerate(filter(None, history.split(", "))):
        kind, step, *marks = each.split()
        detail: dict[str, Any] = dict.fromkeys(marks, True)
        found.append(Event(EventKind(kind), run, 1000.0 + place, "" if step == "-" else step, "", detail))
    return found


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    return tmp_path / "journal.db"


async def fill(journal: Blocking, *, together: bool, campaign: bool) -> None:
    """The runs with their histories: a campaign's or single ones, a run's events written at once or one by one."""
    if campaign:
        await journal.begin_campaign(CAMPAIGN)
        beginnings = [Beginning(run.id, run.recipient, {}, line) for line, run in enumerate(RUNS, 1)]
        await journal.begin_runs(CAMPAIGN.id, beginnings)
    for run, (history, _) in zip(RUNS, HISTORIES, strict=True):
        if not campaign:
            await journal.begin(run)
        its = events(history, run.id)
        for part in [its] if together else [[each] for each in its]:
            await journal.append(*part)


@pytest.mark.parametrize(("history", "had"), HISTORIES)
def test_the_answer_follows_from_the_events(history: str, had: bool) -> None:
    """Taken, begun, in doubt, or given up in doubt: yes. Left out, refused, surely not there: no."""
    assert state_of(events(history)).run.may_have_had is had


@pytest.mark.parametrize("campaign", [False, True])
@pytest.mark.parametrize("together", [False, True])
def test_all_who_ask_give_the_same_answer(path: Path, together: bool, campaign: bool) -> None:
    """A campaign or plan about to begin, a campaign's run about to send, a single run about to begin or to go on."""
    with blocking(path) as journal:
        asyncio.run(fill(journal, together=together, campaign=campaign))
        for run, (history, had) in zip(RUNS, HISTORIES, strict=True):
            record = journal.record(run.id)
            assert record is not None
            assert record.may_have_had is had, history
            recipients = [run.recipient, Recipient("", run.recipient.phone), Recipient("another")]
            found = journal.had_before(run.flow_name, run.target, recipients)
            assert found == ({0, 1} if had else set()), history
            assert not journal.had_before(run.flow_name, run.target, recipients, but=run.id), history
            other, again = run._replace(id=f"{run.id}other"), run._replace(id=f"{run.id}again")
            assert bool(asyncio.run(had_elsewhere(other, journal.journal))) is had, history
            in_the_way = asyncio.run(begin(other, journal, clock=SYSTEM))
            assert (in_the_way is not None) is (had or record.state == "unfinished"), history
            assert asyncio.run(begin(again, journal, again=True, clock=SYSTEM)) is None, history
            assert not asyncio.run(had_elsewhere(again, journal.journal)), history


def test_an_old_journal_learns_the_answer_when_it_is_migrated(path: Path) -> None:
    """Version 3 had no such column: it is filled from the events."""
    with blocking(path) as journal:
        asyncio.run(fill(journal, together=True, campaign=False))
    back_to_version_3(path)
    with blocking(path) as journal:
        for run, (history, had) in zip(RUNS, HISTORIES, strict=True):
            record = journal.record(run.id)
            assert record is not None
            assert record.may_have_had is had, history
            assert journal.events(run.id) == events(history, run.id), history


def back_to_version_3(path: Path) -> None:
    """Put the journal's rows into the tables of version 3: what later versions added is not there any more."""
    path.with_name(f"{path.name}-mark").unlink()
    now = path.rename(path.with_name("now.db"))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for change in (each for changes in MIGRATIONS[:3] for each in changes):
            assert isinstance(change, str)
            db.execute(change)
        db.execute("ATTACH ? AS now", (str(now),))
        for (table,) in db.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'").fetchall():
            known = {column for _, column, *_ in db.execute(f"PRAGMA now.table_info({table})")}
            columns = ", ".join(each for _, each, *_ in db.execute(f"PRAGMA main.table_info({table})") if each in known)
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM now.{table}")  # noqa: S608
        db.execute(f"PRAGMA application_id = {APPLICATION}")
        db.execute("PRAGMA user_version = 3")
        db.execute("PRAGMA journal_mode = WAL")
