"""The journal, for commands that need one that is there, and what of it a command names."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.cli.console import refuse, tell
from flowrunner.cli.hints import command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign


@asynccontextmanager
async def existing_journal(path: Path, *, write: bool = False) -> "AsyncIterator[Journal]":
    """The journal at ``path``; whatever is wrong with it is said, and ends the command.

    Only to be read, it may be where nothing can be written; and one of which some is missing is shown, with a warning.
    """
    from flowrunner.journal import open_journal

    async with open_journal(path, read_only=not write) as book:
        if book.incomplete is not None:
            tell(f"warning: {book.incomplete.message}; what is there is shown\n  hint: {book.incomplete.hint}")
        yield book


async def named(run_id: str, book: "Journal", journal: Path) -> "tuple[Campaign | None, RunRecord | None]":
    """The campaign or the run with this id, or the only one whose id begins so; says why, where it is neither."""
    campaign = await book.campaign(run_id)
    record = await book.record(run_id) if campaign is None else None
    if campaign is None and record is None:
        refuse(f"no run matches {run_id}, or several do", f"{command('runs', journal=journal)} lists them")
    return campaign, record
