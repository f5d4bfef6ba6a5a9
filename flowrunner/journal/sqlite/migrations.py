"""The tables, as the list of changes that leads to them. What was released is never edited, only added to.

A journal's version is the number of entries it has been through (`PRAGMA user_version`); this one's is `VERSION` in
`flowrunner.journal.sqlite.inspection`. A new EventKind needs a new version too, even without a change of tables: an
older flowrunner could not read such a row.

A new journal is made by what all of them come to, ``tables.sql``. It is written anew by
``pytest tests/unit/test_journal_tables.py --update``.
"""

import sqlite3
from collections.abc import Callable

from flowrunner.engine.history.messages_had import Had, had_after
from flowrunner.journal.sqlite.database import FileDatabase
from flowrunner.journal.sqlite.sealing import seal_all
from flowrunner.journal.tables.endings import TABLE as NOTIFIED
from flowrunner.journal.tables.heard_events import INDEXES as HEARD
from flowrunner.journal.tables.names import learn
from flowrunner.journal.tables.optouts import TABLE as OPTOUTS
from flowrunner.journal.tables.parked import GROUPED
from flowrunner.journal.tables.parked import INDEXES as PARKED
from flowrunner.journal.tables.rates import TABLE as RATES
from flowrunner.journal.tables.records import unpack
from flowrunner.journal.tables.status_events import INDEXES as TOLD
from flowrunner.journal.tables.uploads import TABLE as UPLOADS
from flowrunner.journal.tables.work import TABLES as WORK
from flowrunner.model import Event, EventKind, Recipient

Change = str | Callable[[FileDatabase], None]
"""One statement, or what needs more than SQL."""


def _fill_had(db: FileDatabase) -> None:
    """What every run's person had, by its events."""
    known: dict[int, Had] = {}
    found = db.execute(
        "SELECT run, kind, at, step, detail FROM events WHERE kind NOT IN ('paused', 'waited', 'finished') ORDER BY key"
    )
    for run, kind, at, step, detail in found:
        known[run] = had_after(known.get(run, "none"), Event(EventKind(kind), "", at, step, "", unpack(detail)))
    changed = ((had, run) for run, had in known.items() if had != "none")
    db.executemany("UPDATE runs SET had = ? WHERE key = ?", changed)


def _forget_failures(db: FileDatabase) -> None:
    """Drop what nobody reads, where SQLite can: 3.34, which RHEL 9 has, cannot."""
    if sqlite3.sqlite_version_info >= (3, 35):
        db.execute("ALTER TABLE campaigns DROP COLUMN failures")


def _link(db: FileDatabase) -> None:
    """Whoever a run knew by two names is one person."""
    for (target,) in db.execute("SELECT DISTINCT target FROM flows").fetchall():
        named = db.execute(
            "SELECT DISTINCT conversation, phone FROM runs JOIN flows ON flows.key = runs.flow"
            " WHERE target = ? AND conversation <> '' AND phone <> ''",
            (target,),
        )
        while some := named.fetchmany(10_000):
            learn(db, target, [Recipient(*each) for each in some])


_FIRST_SEALED = ("texts", "flows", "campaigns", "runs", "events")
MIGRATIONS: tuple[tuple[Change, ...], ...] = (
    (
        # A campaign's million runs share one flow: its text is stored once, its name and target once for all of them.
        "CREATE TABLE texts (digest TEXT PRIMARY KEY, text TEXT NOT NULL)",
        """CREATE TABLE flows (
            key INTEGER PRIMARY KEY,
            digest TEXT NOT NULL REFERENCES texts,
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            target TEXT NOT NULL,
            UNIQUE (digest, name, path, target)
        )""",
        # `state` repeats what the events say: deriving it for a list of a million runs would read all their events.
        # It changes in the same commit as the event it follows from.
        """CREATE TABLE runs (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            flow INTEGER NOT NULL REFERENCES flows,
            conversation TEXT NOT NULL,
            phone TEXT NOT NULL,
            variables TEXT NOT NULL,
            now TEXT NOT NULL,
            created_at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'unfinished'
        )""",
        "CREATE INDEX runs_conversation ON runs (conversation) WHERE conversation <> ''",
        "CREATE INDEX runs_phone ON runs (phone) WHERE phone <> ''",
        "CREATE INDEX runs_unfinished ON runs (key) WHERE state <> 'finished'",
        # The key is the order of appending, over all runs.
        """CREATE TABLE events (
            key INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs,
            kind TEXT NOT NULL,
            at REAL NOT NULL,
            step TEXT NOT NULL,
            message_id TEXT NOT NULL,
            detail TEXT NOT NULL
        )""",
        "CREATE INDEX events_run ON events (run)",
        # A released claim keeps its row, so that the next epoch is higher.
        """CREATE TABLE claims (
            conversation TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            until REAL NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE campaigns (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            flow INTEGER NOT NULL REFERENCES flows,
            now TEXT NOT NULL,
            created_at REAL NOT NULL,
            audience TEXT NOT NULL,
            total INTEGER NOT NULL,
            options TEXT NOT NULL,
            failures INTEGER NOT NULL DEFAULT 0
        )""",
        # Who was left out before a run of theirs began.
        """CREATE TABLE skipped (
            campaign INTEGER NOT NULL REFERENCES campaigns,
            line INTEGER NOT NULL,
            conversation TEXT NOT NULL,
            phone TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (campaign, line)
        ) WITHOUT ROWID""",
        # The names of variables that many runs share; each of them has but the list of its values.
        "CREATE TABLE shapes (key INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE)",
        # A campaign's run has its campaign's `now` and `created_at`, its own are empty and 0.
        "ALTER TABLE runs ADD COLUMN campaign INTEGER REFERENCES campaigns",
        "ALTER TABLE runs ADD COLUMN line INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN shape INTEGER REFERENCES shapes",
        "ALTER TABLE runs ADD COLUMN wake_at REAL",
        "CREATE INDEX runs_campaign ON runs (campaign, state) WHERE campaign IS NOT NULL",
        "CREATE INDEX runs_wake ON runs (campaign, wake_at) WHERE campaign IS NOT NULL AND wake_at IS NOT NULL",
        # A list of single runs must not read through a million runs of campaigns.
        "DROP INDEX runs_unfinished",
        "CREATE INDEX runs_unfinished ON runs (key) WHERE campaign IS NULL AND state <> 'finished'",
        "CREATE INDEX runs_alone ON runs (key) WHERE campaign IS NULL",
        # Each step's history, in order, from the index alone: the tallies of a million runs need nothing else.
        "DROP INDEX events_run",
        "CREATE INDEX events_run ON events (run, step, key, kind)",
    ),
    # Which clock a campaign's recipient lives by, where its hours were named.
    ("ALTER TABLE runs ADD COLUMN zone TEXT NOT NULL DEFAULT ''",),
    (
        # What the run's person had: written by `had.after`, asked for a thousand people at a time.
        "ALTER TABLE runs ADD COLUMN had TEXT NOT NULL DEFAULT 'none' CHECK (had IN ('none', 'open', 'took', 'sent'))",
        _fill_had,
        # A single run that was begun although its person had the flow before; its continuation need not ask.
        "ALTER TABLE runs ADD COLUMN again INTEGER NOT NULL DEFAULT 0",
        # What a row held when it was written: a changed one would send to another person, or a second time.
        *(f"ALTER TABLE {table} ADD COLUMN seal INTEGER NOT NULL DEFAULT 0" for table in _FIRST_SEALED),
        lambda db: seal_all(db, _FIRST_SEALED),
        # How much was ever written; without it nobody could tell that the end is missing.
        """CREATE TABLE ledger (
            journal TEXT NOT NULL,
            commits INTEGER NOT NULL,
            runs INTEGER NOT NULL,
            events INTEGER NOT NULL,
            digest INTEGER NOT NULL,
            schema INTEGER NOT NULL DEFAULT 0,
            clean INTEGER NOT NULL
        )""",
        """INSERT INTO ledger (journal, commits, runs, events, digest, clean)
            SELECT lower(hex(randomblob(8))), 0, (SELECT count(*) FROM runs), count(*), coalesce(sum(seal), 0), 1
            FROM events""",
    ),
    # When a campaign was called off; its runs that had not ended are `cancelled` from then on.
    ("ALTER TABLE campaigns ADD COLUMN cancelled_at REAL",),
    (
        # What a flow includes, by its name below the flow's folder; its own text stays in `texts`.
        """CREATE TABLE files (
            digest TEXT NOT NULL REFERENCES texts,
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            seal INTEGER NOT NULL,
            PRIMARY KEY (digest, name)
        ) WITHOUT ROWID""",
    ),
    (
        _forget_failures,
        # What no event says anything of has not begun, whether it is a campaign's or not.
        """UPDATE runs SET state = 'new' WHERE campaign IS NULL AND state = 'unfinished'
            AND NOT EXISTS (SELECT 1 FROM events WHERE run = runs.key)""",
    ),
    (
        # Who has a username may show no number.
        "ALTER TABLE runs ADD COLUMN user_id TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE skipped ADD COLUMN user_id TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX runs_user ON runs (user_id) WHERE user_id <> ''",
        # Whether the conversation was found after the run had begun: what was rendered knows nothing of it.
        "ALTER TABLE runs ADD COLUMN found INTEGER NOT NULL DEFAULT 0 CHECK (found IN (0, 1))",
        # An audience named its people by one of the two.
        "UPDATE runs SET found = 1 WHERE campaign IS NOT NULL AND phone <> '' AND conversation <> ''",
        # Conversations and user ids are one API's.
        # Whether it has ever shown a message of ours with what it was posted with.
        """CREATE TABLE apis (
            key INTEGER PRIMARY KEY,
            target TEXT NOT NULL UNIQUE,
            echoes INTEGER NOT NULL DEFAULT 0 CHECK (echoes IN (0, 1))
        )""",
        # Each name of those who have more than one: `person` is the key of the first that was learnt.
        """CREATE TABLE names (
            key INTEGER PRIMARY KEY,
            api INTEGER NOT NULL REFERENCES apis,
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            person INTEGER NOT NULL,
            refuses TEXT NOT NULL,
            seal INTEGER NOT NULL,
            UNIQUE (api, name)
        )""",
        "CREATE INDEX names_person ON names (person)",
        _link,
        UPLOADS,
    ),
    (
        # Whether a run hears what its person writes; since when a question of it waits for an answer; how many messages
        # it has heard; whether one of its own did not arrive. The last three repeat what its events come to.
        "ALTER TABLE runs ADD COLUMN listens INTEGER NOT NULL DEFAULT 0 CHECK (listens IN (0, 1))",
        "ALTER TABLE campaigns ADD COLUMN listens INTEGER NOT NULL DEFAULT 0 CHECK (listens IN (0, 1))",
        "ALTER TABLE runs ADD COLUMN asked REAL",
        # Until when nobody else is given a run that is due, and who has it.
        "ALTER TABLE runs ADD COLUMN lent REAL NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN lent_to TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE runs ADD COLUMN heard INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN undelivered INTEGER NOT NULL DEFAULT 0 CHECK (undelivered IN (0, 1))",
        # Until when somebody hears what an API tells.
        "ALTER TABLE apis ADD COLUMN listened REAL NOT NULL DEFAULT 0",
        *PARKED,
        *HEARD,
        *TOLD,
        *OPTOUTS,
        *NOTIFIED,
    ),
    # Campaigns that several processes send together, and the rates that they share.
    (*WORK, RATES),
    GROUPED,
)
