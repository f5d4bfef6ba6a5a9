"""Every recipient of an audience rendered and checked, nothing sent."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from flowrunner.audience import Audience, Row
from flowrunner.campaign.history import HAD_BEFORE, History
from flowrunner.campaign.rows import RowCheck, check_rows
from flowrunner.campaign.selection import Selection
from flowrunner.clock import SYSTEM, Clock
from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.parallel import over_cores
from flowrunner.flow import Loaded
from flowrunner.journal import Journal, Omission

CHUNK: Final = 2_000
"""Rows that are checked together: some tenths of a second of work, and little memory."""


class AudienceCheck(NamedTuple):
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

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many are left out, by the reason."""
        reasons: Counter[str] = Counter()
        for each in self.omissions:
            faulty = each.state == "invalid"
            reasons["faulty" if faulty else each.reason.partition(",")[0].partition(" line")[0]] += 1
        return reasons


async def check_audience(
    loaded: Loaded,
    audience: Audience,
    now: str,
    selection: Selection,
    *,
    journal: Journal | None,
    target: str,
    show: int = 20,
    clock: Clock = SYSTEM,
) -> AudienceCheck:
    """Render and check every recipient; uses all cores when there is more than a second of work.

    Args:
        loaded: A flow without errors.
        audience: Its recipients.
        now: The moment that all its runs have.
        selection: What to do with rows that cannot simply be sent to.
        journal: Where it says who had the flow before; None where nobody has.
        target: The API's URL, as the journal knows it.
        show: How many problems to keep.
        clock: Where time comes from.
    """
    assert loaded.flow is not None, "check_audience() needs a flow without errors"  # noqa: S101
    count = _Count(audience, selection, show, None)
    for rows, checks in _checks(loaded, audience, now, selection):
        recipients = [row.recipient for row in rows]
        history = await History.of(loaded.flow.name, target, selection, recipients, journal, clock.now())
        count.add(rows, checks, history)
    return count.result()


def check_unsent(
    loaded: Loaded,
    audience: Audience,
    now: str,
    selection: Selection,
    *,
    show: int = 20,
    each: Callable[[Diagnostic], None] | None = None,
) -> AudienceCheck:
    """The same for an audience of which nobody had anything; ``each`` is told every problem as it is found."""
    count, nothing = _Count(audience, selection, show, each), History(set(), set(), set(), selection)
    for rows, checks in _checks(loaded, audience, now, selection):
        count.add(rows, checks, nothing)
    return count.result()


class _Count:
    """Adds up what the checks of some rows after the others come to."""

    def __init__(
        self, audience: Audience, selection: Selection, show: int, each: Callable[[Diagnostic], None] | None
    ) -> None:
        self._audience, self._selection, self._show = audience, selection, show
        self._each = each or (lambda _: None)
        self._rows = self._people = self._messages = self._phones = self._faults = 0
        self._had = self._again = self._oddities = 0
        self._shown: list[Diagnostic] = []
        self._odd: list[Diagnostic] = []
        self._omissions: list[Omission] = []
        self._zones: Counter[str] = Counter()

    def add(self, rows: Sequence[Row], checks: Sequence[RowCheck], history: History) -> None:
        """Count some rows more."""
        self._rows += len(rows)
        for place, (row, check) in enumerate(zip(rows, checks, strict=True)):
            problems = check.problems
            if row.first and not problems and not self._selection.skip_repeated:
                problems = (self._audience.repeated(row),)
            elif problems and self._selection.skip_invalid and not row.ends:
                self._leave_out(row, "invalid", f"{problems[0].location}: {problems[0].message}")
                continue
            if problems:
                self._faults += len(problems)
                self._tell(problems, self._shown)
            elif why := self._forbids(row, history, place):
                self._leave_out(row, "skipped", why)
            else:
                self._people += 1
                self._again += place in history.had
                self._messages += check.messages
                self._phones += bool(row.recipient.phone)
                if self._selection.schedule.is_local:
                    self._zones[check.zone] += 1
                if warnings := (*row.cells, *check.warnings):
                    self._oddities += len(warnings)
                    self._tell(warnings, self._odd)

    def _forbids(self, row: Row, history: History, place: int) -> str:
        """Why a row that is right is left out; empty where it is not."""
        its = self._selection
        if row.first:
            return f"repeats line {row.first}"
        if its.exclusions is not None and (line := its.exclusions.line(row.recipient)):
            return f"on the do-not-contact list, line {line}"
        if why := history.forbids(place):
            self._had += why.startswith(HAD_BEFORE)
            return why
        return f"beyond --limit {its.limit}" if its.limit and self._people >= its.limit else ""

    def _leave_out(self, row: Row, state: Literal["skipped", "invalid"], reason: str) -> None:
        self._omissions.append(Omission(row.line, row.recipient, state, reason))

    def _tell(self, problems: Sequence[Diagnostic], kept: list[Diagnostic]) -> None:
        kept += problems[: max(self._show - len(kept), 0)]
        for problem in problems:
            self._each(problem)

    def result(self) -> AudienceCheck:
        """What they all came to."""
        return AudienceCheck(
            self._rows, self._people, self._messages, self._phones, self._faults, tuple(self._shown),
            tuple(self._omissions), self._had, self._again, self._zones, self._oddities, tuple(self._odd),
        )  # fmt: skip


def _checks(
    loaded: Loaded, audience: Audience, now: str, selection: Selection
) -> Iterator[tuple[Sequence[Row], Sequence[RowCheck]]]:
    waiting: deque[list[Row]] = deque()
    zoned, named = selection.schedule.is_local, selection.checks_names
    for checks in over_cores(
        _chunks(audience, waiting), lambda rows: check_rows(loaded, audience, now, rows, zoned=zoned, named=named)
    ):
        yield waiting.popleft(), checks


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
