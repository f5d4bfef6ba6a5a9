"""A connection to the server: how it is dialled, and what holds as long as it does."""

import logging
import re
from secrets import token_hex
from typing import Any, Final

import psycopg
from psycopg.types.numeric import Int8Dumper

from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.errors import pooled, unnamed
from flowrunner.journal.postgres.texts import TextLoader

# It warns of each connection that it lets go of because it is lost: whoever asked by it is told, and says so.
logging.getLogger("psycopg").setLevel(logging.ERROR)

LOCK_PATIENCE: Final = 4.0
"""Seconds that others' lock is waited for, before it is looked at who has it."""
DIALLED: Final[dict[str, Any]] = {
    "application_name": "flowrunner",
    "connect_timeout": 5,
    # A server that does not answer any more, or a network that was cut, is known after ten seconds or so.
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "client_encoding": "UTF8",
}
"""How it is dialled where the URL does not say otherwise: words of libpq
(https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS)."""
SESSION: Final = token_hex(8)
"""Said in each session of this process: where a new one has it already, or a transaction has it no more, a pooler gives
sessions away between two transactions."""
_SETTINGS: Final = {
    # Who stops in the middle of a transaction, or is cut off in it, loses it, and so the lock that others wait for.
    "idle_in_transaction_session_timeout": "4s",
    "lock_timeout": f"{LOCK_PATIENCE:g}s",
    "extra_float_digits": "1",  # a number comes back as it was given
    "jit": "off",
    "work_mem": "32MB",
    "default_transaction_isolation": "read committed",
    "application_name": "flowrunner",
    "flowrunner.session": SESSION,
}


class _WholeDumper(Int8Dumper):
    """Conditions are kept as SQLite does: as 0 and 1."""

    def dump(self, obj: Any) -> Any:
        return super().dump(int(obj))


class _WholeLoader(psycopg.adapt.Loader):
    """What PostgreSQL adds up whole numbers to."""

    def load(self, data: psycopg.abc.Buffer) -> int:
        return int(bytes(data))


def dialled(url: DatabaseUrl, statement_timeout: str, *, makes: bool = False) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection in autocommit mode to the schema that the URL leads to, and to no other.

    Args:
        url: Where.
        statement_timeout: After how long a statement is given up; 0 for never.
        makes: Whether the schema is made if it is not there.

    Raises:
        JournalError: The database has another encoding than UTF-8, or others use the same session.
        psycopg.Error: There is none to be had.
    """
    its = psycopg.conninfo.conninfo_to_dict(url.url)
    connection = psycopg.connect(**{**DIALLED, **its}, autocommit=True)
    try:
        adapters = connection.adapters
        adapters.register_dumper(int, Int8Dumper)
        adapters.register_dumper(bool, _WholeDumper)
        adapters.register_loader("text", TextLoader)
        adapters.register_loader("numeric", _WholeLoader)
        schema = _schema(connection, url, makes=makes)
        # By statements, not as options of the connection: PgBouncer passes on only a few of those.
        settings = {**_SETTINGS, "statement_timeout": statement_timeout}
        marks = ", ".join("set_config(%s, %s, false)" for _ in settings)
        given = [each for pair in settings.items() for each in pair]
        connection.execute(f"SELECT set_config('search_path', quote_ident(%s), false), {marks}", (schema, *given))
        # What an operator has turned off for others must not be off here.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
    except BaseException:
        connection.close()
        raise
    return connection


def _wanted(url: DatabaseUrl) -> str:
    """The search path that the URL asks for in its options; empty where it does not."""
    options = str(psycopg.conninfo.conninfo_to_dict(url.url).get("options") or "")
    found = re.search(r"(?:-c\s*|--)search_path=((?:\\.|[^\\\s])*)", options)
    return re.sub(r"\\(.)", r"\1", found[1]) if found else ""


def _schema(connection: "psycopg.Connection[tuple[Any, ...]]", url: DatabaseUrl, *, makes: bool) -> str:
    """The schema that the URL leads to, made if it may be."""
    asked = (
        "SELECT current_schema(), current_setting('search_path'), current_setting('server_encoding'),"
        " coalesce(current_setting('flowrunner.session', true), '')"
    )
    [(schema, path, encoding, session)] = connection.execute(asked).fetchall()
    if session:
        raise pooled(url)
    if (wanted := _wanted(url)) and wanted != path:
        raise unnamed(url)
    if encoding != "UTF8":
        raise JournalError(
            f"the journal {url} is in a database whose encoding is {encoding}",
            "make another: createdb --template=template0 --encoding=UTF8 NAME",
        )
    if schema is not None:
        return str(schema)
    named: str = path.split(",")[0].strip().strip('"')
    if not makes or not named:
        raise psycopg.errors.InvalidSchemaName(f'schema "{named}" does not exist')
    connection.execute(psycopg.sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(psycopg.sql.Identifier(named)))
    return named
