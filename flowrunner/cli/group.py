"""The commands by name. A command's module is imported when it is called, so that ``--help`` waits for none."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from flowrunner import __version__
from flowrunner.cli.console import WRONG_INPUT, complain, refuse, tell
from flowrunner.diagnostics.errors import FlowError, RefusedError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "init": ("init", "Begin a project: a flow, its tests, senders, and what checks every change."),
    "validate": ("validate", "Check flow files: every problem, with its line and its remedy."),
    "preview": ("preview", "Show the conversation as the customer will see it; nothing is sent."),
    "test": ("test", "Play the tests of flows: what is promised to a customer, without sending anything."),
    "record": ("record", "Make a test of a run, with examples in the place of what is private."),
    "plan": ("plan", "Save what a run would send, to review it and then send exactly that."),
    "diff": ("diff", "Show what customers will see differently: two flows, folders or git revisions."),
    "run": ("run", "Send a flow to a conversation, message by message, in order."),
    "resume": ("resume", "Continue a run or a campaign that was stopped."),
    "listen": ("listen", "Take in webhooks and answers, and go on with the runs that wait for them."),
    "worker": ("worker", "Carry out campaigns and due runs, beside other workers on other machines."),
    "cancel": ("cancel", "Cancel a run or a campaign for good, even while it is being sent."),
    "runs": ("runs", "List runs, or show everything that happened in one."),
    "status": ("status", "Show how many messages were delivered and read; --refresh asks the API."),
    "senders": ("senders", "List the senders of flowrunner.toml, and ask whether each can send."),
    "report": ("report", "Show the results of a campaign."),
    "optouts": ("optouts", "Keep the people who want to be written to no more: list, add, remove, import, export."),
    "journal": ("journal", "Check, copy or upgrade the journal, or continue with one that is incomplete."),
    "templates": ("templates", "Keep the account's approved templates in a file, which validate and preview read."),
    "explain": ("explain", "Explain a diagnostic's code: what it means, and what is right."),
    "schema": ("schema", "Print the JSON Schema of flow files and of flowrunner.toml, for editors."),
    "completion": ("completion", "Print a script that lets the Tab key complete commands in your shell."),
    "emulator": ("emulator", "Run an emulator of the API on this machine."),
}
"""Command -> its module in this package, and its one line in the help."""


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> object:
        """Do it; what ends every use case before it has begun is said here."""
        try:
            return super().invoke(ctx)
        except FlowError as error:
            complain(error.diagnostics)
            for note in getattr(error, "__notes__", ()):
                tell(note)
        except RefusedError as error:
            from flowrunner.cli.secrets import without_secrets

            refuse(without_secrets(error.message), without_secrets(error.hint))
        return WRONG_INPUT

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"flowrunner.cli.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """The commands from the table: to import all of them would keep whoever pressed Tab waiting."""
        from click.shell_completion import CompletionItem

        found = [CompletionItem(name, help=line) for name, (_, line) in COMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from flowrunner.diagnostics import nearest

        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            close = nearest(args[0], list(COMMANDS))
            hint = f" Did you mean {close}?" if close else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="flowrunner")
def commands() -> None:
    """WhatsApp messages as code: check, preview and send YAML flows, in order, once.

    Exit codes: 0 all done; 1 the input is wrong, nothing was sent; 2 wrong usage; 3 stopped or failed on the way;
    4 a message is in doubt; 70 a bug in flowrunner; 130 interrupted. After 3, 4, 70 and 130 `flowrunner resume`
    continues.
    """
