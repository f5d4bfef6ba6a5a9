"""Who may write to a conversation: one at a time, whoever opens the journal and how often."""

import asyncio
from typing import Any

import pytest

from flowrunner.journal import Busy, Claim, JournalError, LostClaim
from flowrunner.model import Recipient
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, Opening, blocked


@pytest.fixture
def journal(journal: Blocking) -> Blocking:
    """A journal with one run."""
    journal.begin(RUN)
    return journal


def test_claims_follow_the_rules(journal: Blocking) -> None:
    """Each row: who asks, for how long (0 has run out at once), and the epoch it gets, or who is in the way."""
    rows: list[tuple[str, float, int | str]] = [
        ("ana", 30, 1),
        ("ana", 30, 1),
        ("ben", 30, "ana"),
        ("ana", 0, 1),
        ("ben", 0, 2),
        ("ben", 30, 2),
        ("ana", 30, "ben"),
    ]
    for owner, lease, wanted in rows:
        got = journal.claim(RUN.target, Recipient("conv"), owner, lease)
        assert (got.owner if isinstance(got, Busy) else got.epochs[0]) == wanted
    held = journal.claim(RUN.target, Recipient("conv"), "ben")
    assert isinstance(held, Claim)
    journal.release(held)
    assert journal.renew([held]) == []
    after = journal.claim(RUN.target, Recipient("conv"), "ben")
    assert isinstance(after, Claim)
    assert after.epochs == (3,)


def test_a_lost_claim_writes_nothing(journal: Blocking) -> None:
    """A lease that ran out still writes until somebody else takes over; then all of a call is refused."""

    async def scene() -> None:
        old, kept = (
            await journal.claim(RUN.target, Recipient("conv"), "ana", 0),
            await journal.claim(RUN.target, Recipient("kept"), "ana"),
        )
        assert isinstance(old, Claim)
        assert isinstance(kept, Claim)
        await journal.append(event("begun", "1"), claim=old)
        new = await journal.claim(RUN.target, Recipient("conv"), "ben")
        assert isinstance(new, Claim)
        with pytest.raises(LostClaim, match="conv"):
            await journal.append(*[event("accepted", "1"), event("begun", "2")], claim=old)
        await journal.release(old)
        await journal.append(event("accepted", "1"), claim=new)
        renewed = await journal.renew([old, kept], 50)
        assert [(claim.names, claim.until > kept.until) for claim in renewed] == [(kept.names, True)]
        assert await journal.claim(RUN.target, Recipient("kept"), "ben") == Busy(
            "ana", pytest.approx(renewed[0].until, abs=1)
        )

    asyncio.run(scene())
    assert [(found.kind, found.step) for found in journal.events(RUN.id)] == [("begun", "1"), ("accepted", "1")]


def test_two_openings_are_one_journal(shared_opening: Opening) -> None:
    """What one writes the other reads; a run begins by one of them, and a conversation is claimed by one."""
    with blocked(shared_opening()) as one, blocked(shared_opening()) as two:
        one.begin(RUN)
        with pytest.raises(JournalError, match="already in the journal"):
            two.begin(RUN)
        two.append(event("begun"))
        assert [each.kind for each in one.events(RUN.id)] == ["begun"]
        held = one.claim(RUN.target, Recipient("conv"), "ana")
        assert two.claim(RUN.target, Recipient("conv"), "ben") == Busy("ana", pytest.approx(held.until, abs=1))
        one.release(held)
        taken = two.claim(RUN.target, Recipient("conv"), "ben")
        assert taken.epochs == (2,)
        with pytest.raises(LostClaim):
            one.append(event("accepted"), claim=held)
        assert one.renew([held, taken]) == [taken._replace(until=pytest.approx(taken.until, abs=5))]


def test_rivals_share_out_what_they_claim_at_once(shared_opening: Opening) -> None:
    """A hundred conversations, two openings: each goes to one of them, and none to nobody."""

    async def scene() -> list[Any]:
        async with shared_opening() as one, shared_opening() as two:
            both = [(its, owner) for its, owner in ((one, "ana"), (two, "ben"))]
            asked = [its.claim(RUN.target, Recipient(f"conv-{n}"), owner) for n in range(100) for its, owner in both]
            return await asyncio.gather(*asked)

    got = asyncio.run(scene())
    for one, two in zip(got[::2], got[1::2], strict=True):
        assert {type(one), type(two)} == {Claim, Busy}


def test_an_owner_that_has_ended_is_not_waited_for(journal: Blocking) -> None:
    """Its lease need not run out, where the caller knows that its process is gone; another's must."""
    journal.claim(RUN.target, Recipient("conv"), "ana", 30)
    assert isinstance(journal.claim(RUN.target, Recipient("conv"), "ben", 30, ended=["somebody else"]), Busy)
    assert journal.claim(RUN.target, Recipient("conv"), "ben", 30, ended=["ana"]).epochs == (2,)


def test_what_shares_a_commit_is_written_or_refused_each_for_itself(journal: Blocking) -> None:
    """All of a call or nothing of it, whatever else was asked for at the same moment."""
    claim = journal.claim(RUN.target, Recipient("c"), "me")

    async def at_once() -> list[Any]:
        its = journal.journal
        return await asyncio.gather(
            its.append(event("begun", "good")),
            its.append(event("begun", "bad"), event("begun", run="nobody")),
            its.begin(RUN),
            its.append(event("begun", "bad"), claim=claim._replace(epochs=(7,))),
            its.append(event("begun", "\ud83d")),
            its.append(event("finished", "also good"), claim=claim),
            its.begin(named("new")),
            return_exceptions=True,
        )

    nothing = type(None)
    kinds = [nothing, JournalError, JournalError, LostClaim, UnicodeEncodeError, nothing, nothing]
    assert [type(each) for each in asyncio.run(at_once())] == kinds
    assert [each.step for each in journal.events(RUN.id)] == ["good", "also good"]


def test_a_parked_run_is_woken_by_one_opening(shared_opening: Opening) -> None:
    """Two processes that look at the same moment share out who is due."""
    with blocked(shared_opening()) as journal:
        journal.begin_campaign(CAMPAIGN)
        journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(40)])
        journal.append(*(event("paused", run=f"r{n:04}", detail={"wake_at": 5.0}) for n in range(40)))

    async def scene() -> list[Any]:
        async with shared_opening() as one, shared_opening() as two:
            return await asyncio.gather(*(its.wake(CAMPAIGN.id, 6.0, 3) for its in (one, two) * 10))

    woken = [member.run.id for members in asyncio.run(scene()) for member in members]
    assert sorted(woken) == [f"r{n:04}" for n in range(40)]
