"""``flowrunner validate``."""

import sys
from pathlib import Path

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, say


@click.command(help="Check flow files: PATH is a file, a folder (every *.yaml below it) or - for standard input.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def validate(paths: tuple[str, ...], form: str) -> int:
    """Check everything that can be checked before any value is known."""
    from flowrunner.loading import find_flows, load_file, load_text

    files, diagnostics = find_flows(Path(path) for path in paths if path != "-")
    if "-" in paths:
        diagnostics += load_text(sys.stdin.buffer.read(), "<stdin>").diagnostics
    for path in files:
        diagnostics += load_file(path).diagnostics
    failed = any(each.is_error for each in diagnostics)
    if form == "json":
        from flowrunner.views.formats import as_json

        say(as_json(diagnostics))
    elif diagnostics:
        from flowrunner.views.problems import text

        say(text(diagnostics, colour()))
    else:
        count = len(files) + ("-" in paths)
        say(f"{count} {'flow' if count == 1 else 'flows'} checked, no problems")
    return WRONG_INPUT if failed else DONE
