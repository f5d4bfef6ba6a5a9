"""The journal, for commands that need one that is there."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.cli.console import tell

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flowrunner.journal import Journal


@asynccontextmanager
async def existing_journal(path: Path, *, write: bool = False) -> "AsyncIterator[Journal]":
    """The journal at ``path``.

    Only to be read, it may be where nothing can be written; and one of which some is missing is shown, with a warning.
    """
    from flowrunner.journal import open_journal

    async with open_journal(path, read_only=not write) as journal:
        if journal.incomplete is not None:
            its = journal.incomplete
            tell(f"warning: {its.message}; what is there is shown\n  hint: {its.hint}")
        yield journal
