"""A journal on a server is brought to this version, and nothing else is done with it."""

from flowrunner.clock import Clock
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.migrating import migrate
from flowrunner.journal.postgres.reconnecting import Line


def upgrade(url: DatabaseUrl, clock: Clock) -> tuple[int, int]:
    """Bring a schema to this version. Returns which it had, 0 for none, and which it has now.

    Raises:
        JournalError: It is newer, another program's, or cannot be written.
    """
    line = Line(url, clock, timeout="0")
    try:
        return line.do(lambda connection: migrate(connection, url))
    finally:
        line.close()
