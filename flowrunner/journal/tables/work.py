"""Campaigns in the hands of workers, and the workers: a row for each."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from flowrunner.engine.history.phases import Phase
from flowrunner.journal.errors import JournalError
from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.outcomes import key_of
from flowrunner.journal.tables.records import pack, unpack
from flowrunner.journal.work import HandOver, Terms, Work, WorkerBeat

Do = Callable[[Callable[[Database], Any]], Awaitable[Any]]
"""Does something with the database, and gives what it returns."""
TABLES: Final = (
    """CREATE TABLE handovers (
        campaign INTEGER PRIMARY KEY REFERENCES campaigns,
        number INTEGER NOT NULL,
        at REAL NOT NULL,
        terms TEXT NOT NULL,
        submitted INTEGER NOT NULL CHECK (submitted IN (0, 1)),
        ended INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        stopped TEXT NOT NULL,
        is_back INTEGER NOT NULL CHECK (is_back IN (0, 1))
    )""",
    "CREATE TABLE workers (name TEXT PRIMARY KEY, targets TEXT NOT NULL, until REAL NOT NULL)",
    # They are counted again and again, and are few.
    f"CREATE INDEX runs_doubtful ON runs (flow) WHERE state = '{Phase.IN_DOUBT}'",
)
_FORGOTTEN: Final = 86_400.0
"""Seconds after which it is of no use that a worker was there."""


class TablesWork(Work):
    """The part of a journal in tables that is for workers."""

    def __init__(self, write: Do, ask: Do) -> None:
        """Nothing is read yet.

        Args:
            write: In a commit.
            ask: Where it only reads.
        """
        self._write, self._ask = write, ask

    async def hand_over(self, campaign_id: str, terms: Terms, at: float) -> HandOver:
        handed: HandOver = await self._write(lambda db: _hand_over(db, campaign_id, terms, at))
        return handed

    async def take_back(self, campaign_id: str) -> None:
        its = "UPDATE handovers SET is_back = 1, stopped = '', number = number + 1 WHERE campaign = ?"
        await self._write(lambda db: _run(db, its, key_of(db, campaign_id)))

    async def of(self, campaign_id: str) -> HandOver | None:
        return next(iter(await self._ask(lambda db: _rows(db, "campaigns.id = ?", campaign_id))), None)

    async def unsubmitted(self, before: float) -> list[HandOver]:
        which = "submitted = 0 AND stopped = '' AND cancelled_at IS NULL AND at < ?"
        found: list[HandOver] = await self._ask(lambda db: _rows(db, which, before))
        return found

    async def submitted(self, handed: HandOver) -> None:
        its = "UPDATE handovers SET submitted = 1 WHERE campaign = ? AND number = ?"
        await self._write(lambda db: _run(db, its, key_of(db, handed.campaign), handed.number))

    async def add_up(self, handed: HandOver, ended: int, failed: int) -> HandOver | None:
        its = "UPDATE handovers SET ended = ended + ?, failed = failed + ? WHERE campaign = ? AND number = ?"
        if ended or failed:
            await self._write(lambda db: _run(db, its, ended, failed, key_of(db, handed.campaign), handed.number))
        now = await self.of(handed.campaign)
        return now if now is not None and now.number == handed.number else None

    async def stop(self, campaign_id: str, reason: str) -> None:
        its = "UPDATE handovers SET stopped = ? WHERE campaign = ? AND stopped = '' AND is_back = 0"
        said = reason.encode(errors="replace").decode()  # the API's words may have half a character in them
        await self._write(lambda db: _run(db, its, said, key_of(db, campaign_id)))

    async def note_worker(self, beat: WorkerBeat) -> None:
        await self._write(lambda db: _note(db, beat))

    async def workers(self) -> Sequence[WorkerBeat]:
        found: list[WorkerBeat] = await self._ask(_workers)
        return found


def _run(db: Database, statement: str, *parameters: object) -> None:
    db.execute(statement, parameters)


def _hand_over(db: Database, campaign_id: str, terms: Terms, at: float) -> HandOver:
    if (key := key_of(db, campaign_id)) is None:
        raise JournalError(f"there is no campaign {campaign_id} in the journal")
    db.execute(
        "INSERT INTO handovers (campaign, number, at, terms, submitted, ended, failed, stopped, is_back)"
        " VALUES (?, 1, ?, ?, 0, 0, 0, '', 0) ON CONFLICT (campaign) DO UPDATE SET"
        " number = handovers.number + 1, at = excluded.at, terms = excluded.terms, submitted = 0, ended = 0,"
        " failed = 0, stopped = '', is_back = 0",
        (key, float(at), pack(terms._asdict())),
    )
    [handed] = _rows(db, "campaigns.id = ?", campaign_id)
    return handed


def _rows(db: Database, which: str, *parameters: object) -> list[HandOver]:
    found = db.execute(
        "SELECT campaigns.id, number, at, terms, ended, failed, stopped"  # noqa: S608 - our own clause
        f" FROM handovers JOIN campaigns ON campaigns.key = campaign WHERE is_back = 0 AND {which} ORDER BY at",
        parameters,
    ).fetchall()
    return [
        HandOver(campaign, number, at, Terms(**unpack(terms)), ended, failed, stopped)
        for campaign, number, at, terms, ended, failed, stopped in found
    ]


def _note(db: Database, beat: WorkerBeat) -> None:
    db.execute(
        "INSERT INTO workers (name, targets, until) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET targets = excluded.targets, until = excluded.until",
        (beat.name, pack(list(beat.targets)), beat.until),
    )
    db.execute("DELETE FROM workers WHERE until < ?", (beat.until - _FORGOTTEN,))


def _workers(db: Database) -> list[WorkerBeat]:
    found = db.execute("SELECT name, targets, until FROM workers ORDER BY name").fetchall()
    return [WorkerBeat(name, tuple(unpack(targets) or ()), until) for name, targets, until in found]
