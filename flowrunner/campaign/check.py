"""Every recipient of an audience rendered and checked, nothing sent."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple

from flowrunner.audience import Audience, Known, Row
from flowrunner.campaign.counts import AudienceCheck, Waiting
from flowrunner.campaign.selection import History, Selection
from flowrunner.client.targets import read_target
from flowrunner.clock import Clock
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine import Given, Prepared
from flowrunner.engine.parallel import over_cores
from flowrunner.flow import Loaded
from flowrunner.journal import Journal
from flowrunner.journal.many import Omission
from flowrunner.model import Recipient, Rendering
from flowrunner.spec.facts import facts_of

CHUNK: Final = 2_000
"""Rows that are checked together: some tenths of a second of work, and little memory."""
_SHOWN: Final = 20
"""Problems that are kept: nobody reads more."""


class _RowCheck(NamedTuple):
    """Of one row: its number of messages and what is odd about them, or what is wrong; its time zone, if it matters.

    ``waits`` says that free text comes first.
    """

    messages: int
    problems: tuple[Diagnostic, ...]
    zone: str = ""
    warnings: tuple[Diagnostic, ...] = ()
    waits: bool = False


async def check_audience(
    loaded: Loaded,
    audience: Audience,
    now: str,
    selection: Selection,
    *,
    journal: Journal | None,
    target: str,
    clock: Clock,
) -> AudienceCheck:
    """Render and check every recipient; uses all cores when there is more than a second of work.

    Args:
        loaded: A flow without errors.
        audience: Its recipients.
        now: The moment that all its runs have.
        selection: What to do with rows that cannot simply be sent to.
        journal: Where it says who had the flow before; None where nobody has.
        target: The API's URL, as the journal knows it.
        clock: Where time comes from.
    """
    assert loaded.flow is not None, "check_audience() needs a flow without errors"  # noqa: S101
    count = _Count(audience, selection, _SHOWN, None, read_target(target).spoken.names)
    for rows, checks in _checks(loaded, audience, now, selection, clock):
        recipients = [row.recipient for row in rows]
        history = await History.of(loaded.flow.name, target, selection, recipients, journal, clock.now())
        count.add(rows, checks, history)
    return count.result


def check_unsent(
    loaded: Loaded,
    audience: Audience,
    now: str,
    selection: Selection,
    *,
    clock: Clock,
    show: int = _SHOWN,
    each: Callable[[Diagnostic], None] | None = None,
) -> AudienceCheck:
    """The same for an audience of which nobody had anything; ``each`` is told every problem as it is found."""
    count, nothing = _Count(audience, selection, show, each), History(selection)
    for rows, checks in _checks(loaded, audience, now, selection, clock):
        count.add(rows, checks, nothing)
    return count.result


class _Count:
    """Adds up what the checks of some rows after the others come to."""

    def __init__(
        self,
        audience: Audience,
        selection: Selection,
        show: int,
        each: Callable[[Diagnostic], None] | None,
        names: Collection[str] = (),
    ) -> None:
        """``names`` are those by which the API writes to people, as `Dialect.names`; none where it is not known."""
        self._names = names
        self._audience, self._selection, self._show = audience, selection, show
        self._each = each or (lambda _: None)
        self._lacks: list[Diagnostic] = []  # what was told of columns that are missing
        self._people = Known()  # those of whom the journal knows more than one name
        self.result = AudienceCheck()

    def add(self, rows: Sequence[Row], checks: Sequence[_RowCheck], history: History) -> None:
        """Count some rows more."""
        its = self.result
        its.rows += len(rows)
        for place, (row, check) in enumerate(zip(rows, checks, strict=True)):
            problems = check.problems or self._unreachable(row, history.aliases.get(place, ()))
            first = row.first or self._linked(row, history.aliases.get(place, ()))
            if row.joined and not problems:
                problems = (self._audience.joins(row),)
            elif first and not self._selection.skip_repeated and not (problems and self._selection.skip_invalid):
                how = "" if row.first else ": the journal knows that they are the same person"
                problems = (self._audience.repeated(row._replace(first=first), how), *problems)
            elif problems and self._selection.skip_invalid and not row.ends:
                reason = f"{problems[0].location}: {problems[0].message}"
                its.omissions.append(Omission(row.line, row.recipient, "invalid", reason))
                continue
            if problems:
                new = (each for each in problems if each not in self._lacks)
                problems = tuple(sorted(new, key=lambda each: each.location))
                self._lacks += [each for each in problems if each in self._audience.lacks.values()]
                its.faults += len(problems)
                self._tell(problems, its.shown)
            elif why := self._forbids(row, first, history, place):
                its.omissions.append(Omission(row.line, row.recipient, "skipped", why))
            else:
                its.people += 1
                its.unrecognised += self._is_unrecognised((row.recipient, *history.aliases.get(place, ())))
                its.again += place in history.had
                if other := history.elsewhere.get(place, ""):
                    its.elsewhere[other] += 1
                its.messages += check.messages
                its.phones += bool(row.recipient.phone) and check.waits
                if check.waits:
                    had = place in history.had
                    its.wait(Waiting(row.line, row.recipient, check.messages, had, check.zone, other))
                if self._selection.schedule.is_local:
                    its.zones[check.zone] += 1
                if warnings := (*row.cells, *check.warnings):
                    its.oddities += len(warnings)
                    self._tell(warnings, its.odd)

    def _unreachable(self, row: Row, aliases: Sequence[Recipient]) -> tuple[Diagnostic, ...]:
        """What to say of a row for somebody to whom the API does not write by any name that is known."""
        known = any(getattr(each, name) for each in (row.recipient, *aliases) for name in self._names)
        return () if known or not self._names else (self._audience.unreachable(row, self._names),)

    def _linked(self, row: Row, aliases: Sequence[Recipient]) -> int:
        """The line of an earlier row for the same person, as only the journal knows; 0 where there is none."""
        return self._people.add(row.line, row.recipient, *aliases)[0] if aliases and not row.problem else 0

    def _is_unrecognised(self, names: Iterable[Recipient]) -> bool:
        """Whether nobody can say if the person with these names is among the exclusions."""
        kinds = self._selection.exclusions.kinds if self._selection.exclusions is not None else set()
        return bool(kinds) and not any(getattr(each, kind) for each in names for kind in kinds)

    def _forbids(self, row: Row, first: int, history: History, place: int) -> str:
        """Why a row that is right is left out; empty where it is not."""
        its, names = self._selection, (row.recipient, *history.aliases.get(place, ()))
        if first:
            return f"repeats line {first}"
        if its.exclusions is not None and (line := its.exclusions.line(*names)):
            return f"on the do-not-contact list, line {line}"
        if why := history.forbids(place):
            return why
        return f"beyond --limit {its.limit}" if its.limit and self.result.people >= its.limit else ""

    def _tell(self, problems: Sequence[Diagnostic], kept: list[Diagnostic]) -> None:
        kept += problems[: max(self._show - len(kept), 0)]
        for problem in problems:
            self._each(problem)


def _checks(
    loaded: Loaded, audience: Audience, now: str, selection: Selection, clock: Clock
) -> Iterator[tuple[Sequence[Row], Sequence[_RowCheck]]]:
    waiting: deque[list[Row]] = deque()
    zoned, named = selection.schedule.is_local, selection.checks_names
    for checks in over_cores(
        _chunks(audience, waiting),
        lambda rows: _check_rows(loaded, audience, now, rows, zoned=zoned, named=named),
        clock=clock,
    ):
        yield waiting.popleft(), checks


def _chunks(audience: Iterable[Row], waiting: "deque[list[Row]]") -> Iterator[list[Row]]:
    every = iter(audience)
    while rows := list(islice(every, CHUNK)):
        waiting.append(rows)
        yield rows


def _check_rows(
    loaded: Loaded, audience: Audience, now: str, rows: Sequence[Row], *, zoned: bool, named: bool
) -> list[_RowCheck]:
    """Render and check each row; ``zoned`` asks for everybody's time zone, ``named`` whether a named one is there."""
    prepared = Prepared(loaded)  # anew for each chunk: a thousandth of its work, and processes share nothing
    results = []
    for row in rows:
        if row.problem is not None:
            results.append(_RowCheck(0, (row.problem, *_of_values(prepared, audience, row))))
            continue
        checked = _check(prepared, audience, now, row)
        results.append(_with_zone(checked, audience, row) if zoned or (named and row.timezone) else checked)
    return results


def _of_values(prepared: Prepared, audience: Audience, row: Row) -> list[Diagnostic]:
    """What is wrong with the values of a row that names nobody; nothing where the row itself is malformed."""
    if row.problem is None or row.problem.code != "bad-recipient" or not row.values:
        return []
    broken = [each for each in row.cells if each.is_error]
    _, found = prepared.inputs.bind(audience.given(row), lacking=audience.lacking(row))
    faults = {each.location: each for each in reversed([*broken, *(each for each in found if each.is_error)])}
    return list(reversed(faults.values()))


def _check(prepared: Prepared, audience: Audience, now: str, row: Row) -> _RowCheck:
    """What there is to say of a row; warnings do not forbid to send."""
    broken = [each for each in row.cells if each.is_error]
    rendering, found = prepared.render(row.recipient, audience.given(row), now, lacking=audience.lacking(row))
    if rendering is not None and not broken:
        odd = {(each.location, each.code): each for each in (_at_row(each, audience, row) for each in found)}
        waits = waits_for_window(prepared, rendering, audience.given(row))
        return _RowCheck(len(rendering.messages), (), warnings=tuple(odd.values()), waits=waits)
    # One cell may break several steps: it is one mistake, corrected in one place.
    found = [*broken, *(_at_row(each, audience, row) for each in found if each.is_error)]
    faults = {each.location: each for each in reversed(found)}
    return _RowCheck(0, tuple(reversed(faults.values())))


def waits_for_window(prepared: Prepared, rendering: Rendering, given: Mapping[str, Given]) -> bool:
    """Whether somebody who has not written for a day gets a message first that WhatsApp refuses then."""
    its: Rendering | None = rendering
    if prepared.asks:
        its, _ = prepared.render(rendering.recipient, given, rendering.now, is_open=False)
    return its is not None and begins_with_text(its)


def begins_with_text(rendering: Rendering) -> bool:
    """Whether the first message is one that WhatsApp refuses where the recipient has not written for a day."""
    first = next(iter(rendering.messages), None)
    return first is not None and not facts_of(first.body).opens


def _with_zone(checked: _RowCheck, audience: Audience, row: Row) -> _RowCheck:
    zone = audience.zone(row)
    if isinstance(zone, Diagnostic):
        told = any(each.location == zone.location for each in checked.problems)  # it may be an input of the flow, too
        return checked if told else checked._replace(problems=(*checked.problems, zone))
    return checked._replace(zone=zone.key)


def _at_row(problem: Diagnostic, audience: Audience, row: Row) -> Diagnostic:
    """A fault that a row's value causes in a step stands at the row: there it can be mended."""
    cause = next((note for note in problem.notes if note.location.path == audience.name), None)
    if problem.location.path == audience.name:
        return problem
    place = cause.location if cause else audience.place(row, audience.named_by(row))
    message, hint = f"{problem.message} ({problem.location})", problem.hint
    if problem.code == "wrong-type" and cause is not None and (told := audience.not_a_number(row, cause.location)):
        message, hint = f"{told[0]} ({problem.location})", told[1]
    return Diagnostic(problem.code, message, place, problem.severity, hint, problem.link)
