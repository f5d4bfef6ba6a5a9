CREATE TABLE texts (digest TEXT PRIMARY KEY, text TEXT NOT NULL, seal INTEGER NOT NULL DEFAULT 0);

CREATE TABLE flows (
            key INTEGER PRIMARY KEY,
            digest TEXT NOT NULL REFERENCES texts,
            name TEXT NOT NULL,
            path TEXT NOT NULL,
            target TEXT NOT NULL, seal INTEGER NOT NULL DEFAULT 0,
            UNIQUE (digest, name, path, target)
        );

CREATE TABLE runs (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            flow INTEGER NOT NULL REFERENCES flows,
            conversation TEXT NOT NULL,
            phone TEXT NOT NULL,
            variables TEXT NOT NULL,
            now TEXT NOT NULL,
            created_at REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'unfinished'
        , campaign INTEGER REFERENCES campaigns, line INTEGER NOT NULL DEFAULT 0, shape INTEGER REFERENCES shapes, wake_at REAL, zone TEXT NOT NULL DEFAULT '', had TEXT NOT NULL DEFAULT 'none' CHECK (had IN ('none', 'open', 'took', 'sent')), again INTEGER NOT NULL DEFAULT 0, seal INTEGER NOT NULL DEFAULT 0, user_id TEXT NOT NULL DEFAULT '', found INTEGER NOT NULL DEFAULT 0 CHECK (found IN (0, 1)), listens INTEGER NOT NULL DEFAULT 0 CHECK (listens IN (0, 1)), asked REAL, lent REAL NOT NULL DEFAULT 0, lent_to TEXT NOT NULL DEFAULT '', heard INTEGER NOT NULL DEFAULT 0, undelivered INTEGER NOT NULL DEFAULT 0 CHECK (undelivered IN (0, 1)));

CREATE INDEX runs_conversation ON runs (conversation) WHERE conversation <> '';

CREATE INDEX runs_phone ON runs (phone) WHERE phone <> '';

CREATE TABLE events (
            key INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs,
            kind TEXT NOT NULL,
            at REAL NOT NULL,
            step TEXT NOT NULL,
            message_id TEXT NOT NULL,
            detail TEXT NOT NULL
        , seal INTEGER NOT NULL DEFAULT 0);

CREATE TABLE claims (
            conversation TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            until REAL NOT NULL
        ) WITHOUT ROWID;

CREATE TABLE campaigns (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            flow INTEGER NOT NULL REFERENCES flows,
            now TEXT NOT NULL,
            created_at REAL NOT NULL,
            audience TEXT NOT NULL,
            total INTEGER NOT NULL,
            options TEXT NOT NULL,
            seal INTEGER NOT NULL DEFAULT 0, cancelled_at REAL, listens INTEGER NOT NULL DEFAULT 0 CHECK (listens IN (0, 1)));

CREATE TABLE skipped (
            campaign INTEGER NOT NULL REFERENCES campaigns,
            line INTEGER NOT NULL,
            conversation TEXT NOT NULL,
            phone TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT NOT NULL, user_id TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (campaign, line)
        ) WITHOUT ROWID;

CREATE TABLE shapes (key INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);

CREATE INDEX runs_campaign ON runs (campaign, state) WHERE campaign IS NOT NULL;

CREATE INDEX runs_wake ON runs (campaign, wake_at) WHERE campaign IS NOT NULL AND wake_at IS NOT NULL;

CREATE INDEX runs_unfinished ON runs (key) WHERE campaign IS NULL AND state <> 'finished';

CREATE INDEX runs_alone ON runs (key) WHERE campaign IS NULL;

CREATE INDEX events_run ON events (run, step, key, kind);

CREATE TABLE ledger (
            journal TEXT NOT NULL,
            commits INTEGER NOT NULL,
            runs INTEGER NOT NULL,
            events INTEGER NOT NULL,
            digest INTEGER NOT NULL,
            schema INTEGER NOT NULL DEFAULT 0,
            clean INTEGER NOT NULL
        );

CREATE TABLE files (
            digest TEXT NOT NULL REFERENCES texts,
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            seal INTEGER NOT NULL,
            PRIMARY KEY (digest, name)
        ) WITHOUT ROWID;

CREATE INDEX runs_user ON runs (user_id) WHERE user_id <> '';

CREATE TABLE apis (
            key INTEGER PRIMARY KEY,
            target TEXT NOT NULL UNIQUE,
            echoes INTEGER NOT NULL DEFAULT 0 CHECK (echoes IN (0, 1))
        , listened REAL NOT NULL DEFAULT 0);

CREATE TABLE names (
            key INTEGER PRIMARY KEY,
            api INTEGER NOT NULL REFERENCES apis,
            name TEXT NOT NULL,
            text TEXT NOT NULL,
            person INTEGER NOT NULL,
            refuses TEXT NOT NULL,
            seal INTEGER NOT NULL,
            UNIQUE (api, name)
        );

CREATE INDEX names_person ON names (person);

CREATE TABLE uploads (
    api INTEGER NOT NULL REFERENCES apis,
    digest TEXT NOT NULL,
    media_id TEXT NOT NULL,
    until REAL NOT NULL,
    seal INTEGER NOT NULL,
    PRIMARY KEY (api, digest)
) WITHOUT ROWID;

CREATE INDEX runs_asked ON runs (flow, asked) WHERE asked IS NOT NULL;

CREATE INDEX runs_lent ON runs (flow, lent) WHERE lent > 0;

CREATE INDEX events_heard ON events (run, message_id) WHERE kind = 'heard';

CREATE INDEX events_heard_too ON events (run, json_extract(nullif(detail, ''), '$.other_id')) WHERE kind = 'heard';

CREATE INDEX events_accepted ON events (substr(message_id, -16)) WHERE kind = 'accepted' AND message_id <> '';

CREATE INDEX events_wamid ON events (substr(json_extract(nullif(detail, ''), '$.wamid'), -16)) WHERE instr(detail, '"wamid":') AND json_extract(nullif(detail, ''), '$.wamid') <> message_id;

CREATE TABLE optouts (
        key INTEGER PRIMARY KEY,
        api INTEGER NOT NULL REFERENCES apis,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        person INTEGER NOT NULL,
        reason TEXT NOT NULL,
        at REAL NOT NULL,
        run TEXT NOT NULL,
        seal INTEGER NOT NULL,
        UNIQUE (name, api)
    );

CREATE INDEX optouts_person ON optouts (person);

CREATE TABLE notified (name TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;

CREATE INDEX events_end ON events (key) WHERE kind IN ('finished', 'handed_over', 'opted_out');

CREATE TABLE handovers (
        campaign INTEGER PRIMARY KEY REFERENCES campaigns,
        number INTEGER NOT NULL,
        at REAL NOT NULL,
        terms TEXT NOT NULL,
        submitted INTEGER NOT NULL CHECK (submitted IN (0, 1)),
        ended INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        stopped TEXT NOT NULL,
        is_back INTEGER NOT NULL CHECK (is_back IN (0, 1))
    );

CREATE TABLE workers (name TEXT PRIMARY KEY, targets TEXT NOT NULL, until REAL NOT NULL);

CREATE INDEX runs_doubtful ON runs (flow) WHERE state = 'in_doubt';

CREATE TABLE rates (sender TEXT PRIMARY KEY, shared TEXT NOT NULL, seal INTEGER NOT NULL);

CREATE INDEX runs_due ON runs (flow, (CASE WHEN heard > 0 THEN 0 ELSE coalesce(campaign, 0) END), max(wake_at, lent), key) WHERE wake_at IS NOT NULL;

CREATE INDEX runs_pausing ON runs (flow, coalesce(campaign, 0), created_at, key) WHERE runs.listens = 1 AND wake_at IS NOT NULL AND asked IS NULL;

INSERT INTO ledger (journal, commits, runs, events, digest, clean) VALUES (lower(hex(randomblob(8))), 0, 0, 0, 0, 1)
