"""``flowrunner completion``."""

import click

from flowrunner.cli.console import DONE, say


@click.command(help="Print the script that lets SHELL (bash, zsh or fish) complete commands, options and files.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL")
def completion(shell: str) -> int:
    """Print it, as click makes it."""
    from click.shell_completion import get_completion_class

    from flowrunner.cli.group import commands

    made = get_completion_class(shell)
    assert made is not None  # noqa: S101  # click knows all three
    say(made(commands, {}, "flowrunner", "_FLOWRUNNER_COMPLETE").source().rstrip())
    return DONE
