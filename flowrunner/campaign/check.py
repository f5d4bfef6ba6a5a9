"""Every recipient of an audience rendered and checked, nothing sent."""

import math
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, Self, cast

from flowrunner.audience import Audience, Exclusions, Row
from flowrunner.campaign.schedule import Schedule
from flowrunner.clock import SYSTEM, Clock
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine import Prepared
from flowrunner.engine.parallel import over_cores
from flowrunner.engine.state import Phase
from flowrunner.flow import Loaded
from flowrunner.journal import Journal, Omission
from flowrunner.model import Message, Recipient

HAD_BEFORE: Final = "had this flow before"
"""Why somebody is left out who was sent a flow of the same name; what else is said of it begins so."""
CHUNK: Final = 2_000
"""Rows that are checked together: some tenths of a second of work, and little memory."""


class Wish(NamedTuple):
    """What is to become of rows that cannot simply be sent to.

    Attributes:
        skip_invalid: Leave out rows with a fault, instead of refusing all.
        skip_repeated: Leave out repeated recipients, instead of refusing all.
        exclusions: People who are not to be written to.
        limit: At most this many people; 0 for all.
        only: Nobody but those whose last run of the flow ended so: ``failed`` or ``undelivered``; empty for all.
        schedule: When people may be written to; where it goes by their clocks, a row without a time zone is a fault.
        checks_names: Whether a time zone that nobody knows is a fault even where it does not matter.
    """

    skip_invalid: bool = False
    skip_repeated: bool = False
    exclusions: Exclusions | None = None
    limit: int = 0
    only: Literal["", "failed", "undelivered"] = ""
    schedule: Schedule = Schedule()
    checks_names: bool = False


class Checked(NamedTuple):
    """What checking an audience gave.

    Attributes:
        rows: How many were checked, whatever came of it.
        people: How many will be sent to.
        messages: How many messages that are.
        phones: How many of them are named by phone, so that the API must be asked for their conversation.
        faults: How many problems there are that forbid to begin.
        shown: The first of them.
        omissions: Who is left out, and why.
        had_before: How many of those had the flow before.
        again: How many of the people who will be sent to had it before, or some of its messages.
        zones: How many people live in each time zone, by its IANA name; empty where their clocks do not matter.
        oddities: How many warnings there are about those who will be sent to.
        odd: The first of them.
    """

    rows: int
    people: int
    messages: int
    phones: int
    faults: int
    shown: tuple[Diagnostic, ...]
    omissions: tuple[Omission, ...]
    had_before: int
    again: int
    zones: Mapping[str, int]
    oddities: int = 0
    odd: tuple[Diagnostic, ...] = ()


class _Verdict(NamedTuple):
    """Of one row: its number of messages and what is odd about them, or what is wrong; its time zone, if it matters."""

    messages: int
    problems: tuple[Diagnostic, ...]
    zone: str = ""
    warnings: tuple[Diagnostic, ...] = ()


async def check_audience(
    loaded: Loaded,
    audience: Audience,
    now: str,
    wish: Wish,
    *,
    book: Journal | None,
    target: str,
    show: int = 20,
    clock: Clock = SYSTEM,
) -> Checked:
    """Render and check every recipient; uses all cores when there is more than a second of work.

    Args:
        loaded: A flow without errors.
        audience: Its recipients.
        now: The moment that all its runs have.
        wish: What to do with rows that cannot simply be sent to.
        book: Where it says who had the flow before; None where nobody has.
        target: The API's URL, as the journal knows it.
        show: How many problems to keep.
        clock: Where time comes from.
    """
    assert loaded.flow is not None, "check_audience() needs a flow without errors"  # noqa: S101
    checking = _checking(loaded, audience, now, wish, show, None)
    try:
        recipients = next(checking)
        while True:
            recipients = checking.send(await Before.of(loaded.flow.name, target, wish, recipients, book, clock.now()))
    except StopIteration as end:
        return cast("Checked", end.value)


def check_unsent(
    loaded: Loaded,
    audience: Audience,
    now: str,
    wish: Wish,
    *,
    show: int = 20,
    each: Callable[[Diagnostic], None] | None = None,
) -> Checked:
    """The same for an audience of which nobody had anything; ``each`` is told every problem as it is found."""
    checking = _checking(loaded, audience, now, wish, show, each)
    try:
        next(checking)
        while True:
            checking.send(Before(set(), set(), set(), wish))
    except StopIteration as end:
        return cast("Checked", end.value)


def _checking(
    loaded: Loaded,
    audience: Audience,
    now: str,
    wish: Wish,
    show: int,
    each: Callable[[Diagnostic], None] | None,
) -> "Generator[Sequence[Recipient], Before, Checked]":
    """Asks of some recipients after the others what they had before, and returns what checking all of them gave."""
    waiting: deque[list[Row]] = deque()
    zoned = wish.schedule.is_local
    named = wish.checks_names
    results = over_cores(
        _chunks(audience, waiting), lambda rows: _judge(loaded, audience, now, rows, zoned=zoned, named=named)
    )
    seen = people = messages = phones = faults = had = again = oddities = 0
    shown: list[Diagnostic] = []
    odd: list[Diagnostic] = []
    omissions: list[Omission] = []
    zones: Counter[str] = Counter()
    for verdicts in results:
        rows = waiting.popleft()
        seen += len(rows)
        before = yield [row.recipient for row in rows]
        for place, (row, verdict) in enumerate(zip(rows, verdicts, strict=True)):
            problems = verdict.problems
            if row.first and not problems:
                if wish.skip_repeated:
                    omissions.append(Omission(row.line, row.recipient, "skipped", f"repeats line {row.first}"))
                    continue
                problems = (audience.repeated(row),)
            elif problems and wish.skip_invalid and not row.ends:
                reason = f"{problems[0].location}: {problems[0].message}"
                omissions.append(Omission(row.line, row.recipient, "invalid", reason))
                continue
            if problems:
                faults += len(problems)
                shown += problems[: max(show - len(shown), 0)]
                for problem in problems if each else ():
                    each(problem)  # type: ignore[misc]  # asked for one line above
            elif wish.exclusions is not None and wish.exclusions.line(row.recipient):
                reason = f"on the do-not-contact list, line {wish.exclusions.line(row.recipient)}"
                omissions.append(Omission(row.line, row.recipient, "skipped", reason))
            elif why := before.forbids(place):
                had += why.startswith(HAD_BEFORE)
                omissions.append(Omission(row.line, row.recipient, "skipped", why))
            elif wish.limit and people >= wish.limit:
                omissions.append(Omission(row.line, row.recipient, "skipped", f"beyond --limit {wish.limit}"))
            else:
                people += 1
                again += place in before.had
                messages += verdict.messages
                phones += bool(row.recipient.phone)
                if zoned:
                    zones[verdict.zone] += 1
                if warnings := (*row.cells, *verdict.warnings):
                    oddities += len(warnings)
                    odd += warnings[: max(show - len(odd), 0)]
                    for warning in warnings if each else ():
                        each(warning)  # type: ignore[misc]  # asked for one line above
    return Checked(
        seen, people, messages, phones, faults, tuple(shown), tuple(omissions), had, again, zones, oddities, tuple(odd)
    )


class Before:
    """What some people had of the flow before.

    Attributes:
        had: Their places among the recipients, of those who had it, or some of its messages, or may have.
    """

    def __init__(self, had: set[int], recently: set[int], ended: set[int], wish: Wish) -> None:
        """Use `Before.of`."""
        self.had, self._recently, self._ended = had, recently, ended
        self._only, self._span = wish.only, wish.schedule.not_within

    @classmethod
    async def of(
        cls, flow_name: str, target: str, wish: Wish, recipients: Sequence[Recipient], book: Journal | None, now: float
    ) -> Self:
        """What the journal says of them; where there is none, nothing."""
        if book is None:
            return cls(set(), set(), set(), wish)
        since = wish.schedule.too_recent(now)
        had = recently = await book.had_before(flow_name, target, recipients)
        if had and since > -math.inf:
            recently = await book.had_before(flow_name, target, recipients, since=since)
        ended = await book.ended_so(flow_name, target, recipients, Phase(wish.only)) if wish.only else set()
        return cls(had, recently, ended, wish)

    def forbids(self, place: int) -> str:
        """Why somebody is not sent to; empty where they are."""
        if self._only:
            return "" if place in self._ended else f"not among the {self._only}"
        if place not in self._recently:
            return ""
        return HAD_BEFORE if self._span == math.inf else f"{HAD_BEFORE} (within the time given by --not-within)"


def _chunks(audience: Iterable[Row], waiting: "deque[list[Row]]") -> Iterator[list[Row]]:
    rows: list[Row] = []
    for row in audience:
        rows.append(row)
        if len(rows) == CHUNK:
            waiting.append(rows)
            yield rows
            rows = []
    if rows:
        waiting.append(rows)
        yield rows


def _judge(
    loaded: Loaded, audience: Audience, now: str, rows: Sequence[Row], *, zoned: bool, named: bool
) -> list[_Verdict]:
    prepared = Prepared(loaded)  # anew for each chunk: a thousandth of its work, and processes share nothing
    verdicts = []
    for row in rows:
        if row.problem is not None:
            verdicts.append(_Verdict(0, (row.problem,)))
            continue
        verdict = _verdict(prepared, audience, now, row)
        verdicts.append(_with_zone(verdict, audience, row) if zoned or (named and row.timezone) else verdict)
    return verdicts


def _verdict(prepared: Prepared, audience: Audience, now: str, row: Row) -> _Verdict:
    """What there is to say of a row; warnings do not forbid to send."""
    broken = [each for each in row.cells if each.is_error]
    bound, found = prepared.inputs(audience.given(row), lacking=audience.lacking(row))
    actions = None
    if bound is not None:
        actions, found = prepared.actions(row.recipient, bound, now)
    if actions is not None and not broken:
        odd = {(each.location, each.code): each for each in (_at_row(each, audience, row) for each in found)}
        return _Verdict(sum(isinstance(each, Message) for each in actions), (), warnings=tuple(odd.values()))
    # One cell may break several steps: it is one mistake, corrected in one place.
    found = [*broken, *(_at_row(each, audience, row) for each in found if each.is_error)]
    faults = {each.location: each for each in reversed(found)}
    return _Verdict(0, tuple(reversed(faults.values())))


def _with_zone(verdict: _Verdict, audience: Audience, row: Row) -> _Verdict:
    zone = audience.zone(row)
    if isinstance(zone, Diagnostic):
        return verdict._replace(problems=(*verdict.problems, zone))
    return verdict._replace(zone=zone.key)


def _at_row(problem: Diagnostic, audience: Audience, row: Row) -> Diagnostic:
    """A fault that a row's value causes in a step stands at the row: there it can be mended."""
    cause = next((note for note in problem.notes if note.location.path == audience.name), None)
    if problem.location.path == audience.name:
        return problem
    who = "phone" if row.recipient.phone else "conversation"
    place = cause.location if cause else audience.place(row, who)
    message, hint = f"{problem.message} ({problem.location})", problem.hint
    if problem.code == "wrong-type" and cause is not None and (told := audience.not_a_number(row, cause.location)):
        message, hint = f"{told[0]} ({problem.location})", told[1]
    return Diagnostic(problem.code, message, place, problem.severity, hint, problem.link)
