"""``flowrunner templates``."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import DONE, STOPPED, colour, refuse, say, width
from flowrunner.cli.options import (
    INSECURE,
    MAX_WAIT,
    RATE,
    TIMEOUT,
    addressing,
    file_option,
    formats,
    given_rate,
    no_stream,
)
from flowrunner.cli.options import with_options as _with

if TYPE_CHECKING:
    from flowrunner.app.senders.sender import Sender
    from flowrunner.app.senders.templates import TemplateChange
    from flowrunner.config.overrides import Overrides
    from flowrunner.delivery import Rate

DIFFERENT: Final = 1
"""As ``git diff --exit-code`` says it."""
_FILE = file_option(
    "--file", "The file; by default templates.json beside flowrunner.toml, or here.", callback=no_stream
)
_ASKING = (
    click.option("--account", default="", metavar="ID",
                 help="The id of the WhatsApp Business Account, where the API does not tell it."),
    RATE,
    MAX_WAIT,
    TIMEOUT,
    INSECURE,
)  # fmt: skip


def _asking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a command that asks the API for templates; they arrive as ``sender``."""

    @wraps(command)
    def wrapper(said: "Overrides", rate: "Rate", max_wait: float, timeout: float, insecure: bool, **rest: Any) -> Any:
        from flowrunner.app.senders.configured import chosen
        from flowrunner.app.senders.sender import Sender
        from flowrunner.app.senders.templates import TemplatesError

        how = Sender("", "", rate, timeout, max_wait, insecure=insecure)
        sender = chosen(used(), said._replace(rate=given_rate(rate)), how)
        try:
            return command(**rest, sender=sender)
        except TemplatesError as error:
            refuse(error.message, error.hint)
            return STOPPED

    return addressing(_with(_ASKING, wrapper))


@click.group(help="Keep the account's approved templates in templates.json, which validate and preview read.")
def templates() -> None:
    """The file belongs into git; what is checked by it needs no network."""


@templates.command(cls=Configured, help="Write the account's templates into templates.json.")
@_FILE
@_asking
def pull(file: Path | None, account: str, sender: "Sender") -> int:
    """Whole or not at all; nothing is written where nothing has changed."""
    from flowrunner.app.senders.templates import pull_templates

    pulled = pull_templates(sender, file or _usual(), account=account)
    for each in pulled.changes:
        say(_line(each, "added", "removed", "changed"))
    many = len(pulled.templates)
    say(f"{pulled.path}: {many} template{'' if many == 1 else 's'}{'' if pulled.changes else ', nothing has changed'}")
    return DONE


@templates.command(
    cls=Configured,
    help="Show what the account has that templates.json has not, and the reverse; exit code 1 if anything differs.",
)
@_FILE
@formats("text", "json")
@_asking
def diff(file: Path | None, form: str, account: str, sender: "Sender") -> int:
    """Nothing is written."""
    from flowrunner.app.senders.templates import compare_templates

    changes = compare_templates(sender, file or _usual(), account=account)
    if form == "json":
        _say_json(changes)
    else:
        for each in changes:
            say(_line(each, "only in the account", "only in the file", "different"))
            if each.in_file and each.in_account:
                for line in each.lines:
                    say(_painted(line))
    return DIFFERENT if changes else DONE


@templates.command("list", help="List the templates of templates.json; nothing is asked of the API.")
@_FILE
@formats("text", "json")
def listed(file: Path | None, form: str) -> int:
    """By name and language."""
    from flowrunner.app.senders.templates import read_templates
    from flowrunner.templates.file import written

    found = [each for _, each in sorted(read_templates(file).items())]
    if form == "json":
        say(written(found).rstrip("\n"))
    elif not found:
        say("the account has no templates")
    else:
        from flowrunner.views.terminal.templates import templates_table

        say(templates_table(found, width=width(), colour=colour()))
    return DONE


def _usual() -> Path:
    """The file where none is named."""
    from flowrunner.app.senders.templates import templates_path

    config = used()
    return templates_path(config.path if config is not None else None)


def _line(change: "TemplateChange", new: str, gone: str, changed: str) -> str:
    from flowrunner.views.visible import visible

    its = change.in_account or change.in_file
    what = new if change.in_file is None else gone if change.in_account is None else changed
    state = f", {its.status}" if its is not None and its.status != "APPROVED" else ""
    return visible(f"{what}: {change.name} ({change.language}{state})")


def _painted(line: str) -> str:
    from flowrunner.views.terminal.styles import GREEN, RED, paint
    from flowrunner.views.visible import visible

    style = {"+": GREEN, "-": RED}.get(line[:1], "")
    return "  " + paint(visible(line), style, colour())


def _say_json(changes: "Sequence[TemplateChange]") -> None:
    import json

    from flowrunner.templates.file import entry

    data = [
        {"name": each.name, "language": each.language, "file": each.in_file and entry(each.in_file),
         "account": each.in_account and entry(each.in_account)}
        for each in changes
    ]  # fmt: skip
    say(json.dumps({"differences": data}, ensure_ascii=False, indent=2))
