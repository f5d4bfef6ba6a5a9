"""A journal's file is opened, and left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flowrunner.clock import Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.interface import Journal
from flowrunner.journal.sqlite.committing import FileCommits
from flowrunner.journal.sqlite.file import JournalFile, Pen, look, open_file
from flowrunner.journal.sqlite.reading import FileReads
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.journal.threads import in_thread


@asynccontextmanager
async def opened(path: Path, *, read_only: bool, clock: Clock) -> AsyncIterator[Journal]:
    """The journal in the file at ``path``, as `flowrunner.journal.open_journal` says."""

    def open_it() -> TablesJournal:
        if read_only:
            file, inspected = look(path)
            if not inspected.is_old or not file.is_writable:
                its = file._replace(is_copied=inspected.is_old)
                return journal_in(its, clock, incomplete=inspected.incomplete)
        file, pen = open_file(path, clock)
        return journal_in(file, clock, pen)

    journal = await in_thread("journal, opening", open_it)
    try:
        yield journal
    finally:
        journal.close()


def journal_in(
    file: JournalFile, clock: Clock, pen: Pen | None = None, *, incomplete: JournalError | None = None
) -> TablesJournal:
    """The journal in a file that was opened; without a pen it can only be read."""
    commits = FileCommits(file, pen, clock) if pen else None
    return TablesJournal(file.path, commits, FileReads(file), FileReads(file), clock, incomplete)
