"""What the journal is asked: who had what, what is on its way, and what a closed one says."""

import ast
from pathlib import Path

import pytest

from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Journal, JournalError
from flowrunner.journal.many import Followed
from flowrunner.model import Recipient
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, Opening, blocked

WHO = RUN.recipient


@pytest.fixture
def journal(journal: Blocking) -> Blocking:
    """A journal with one run."""
    journal.begin(RUN)
    return journal


def test_who_had_a_flow_is_asked_of_its_name_its_api_and_a_moment(journal: Blocking) -> None:
    """A message that was handed over before it does not count; nor does the run that asks."""
    journal.append(event("begun", at=100.0), event("accepted", at=101.0))

    def had(flow: str = RUN.flow_name, target: str = RUN.target, **more: object) -> set[int]:
        return journal.had_before(flow, target, [Recipient("stranger"), WHO], **more)

    assert had() == had(since=101.0) == {1}
    assert not had(since=102.0)
    assert not had(but=RUN.id)
    assert not had("another")
    assert not had(target="https://another.example.com")
    assert had(target=f"{RUN.target.upper()}/") == {1}, "it is the same API"


def test_how_the_last_run_of_somebody_ended(journal: Blocking) -> None:
    """One that was begun later decides, also where nothing is known of it; one of a campaign that waits does not."""

    def failed() -> set[int]:
        return journal.ended_so(RUN.flow_name, RUN.target, [WHO, Recipient("stranger")], Phase.FAILED)

    journal.append(event("begun"), event("failed"))
    assert failed() == {0}
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(1)._replace(recipient=WHO)])
    assert failed() == {0}
    journal.begin(named("later"))
    assert not failed()
    journal.append(event("finished", "", run="later"))
    assert not failed()
    assert journal.ended_so(RUN.flow_name, RUN.target, [WHO], Phase.FINISHED) == {0}


def test_what_is_on_its_way_is_followed_until_it_is_read_or_lost(journal: Blocking) -> None:
    """Each message with its id, step and how far it came; of one campaign, of one run, or what is heard of lately."""
    journal.append(event("begun", "1"), event("accepted", "1", message_id="m-1"), event("delivered", "1"))
    journal.append(event("begun", "2"), event("accepted", "2", message_id="m-2"), event("finished", "", at=50.0))
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(1)])
    journal.append(event("begun", run="r0001"), event("accepted", run="r0001", message_id="m-3", at=70.0))
    mine = Followed(RUN.id, WHO, has_ended=True, messages={"m-1": ("1", 2), "m-2": ("2", 0)})
    its = Followed("r0001", beginning(1).recipient, has_ended=False, messages={"m-3": ("1", 0)})
    assert journal.followed(RUN.target) == [mine, its]
    assert journal.followed(RUN.target, run=RUN.id) == [mine]
    assert journal.followed(RUN.target, campaign=CAMPAIGN.id) == journal.followed(RUN.target, since=60.0) == [its]
    assert journal.followed("https://another.example.com") == []
    journal.append(event("read", "1"), event("failed", "2", detail={"learnt": True}), event("read", run="r0001"))
    assert journal.followed(RUN.target) == []


def test_what_was_sent_to_is_told_once_each(journal: Blocking) -> None:
    """Every API, whatever was sent there."""
    journal.begin(named("more"))
    journal.begin(named("elsewhere", target="https://a.example.com"))
    assert journal.targets() == ["https://a.example.com", RUN.target]


def test_the_tally_of_a_run(journal: Blocking) -> None:
    """As in a campaign's report: named steps in their order, then those that the flow does not have any more."""
    journal.append(event("begun", "1"), event("accepted", "1"), event("sent", "1"), event("begun", "9"))
    tally = journal.tally(RUN.id, {"2": ("bye", "text"), "1": ("hello", "image")})
    assert [(each.step, each.label, each.accepted, each.sent) for each in tally] == [
        ("2", "bye", 0, 0),
        ("1", "hello", 1, 1),
        ("9", "9", 0, 0),
    ]
    assert journal.tally("nobody", {}) == ()


def test_a_conversation_that_was_found_is_who_a_run_is_for(journal: Blocking) -> None:
    """From then on, and for those who ask whom the flow went to."""
    journal.begin(named("by phone", recipient=Recipient("", "+5215500000009")))
    journal.append(event("begun", run="by phone"))
    journal.found("by phone", "conv-9")
    record = journal.record("by phone")
    assert record.conversation == "conv-9"
    assert record.run.recipient == Recipient("", "+5215500000009"), "what it rendered knew of no conversation"
    assert journal.had_before(RUN.flow_name, RUN.target, [Recipient("conv-9")]) == {0}


def test_a_cancelled_campaign_ends_whatever_has_not(journal: Blocking) -> None:
    """Nobody is pending or woken; what was in flight may still come to its end; the first moment counts."""
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(5)])
    journal.append(event("begun", run="r0001"), event("begun", run="r0002"), event("finished", "", run="r0003"))
    journal.append(event("paused", run="r0004", detail={"wake_at": 5.0}))
    assert journal.cancelled_at(CAMPAIGN.id) is None
    journal.cancel(CAMPAIGN.id)
    first = journal.cancelled_at(CAMPAIGN.id)
    assert first is not None
    assert journal.counts(CAMPAIGN.id).phases == {Phase.CANCELLED: 4, Phase.FINISHED: 1}
    assert journal.counts(CAMPAIGN.id).states == {"cancelled": 4, "finished": 1}
    assert journal.pending(CAMPAIGN.id, limit=9) == journal.wake(CAMPAIGN.id, 9.0, 9) == []
    assert journal.next_wake(CAMPAIGN.id) is None
    assert journal.campaigns(Phase.CANCELLED) == []
    journal.append(event("accepted", run="r0001"), event("finished", "", run="r0001"))
    journal.append(event("in_doubt", run="r0002"))
    journal.append(event("retrying", run="r0002"))
    journal.cancel(CAMPAIGN.id)
    assert journal.cancelled_at(CAMPAIGN.id) == first
    assert journal.counts(CAMPAIGN.id).phases == {Phase.CANCELLED: 3, Phase.FINISHED: 2}


def test_campaigns_are_chosen_by_what_their_runs_have_come_to(journal: Blocking) -> None:
    """Newest first, each once."""
    for number, kind in enumerate(("failed", "finished", "failed")):
        campaign = CAMPAIGN._replace(id=f"c{number}")
        journal.begin_campaign(campaign)
        journal.begin_runs(campaign.id, [beginning(number)])
        journal.append(event(kind, run=f"r{number:04}"))
    assert [each.id for each in journal.campaigns(Phase.FAILED)] == ["c2", "c0"]
    assert [each.id for each in journal.campaigns(Phase.FAILED, limit=1)] == ["c2"]
    assert [each.id for each in journal.campaigns(Phase.NEW, Phase.FINISHED)] == ["c1"]


def test_a_journal_that_was_left_says_so(opening: Opening) -> None:
    """To who reads and to who writes."""
    with blocked(opening()) as journal:
        assert journal.incomplete is None
        its = journal.journal
    with blocked(opening()) as another:
        another.begin(RUN)
        for call in (its.runs, its.campaigns, its.targets, lambda: its.append(event("begun"))):
            with pytest.raises(JournalError, match="closed"):
                another.run(call())


def test_the_clock_of_who_has_the_journal_is_compared_with_ours(journal: Blocking) -> None:
    """Both are on this machine here."""
    assert abs(journal.clock_offset()) < 5


def test_every_method_is_asked_for_in_this_folder() -> None:
    """A new one has its tests here before anything else implements it."""
    names = {name for name in vars(Journal) if not name.startswith("_")}
    used = {
        node.attr
        for file in Path(__file__).parent.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    assert names - used == set()
