"""Campaigns in the hands of workers, and the workers."""

import pytest

from flowrunner.journal import JournalError
from flowrunner.journal.many import Beginning
from flowrunner.journal.work import HandOver, Terms, WorkerBeat
from flowrunner.model import Event, EventKind, Inbound, Recipient
from support.journalled import CAMPAIGN
from support.journals import Blocking, Opening, blocked

HOW = Terms("failed", "skip", "refuse", 17, 0.25)
ID = CAMPAIGN.id
TARGETS = [CAMPAIGN.target]
LATE = 4_000_000_000.0


def test_what_was_handed_over_is_known_to_whoever_opens_the_journal_next(opening: Opening) -> None:
    """On whichever machine."""
    with blocked(opening()) as journal:
        journal.begin_campaign(CAMPAIGN)
        assert journal.work.of(ID) is None
        handed = journal.work.hand_over(ID, HOW, 12.5)
        assert handed == HandOver(ID, 1, 12.5, HOW)
    with blocked(opening()) as journal:
        assert journal.work.of(ID) == handed


def test_a_campaign_that_is_not_there_is_not_handed_over(journal: Blocking) -> None:
    with pytest.raises(JournalError, match="no campaign c-none"):
        journal.work.hand_over("c-none", HOW, 1.0)


def test_what_is_not_surely_submitted_is_found_until_it_is(journal: Blocking) -> None:
    """The first one first; none that is too young, was cancelled, stopped or taken back."""
    for number in range(5):
        journal.begin_campaign(CAMPAIGN._replace(id=f"c{number}"))
    handed = [journal.work.hand_over(f"c{number}", Terms(), 10.0 - number) for number in range(5)]
    journal.cancel("c1")
    journal.work.stop("c2", "no credit")
    journal.work.take_back("c3")
    assert [each.campaign for each in journal.work.unsubmitted(10.5)] == ["c4", "c0"]
    assert [each.campaign for each in journal.work.unsubmitted(10.0)] == ["c4"]
    journal.work.submitted(handed[4])
    assert [each.campaign for each in journal.work.unsubmitted(10.5)] == ["c0"]
    again = journal.work.hand_over("c4", Terms(), 11.0)
    journal.work.submitted(handed[4])  # of an earlier time
    assert [each.campaign for each in journal.work.unsubmitted(20.0)] == ["c0", "c4"]
    assert again.number == 2


def test_what_all_workers_have_done_is_added_up(journal: Blocking) -> None:
    """It begins anew with each time that it is handed over; what was done for an earlier one counts no more."""
    journal.begin_campaign(CAMPAIGN)
    first = journal.work.hand_over(ID, Terms(), 1.0)
    journal.work.add_up(first, 10, 1)
    assert journal.work.add_up(first, 5, 2) == first._replace(ended=15, failed=3)
    assert journal.work.add_up(first, 0, 0) == first._replace(ended=15, failed=3)
    second = journal.work.hand_over(ID, Terms(), 2.0)
    assert journal.work.add_up(first, 5, 5) is None
    assert journal.work.of(ID) == second
    assert (second.ended, second.failed) == (0, 0)
    journal.work.take_back(ID)
    assert journal.work.add_up(second, 1, 1) is None


def test_the_first_reason_to_stop_counts_until_it_is_handed_over_again(journal: Blocking) -> None:
    journal.begin_campaign(CAMPAIGN)
    journal.work.stop(ID, "nobody has it")
    handed = journal.work.hand_over(ID, Terms(), 1.0)
    assert handed.stopped == ""
    journal.work.stop(ID, "21 of 30 failed")
    journal.work.stop(ID, "something else")
    assert journal.work.add_up(handed, 0, 0) == handed._replace(stopped="21 of 30 failed")
    assert journal.work.hand_over(ID, Terms(), 2.0).stopped == ""


def test_of_a_stopped_campaign_those_alone_are_due_who_have_written(journal: Blocking) -> None:
    """They may have said stop; all others are due again once it goes on."""
    journal.begin_campaign(CAMPAIGN._replace(listens=True))
    runs = [f"{ID}-{number}" for number in range(3)]
    journal.begin_runs(ID, [Beginning(run, Recipient(f"p{place}"), {}, place) for place, run in enumerate(runs)])
    journal.work.hand_over(ID, Terms(), 1.0)
    parks = [EventKind.ASKED, EventKind.PAUSED, EventKind.PAUSED]
    for run, kind, step in zip(runs, parks, ["1", "1", ""], strict=True):
        journal.append(Event(EventKind.BEGUN, run, 5.0, "1"), Event(EventKind.ACCEPTED, run, 5.0, "1", f"m{run}"))
        journal.append(Event(kind, run, 6.0, step, detail={"wake_at": 7.0}))
    journal.work.stop(ID, "it was enough")
    assert journal.due(TARGETS, LATE, 9) == []
    assert journal.next_due(TARGETS) is None
    journal.hear(CAMPAIGN.target, [(Recipient("p0"), Inbound("w1", 8.0, "text", "stop"))])
    assert [each.run.id for each in journal.due(TARGETS, LATE, 9)] == [runs[0]]
    journal.work.hand_over(ID, Terms(), 2.0)
    assert sorted(each.run.id for each in journal.due(TARGETS, LATE, 9)) == runs[1:]


def test_workers_are_there_until_they_go_or_are_forgotten(journal: Blocking) -> None:
    """A beat replaces the one before."""
    one, other = WorkerBeat("w1", ("a", "b"), 100.0), WorkerBeat("w2", ("a",), 105.0)
    for each in (one, other, one._replace(until=110.0)):
        journal.work.note_worker(each)
    assert list(journal.work.workers()) == [one._replace(until=110.0), other]
    journal.work.note_worker(other._replace(until=110.0 + 90_000.0))
    assert [each.name for each in journal.work.workers()] == ["w2"]


def test_forgotten_campaigns_take_with_them_what_workers_knew_of_them(journal: Blocking) -> None:
    """A later one may get the row's key."""
    journal.begin_campaign(CAMPAIGN)
    journal.work.hand_over(ID, Terms(), 1.0)
    journal.prune(CAMPAIGN.created_at + 1)
    assert journal.campaign(ID) is None
    journal.begin_campaign(CAMPAIGN._replace(id="c-later"))
    assert journal.work.of("c-later") is None


def test_runs_in_doubt_are_counted_for_each_api(journal: Blocking) -> None:
    journal.begin_campaign(CAMPAIGN)
    runs = [f"{ID}-{number}" for number in range(3)]
    journal.begin_runs(ID, [Beginning(run, Recipient(f"p{place}"), {}, place) for place, run in enumerate(runs)])
    for run in runs[:2]:
        journal.append(Event(EventKind.BEGUN, run, 5.0, "1"), Event(EventKind.IN_DOUBT, run, 5.0, "1"))
    assert journal.doubts(CAMPAIGN.target) == 2
    assert journal.doubts("https://other.example.com") == 0
    journal.append(Event(EventKind.ACCEPTED, runs[0], 6.0, "1", "m1"))
    assert journal.doubts(CAMPAIGN.target) == 1


def test_a_reason_may_have_any_sign_in_it(journal: Blocking) -> None:
    """What an API says of a key that it refuses may end in half a character: others' writes go on all the same."""
    journal.begin_campaign(CAMPAIGN)
    journal.work.hand_over(ID, Terms(), 1.0)
    journal.work.stop(ID, "no \ud83d\0 key")
    handed = journal.work.of(ID)
    assert handed is not None
    assert handed.stopped == "no ?\0 key"
    journal.work.take_back(ID)
