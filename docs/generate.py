"""Generate ``docs/reference.md`` from the commands themselves: ``make reference``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from flowrunner.cli.group import COMMANDS, commands

PAGE: Final = Path(__file__).with_name("reference.md")


def reference() -> str:
    """The page: every command with its arguments and options, as ``--help`` has them."""
    with click.Context(commands, info_name="flowrunner", **commands.context_settings) as context:
        lines = [
            "# Reference of commands",
            "",
            "Made by `make reference` from what `--help` prints. `flowrunner --version` prints the version.",
            "",
        ]
        for name in COMMANDS:
            command = commands.get_command(context, name)
            assert command is not None, name  # noqa: S101  # it is in the table
            lines += _command(command, context, f"flowrunner {name}", 2)
    return "\n".join(lines).rstrip("\n") + "\n"


def _command(command: click.Command, parent: click.Context, called: str, level: int) -> Iterator[str]:
    with click.Context(command, info_name=called.rpartition(" ")[2], parent=parent) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        yield from (
            f"{'#' * level} {called}",
            "",
            _plain(command.help or ""),
            "",
            "```text",
            f"{called} {usage}",
            "```",
        )
        yield ""
        rows = [each.get_help_record(context) or ("", "") for each in command.get_params(context)]
        yield from ("| option | meaning |", "|---|---|")
        yield from (f"| `{_cell(option)}` | {_cell(meaning)} |" for option, meaning in rows if meaning)
        yield ""
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None, name  # noqa: S101  # it was listed
                yield from _command(below, context, f"{called} {name}", level + 1)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    """Text in a table, where a bar would end the cell, even within code."""
    return _plain(text).replace("|", r"\|")


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
