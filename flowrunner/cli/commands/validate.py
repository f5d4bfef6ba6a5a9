"""``flowrunner validate``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowrunner.app.reviewing.check import check_flows
from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, links, say, tell
from flowrunner.cli.options import FOR_DIALECT, OF_SENDER, FilePath, file_option, formats
from flowrunner.cli.recipient_options import clocks, misplaced
from flowrunner.cli.table_options import reading
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic
from flowrunner.spec.words import listed

if TYPE_CHECKING:
    from flowrunner.model import Reading

_SHOWN = 20
"""Problems of an audience that are shown as text: nobody reads a hundred thousand."""


@click.command(
    cls=Configured,
    help="Check flow files, and test files against their flows. PATH is a file, a folder (every *.yaml and *.yml below"
    " it) or - for standard input.",
)
@click.argument("paths", type=FilePath(), nargs=-1, required=True, metavar="PATH...")
@formats("text", "json", "github", "sarif", "junit")
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@file_option("--audience", "Also check everybody in this file.")
@click.option("--online", is_flag=True, help="Also ask the web addresses of files what is there: type and size.")
@reading
@OF_SENDER
@FOR_DIALECT
@clocks
def validate(
    paths: tuple[str, ...], form: str, strict: bool, audience: Path | None, online: bool, how: "Reading",
    dialect: str | None, at: Any, quiet: Any, timezone: str,
) -> int:  # fmt: skip
    """Check everything that can be checked before any value is known; with an audience, its values too."""
    if audience is None and (stray := misplaced("at", "quiet", "timezone")):
        raise click.UsageError(f"{stray} needs --audience FILE.")
    schedule = None
    if audience is not None:
        from flowrunner.campaign import Schedule

        schedule = Schedule(at, quiet, SYSTEM.now())
    show = _SHOWN if form == "text" else None
    how = how._replace(timezone=timezone)
    found = check_flows(paths, audience, how, schedule, show, dialect or "", online=online)
    diagnostics = found.diagnostics
    checked = [*found.flows, *found.tests, *([] if audience is None else [str(audience)])]
    if text := _drawn(form, diagnostics, checked, found.people):
        say(text)
    if found.more:
        say(f"and {found.more:,} more in {audience}; --format json shows them all")
    if form == "text" and (found.people or not diagnostics):
        say(f"{_checked(len(found.flows), len(found.tests), found.people)}{'' if diagnostics else ', no problems'}")
    if form == "text":
        for note in found.notes:
            tell(f"note: {note}")
    return WRONG_INPUT if any(each.is_error or strict for each in diagnostics) else DONE


def _checked(flows: int, tests: int, people: int) -> str:
    counts = ((flows, "flow", "flows"), (tests, "test file", "test files"), (people, "person", "people"))
    said = [f"{many:,} {one if many == 1 else several}" for many, one, several in counts if many]
    return f"{listed(said or ['0 flows'], 'and')} checked"


def _drawn(form: str, diagnostics: Sequence[Diagnostic], checked: Sequence[str], people: int) -> str:
    if form == "text":
        from flowrunner.views.problems.text import text

        return text(diagnostics, colour(), links=links())
    if form == "sarif":
        from flowrunner.diagnostics.codes import rules
        from flowrunner.views.problems.sarif import as_sarif

        return as_sarif(diagnostics, {code: (rule.what, rule.why) for code, rule in rules().items()})
    if form == "junit":
        from flowrunner.views.problems.junit import as_junit

        return as_junit(diagnostics, checked)
    if form == "json":
        from flowrunner.views.problems.json import as_json

        return as_json(diagnostics, checked, people)
    from flowrunner.views.problems.github import as_github

    return as_github(diagnostics)
