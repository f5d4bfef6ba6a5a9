"""Options that several commands have, and how they are read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic
    from flowrunner.rendering import Given
    from flowrunner.runner import Policy, Rate

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_JOURNAL = ".flowrunner/journal.db"


class _Pair(click.ParamType[Any]):
    """``K=V``."""

    name = "K=V"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, equals, text = str(value).partition("=")
        if not equals or not name:
            self.fail(f"{value!r} is not name=value", param, ctx)
        return name, text


def variables(command: Command) -> Command:
    """``--var`` and ``--vars``."""
    command = click.option(
        "--vars",
        "files",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        help="Variables from a YAML or JSON file; --var wins.",
    )(command)
    return click.option("--var", "pairs", type=_Pair(), multiple=True, help="One variable; may be repeated.")(command)


def journal_file(command: Command) -> Command:
    """``--journal``."""
    return click.option(
        "--journal",
        type=click.Path(path_type=Path),
        envvar="FLOWRUNNER_JOURNAL",
        default=DEFAULT_JOURNAL,
        show_default=True,
        metavar="FILE",
        help="Where runs are kept; also FLOWRUNNER_JOURNAL.",
    )(command)


@dataclass(frozen=True, slots=True)
class Manner:
    """How messages are sent and how that is shown.

    Attributes:
        form: ``text`` or ``jsonl``.
        rate: As typed, or empty for the default.
        max_wait: Seconds that one message is tried again.
        timeout: Seconds for one request.
        grace: Seconds that the API may need to list what it took.
        in_doubt: What to do with a message that was perhaps taken.
    """

    form: str
    rate: "Rate"
    max_wait: float
    timeout: float
    grace: float
    in_doubt: "Policy"


class _RateType(click.ParamType[Any]):
    """``100/min``, ``80/s``."""

    name = "RATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from flowrunner.runner.pace import Rate

        if not isinstance(value, str):
            return value
        try:
            return Rate.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


RATE = click.option(
    "--rate",
    type=_RateType(),
    envvar="FLOWRUNNER_RATE",
    default="100/min",
    show_default=True,
    help="Requests the key may make; also FLOWRUNNER_RATE.",
)
MAX_WAIT = click.option("--max-wait", type=click.FloatRange(0), default=120.0, show_default=True, metavar="SECONDS",
                        help="How long one request is tried again.")  # fmt: skip
TIMEOUT = click.option("--timeout", type=click.FloatRange(0.1, 50), default=30.0, show_default=True, metavar="SECONDS",
                       help="How long one request may take.")  # fmt: skip
_SENDING = (
    click.option("--format", "form", type=click.Choice(["text", "jsonl"]), default="text", show_default=True),
    click.option(
        "--in-doubt",
        type=click.Choice(["reconcile", "stop", "ask", "resend", "skip"]),
        default="reconcile",
        show_default=True,
        help="What to do with a message the API may or may not have taken.",
    ),
    RATE,
    MAX_WAIT,
    TIMEOUT,
    click.option("--grace", type=click.FloatRange(0), default=5.0, show_default=True, metavar="SECONDS",
                 help="How long the API may need to list a message it took."),
)  # fmt: skip


def sending(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that sends; they arrive as one ``manner``."""

    @wraps(command)
    def wrapper(**options: Any) -> Any:
        manner = Manner(**{field.name: options.pop(field.name) for field in fields(Manner)})
        return command(**options, manner=manner)

    result: Callable[..., Any] = wrapper
    for option in reversed(_SENDING):
        result = option(result)
    return result


class _Parsed(click.ParamType[Any]):
    """What a function of the campaign's schedule understands."""

    def __init__(self, name: str, function: str) -> None:
        self.name, self._function = name, function

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from flowrunner.campaign import schedule

        try:
            return getattr(schedule, self._function)(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


_AUDIENCE = (
    click.option("--audience", type=click.Path(path_type=Path), metavar="FILE",
                 help="Send to everybody in FILE: CSV or JSON Lines with a column phone or conversation; - is stdin."),
    click.option("--region", default="", metavar="CC", help="Country of phone numbers written without one, as MX."),
    click.option("--exclude", type=click.Path(path_type=Path), metavar="FILE", help="People not to be written to."),
    click.option("--skip-invalid", is_flag=True, help="Leave out rows with a fault, send to the others."),
    click.option("--skip-repeated", is_flag=True, help="Leave out recipients that are there before."),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N people."),
    click.option("--canary", type=click.IntRange(1), metavar="N", help="Send to the first N, then stop."),
    click.option("--at", type=_Parsed("TIME", "parse_at"), metavar="TIME",
                 help="Not before that moment, by the clock of each recipient: 09:00, 2026-12-01T09:00; "
                      "with an offset (+01:00) the same moment for all."),
    click.option("--quiet-hours", "quiet", type=_Parsed("FROM-TO", "parse_quiet"), metavar="FROM-TO",
                 help="Send nothing from 21:00-08:00, say, by the clock of each recipient."),
    click.option("--yes-send-to", "confirmed", type=click.IntRange(0), metavar="N",
                 help="Do not ask; refused when N is not the number of people."),
    click.option("--max-failures", type=click.FloatRange(0, 100), default=5.0, show_default=True, metavar="PERCENT",
                 help="Stop when more runs than that fail (and at least 20)."),
    click.option("--window", type=click.IntRange(1, 1000), default=100, show_default=True, metavar="N",
                 help="Conversations under way at once."),
)  # fmt: skip


def audience_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a campaign; they arrive as one ``plan``, None where there is no audience."""

    @wraps(command)
    def wrapper(**options: Any) -> Any:
        names = ("audience", "region", "exclude", "skip_invalid", "skip_repeated", "limit", "canary", "at", "quiet",
                 "confirmed", "max_failures", "window")  # fmt: skip
        asked = {name: options.pop(name) for name in names}
        plan = None
        if asked["audience"] is not None:
            from flowrunner.campaign import Bounds, Schedule, Wish
            from flowrunner.cli.audience import Plan

            schedule = Schedule(asked["at"], asked["quiet"], time.time())
            wish = Wish(asked["skip_invalid"], asked["skip_repeated"], None, asked["limit"] or 0, schedule)
            bounds = Bounds(asked["window"], asked["max_failures"] / 100, asked["canary"] or 0)
            plan = Plan(asked["audience"], asked["region"], wish, asked["exclude"], bounds, asked["confirmed"])
        return command(**options, plan=plan)

    result: Callable[..., Any] = wrapper
    for option in reversed(_AUDIENCE):
        result = option(result)
    return result


def given(pairs: tuple[tuple[str, str], ...], files: tuple[Path, ...]) -> "tuple[dict[str, Given], list[Diagnostic]]":
    """What ``--var`` and ``--vars`` give, each value with its origin."""
    from flowrunner.rendering import given_file, given_text

    values: dict[str, Given] = {}
    diagnostics: list[Diagnostic] = []
    for file in files:
        found, problems = given_file(file)
        values.update(found)
        diagnostics += problems
    values.update({name: given_text(name, text) for name, text in pairs})
    return values, diagnostics
