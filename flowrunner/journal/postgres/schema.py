"""The tables in PostgreSQL, as the list of changes that leads to them. What was released is only added to.

They are written in SQLite's words; `in_postgres` says what becomes of these. What SQLite's statements call and
PostgreSQL lacks are functions of the schema.

Names that others give, people and APIs, have no bound: an index over such a one is of the kind that keeps a hash, which
takes any length. Nothing but such an index makes them unique: who writes looks first, and nobody else writes then.
"""

import re
from typing import Final

from flowrunner.journal.tables.heard_events import OTHER_ID
from flowrunner.journal.tables.parked import GROUPED, LEFT, PAUSING
from flowrunner.journal.tables.rates import TABLE as RATES
from flowrunner.journal.tables.status_events import OTHER, OWN, TAIL, WAMID
from flowrunner.journal.tables.work import TABLES as WORK

_FUNCTIONS: Final = (
    """CREATE FUNCTION max(double precision, double precision) RETURNS double precision LANGUAGE sql IMMUTABLE
        PARALLEL SAFE AS 'SELECT CASE WHEN $1 >= $2 THEN $1 WHEN $1 < $2 THEN $2 END'""",
    """CREATE FUNCTION max(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
        PARALLEL SAFE AS 'SELECT CASE WHEN $1 >= $2 THEN $1 WHEN $1 < $2 THEN $2 END'""",
    """CREATE FUNCTION min(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
        PARALLEL SAFE AS 'SELECT CASE WHEN $1 <= $2 THEN $1 WHEN $1 > $2 THEN $2 END'""",
    """CREATE FUNCTION instr(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE
        PARALLEL SAFE AS 'SELECT strpos($1, $2) > 0'""",
    # What JSON can say and PostgreSQL's texts cannot is no reason not to find the rest of it.
    r"""CREATE FUNCTION json_extract(its text, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        DECLARE
            way text[] := ARRAY[trim(translate(path, '$.[]', ''))];
        BEGIN
            RETURN CASE json_typeof(its::json #> way) WHEN 'string' THEN its::json #>> way END;
        EXCEPTION WHEN others THEN
            its := regexp_replace(its, '\\u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})', '\\ufffd', 'g');
            RETURN CASE json_typeof(its::json #> way) WHEN 'string' THEN its::json #>> way END;
        END $$""",
    """CREATE FUNCTION json_valid(its text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
        BEGIN
            RETURN its::json IS NOT NULL;
        EXCEPTION WHEN others THEN
            RETURN false;
        END $$""",
)
_TABLES: Final = (
    "CREATE TABLE texts (digest TEXT PRIMARY KEY, text TEXT NOT NULL, seal INTEGER NOT NULL)",
    "CREATE TABLE files (digest TEXT NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL, seal INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX files_name ON files (digest, md5(name))",
    """CREATE TABLE flows (
        key INTEGER PRIMARY KEY,
        digest TEXT NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        target TEXT NOT NULL,
        seal INTEGER NOT NULL
    )""",
    "CREATE INDEX flows_digest ON flows (digest)",
    """CREATE TABLE campaigns (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        flow INTEGER NOT NULL,
        now TEXT NOT NULL,
        created_at REAL NOT NULL,
        audience TEXT NOT NULL,
        total INTEGER NOT NULL,
        options TEXT NOT NULL,
        seal INTEGER NOT NULL,
        cancelled_at REAL,
        listens INTEGER NOT NULL DEFAULT 0 CHECK (listens IN (0, 1))
    )""",
    """CREATE TABLE skipped (
        campaign INTEGER NOT NULL,
        line INTEGER NOT NULL,
        conversation TEXT NOT NULL,
        phone TEXT NOT NULL,
        user_id TEXT NOT NULL DEFAULT '',
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (campaign, line)
    )""",
    "CREATE TABLE shapes (key INTEGER PRIMARY KEY, names TEXT NOT NULL)",
    "CREATE INDEX shapes_names ON shapes USING hash (names)",
    """CREATE TABLE runs (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        flow INTEGER NOT NULL,
        conversation TEXT NOT NULL,
        phone TEXT NOT NULL,
        user_id TEXT NOT NULL DEFAULT '',
        variables TEXT NOT NULL,
        now TEXT NOT NULL,
        created_at REAL NOT NULL,
        state TEXT NOT NULL DEFAULT 'unfinished',
        campaign INTEGER,
        line INTEGER NOT NULL DEFAULT 0,
        shape INTEGER,
        wake_at REAL,
        zone TEXT NOT NULL DEFAULT '',
        had TEXT NOT NULL DEFAULT 'none' CHECK (had IN ('none', 'open', 'took', 'sent')),
        again INTEGER NOT NULL DEFAULT 0,
        seal INTEGER NOT NULL,
        found INTEGER NOT NULL DEFAULT 0 CHECK (found IN (0, 1)),
        listens INTEGER NOT NULL DEFAULT 0 CHECK (listens IN (0, 1)),
        asked REAL,
        lent REAL NOT NULL DEFAULT 0,
        lent_to TEXT NOT NULL DEFAULT '',
        heard INTEGER NOT NULL DEFAULT 0,
        undelivered INTEGER NOT NULL DEFAULT 0 CHECK (undelivered IN (0, 1))
    )""",
    "CREATE INDEX runs_conversation ON runs USING hash (conversation) WHERE conversation <> ''",
    "CREATE INDEX runs_phone ON runs USING hash (phone) WHERE phone <> ''",
    "CREATE INDEX runs_user ON runs USING hash (user_id) WHERE user_id <> ''",
    "CREATE INDEX runs_campaign ON runs (campaign, state, key) WHERE campaign IS NOT NULL",
    "CREATE INDEX runs_wake ON runs (campaign, wake_at, key) WHERE campaign IS NOT NULL AND wake_at IS NOT NULL",
    "CREATE INDEX runs_unfinished ON runs (key) WHERE campaign IS NULL AND state <> 'finished'",
    "CREATE INDEX runs_alone ON runs (key) WHERE campaign IS NULL",
    # By what a run that waits is found; see `flowrunner.journal.tables.parked`.
    "CREATE INDEX runs_due ON runs (flow, max(wake_at, lent), key) WHERE wake_at IS NOT NULL",
    "CREATE INDEX runs_asked ON runs (flow, asked) WHERE asked IS NOT NULL",
    "CREATE INDEX runs_lent ON runs (flow, lent) WHERE lent > 0",
    f"CREATE INDEX runs_left ON runs (flow, lent, key) WHERE {LEFT}",
    f"CREATE INDEX runs_pausing ON runs (flow, campaign, created_at) WHERE {PAUSING}",
    """CREATE TABLE events (
        key INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        kind TEXT NOT NULL,
        at REAL NOT NULL,
        step TEXT NOT NULL,
        message_id TEXT NOT NULL,
        detail TEXT NOT NULL,
        seal INTEGER NOT NULL
    )""",
    "CREATE INDEX events_run ON events (run, step, key, kind)",
    f"CREATE INDEX events_accepted ON events (right(message_id, {TAIL})) WHERE {OWN}",
    f"CREATE INDEX events_wamid ON events (right({WAMID}, {TAIL})) WHERE {OTHER}",
    "CREATE INDEX events_heard ON events USING hash (message_id) WHERE kind = 'heard'",
    f"CREATE INDEX events_heard_too ON events USING hash (({OTHER_ID})) WHERE kind = 'heard'",
    "CREATE INDEX events_end ON events (key) WHERE kind IN ('finished', 'handed_over', 'opted_out')",
    """CREATE TABLE claims (
        conversation TEXT NOT NULL,
        owner TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        until REAL NOT NULL
    ) WITH (fillfactor = 50)""",  # a claim is changed again and again, within its page
    "CREATE INDEX claims_conversation ON claims USING hash (conversation)",
    """CREATE TABLE apis (
        key INTEGER PRIMARY KEY,
        target TEXT NOT NULL,
        echoes INTEGER NOT NULL DEFAULT 0 CHECK (echoes IN (0, 1)),
        listened REAL NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE names (
        key INTEGER PRIMARY KEY,
        api INTEGER NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        person INTEGER NOT NULL,
        refuses TEXT NOT NULL,
        seal INTEGER NOT NULL
    )""",
    "CREATE INDEX names_name ON names USING hash (name)",
    "CREATE INDEX names_person ON names (person)",
    """CREATE TABLE optouts (
        key INTEGER PRIMARY KEY,
        api INTEGER NOT NULL,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        person INTEGER NOT NULL,
        reason TEXT NOT NULL,
        at REAL NOT NULL,
        run TEXT NOT NULL,
        seal INTEGER NOT NULL
    )""",
    "CREATE INDEX optouts_name ON optouts USING hash (name)",
    "CREATE INDEX optouts_person ON optouts (person)",
    """CREATE TABLE uploads (
        api INTEGER NOT NULL,
        digest TEXT NOT NULL,
        media_id TEXT NOT NULL,
        until REAL NOT NULL,
        seal INTEGER NOT NULL,
        PRIMARY KEY (api, digest)
    )""",
    "CREATE TABLE notified (name TEXT PRIMARY KEY, place INTEGER NOT NULL)",
    *WORK,
    RATES,
    # How far each process that writes has come: who lost the connection in a commit asks whether it was done.
    "CREATE TABLE writers (name TEXT PRIMARY KEY, commits INTEGER NOT NULL, at REAL NOT NULL) WITH (fillfactor = 50)",
    """CREATE TABLE ledger (
        journal TEXT NOT NULL,
        version INTEGER NOT NULL,
        commits INTEGER NOT NULL,
        runs INTEGER NOT NULL,
        events INTEGER NOT NULL,
        digest INTEGER NOT NULL
    ) WITH (fillfactor = 10)""",
    "INSERT INTO ledger SELECT md5(random()::text || clock_timestamp()), 0, 0, 0, 0, 0",
)
MIGRATIONS: Final = ((*_FUNCTIONS, *_TABLES), GROUPED)
"""A journal's version is how many of these it has been through."""


def in_postgres(change: str) -> str:
    """A change, written in SQLite's words, in PostgreSQL's."""
    if not change.startswith(("CREATE TABLE", "ALTER TABLE")):
        return change
    change = re.sub(r"\s+REFERENCES \w+| WITHOUT ROWID", "", change)  # they would be looked at for each row
    change = re.sub(r"(\w+) REAL NOT NULL", r"\g<0> CHECK (\1 <> 'NaN')", change)  # to SQLite that is NULL
    change = re.sub(r"\bkey INTEGER PRIMARY KEY", "key bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", change)
    words = {"INTEGER": "bigint", "REAL": "double precision", "TEXT": 'text COLLATE "C"'}
    return re.sub(r"\b(INTEGER|REAL|TEXT)\b", lambda found: words[found[0]], change)
