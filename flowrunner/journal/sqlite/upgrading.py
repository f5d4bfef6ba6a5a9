"""A journal's file is brought to this version, and nothing else is done with it."""

from pathlib import Path

from flowrunner.clock import Clock
from flowrunner.journal.sqlite.committing import FileCommits
from flowrunner.journal.sqlite.file import look, open_file
from flowrunner.journal.sqlite.inspection import VERSION


def upgrade(path: Path, clock: Clock) -> tuple[int, int]:
    """Bring a file to this version. Returns which it had, and which it has now.

    Raises:
        JournalError: There is none, some of it is missing, or it cannot be written.
    """
    _, inspected = look(path)
    if inspected.incomplete:
        raise inspected.incomplete
    if inspected.is_old:
        FileCommits(*open_file(path, clock), clock).close()
    return inspected.version, VERSION
