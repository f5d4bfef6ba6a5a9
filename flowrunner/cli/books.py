"""The journal, for commands that only look into one that is there."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import WRONG_INPUT, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrunner.journal import Journal


@contextmanager
def existing_journal(path: Path) -> "Iterator[Journal]":
    """The journal at ``path``; whatever is wrong with it is said, and ends the command."""
    from flowrunner.journal import Journal, JournalError

    if not path.exists():
        refuse(f"there is no journal {path}", "name it with --journal")
        raise click.exceptions.Exit(WRONG_INPUT)
    try:
        with Journal.open(path) as book:
            yield book
    except JournalError as error:
        refuse(error.message, error.hint)
        raise click.exceptions.Exit(WRONG_INPUT) from None
