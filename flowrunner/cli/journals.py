"""The journal of a command: opened, and named in the commands that hints say."""

import shlex
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flowrunner.cli.config_defaults import file_words, is_usual
from flowrunner.cli.console import tell
from flowrunner.clock import SYSTEM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flowrunner.journal import Journal
    from flowrunner.journal.places import Place


def command(*words: str | Path, journal: "Place") -> str:
    """``flowrunner`` with these words, as a shell takes it; it finds what is in ``journal``."""
    where = () if is_usual(journal) else ("--journal", journal)
    return shlex.join(["flowrunner", *map(str, (*words, *where, *file_words()))])


def where_listed(journal: "Place") -> str:
    """What says which runs there are."""
    return f"{command('runs', journal=journal)} lists them"


@asynccontextmanager
async def existing_journal(path: "Place", *, write: bool = False) -> "AsyncIterator[Journal]":
    """The journal at ``path``.

    Only to be read, it may be where nothing can be written; and one of which some is missing is shown, with a warning.
    """
    from flowrunner.journal import open_journal

    async with open_journal(path, read_only=not write, clock=SYSTEM) as journal:
        if journal.incomplete is not None:
            its = journal.incomplete
            tell(f"warning: {its.message}; what is there is shown\n  hint: {its.hint}")
        yield journal
