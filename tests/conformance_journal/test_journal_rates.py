"""Rates that processes share, and what was begun to one person lately."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowrunner.journal.rates import Given, Used, Wanted
from flowrunner.model import Recipient
from support.journalled import RUN, event, named
from support.journals import Blocking, Opening, blocked

MINUTE = (100, 60.0)
SENDER = "https://api.kapso.ai 3f2a"


def wanted(who: str, turns: int, used: tuple[Used, ...] = ()) -> Wanted:
    return Wanted(who, MINUTE, turns, 2.0, used=used)


def test_turns_are_given_to_whoever_asks_until_there_are_no_more(shared_opening: Opening) -> None:
    """Whatever process asks: what was given before it was opened counts."""
    with blocked(shared_opening()) as journal:
        assert journal.reserve(SENDER, wanted("a", 60)).total == 60
    with blocked(shared_opening()) as journal, blocked(shared_opening()) as other:
        assert other.reserve(SENDER, wanted("b", 40)).total == 40
        none = journal.reserve(SENDER, wanted("c", 1))
        assert none.total == 0
        assert 55 < none.wait < 65


def test_another_sender_has_a_rate_of_its_own(journal: Blocking) -> None:
    """By its name."""
    assert journal.reserve(SENDER, wanted("a", 100)).total == 100
    assert journal.reserve(f"{SENDER}0", wanted("a", 100)).total == 100


def test_what_is_given_back_is_given_to_others(journal: Blocking) -> None:
    """And all else that a process says is kept, too."""
    its: Given = journal.reserve(SENDER, wanted("a", 100))
    closing = wanted("a", 0, (Used(its.until, 100, 30, its.now),))._replace(told=(50, 60.0))
    assert journal.reserve(SENDER, closing).rate == (50, 60.0)
    other = journal.reserve(SENDER, wanted("b", 100))
    assert (other.total, other.rate, other.others) == (20, (50, 60.0), 0)
    assert journal.reserve(SENDER, wanted("c", 100)).others == 1


def test_asked_at_once_from_many_threads_no_more_is_given_than_there_is(shared_opening: Opening) -> None:
    """Each asks by a journal of its own, as processes do."""

    async def ask(who: int) -> int:
        async with shared_opening() as journal:
            return sum([(await journal.reserve(SENDER, wanted(f"{who}", 3))).total for _ in range(12)])

    with ThreadPoolExecutor(4) as threads:
        given = list(threads.map(lambda who: asyncio.run(ask(who)), range(4)))
    assert 90 <= sum(given) <= 100, "some may be set aside for who asked for more"


@pytest.mark.parametrize(
    "whom", [RUN.recipient, Recipient(phone="+525512345678"), Recipient(phone="5215512345678")], ids=str
)
def test_what_was_begun_to_a_person_lately_is_told(journal: Blocking, whom: Recipient) -> None:
    """By any run, and by any of their names; nothing that is only marked as read, and nothing of others."""
    for run in (RUN, named("other", flow_name="other"), named("stranger", recipient=Recipient("c-9", "+34600999999"))):
        journal.begin(run)
    for run_id, at in ((RUN.id, 100.0), (RUN.id, 200.0), ("other", 150.0), ("stranger", 160.0)):
        journal.append(event("begun", at=at, run=run_id))
    journal.append(event("begun", at=170.0, run="other", detail={"unsent": True}))
    journal.append(event("failed", at=180.0, run="other"))
    assert journal.begun_lately(RUN.target, whom, 0.0) == [100.0, 150.0, 200.0]
    assert journal.begun_lately(RUN.target, whom, 150.0) == [150.0, 200.0]
    assert journal.begun_lately(f"{RUN.target}x", whom, 0.0) == []


@pytest.mark.tampers
def test_a_row_that_is_damaged_is_begun_anew_and_gives_nobody_too_much(journal: Blocking) -> None:
    """Nobody need put a journal back for what is worth nothing a minute later."""

    def damage(statement: str) -> None:
        asyncio.run(journal.journal._write(lambda db: db.execute(statement)))  # noqa: SLF001  # whatever keeps it

    assert journal.reserve(SENDER, wanted("a", 60)).total == 60
    for change in ("shared = '[1'", "seal = seal + 1"):
        damage(f"UPDATE rates SET {change}")  # noqa: S608  # our own
        none = journal.reserve(SENDER, wanted("b", 1))
        assert none.total == 0
        assert 55 < none.wait < 65
    damage("UPDATE rates SET shared = '[1'")
    assert journal.reserve(SENDER, wanted("c", 1)._replace(rate=(100, 0.1))).wait < 1
