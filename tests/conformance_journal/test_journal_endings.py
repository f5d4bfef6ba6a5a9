"""A program is told how runs ended, from the moment at which it was first asked for, each once it was noted."""

import pytest

from flowrunner.model import EventKind, Recipient
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, Opening, blocked

ANA = Recipient("", "+5215512345678", "MX.1")


def told(journal: Blocking, name: str = "crm", limit: int = 99) -> list[tuple[str, str]]:
    return [(each.run.id, each.kind) for each in journal.endings(name, limit)]


def ends(journal: Blocking, run: str, kind: str = "finished", **more: object) -> None:
    journal.begin(named(run, recipient=ANA, listens=True))
    journal.append(event("begun", run=run), event(kind, "", run=run, **more))


def test_what_had_ended_before_is_not_told(journal: Blocking) -> None:
    """Nobody wants to be told of last year's campaigns."""
    ends(journal, "before")
    assert told(journal) == []
    ends(journal, "after")
    assert told(journal) == [("after", "finished")]


def test_each_is_told_until_it_is_noted_and_in_the_order_in_which_they_ended(
    journal: Blocking, opening: Opening
) -> None:
    """Also by the next process; each program by itself."""
    assert [told(journal), told(journal, "other")] == [[], []]
    for run, kind in (("a", "handed_over"), ("b", "opted_out"), ("c", "finished")):
        ends(journal, run, kind, detail={"reason": f"because {run}"} if kind != "finished" else {})
    first, second = journal.endings("crm", 2)
    assert (first.run.id, first.kind, first.reason, first.campaign) == ("a", EventKind.HANDED_OVER, "because a", "")
    assert (first.run.recipient, second.kind) == (ANA, EventKind.OPTED_OUT)
    journal.note_notified("crm", second.place)
    with blocked(opening()) as again:
        assert told(again) == [("c", "finished")]
        assert told(again, "other", 1) == [("a", "handed_over")]


@pytest.mark.parametrize("kind", ["failed", "in_doubt", "cancelled", "asked", "skipped"])
def test_other_ends_are_none_of_the_flow_s_own(journal: Blocking, kind: str) -> None:
    """Somebody is told of these by the run itself."""
    assert told(journal) == []
    ends(journal, "a", kind, detail={"wake_at": 9e9})
    assert told(journal) == []


def test_a_campaign_s_run_is_told_with_its_campaign_and_conversation(journal: Blocking) -> None:
    """The conversation may have been found on the way."""
    assert told(journal) == []
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(1)._replace(recipient=ANA)])
    run = beginning(1).run_id
    journal.found(run, "c-77")
    journal.append(event("finished", "", run=run))
    [ending] = journal.endings("crm", 9)
    assert (ending.campaign, ending.run.recipient.conversation, ending.run.flow_name) == (
        CAMPAIGN.id, "c-77", RUN.flow_name,
    )  # fmt: skip


def test_what_ends_after_older_runs_were_forgotten_is_told(journal: Blocking) -> None:
    """Nothing takes the place of what was told and is gone."""
    assert told(journal) == []
    ends(journal, "old")
    [old] = journal.endings("crm", 9)
    journal.note_notified("crm", old.place)
    assert journal.prune(2e9) == 1
    ends(journal, "new")
    assert told(journal) == [("new", "finished")]
