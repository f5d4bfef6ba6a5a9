"""A plan is made, for an audience or for one recipient, and saved."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from os.path import relpath
from pathlib import Path
from typing import Any, Final

from flowrunner.app.blocking import blocking
from flowrunner.app.campaigns.audience import AudienceRequest, NobodyLeftError, ReadyCampaign, Warn, dated, ready_for
from flowrunner.app.campaigns.closed_windows import reached
from flowrunner.app.flows import for_dialect, given, rendered
from flowrunner.app.output_files import write_whole
from flowrunner.app.people.exclusions import require_wanted
from flowrunner.app.people.named import checked
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import AudienceCheck, CampaignRecipient, Facts, History, Selection, facts_of
from flowrunner.client.targets import read_target
from flowrunner.clock import SYSTEM, Clock
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.engine import Given, Prepared, moment
from flowrunner.flow import Loaded
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.many import Omission
from flowrunner.journal.places import DatabaseUrl, Place, is_there, place_of, shown
from flowrunner.model import Recipient
from flowrunner.phones.zones import zone_of
from flowrunner.plan.values import LISTENING, VERSION, Header
from flowrunner.plan.writing import fingerprint, plan_lines

_EVERYBODY: Final = Selection()


@asynccontextmanager
async def planned(
    loaded: Loaded,
    whom: AudienceRequest | Recipient,
    sender: Sender,
    journal: Place,
    *,
    variables: Mapping[str, Any] | None = None,
    selection: Selection = _EVERYBODY,
    region: str = "",
    exclude: Path | None = None,
    warn: Warn = lambda _: None,
    before_asking: Callable[[ReadyCampaign], None] = lambda _: None,
    clock: Clock = SYSTEM,
) -> AsyncIterator[ReadyCampaign]:
    """Everybody who would be sent to, checked; nothing is written, and no key is needed but to ask who can be reached.

    Args:
        loaded: A flow without errors.
        whom: An audience; or one recipient.
        sender: Who would send.
        journal: The file that says who had the flow before; it need not be there.
        variables: Values for one recipient.
        selection: Whether and when one recipient is sent to.
        region: The country of a phone that is written without one, as two letters.
        exclude: A file of people of whom one recipient may be none.
        warn: Told what is odd about an audience.
        before_asking: Told of whom it is about to be asked who can be reached.
        clock: Where time comes from.

    Raises:
        FlowError: A value, a message or the audience is wrong.
        NobodyLeftError: Nobody is to be sent to.
        RefusedError: The API's URL, the recipient or the schedule cannot be used; or the journal.
    """
    async with AsyncExitStack() as stack:
        target = sender.target
        its = await stack.enter_async_context(open_journal(journal, clock=clock)) if is_there(journal) else None
        if isinstance(whom, AudienceRequest):
            ready = await stack.enter_async_context(ready_for(loaded, whom, target, its, warn=warn, clock=clock))
            if ready.skip_unreachable:
                before_asking(ready)
                seconds = planned_facts(ready, sender, clock).seconds
                ready = ready._replace(unasked=(await reached(ready, sender, seconds, clock)).unasked)
            yield ready
        else:
            recipient = checked(whom, region)
            if exclude is not None:
                await require_wanted(recipient, exclude, region, target, its)
            yield await _ready_for_one(
                loaded, given(variables or {}), recipient, dated(selection, clock), target, its, clock
            )


def planned_facts(ready: ReadyCampaign, sender: Sender, clock: Clock = SYSTEM) -> Facts:
    """What `sender` would send."""
    facts = facts_of(ready.first, ready.checked, ready.target, ready.schedule, sender.rate, clock.now())
    return facts._replace(unasked=ready.unasked)


def save_plan(ready: ReadyCampaign, made_of: Sequence[Path], journal: Place, output: Path) -> None:
    """Write a plan, whole or not at all.

    Args:
        ready: What `planned` gave.
        made_of: The files that it was made of, besides those that the flow includes and its translations; a change to
            any of them makes the plan void.
        journal: Where its runs are to be kept.
        output: The plan's file, which only its owner can read.

    Raises:
        RefusedError: A file cannot be read, or the plan cannot be written.
    """
    flow = ready.loaded.flow
    assert flow is not None  # noqa: S101  # it was checked
    beside = [Path(flow.bundle.path).parent / name for name in flow.bundle.others]
    parts = [*(path for path in made_of if str(path) != "-"), *(path for path in beside if path.is_file())]
    try:
        files = {relpath(path, output.parent): fingerprint(path) for path in parts}
    except OSError as error:
        raise RefusedError(f"cannot read {error.filename}: {error.strerror}", "check its permissions") from None
    header = Header(
        flow.bundle, files, ready.audience, _from(output.parent, journal), ready.target, ready.now,
        ready.schedule.since, ready.schedule.data(), LISTENING if flow.listens else VERSION,
    )  # fmt: skip
    lines = plan_lines(header, ready.loaded, ready.recipients, ready.checked.omissions)
    write_whole(output, lines, private=True, inputs=parts)


def _from(folder: Path, journal: Place) -> str:
    """How a plan names its journal: a file from the plan's own folder, a database without its password."""
    return shown(journal) if isinstance(journal, DatabaseUrl) else relpath(journal, folder)


async def _ready_for_one(
    loaded: Loaded,
    values: Mapping[str, Given],
    recipient: Recipient,
    selection: Selection,
    target: str,
    journal: Journal | None,
    clock: Clock,
) -> ReadyCampaign:
    """The same as `ready_for`, for a single recipient."""
    loaded = for_dialect(loaded, read_target(target).dialect)
    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    now, schedule = moment(clock.now()), selection.schedule
    zone = zone_of(recipient, "") if schedule.is_local else None
    if schedule.is_local and zone is None:
        raise RefusedError(
            "the recipient's time zone is not known", "give a time with its offset: --at 2026-12-01T09:00+01:00"
        )
    first = rendered(Prepared(loaded), values, recipient, now)
    name = zone.key if zone is not None else ""
    history = await History.of(loaded.flow.name, target, selection, [recipient], journal, clock.now())
    if why := history.forbids(0):
        raise NobodyLeftError(AudienceCheck(1, omissions=[Omission(1, recipient, "skipped", why)]))
    checked = AudienceCheck(1, 1, len(first.messages), int(bool(recipient.phone)), again=len(history.had))
    checked.zones.update([name] if name else [])
    checked.elsewhere.update(history.elsewhere.values())
    recipients = [CampaignRecipient(1, recipient, {each.name: each.value for each in first.variables}, name)]
    return ReadyCampaign(loaded, "", target, now, checked, schedule, recipients, first)


async def make_plan_async(
    loaded: Loaded,
    whom: AudienceRequest | Recipient | Path | str,
    output: Path | str,
    sender: Sender,
    *,
    journal: Place | str,
    variables: Mapping[str, Any] | None = None,
    warn: Warn = lambda _: None,
    clock: Clock = SYSTEM,
) -> Facts:
    """Save exactly what would be sent.

    Args:
        loaded: What `load` gave; its file must still be there.
        whom: The file of recipients, or a request that says more; or one recipient.
        output: The plan's file.
        sender: Who would send; needs no key yet.
        journal: The file that says who had the flow before, and that will keep the runs.
        variables: Values for one recipient.
        warn: Told what is odd about an audience.
        clock: Where time comes from.

    Returns:
        What would be sent, to how many.

    Raises:
        FlowError: A value, a message or the audience is wrong.
        NobodyLeftError: Nobody is to be sent to; no plan was saved.
        RefusedError: Something else is in the way.
    """
    its = whom if isinstance(whom, (AudienceRequest, Recipient)) else AudienceRequest(Path(whom))
    made_of = [Path(loaded.path), *([its.file] if isinstance(its, AudienceRequest) else [])]
    where = place_of(journal)
    async with planned(loaded, its, sender, where, variables=variables, warn=warn, clock=clock) as ready:
        save_plan(ready, made_of, where, Path(output))
        return planned_facts(ready, sender, clock)


make_plan = blocking(make_plan_async)
