"""The options that say to whom a flow goes, when, and how far."""

import math
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from flowrunner.cli.options import Number, Parsed, file_option, with_options
from flowrunner.cli.table_options import reading
from flowrunner.clock import SYSTEM

if TYPE_CHECKING:
    from flowrunner.app.campaigns.audience import AudienceRequest
    from flowrunner.campaign import Limits, Only, Selection
    from flowrunner.model import Reading


class Choice(NamedTuple):
    """Who is sent to, as it was typed.

    Attributes:
        selection: Makes who of them, and when: who sends to one person loads none of it.
    """

    audience: Path | None
    reading: "Reading"
    exclude: Path | None
    again: bool
    selection: Callable[[], "Selection"]

    def request(self, audience: Path) -> "AudienceRequest":
        """The same of an audience."""
        from flowrunner.app.campaigns.audience import AudienceRequest

        return AudienceRequest(audience, self.reading, self.selection(), self.exclude)


class Extent(NamedTuple):
    """How far a campaign goes, as it was typed.

    Attributes:
        max_failures: A share, 1 for all.
        confirmed: The number of people that was given with ``--yes-send-to``.
        at_most: The number given with ``--at-most``. Where both are None, a person is asked.
        detach: Leave it to workers.
    """

    window: int
    max_failures: float
    canary: int
    confirmed: int | None
    at_most: int | None
    detach: bool = False

    def limits(self) -> "Limits":
        """How far it goes."""
        from flowrunner.campaign import Limits

        return Limits(self.window, self.max_failures, self.canary)


class Age(click.ParamType[float]):
    """``24h``."""

    name = "AGE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        from flowrunner.flow.keys import seconds

        span = value if isinstance(value, float) else seconds(str(value))
        if span <= 0:
            self.fail(f"{value!r} is not a time span: write it like 30m, 24h or 7d", param, ctx)
        return span


ONLY = click.option("--only", type=click.Choice(["failed", "undelivered"]),
                    help="Only people whose run of this flow failed, or who did not get a message because WhatsApp "
                         "could not deliver it.")  # fmt: skip
_CHOOSING = (
    file_option("--audience",
                "Everybody in FILE: CSV or JSON Lines with a column phone, conversation or user_id; "
                "- is standard input."),
    file_option("--exclude", "People to leave out."),
    click.option("--skip-invalid", is_flag=True, help="Leave out rows with errors, send to the others."),
    click.option("--skip-unreachable", is_flag=True,
                 help="Leave out people who cannot be sent the first message: no active conversation, or nothing "
                      "written for 24 hours."),
    click.option("--skip-repeated", is_flag=True, help="Skip duplicates."),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="At most N people."),
    click.option("--again", is_flag=True, help="Also to people who had this flow (one of the same name) before."),
    click.option("--not-within", type=Age(), metavar="AGE",
                 help="Like --again, but not to people who had it within that time: 7d, 12h."),
    ONLY,
)  # fmt: skip
_SCHEDULE = "flowrunner.campaign.schedule"
_CLOCKS = (
    click.option("--at", type=Parsed("TIME", _SCHEDULE, "parse_at"), metavar="TIME",
                 help="Not before that time, by the clock of each recipient: 09:00, 2026-12-01T09:00; "
                      "with an offset (+01:00), the same instant for everybody."),
    click.option("--quiet-hours", "quiet", type=Parsed("FROM-TO", _SCHEDULE, "parse_quiet"), metavar="FROM-TO",
                 help="Send nothing in that range, e.g. 21:00-08:00, by the clock of each recipient."),
    click.option("--timezone", default="", metavar="ZONE",
                 help="The time zone of people whose row and phone do not give one: America/Mexico_City."),
)  # fmt: skip
DETACH = click.option("--detach", is_flag=True, help="Leave the campaign to `flowrunner worker` once all is checked "
                                                     "and written down, and return. Needs PostgreSQL.")  # fmt: skip
_EXTENDING = (
    click.option("--canary", type=click.IntRange(1), metavar="N", help="Send to the first N, then stop."),
    click.option("--yes-send-to", "confirmed", type=click.IntRange(0), metavar="N",
                 help="Do not ask. Refused unless there are exactly N people."),
    click.option("--at-most", type=click.IntRange(0), metavar="N",
                 help="Do not ask. Refused if there are more than N people. For scheduled jobs."),
    click.option("--max-failures", type=Number(0, 100), default=5.0, show_default=True, metavar="PERCENT",
                 help="Stop when more than PERCENT of the runs fail (and more than 20)."),
    click.option("--window", type=click.IntRange(1, 1000), default=100, show_default=True, metavar="N",
                 help="How many messages may be on their way to the API at once."),
    DETACH,
)  # fmt: skip


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say who is sent to; they arrive as one ``choice``."""

    @wraps(command)
    def wrapper(
        audience: Path | None, how: "Reading", exclude: Path | None, skip_invalid: bool, skip_unreachable: bool,
        skip_repeated: bool, limit: int | None, again: bool, not_within: float | None, only: "Only", at: Any,
        quiet: Any, timezone: str,
        **options: Any,
    ) -> Any:  # fmt: skip
        if only and not_within:
            raise click.UsageError("--only cannot be combined with --not-within.")

        if audience is None and not misplaced("quiet"):
            quiet = None  # a file's quiet hours are for audiences

        def selection() -> "Selection":
            from flowrunner.campaign import Schedule, Selection

            span = not_within or (0.0 if again or only else math.inf)
            schedule = Schedule(at, quiet, SYSTEM.now(), span)
            return Selection(
                skip_invalid, skip_repeated, None, limit or 0, only or "", schedule, False, skip_unreachable
            )

        choice = Choice(audience, how._replace(timezone=timezone), exclude, again, selection)
        return command(**options, choice=choice)

    return with_options(_CHOOSING, reading(clocks(wrapper)))


def clocks(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of people's hours: ``at``, ``quiet`` and ``timezone``."""
    return with_options(_CLOCKS, command)


def extending(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a campaign that is sent; they arrive as one ``extent``."""

    @wraps(command)
    def wrapper(
        canary: int | None, confirmed: int | None, at_most: int | None, max_failures: float, window: int, detach: bool,
        **options: Any,
    ) -> Any:  # fmt: skip
        if detach and misplaced("window"):
            raise click.UsageError("--window cannot be combined with --detach: flowrunner worker --window N.")
        return command(**options, extent=Extent(window, max_failures / 100, canary or 0, confirmed, at_most, detach))

    return with_options(_EXTENDING, wrapper)


def misplaced(*names: str) -> str:
    """The first of these options that was given on the command line, as it is written; empty if none was."""
    context = click.get_current_context()
    for parameter in context.command.params:
        given = parameter.name and context.get_parameter_source(parameter.name)
        if parameter.name in names and given is click.core.ParameterSource.COMMANDLINE:
            return parameter.opts[0]
    return ""
