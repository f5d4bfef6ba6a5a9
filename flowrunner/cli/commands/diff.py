"""``flowrunner diff``."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from flowrunner.cli.config_defaults import Configured
from flowrunner.cli.console import DONE, WRONG_INPUT, colour, complain, say, width
from flowrunner.cli.options import OF_SENDER, FilePath, file_option, formats, output_option, variables
from flowrunner.cli.table_options import Rows, reading
from flowrunner.diff.values import MOST_ROWS
from flowrunner.model import Reading

if TYPE_CHECKING:
    from flowrunner.diff.values import Comparison

DIFFERENT: Final = 2
"""What ``--detailed-exitcode`` says of a difference."""


@click.command(
    cls=Configured,
    help="Compare what customers will see. A and B are files or folders, or those of a git revision (main:flows).",
)
@click.argument("a", type=FilePath(), metavar="A")
@click.argument("b", type=FilePath(), metavar="B")
@variables
@file_option("--audience", "Compare what people in this file see.")
@click.option("--rows", type=Rows(MOST_ROWS), help="Which rows of it, counted from 1: 3, 1-5 or 1,4-6.")
@reading
@OF_SENDER
@formats("text", "html", "json", "markdown")
@output_option("Write the result to FILE")
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit with 2 if what is sent or waited for differs, with 0 if not."
)
def diff(
    a: str,
    b: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    audience: Path | None,
    rows: tuple[int, ...] | None,
    how: Reading,
    form: str,
    output: Path | None,
    detailed_exitcode: bool,
) -> int:
    """Both sides are rendered with the same values at the same moment; nothing is sent."""
    from flowrunner.app.flows import read_values
    from flowrunner.app.output_files import write_whole
    from flowrunner.app.reviewing.diff import compare

    if rows and audience is None:
        raise click.UsageError("--rows needs --audience FILE.")
    values, diagnostics = read_values(pairs, files)
    found, read = compare(a, b, values, audience, rows or (), how, diagnostics)
    complain([*diagnostics, *found.problems])
    drawn = _drawn(form, found, to_terminal=output is None)
    if output is None:
        say(drawn)
    else:
        write_whole(output, [drawn, "\n"], inputs=[*files, *([audience] if audience else []), *read])
    if not found.is_whole:
        return WRONG_INPUT
    return DIFFERENT if detailed_exitcode and found.differs else DONE


def _drawn(form: str, found: "Comparison", *, to_terminal: bool) -> str:
    if form == "json":
        from flowrunner.views.diff.json import as_json

        return as_json(found)
    if form == "markdown":
        from flowrunner.views.diff.markdown import as_markdown

        return as_markdown(found)
    if form == "html":
        from flowrunner.views.diff.html import as_html

        return as_html(found)
    from flowrunner.views.diff.text import as_text

    return as_text(found, width=width() if to_terminal else 80, colour=to_terminal and colour())
