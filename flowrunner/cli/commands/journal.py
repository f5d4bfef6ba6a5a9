"""``flowrunner journal``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, WRONG_INPUT, refuse, say, tell
from flowrunner.cli.options import PATH, PLACE, formats, journal_file, no_stream

if TYPE_CHECKING:
    from flowrunner.journal import JournalError
    from flowrunner.journal.places import Place
    from flowrunner.journal.tables.checking import CheckResult


@click.group(help="Look after the journal: check it, copy it, or continue with one that is incomplete.")
def journal() -> None:
    """The journal as a file; what is in it is shown by `runs`, `status` and `report`."""


@journal.command(cls=Configured, help="Read the whole journal, and say whether anything in it is damaged or missing.")
@journal_file
@formats("text", "json")
def check(journal: "Place", form: str) -> int:
    """Change nothing; exit code 1 if anything is wrong."""
    from flowrunner.app.journals.maintenance import check_journal
    from flowrunner.journal import JournalError

    try:
        result = check_journal(journal)
    except JournalError as error:
        if form == "json":
            say(json.dumps({"journal": str(journal), "ok": False, "problems": [_problem(error)]}, indent=2))
        else:
            refuse(error.message, error.hint)
        return WRONG_INPUT
    if form == "json":
        problems = [_problem(result.missing)] if result.missing else []
        problems += [{"message": damage, "hint": ""} for damage in result.damages]
        counts = {"runs": result.runs, "events": result.events, "missing_runs": result.missing_runs}
        say(json.dumps({"journal": str(journal), "ok": result.is_whole, **counts, "problems": problems}, indent=2))
    else:
        _say_checked(journal, result)
    return DONE if result.is_whole else WRONG_INPUT


def _problem(error: "JournalError") -> dict[str, str]:
    return {"message": error.message, "hint": error.hint}


def _say_checked(journal: "Place", result: "CheckResult") -> None:
    if result.is_whole:
        say(f"{journal}: nothing is damaged, nothing is missing (runs: {result.runs}, events: {result.events})")
        return
    hint = "restore it from a backup; flowrunner runs shows what can still be read"
    for number, damage in enumerate(result.damages, 1):
        refuse(f"the journal {journal} is damaged: {damage}", hint if number == len(result.damages) else "")
    if result.missing and not result.damages:
        refuse(result.missing.message, result.missing.hint.partition(";")[0])
        if not result.missing_runs:
            say(f"To continue without what is missing: flowrunner journal accept --journal {journal}")
            say("Every run that had not ended is then in doubt, and nothing is sent to its recipient")
            say("until you have looked at the chat: resume RUN --in-doubt resend, or --in-doubt skip.")
            return
        say(f"Runs missing altogether: {result.missing_runs}. Whom they sent to is not known here.")


@journal.command(cls=Configured, help="Copy the journal to FILE, also while runs are under way, and check the copy.")
@click.argument("file", type=PATH, metavar="FILE", callback=no_stream)
@journal_file
@click.option("--overwrite", is_flag=True, help="Replace FILE.")
def backup(file: Path, journal: "Place", overwrite: bool) -> int:
    """One file, whole or not at all."""
    from flowrunner.app.journals.maintenance import back_up

    result = back_up(journal, file, overwrite=overwrite)
    say(f"{file} is a whole copy (runs: {result.runs}, events: {result.events})")
    if result.missing is not None:
        say("A process was writing to the journal: what it sends from now on is not in the copy.")
    return DONE


@journal.command(
    cls=Configured,
    help="Continue with a journal of which a part is lost; every run that had not ended is then in doubt.",
)
@journal_file
@click.option("--restored", is_flag=True, help="An earlier state of a database was put back; that of a file is "
                                               "noticed without this.")  # fmt: skip
def accept(journal: "Place", restored: bool) -> int:
    """What may have been sent counts as in doubt: nobody is written to again without a decision."""
    from flowrunner.app.journals.maintenance import accept_loss

    doubtful = accept_loss(journal, restored=restored)
    say(f"the journal counts as complete; runs in doubt now: {doubtful}")
    return DONE


@journal.command(cls=Configured, help="Bring the journal's tables to this version of flowrunner. There is no way back.")
@journal_file
def migrate(journal: "Place") -> int:
    """An older flowrunner cannot use them afterwards."""
    from flowrunner.app.journals.maintenance import migrate_journal

    before, now = migrate_journal(journal)
    if before == now:
        say(f"{journal} is of version {now}, as this flowrunner needs it: nothing was to be done")
    elif before:
        say(f"{journal} was of version {before}, and is of version {now} now")
    else:
        say(f"{journal} was empty, and has the tables of version {now} now")
    return DONE


@journal.command(
    "copy",
    cls=Configured,
    help="Copy all that the journal FROM keeps to TO: a new file, or an empty schema of a database. Nobody may send by "
    "FROM any more. What is copied is compared on both sides.",
)
@click.argument("source", type=PLACE, metavar="FROM")
@click.argument("target", type=PLACE, metavar="TO")
def copy_(source: "Place", target: "Place") -> int:
    """Whole, or not at all."""
    from flowrunner.app.journals.maintenance import copy_journal
    from flowrunner.journal import JournalError

    try:
        done = copy_journal(source, target)
    except JournalError as error:
        error.hint = error.hint.removesuffix(" with --journal FILE")  # it takes two, by themselves
        raise
    say(f"{target} has all of {source} (runs: {done.runs}, events: {done.events}, rows of all tables: {done.rows})")
    say(f"digest on both sides: {done.digest}")
    tell("Use the copy from now on: what is sent by the other one is not in it, and would be sent again.")
    return DONE
