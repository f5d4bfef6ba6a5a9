"""PostgreSQL's errors in words that a person can act on."""

import re
from typing import Final

import psycopg

from flowrunner.journal.errors import JournalAwayError, JournalError
from flowrunner.journal.places import DatabaseUrl, without_passwords

RESTORE: Final = "restore it from a backup; another journal would not know what was sent"
POOL: Final = "let it pool sessions (PgBouncer: pool_mode = session), or name the server itself"
_SCHEMA: Final = (
    "leave options out of the URL, and let the server say the schema:"
    " ALTER ROLE USER IN DATABASE NAME SET search_path = SCHEMA"
)
_LATER: Final = "start the server, or wait until it is there again; nothing that was written is lost"
_WORDS: Final = "https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"
_OPERATOR: Final = "ask who runs the server, and look into its log"

_PASSES: Final = {
    "08": ("cannot be reached", _LATER),  # connection exceptions
    "53100": ("cannot be written: the server's disk is full", "free some space there"),
    "53": ("cannot be used: the server has no connection or no memory left", _OPERATOR),
    "55P03": ("is locked by another program", "end what holds a transaction open there, then try again"),
    "57014": ("is too slow: the server did not answer in time", _OPERATOR),
    "57": ("cannot be reached: the server is stopping, or starting", _LATER),
    "25P03": ("gave this process up: it was stopped for a while", "try again"),
    "25006": ("cannot be written: the server only reads", "name the server that writes, or wait until this one does"),
    "58": ("cannot be read or written: the server's disk fails", _OPERATOR),
}
"""What may be over soon, by SQLSTATE or how that begins
(https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
_STAYS: Final = {
    "26000": ("is reached through a pooler that gives each transaction another session", POOL),
    "28": (
        "does not let this user in",
        "say who you are in the URL, in PGPASSWORD, or in ~/.pgpass; a process that runs already reads ~/.pgpass alone",
    ),
    "3D000": ("is in no database that is there", "make it: createdb NAME; or name another in the URL"),
    "3F000": ("is in no schema that is there", "make it: CREATE SCHEMA NAME; or name another in the URL"),
    "42501": ("may not be used by this user", "GRANT ALL ON SCHEMA NAME TO USER, and on its tables, where it lies"),
    "42P01": ("is damaged: a table is missing", RESTORE),
    "42703": ("is damaged: a column is missing", RESTORE),
    "XX": ("is damaged", RESTORE),
}
_SHUTS_OUT: Final = ("28", "3D000")
"""A new password is set, or a database put aside, while processes run: who was in waits until it is let in again."""
_GONE: Final = ("3D000", "3F000")
_PUT_BACK: Final = "put it back, or wait until it is there again; another one would not know what was sent"
"""What helps there who was in: an empty one that they make would have them send it all once more."""
_SAID: Final = (
    (r"starting up|shutting down|in recovery|not yet accepting|terminating connection", "57"),
    (r"too many (clients|connections)|remaining connection slots", "53"),
    (r"authentication failed|no password supplied|no pg_hba.conf entry|role .* does not exist", "28"),
    (r"database .* does not exist", "3D000"),
)
"""What a server says that takes no connection, without a SQLSTATE. Other languages count as what passes."""


_SENSELESS: Final = r"^invalid URI query parameter|invalid [a-z_]+ value|invalid integer value|bad value for"
"""What libpq and psycopg say of a URL that they can make nothing of."""


def damaged(url: DatabaseUrl) -> JournalError:
    """The error for a journal whose content contradicts itself."""
    return JournalError(f"the journal {url} is damaged", RESTORE)


def unnamed(url: DatabaseUrl) -> JournalError:
    """The error for a pooler that passes on no options: what the URL says of a schema would not be followed."""
    return JournalError(f"the journal {url} is reached through a pooler that takes no options", _SCHEMA)


def pooled(url: DatabaseUrl) -> JournalError:
    """The error for a session that others use, too: what is set in it for one holds for another."""
    reason, hint = _STAYS["26000"]
    return JournalError(f"the journal {url} {reason}", hint)


def explain(error: psycopg.Error, url: DatabaseUrl, *, was_in: bool = False) -> JournalError:
    """The same error in our words.

    Args:
        error: What the server or its driver said.
        url: The journal.
        was_in: Whether the server has let this process in before: then what shuts it out now may be over soon, too.
    """
    said = " ".join(without_passwords(str(error)).split())
    if not error.sqlstate and re.search(_SENSELESS, said):
        return JournalError(f"the journal's URL {url} cannot be used: {said}", f"its words are those of {_WORDS}")
    state = error.sqlstate or next((its for words, its in _SAID if re.search(words, said)), "")
    if "statement pooling mode" in said:
        return pooled(url)
    if "unsupported startup parameter" in said:
        return unnamed(url)
    if not state and isinstance(error, psycopg.OperationalError):
        state = "08"
    for kind, known in ((JournalAwayError, _PASSES), (JournalError, _STAYS)):
        for code in (state, state[:2]):
            if code and code in known:
                reason, hint = known[code]
                more = f" ({said})" if code in ("08", "28", "42501", "42P01", "42703") else ""
                of = JournalAwayError if was_in and code in _SHUTS_OUT else kind
                hint = _PUT_BACK if was_in and code in _GONE else hint
                return of(f"the journal {url} {reason}{more}", hint)
    return JournalError(f"the journal {url} cannot be used: {said}", _OPERATOR)
