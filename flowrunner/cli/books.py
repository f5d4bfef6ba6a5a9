"""The journal, for commands that need one that is there, and what of it a command names."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import WRONG_INPUT, refuse
from flowrunner.cli.hints import command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowrunner.journal import Journal, RunRecord
    from flowrunner.model import Campaign


@contextmanager
def existing_journal(path: Path) -> "Iterator[Journal]":
    """The journal at ``path``; whatever is wrong with it is said, and ends the command."""
    from flowrunner.journal import Journal, JournalError

    if not path.exists():
        refuse(f"there is no journal {path}", "if it is elsewhere, pass --journal FILE")
        raise click.exceptions.Exit(WRONG_INPUT)
    try:
        with Journal.open(path) as book:
            yield book
    except JournalError as error:
        refuse(error.message, error.hint)
        raise click.exceptions.Exit(WRONG_INPUT) from None


def named(run_id: str, book: "Journal", journal: Path) -> "tuple[Campaign | None, RunRecord | None]":
    """The campaign or the run with this id, or the only one whose id begins so; says why, where it is neither."""
    campaign = book.campaigns.find(run_id)
    record = book.record(run_id) if campaign is None else None
    if campaign is None and record is None:
        refuse(f"no run matches {run_id}, or several do", f"{command('runs', journal=journal)} lists them")
    return campaign, record
