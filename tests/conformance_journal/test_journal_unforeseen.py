"""What nobody foresaw in one write is its caller's alone: who writes beside it, or later, is not held up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowrunner.journal import Journal
from flowrunner.journal.rates import Wanted
from flowrunner.journal.tables import claims, rates
from flowrunner.journal.threads import Worker
from support.journalled import RUN, event
from support.journals import Blocking

WANTED = Wanted("ana", (100, 60.0), 1, 1.0)


class BugError(Exception):
    """A fault of ours."""


def broken(*_: object) -> Any:
    raise BugError


BREAKS: dict[str, tuple[object, str, Callable[[Journal], Awaitable[object]]]] = {
    "a write of one caller": (rates, "reserve", lambda journal: journal.reserve("shop", WANTED)),
    "a write of many callers": (claims, "take_all", lambda journal: journal.claim(RUN.target, RUN.recipient, "ana")),
}


async def together(journal: Journal, *wanted: Awaitable[object]) -> list[object]:
    """What became of these, and of events that are written before and after them."""
    events = [event("begun", "1"), event("begun", "2")]
    return await asyncio.gather(
        journal.append(events[0]), *wanted, journal.append(events[1]), return_exceptions=True
    )  # fmt: skip


@pytest.mark.parametrize("name", BREAKS)
def test_a_bug_in_a_write(journal: Blocking, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    place, function, wanted = BREAKS[name]
    journal.begin(RUN)
    with monkeypatch.context() as its:
        its.setattr(place, function, broken)
        before, failed, after = asyncio.run(together(journal.journal, wanted(journal.journal)))
    assert (before, type(failed), after) == (None, BugError, None)
    assert [each.step for each in journal.events(RUN.id)] == ["1", "2"]
    asyncio.run(together(journal.journal, wanted(journal.journal)))
    assert len(journal.events(RUN.id)) == 4


def test_a_number_that_no_row_can_hold(journal: Blocking) -> None:
    journal.begin(RUN)
    its = journal.journal.note_notified("crm", 2**70)
    before, failed, after = asyncio.run(together(journal.journal, its))
    assert (before, after) == (None, None)
    assert isinstance(failed, Exception)
    assert [each.step for each in journal.events(RUN.id)] == ["1", "2"]


def test_a_bug_in_a_question(journal: Blocking, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it breaks: who asks beside it is answered."""
    from flowrunner.journal.tables import records

    async def asked() -> list[object]:
        its = journal.journal
        return await asyncio.gather(its.events(RUN.id), its.record(RUN.id), return_exceptions=True)

    journal.begin(RUN)
    with monkeypatch.context() as its:
        its.setattr(records, "records_of", broken)
        events, failed = asyncio.run(asked())
    assert (events, type(failed)) == ([], BugError)
    assert asyncio.run(asked())[1].run == RUN  # type: ignore[union-attr]


def test_a_bug_in_all_of_the_reading_holds_nobody_up() -> None:
    """Who asked is told, and so is who asks next."""
    its = Worker("reading", broken)
    for _ in range(2):
        with pytest.raises(BugError):
            asyncio.run(asyncio.wait_for(its.do(1), 5))
