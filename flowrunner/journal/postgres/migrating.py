"""The tables are made, and brought to this version: forwards only, by one process at a time."""

from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.committing import TAKE_LOCK
from flowrunner.journal.postgres.errors import damaged
from flowrunner.journal.postgres.reconnecting import Connection
from flowrunner.journal.postgres.schema import MIGRATIONS, in_postgres

_ELSEWHERE = "name a schema of its own: add ?options=-csearch_path%3DNAME to the URL, after CREATE SCHEMA NAME"


def version_of(connection: Connection, url: DatabaseUrl) -> int:
    """The version of the journal that is there; 0 for none.

    Raises:
        JournalError: It is newer than this flowrunner, or what is there is no journal.
    """
    there = {
        name
        for (name,) in connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(current_schema()))"
            " AND relname IN ('ledger', 'runs', 'events', 'campaigns')"
        ).fetchall()
    }
    if not there:
        return 0
    columns = connection.execute(
        "SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(current_schema()) || '.ledger')"
        " AND attname IN ('journal', 'version', 'digest')"
    ).fetchone()
    if "ledger" not in there or columns != (3,):
        raise JournalError(f"the journal {url} is where another program has its tables", _ELSEWHERE)
    found = connection.execute("SELECT version FROM ledger").fetchone()
    if found is None or found[0] < 1:
        raise damaged(url)
    version: int = found[0]
    if version > len(MIGRATIONS):
        raise JournalError(
            f"the journal {url} was written by a newer flowrunner"
            f" (journal version {version}, this one knows {len(MIGRATIONS)})",
            "update flowrunner, or name another journal with --journal",
        )
    return version


def require_version(connection: Connection, url: DatabaseUrl) -> None:
    """Make sure that a journal is there, and of this version.

    Raises:
        JournalError: There is none, or it is of another.
    """
    version = version_of(connection, url)
    if version == 0:
        raise JournalError(f"there is no journal {url}", "name it with --journal, or in FLOWRUNNER_JOURNAL")
    if version < len(MIGRATIONS):
        raise JournalError(
            f"the journal {url} was written by an older flowrunner"
            f" (journal version {version}, this one writes {len(MIGRATIONS)})",
            "stop what uses it, then: flowrunner journal migrate",
        )


def migrate(connection: Connection, url: DatabaseUrl) -> tuple[int, int]:
    """Bring the tables to this version, make them where there are none. Returns the version before and the one now.

    Raises:
        JournalError: It is newer than this flowrunner, or what is there is no journal.
    """
    with connection.transaction():
        connection.execute("SET LOCAL statement_timeout TO 0")
        connection.execute("SET LOCAL lock_timeout TO 0")
        connection.execute(TAKE_LOCK)
        version = version_of(connection, url)
        for changes in MIGRATIONS[version:]:
            for change in changes:
                connection.execute(in_postgres(change).encode())
        if version < len(MIGRATIONS):
            connection.execute("UPDATE ledger SET version = %s", (len(MIGRATIONS),))
    return version, len(MIGRATIONS)
