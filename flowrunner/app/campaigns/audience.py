"""An audience is read and checked: who of it is sent to, and what forbids to begin."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from flowrunner.app.flows import for_dialect, rendered
from flowrunner.audience import Audience, read_audience, read_exclusions
from flowrunner.campaign import AudienceCheck, CampaignRecipient, Schedule, Selection, check_audience, recipients_of
from flowrunner.campaign.schedule import is_past
from flowrunner.client.targets import read_target
from flowrunner.clock import SYSTEM, Clock
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import FlowError, RefusedError
from flowrunner.engine import Given, Prepared, moment
from flowrunner.flow import Loaded
from flowrunner.journal import Journal
from flowrunner.model import Reading, Rendering

Warn = Callable[[Sequence[Diagnostic]], None]
"""Told what is odd, before anything is written or sent."""
_PLAIN: Final = Reading()
_EVERYBODY: Final = Selection()


class AudienceRequest(NamedTuple):
    """Who is sent to.

    Attributes:
        file: CSV or JSON Lines, with a column ``phone``, ``conversation`` or ``user_id``; ``-`` is standard input.
        reading: How it is to be read.
        selection: Who of it, and when.
        exclude: A file of people who are to be left out.
    """

    file: Path
    reading: Reading = _PLAIN
    selection: Selection = _EVERYBODY
    exclude: Path | None = None


class AudienceError(FlowError):
    """Rows of an audience forbid to begin; nothing was sent.

    Attributes:
        more: How many problems there are besides the diagnostics.
    """

    def __init__(self, checked: AudienceCheck) -> None:
        super().__init__(checked.shown)
        self.more = checked.faults - len(checked.shown)


class NobodyLeftError(RefusedError):
    """An audience is right, and nobody of it is to be sent to.

    Attributes:
        checked: Why.
    """

    def __init__(self, checked: AudienceCheck) -> None:
        super().__init__("nobody is left to send to")
        self.checked = checked


class ReadyCampaign(NamedTuple):
    """Checked recipients of one flow, to be confirmed, written down and sent to.

    Attributes:
        audience: Where they come from, as a person calls it.
        now: The moment of all their runs.
        recipients: Everybody who is sent to; read once more when they are written down.
        first: What the first one will see.
        skip_unreachable: Who cannot be sent free text now, and would be first, is left out.
        is_flat: They are posted as an older flowrunner planned them, see `flowrunner.engine.Prepared`.
        unasked: Of how many it could not be asked whether they can be reached, where who cannot was left out already.
    """

    loaded: Loaded
    audience: str
    target: str
    now: str
    checked: AudienceCheck
    schedule: Schedule
    recipients: Iterable[CampaignRecipient]
    first: Rendering
    is_flat: bool = False
    skip_unreachable: bool = False
    unasked: int = 0


@asynccontextmanager
async def ready_for(
    loaded: Loaded, request: AudienceRequest, target: str, journal: Journal | None, *, warn: Warn, clock: Clock = SYSTEM
) -> AsyncIterator[ReadyCampaign]:
    """Everybody of an audience who is to be sent to, checked.

    Args:
        loaded: A flow without errors.
        request: Who is sent to.
        target: The API, as the journal knows it.
        journal: Where it says who had the flow before; None asks nobody.
        warn: Told what is odd about the files, then about those who will be sent to.
        clock: Where time comes from.

    Raises:
        FlowError: There is something wrong with the audience: an AudienceError, where it is with its rows.
        NobodyLeftError: Nobody is to be sent to.
        RefusedError: The schedule is over, or the exclusions name nobody whom the audience could.
    """
    loaded = for_dialect(loaded, read_target(target).dialect)
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    selection, path = dated(request.selection, clock), request.file
    if is_past(selection.schedule.at, clock.now()):
        raise RefusedError("--at is in the past in every time zone", "give a later time")
    audience, problems = read_audience(path, inputs=loaded.flow.inputs, reading=request.reading)
    if request.exclude is not None:
        exclusions, found = read_exclusions(request.exclude, region=request.reading.region)
        problems += found
        selection = selection._replace(exclusions=exclusions)
    if audience is None or any(each.is_error for each in problems):
        raise FlowError(problems)
    warn(problems)
    with audience:
        now = moment(clock.now())
        checked = await check_audience(loaded, audience, now, selection, journal=journal, target=target, clock=clock)
        if checked.faults:
            raise AudienceError(checked)
        if checked.unrecognised:
            raise _unrecognised(checked, audience, request.exclude, selection)
        warn(checked.odd)
        if not checked.people:
            raise NobodyLeftError(checked)
        first = first_of(loaded, recipients_of(loaded, audience, checked), now)
        recipients = recipients_of(loaded, audience, checked)
        ready = ReadyCampaign(loaded, audience.name, target, now, checked, selection.schedule, recipients, first)
        yield ready._replace(skip_unreachable=selection.skip_unreachable)


def _unrecognised(
    checked: AudienceCheck, audience: Audience, exclude: Path | None, selection: Selection
) -> RefusedError:
    assert selection.exclusions is not None  # noqa: S101  # they were not recognised by them
    kinds = " and ".join(sorted(selection.exclusions.kinds))
    if checked.unrecognised == checked.people:
        named = " and ".join(who for who in audience.who if who in audience.columns)
        said = f"{exclude} names people by {kinds}, {audience.name} by {named}: nobody could be recognised"
        return RefusedError(said, "name them the same way in both")
    said = f"{exclude} names people by {kinds}, which {checked.unrecognised} in {audience.name} do not have"
    said += ": they could not be recognised"
    return RefusedError(said, f"give {kinds} for them, too, or name people in {exclude} by all that is known of them")


def dated(selection: Selection, clock: Clock) -> Selection:
    """The same, asked for now, where it does not say when."""
    schedule = selection.schedule
    return selection if schedule.since else selection._replace(schedule=schedule._replace(since=clock.now()))


def first_of(loaded: Loaded, recipients: Iterable[CampaignRecipient], now: str) -> Rendering:
    """What the first of them will see; all were checked."""
    its = next(iter(recipients))
    values = {name: Given(value, Location(f"line {its.line}")) for name, value in its.variables.items()}
    return rendered(Prepared(loaded), values, its.recipient, now)
