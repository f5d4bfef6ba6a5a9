"""The journal, for commands that need one that is there, and what of it a command names."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.cli.console import tell
from flowrunner.cli.hints import command
from flowrunner.diagnostics.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign


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


async def named(run_id: str, journal: "Journal", path: Path) -> "Campaign | RunRecord":
    """The campaign or the run with this id, or the only one whose id begins so.

    Raises:
        RefusedError: It is neither.
    """
    from flowrunner.app.resume import find

    its = await find(run_id, journal)
    if its is None:
        hint = f"{command('runs', journal=path)} lists them"
        raise RefusedError(f"no run matches {run_id}, or several do", hint)
    return its
