"""A journal's file is opened, and left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from flowrunner.clock import Clock
from flowrunner.journal.interface import Journal
from flowrunner.journal.sqlite.file import look, open_file
from flowrunner.journal.tables.journal import TablesJournal
from flowrunner.journal.threads import Worker


@asynccontextmanager
async def opened(path: Path, *, read_only: bool, clock: Clock) -> AsyncIterator[Journal]:
    """The journal in the file at ``path``, as `flowrunner.journal.open_journal` says."""

    def open_it() -> TablesJournal:
        if read_only:
            file, inspected = look(path)
            if not inspected.is_old or not file.is_writable:
                its = file._replace(is_copied=inspected.is_old)
                return TablesJournal(its, clock, incomplete=inspected.incomplete)
        file, pen = open_file(path, clock)
        return TablesJournal(file, clock, pen)

    journal = await Worker("journal, opening").do(open_it)
    try:
        yield journal
    finally:
        journal.close()
