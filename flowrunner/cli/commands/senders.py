"""``flowrunner senders``."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from flowrunner.cli.config_defaults import Configured, used
from flowrunner.cli.console import DONE, STOPPED, colour, say, tell, width
from flowrunner.cli.options import INSECURE, Number, formats
from flowrunner.config import NAME
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.views.terminal.senders import SenderRow, senders_table

if TYPE_CHECKING:
    from flowrunner.app.senders.check import SenderCheck
    from flowrunner.delivery import Rate
    from flowrunner.model import Json

_OVER: Final = ("FLOWRUNNER_API_URL", "FLOWRUNNER_DIALECT", "FLOWRUNNER_NUMBER", "FLOWRUNNER_RATE")


@click.command(
    cls=Configured,
    help="List the senders of flowrunner.toml, and ask the API of each, or of each NAME, whether its key works, which "
    "number it is, and how that number is. Nothing is sent. Exit code 3 if one of them cannot send.",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--offline", is_flag=True, help="Ask no API.")
@click.option("--timeout", type=Number(0.1, 50), default=10.0, show_default=True, metavar="SECONDS",
              help="How long a request may take.")  # fmt: skip
@INSECURE
@formats("text", "json")
def senders(names: tuple[str, ...], offline: bool, timeout: float, insecure: bool, form: str) -> int:
    """Each as the file has it; keys are shown nowhere."""
    from flowrunner.app.senders.check import PATIENCE, check_senders, list_senders

    config = used()
    if config is None:
        hint = f"write one with a table [senders.NAME]; {NAME} is looked for here and above, or named with --config"
        raise RefusedError(f"there is no {NAME} in {Path.cwd()} or above it", hint)
    for name in _OVER:
        if os.environ.get(name):
            tell(f"note: {name} is set, and wins over the file; here each sender is as the file has it")
    how = PATIENCE._replace(timeout=timeout, insecure=insecure)
    found = list_senders(config, names) if offline else check_senders(config, names, how=how)
    if form == "json":
        data = [_data(each, config.defaults.sender, asked=not offline) for each in found]
        say(json.dumps({"version": 1, "config": str(config.path), "senders": data}, indent=2))
    elif found:
        rows = [_row(each, config.defaults.sender, asked=not offline) for each in found]
        say(senders_table(rows, width=width(), colour=colour()))
    else:
        say(f"{config.path} has no senders")
    return DONE if offline or all(each.works for each in found) else STOPPED


def _row(its: "SenderCheck", usual: str, *, asked: bool) -> SenderRow:
    entry, account = its.entry, its.account
    name = f"{entry.name} (default)" if entry.name == usual else entry.name
    key = entry.key_env if its.has_key else f"{entry.key_env} (not set)"
    health = "-" if not asked else account.health if account is not None else "fails"
    phone, called = (account.phone, account.name) if account is not None else ("", "")
    return SenderRow(name, _rate(its.sender.rate), key, phone, called, health, [*_more(its)])


def _more(its: "SenderCheck") -> Iterator[str]:
    yield _target(its)
    if its.account is not None and its.account.reason:
        yield its.account.reason
    if its.reason:
        yield its.reason
    if its.hint:
        yield f"hint: {its.hint}"


def _data(its: "SenderCheck", usual: str, *, asked: bool) -> "dict[str, Json]":
    entry = its.entry
    return {
        "name": entry.name,
        "default": entry.name == usual,
        "dialect": entry.dialect,
        "target": _target(its),
        "number": entry.number,
        "rate": _rate(its.sender.rate),
        "region": entry.region,
        "key_env": entry.key_env,
        "key_is_set": its.has_key,
        "works": its.works if asked else None,
        "account": its.account._asdict() if its.account is not None else None,
        "reason": its.reason,
        "hint": its.hint,
    }


def _target(its: "SenderCheck") -> str:
    return its.sender._replace(insecure=True).target


def _rate(rate: "Rate") -> str:
    return f"{rate.count}/{'s' if rate.seconds == 1 else 'min'}"
