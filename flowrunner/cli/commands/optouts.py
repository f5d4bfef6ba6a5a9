"""``flowrunner optouts``."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, refuse, say, tell, width
from flowrunner.cli.interrupts import asking
from flowrunner.cli.journals import existing_journal
from flowrunner.cli.options import PATH, formats, journal_file, output_option
from flowrunner.model import OptOut

if TYPE_CHECKING:
    from flowrunner.app.people.optouts import Imported
    from flowrunner.journal.places import Place

_PEOPLE = click.argument("people", nargs=-1, required=True, metavar="PERSON...")
_REGION = click.option(
    "--region", default="", metavar="CC", help="Country of phone numbers without a country code: MX."
)
_REASON = click.option("--reason", default="", metavar="TEXT", help="What they said, or why; it is kept and shown.")
_SHOWN: Final = 50


@click.group(
    invoke_without_command=True,
    help="Keep the people who want to be written to no more. None of them is sent anything, by any flow. PERSON is a "
    "phone number in any spelling, WhatsApp's id of a user, or the id of a conversation. Without a command: list them.",
)
@click.pass_context
def optouts(ctx: click.Context) -> int | None:
    """Who says stop in a flow that listens is among them by themselves."""
    if ctx.invoked_subcommand is not None:
        return None
    with listed.make_context("list", [], parent=ctx) as its:
        code: int = listed.invoke(its)
        return code


@optouts.command("list", cls=Configured, help="List them, in the order in which they opted out.")
@journal_file
@formats("text", "json")
def listed(journal: "Place", form: str) -> int:
    """From the journal alone."""
    from flowrunner.app.people.optouts import by_person
    from flowrunner.journal.places import is_there
    from flowrunner.views.optouts import as_json, optouts_table

    if not is_there(journal):
        say(as_json(()) if form == "json" else f"nobody has opted out (there is no journal {journal})")
        return DONE
    people = asyncio.run(_all(journal))
    if form == "json":
        say(as_json(people))
    else:
        table = optouts_table(by_person(people), width=width(), colour=colour())
        say(table if people else "nobody has opted out")
    return DONE


@optouts.command(cls=Configured, help="Opt each PERSON out, for every flow and every API, from now on.")
@_PEOPLE
@_REASON
@_REGION
@journal_file
def add(people: tuple[str, ...], reason: str, region: str, journal: "Place") -> int:
    """All or none."""
    from flowrunner.app.people.optouts import named
    from flowrunner.clock import SYSTEM

    found = [OptOut(named(text, region=region), reason, SYSTEM.now()) for text in people]
    said = asyncio.run(_kept(journal, found))
    say(_added(said))
    return DONE


@optouts.command("import", cls=Configured,
                 help="Opt out everybody in FILE, or in standard input (-): a phone, conversation or user id a line; "
                      "CSV with a column phone, conversation or user_id; or JSON. The columns reason, at and target "
                      "are kept. Nobody is added if a line cannot be understood.")  # fmt: skip
@click.argument("file", type=PATH, metavar="FILE")
@_REASON
@_REGION
@journal_file
def import_(file: Path, reason: str, region: str, journal: "Place") -> int:
    """All or none."""
    from flowrunner.app.people.optouts import read_optouts

    say(_added(asyncio.run(_kept(journal, read_optouts(file, region=region, reason=reason)))))
    return DONE


async def _kept(path: "Place", people: list[OptOut]) -> "Imported":
    from flowrunner.app.people.optouts import keep
    from flowrunner.clock import SYSTEM
    from flowrunner.journal import open_journal

    async with open_journal(path, clock=SYSTEM) as journal:
        return await keep(journal, people)


def _added(said: "Imported") -> str:
    more = f", {said.known:,} had opted out before" if said.known else ""
    return f"{said.added:,} {'person' if said.added == 1 else 'people'} opted out{more}"


@optouts.command(cls=Configured, help="Let each PERSON be written to again; it is asked first whether that is meant.")
@_PEOPLE
@_REGION
@click.option("--yes", is_flag=True, help="Do not ask.")
@journal_file
def remove(people: tuple[str, ...], region: str, yes: bool, journal: "Place") -> int:
    """All or none."""
    return asyncio.run(_removed(people, region, yes, journal))


async def _removed(people: tuple[str, ...], region: str, is_sure: bool, path: "Place") -> int:
    from flowrunner.app.people.optouts import EVERYWHERE, by_person, named
    from flowrunner.diagnostics.errors import RefusedError
    from flowrunner.views.optouts import optouts_table

    whom = {text: named(text, region=region) for text in people}
    async with existing_journal(path, write=True) as journal:
        found = {text: await journal.opt_out_of(EVERYWHERE, each) for text, each in whom.items()}
        missing = [text for text, its in found.items() if its is None]
        if missing:
            refuse(f"{', '.join(missing)} {'has' if len(missing) == 1 else 'have'} not opted out; nobody was removed")
            return WRONG_INPUT
        kept = by_person(its for its in dict.fromkeys(found.values()) if its is not None)
        if not is_sure:
            tell(optouts_table(kept[:_SHOWN], width=width(), colour=colour(err=True)))
            if not sys.stdin.isatty():
                raise RefusedError("there is no terminal to ask on", "pass --yes if they want to be written to again")
            with asking():
                is_sure = click.confirm("Do they want to be written to again?", err=True)
            if not is_sure:
                tell("nobody was removed")
                return WRONG_INPUT
        for each in whom.values():
            await journal.opt_in(EVERYWHERE, each)
    say(f"{len(kept):,} {'person' if len(kept) == 1 else 'people'} removed: they can be written to again")
    return DONE


@optouts.command(cls=Configured, help="Write them for another program, or for `flowrunner optouts import` elsewhere.")
@journal_file
@formats("csv", "json", "text")
@output_option("Write to FILE, which only its owner can read")
def export(journal: "Place", form: str, output: Path | None) -> int:
    """Everybody, in the order in which they opted out."""
    from flowrunner.views.optouts import as_csv, as_json, as_text

    text = {"csv": as_csv, "json": as_json, "text": as_text}[form](asyncio.run(_all(journal)))
    if output is None:
        say(text.rstrip("\n"))
    else:
        from flowrunner.app.output_files import write_whole

        lines = [text, "" if text.endswith("\n") else "\n"]
        write_whole(output, lines, private=True, inputs=[journal] if isinstance(journal, Path) else [])
    return DONE


async def _all(path: "Place") -> list[OptOut]:
    async with existing_journal(path) as journal:
        return [each async for each in journal.optouts()]
