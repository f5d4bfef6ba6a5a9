"""The commands by name. A command's module is imported when it is called, so that ``--help`` waits for none."""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

from flowrunner import __version__

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "validate": ("validate", "Check flow files; say every problem with its line and its remedy."),
    "preview": ("preview", "Show the conversation as the customer will see it; nothing is sent."),
    "plan": ("plan", "Save what a run would send, to look at it and then run exactly that."),
    "diff": ("diff", "Show what customers will see differently: two flows, folders or git revisions."),
    "run": ("run", "Send a flow to a conversation, message by message, in order."),
    "resume": ("run", "Continue a run or a campaign that did not reach its end."),
    "cancel": ("cancel", "Cancel a run or a campaign for good, even while it is being sent."),
    "runs": ("runs", "List runs, or show one with all that happened."),
    "status": ("status", "Show how far messages have got; --refresh asks the API."),
    "report": ("report", "Show the results of a campaign."),
    "explain": ("explain", "Say what a diagnostic's code means, and what is right."),
    "schema": ("schema", "Print the JSON Schema of a flow file, for an editor."),
    "emulator": ("emulator", "Answer as the API would, on this machine."),
}
"""Command -> its module in this package, and its one line in the help."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"flowrunner.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from flowrunner.diagnostics import nearest

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = nearest(args[0], list(COMMANDS))
            hint = f" Did you mean {close}?" if close else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowrunner")
def commands() -> None:
    """WhatsApp messages as code: check, preview and send YAML flows, in order, once.

    Exit codes: 0 all done; 1 the input is wrong, nothing was sent; 2 wrong usage; 3 stopped or failed on the way;
    4 a message is in doubt; 130 interrupted. After 3, 4 and 130 `flowrunner resume` can go on.
    """


def main() -> None:
    """The program."""
    gc.set_threshold(100_000, 20, 20)  # starting makes objects, not garbage: looking for it costs every start 6 %
    from flowrunner.cli.console import INTERRUPTED, end, tell

    try:
        code = commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = INTERRUPTED
    except click.ClickException as error:
        from io import StringIO

        from flowrunner.views.ink import visible

        error.show(said := StringIO())
        tell(visible(said.getvalue().rstrip("\n"), keep="\n"))  # it quotes the arguments
        code = error.exit_code
    except BrokenPipeError:
        code = end()
    sys.exit(code if isinstance(code, int) else 0)
