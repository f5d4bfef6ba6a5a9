"""``flowrunner record``."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.app.runs.find import find_run
from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, say, tell
from flowrunner.cli.journals import existing_journal, where_listed
from flowrunner.cli.options import PATH, journal_file

if TYPE_CHECKING:
    from flowrunner.journal import RunRecord
    from flowrunner.journal.places import Place
    from flowrunner.model import Event


@click.command(
    cls=Configured,
    help="Make a test of RUN, beside its flow: what was sent and said, with examples for what is private. It is saved"
    " only where it passes.",
)
@click.argument("run_id", metavar="RUN")
@journal_file
@click.option("--as", "form", type=click.Choice(["test", "golden"]), default="test", show_default=True,
              help="With each turn, or with the chat in a file of its own.")  # fmt: skip
@click.option("--flow", type=PATH, metavar="FILE", help="The flow, where it stands elsewhere than it did.")
@click.option("--output", type=PATH, metavar="FILE", help="The test file, which gets the test below those it has; "
                                                          "- prints it.")  # fmt: skip
@click.option("--keep", multiple=True, metavar="NAME", help="Leave the value of this input, or the answer to this step,"
                                                            " as it was; repeatable.")  # fmt: skip
def record(
    run_id: str, journal: "Place", form: str, flow: Path | None, output: Path | None, keep: tuple[str, ...]
) -> int:
    """Nothing is sent, and the journal is only read."""
    from flowrunner.app.testing.record import record_run

    printed = str(output) == "-"
    found, events = asyncio.run(_found(run_id, journal))
    where = None if printed else output
    saved = record_run(found, events, flow=flow, output=where, keep=keep, golden=form == "golden")
    if printed:
        say(saved.item.rstrip("\n"))
    elif saved.known:
        tell(f"{saved.path} has this test already: {saved.known}")
        return DONE
    else:
        saved.save()
        tell(f"added to {saved.path}: it passes")
    if saved.note:
        tell(saved.note)
    for each in saved.replaced:
        tell(f"replaced {each.name}: {each.was} -> {each.now}")
    return DONE


async def _found(run_id: str, journal: "Place") -> "tuple[RunRecord, list[Event]]":
    async with existing_journal(journal) as its:
        found = await find_run(run_id, its, where_listed(journal))
        return found, await its.events(found.run.id)
