"""``flowrunner init``."""

from pathlib import Path
from shlex import join

import click

from flowrunner.cli.console import DONE, say
from flowrunner.cli.options import PATH


@click.command(
    help="Begin a project in FOLDER: a flow with its tests, flowrunner.toml, a workflow for GitHub and a pre-commit"
    " file. Files that are there stay as they are."
)
@click.argument("folder", type=PATH, required=False, default=Path(), metavar="[FOLDER]")
def init(folder: Path) -> int:
    """Write what is not there yet, and say what to do next."""
    from flowrunner.app.new_project.init import init as begin

    begun = begin(folder)
    for path in begun.written:
        say(f"wrote {path}")
    for path in begun.kept:
        say(f"kept  {path}, which was there")
    flows = f"./{folder}/flows" if str(folder).startswith("-") else str(folder / "flows")
    say()
    say(f"{join(['flowrunner', 'preview', f'{flows}/welcome.yaml'])}   shows the chat")
    say(f"{join(['flowrunner', 'test', flows])}   proves what it promises")
    return DONE
