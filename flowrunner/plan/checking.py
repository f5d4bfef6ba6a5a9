"""Whether a plan may still be carried out: nothing that it was made of has changed, and it says what will be sent."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from flowrunner.campaign import AudienceCheck
from flowrunner.campaign.check import CHUNK
from flowrunner.campaign.counts import Waiting
from flowrunner.campaign.schedule import schedule_from
from flowrunner.client.targets import read_target
from flowrunner.clock import Clock
from flowrunner.delivery.permission import OPTED_OUT
from flowrunner.engine import Prepared
from flowrunner.engine.parallel import over_cores
from flowrunner.flow import Loaded
from flowrunner.journal import Journal
from flowrunner.journal.many import Omission
from flowrunner.model import compact
from flowrunner.plan.reading import Plan, Planned
from flowrunner.plan.values import Header, PlanError
from flowrunner.plan.writing import fingerprint, wires


async def check_plan(plan: Plan, loaded: Loaded, journal: Journal, *, max_age: float, clock: Clock) -> AudienceCheck:
    """Make sure that a plan may be carried out, but for those who have opted out since.

    Args:
        plan: A plan with its seal whole.
        loaded: Its flow, as this flowrunner reads it.
        journal: Where it says who had the flow since.
        max_age: Seconds that the plan may be old.
        clock: Where time comes from.

    Raises:
        PlanError: Its flow has errors; it is too old; a file that it was made of has changed; this flowrunner would
            send something else; somebody had the flow since.
    """
    if loaded.flow is None:
        raise PlanError("this version of flowrunner finds errors in its flow", diagnostics=loaded.diagnostics)
    age = clock.now() - plan.header.created_at
    if age > max_age:
        raise PlanError(
            f"it is {_span(age)} old, at most {_span(max_age)} are allowed", "make it again, or pass --max-age"
        )
    for path, digest in plan.files.items():
        if path.is_file() and fingerprint(path) != digest:
            raise PlanError(f"{path} was changed after the plan was made")
    its = AudienceCheck()
    target = plan.header.target
    schedule = schedule_from(plan.header.schedule, plan.header.created_at)
    for chunk in over_cores(_chunks(plan), lambda rows: _checked(loaded, plan.header, rows), clock=clock):
        since = schedule.too_recent(clock.now())
        recipients = [each.row.whom.recipient for each in chunk]
        had = await journal.had_before(loaded.flow.name, target, recipients, since=since)
        if had:
            person = chunk[min(had)].row.whom
            raise PlanError(f"{person.recipient.label} (line {person.line}) had the flow after the plan was made")
        out = await journal.opted_out(target, recipients)
        its.omissions += [Omission(chunk[at].row.whom.line, recipients[at], "skipped", OPTED_OUT) for at in sorted(out)]
        left = [each for place, each in enumerate(chunk) if place not in out]
        its.people += len(left)
        for row, count, waits in left:
            whom = row.whom
            its.messages += count
            its.phones += waits and bool(whom.recipient.phone)
            its.zones.update([whom.zone] if whom.zone else [])
            if waits:
                its.wait(Waiting(whom.line, whom.recipient, count, zone=whom.zone))
    its.omissions = sorted([*plan.left_out(), *its.omissions], key=lambda each: each.line)
    return its


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 360 else f"{seconds:.0f} s"


def _chunks(plan: Plan) -> Iterator[list[Planned]]:
    people = plan.people()
    while rows := list(islice(people, CHUNK)):
        yield rows


class Checked(NamedTuple):
    """Somebody of a plan, with how many messages they get and whether they must have written lately."""

    row: Planned
    number: int
    waits: bool


def _checked(loaded: Loaded, header: Header, rows: Sequence[Planned]) -> Sequence[Checked]:
    """The rows, each as it is rendered now."""
    prepared = Prepared(loaded, read_target(header.target).spoken, is_flat=header.is_flat)
    results = []
    for row in rows:
        person = row.whom
        try:
            made = wires(prepared, person, header.now)
            wanted, shut = compact(row.messages), compact(row.shut) if row.shut is not None else None
        except (ValueError, RecursionError) as error:
            raise PlanError(f"line {person.line}: this version of flowrunner refuses it: {error}") from None
        if (made.messages, made.shut) != (wanted, shut):
            raise PlanError(
                f"line {person.line}: this version of flowrunner would send other messages than the plan has"
            )
        results.append(Checked(row, made.number, made.waits))
    return results
