"""The columns that repeat what the events come to: all tests' journals are looked at; here, that this can fail."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flowrunner.journal.sqlite.checking import check_journal
from flowrunner.model import Recipient
from support.columns import Seen
from support.journalled import RUN, event, named
from support.journals import blocking


@pytest.mark.tampers
@pytest.mark.parametrize(
    "change", ["state = 'failed'", "wake_at = 5.0", "had = 'none'", "asked = 5.0", "heard = 1", "undelivered = 1"]
)
def test_a_column_that_says_something_else_is_found(tmp_path: Path, change: str) -> None:
    """Each of them, in a file and in a journal that is about to be closed."""
    path = tmp_path / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
        journal.append(event("begun"), event("accepted"))
    seen = Seen()
    seen.look(path)
    assert not seen.wrong
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"UPDATE runs SET {change}")  # noqa: S608 - ours
    seen.look(path)
    assert [each.partition(": ")[2][:5] for each in seen.wrong] == ["k3v9:"]


@pytest.mark.tampers
@pytest.mark.parametrize("name", ["conversation conv-1", "phone 525512345678", "user MX.1"])
def test_a_name_that_is_not_known_to_be_a_run_s_person_s_is_found(tmp_path: Path, name: str) -> None:
    """Those that it was begun with, and what an answer told; one of another API is no proof."""
    path = tmp_path / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
        journal.append(event("begun"), event("accepted", detail={"user_id": "MX.1"}))
        journal.begin(named("another", target="https://b.example.com", recipient=Recipient("conv-1", "+1", "MX.1")))
    seen = Seen()
    seen.look(path)
    assert not seen.wrong
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM names WHERE name = ? AND api = (SELECT min(key) FROM apis)", (name,))
    seen.look(path)
    assert [each.partition(": ")[2] for each in seen.wrong] == ["k3v9: its names are not known to be one person's"]
    assert "runs do not say what their events do" in check_journal(path).damages[0]


def test_one_that_was_taken_up_after_its_wait_is_right(tmp_path: Path) -> None:
    """No event says so before its next."""
    path = tmp_path / "journal.db"
    with blocking(path) as journal:
        journal.begin(RUN)
        journal.append(event("paused", detail={"wake_at": 5.0}))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE runs SET state = 'unfinished', wake_at = NULL")
    seen = Seen()
    seen.look(path)
    assert not seen.wrong
