"""The journal, for commands that only look into one that is there."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import WRONG_INPUT, refuse, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrunner.journal import Journal


@contextmanager
def existing_journal(path: Path, *, write: bool = False) -> "Iterator[Journal]":
    """The journal at ``path``; whatever is wrong with it is said, and ends the command.

    Only to be read, it may be where nothing can be written; and one of which some is missing is shown, with a warning.
    """
    from flowrunner.journal import Journal, JournalError

    try:
        with Journal.open(path) if write else Journal.read(path) as book:
            if book.incomplete is not None:
                tell(f"warning: {book.incomplete.message}; what is there is shown\n  hint: {book.incomplete.hint}")
            yield book
    except JournalError as error:
        refuse(error.message, error.hint)
        raise click.exceptions.Exit(WRONG_INPUT) from None
