"""The journal of campaigns: begun in bulk, read in pages, parked and woken, and reported as it was."""

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest

from flowrunner.engine.history.phases import LEFT, Phase
from flowrunner.journal import CalledOff, JournalError
from flowrunner.journal.many import Omission
from flowrunner.model import Event, Recipient
from flowrunner.model.campaigns import QuestionTally, RecipientReport
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking


@pytest.fixture
def journal(journal: Blocking) -> Blocking:
    """A journal with a campaign of four people, and a fifth that was left out."""
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(n, name=f"Ana {n} 👋", n=n) for n in (1, 2, 3, 4)])
    journal.omit(CAMPAIGN.id, [Omission(4, Recipient("", "+52"), "invalid", "n is not a number")])
    return journal


def do(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def write(journal: Blocking, *lines: str) -> None:
    """Append events: ``r0001 begun 1``, then perhaps a message id or a reason."""
    for place, line in enumerate(lines):
        run, kind, *more = line.split(maxsplit=3)
        step, words = [*more, "", ""][:2]
        detail: dict[str, Any] = {"reason": words} if words else {}
        if words == "late":
            detail["late"] = True
        if words == "held":
            detail["held"] = True
        journal.append(event(kind, "" if step == "-" else step, 1000.0 + place, run=run, detail=detail))


def test_a_campaign_comes_back_as_it_was_begun(journal: Blocking) -> None:
    """By its very id, and newest first; ids by how they begin."""
    other = CAMPAIGN._replace(id="c9", audience="dí,a\n.csv", options={})
    journal.begin_campaign(other)
    assert journal.campaigns() == [other, CAMPAIGN]
    assert journal.campaigns(limit=1) == [other]
    assert journal.campaign(CAMPAIGN.id) == CAMPAIGN
    assert [journal.campaign(each) for each in ("c7", "c", "", "c99", "%")] == [None] * 5
    assert journal.ids("c", limit=9) == (["c9", CAMPAIGN.id], [])
    journal.begin_runs(CAMPAIGN.id, [beginning(1)._replace(run_id="c7x2-1")])
    journal.begin(named("c7x2-"))
    assert journal.ids("c7", limit=9) == ([CAMPAIGN.id], ["c7x2-"])
    assert journal.ids("c7x2-", limit=9) == ([], ["c7x2-", "c7x2-1"])
    with pytest.raises(JournalError, match="campaign c9 is already"):
        journal.begin_campaign(other)


SHAPES = [
    [{}, {}],
    [{"a": 1}, {"a": None}],
    [{"a": 1, "b": "x"}, {"b": "x", "a": 1}, {"a": 1}],
    [{"é": {"deep": ["👋", 1.5, True]}}, {}],
    [{"half": "\ud83d", '"]': "'; DROP TABLE runs"}],
]


@pytest.mark.parametrize("given", SHAPES)
def test_every_run_has_its_own_variables_and_its_campaigns_rest(journal: Blocking, given: list[dict[str, Any]]) -> None:
    """Whatever the names and their order; flow, target and moment are the campaign's."""
    rows = [beginning(100 + place, **variables) for place, variables in enumerate(given)]
    journal.begin_runs(CAMPAIGN.id, rows)
    found = [member.run for member in journal.pending(CAMPAIGN.id, after=4, limit=10)]
    assert [run.variables for run in found] == given
    expected = RUN._replace(now=CAMPAIGN.now, created_at=CAMPAIGN.created_at)
    for run, row in zip(found, rows, strict=True):
        assert run == expected._replace(id=row.run_id, recipient=row.recipient, variables=row.variables)
        assert journal.record(run.id).run == run


def test_runs_begin_all_or_none(journal: Blocking) -> None:
    """One known id refuses the whole call and nothing else of its commit; so does an unknown campaign."""

    async def both() -> list[Any]:
        rows = [beginning(n) for n in range(900, 1300)]
        known = journal.begin_runs(CAMPAIGN.id, [*rows, beginning(2)])
        nowhere = journal.begin_runs("nowhere", rows)
        fine = journal.begin_runs(CAMPAIGN.id, [beginning(5)])
        return await asyncio.gather(known, nowhere, fine, return_exceptions=True)

    first, second, third = do(both())
    assert isinstance(first, JournalError)
    assert "already" in first.message
    assert isinstance(second, JournalError)
    assert "no campaign nowhere" in second.message
    assert third is None
    assert journal.counts(CAMPAIGN.id).states == {"waiting": 5, "invalid": 1}


def test_pages_go_through_the_audience_once_and_in_order(journal: Blocking) -> None:
    """Each run that stands so comes once, whatever the size of a page; others do not come."""
    journal.begin_campaign(CAMPAIGN._replace(id="other"))
    journal.begin_runs("other", [beginning(50)])
    journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(5, 12)])
    write(journal, "r0002 begun 1", "r0005 begun 1", "r0005 finished -", "r0007 failed 1", "r0008 in_doubt 1")

    def ids(size: int, *phases: Any) -> list[str]:
        found: list[str] = []
        after = 0
        chosen = {"phases": phases} if phases else {}
        while page := journal.pending(CAMPAIGN.id, after=after, limit=size, **chosen):
            assert len(page) <= size
            found += [member.run.id for member in page]
            after = page[-1].key
        return found

    for size in (1, 2, 3, 100):
        assert ids(size) == [f"r{n:04}" for n in (1, 2, 3, 4, 6, 9, 10, 11)]
        assert ids(size, "failed", "in_doubt", "unfinished") == ["r0002", "r0007", "r0008"]
        assert ids(size, "finished") == ["r0005"]


def test_parked_runs_come_when_they_are_due_and_only_once(journal: Blocking) -> None:
    """A pause and a hold last until their time, the earliest wakes first; any other event ends them."""

    def park(run: str, step: str, wake_at: float) -> Event:
        return event("paused", step, run=run, detail={"wake_at": wake_at, "reason": "quiet hours"})

    assert journal.next_wake(CAMPAIGN.id) is None
    journal.append(*[park("r0001", "2", 30.0), park("r0002", "", 20.0), park("r0003", "2", 25.0)])
    assert journal.counts(CAMPAIGN.id).states == {"waiting": 1, "paused": 2, "held": 1, "invalid": 1}
    assert [member.run.id for member in journal.pending(CAMPAIGN.id, limit=9)] == ["r0004"]
    assert journal.next_wake(CAMPAIGN.id) == 20.0
    assert journal.wake(CAMPAIGN.id, 19.9, 9) == []
    journal.append(park("r0003", "2", 10.0))
    assert journal.next_wake(CAMPAIGN.id) == 10.0
    journal.append(event("begun", "3", run="r0003"))
    assert [(m.run.id, m.phase) for m in journal.wake(CAMPAIGN.id, 30.0, 1)] == [("r0002", "held")]
    assert [(m.run.id, m.phase) for m in journal.wake(CAMPAIGN.id, 30.0, 9)] == [("r0001", "waiting")]
    assert journal.wake(CAMPAIGN.id, 99.0, 9) == []
    assert journal.next_wake(CAMPAIGN.id) is None
    assert [m.run.id for m in journal.pending(CAMPAIGN.id, limit=9)] == ["r0001", "r0002", "r0003", "r0004"]


PEOPLE = [
    (Recipient("conv-2", ""), True),
    (Recipient("", "+5215500000002"), True),
    (Recipient("conv-9", "+5215500000002"), True),
    (Recipient("conv-9", "+525500000002"), True),
    (Recipient("conv-2", "+5215599999999"), True),
    (Recipient("conv-9", ""), False),
    (Recipient("", ""), False),
]


@pytest.mark.parametrize(("who", "had"), PEOPLE)
def test_a_person_is_known_by_conversation_and_by_phone(journal: Blocking, who: Recipient, had: bool) -> None:
    """One name in common is enough, however the others are; single runs count too."""
    write(journal, "r0002 begun 1", "r0002 accepted 1", "r0002 finished -")
    assert bool(journal.had_before("onboarding", CAMPAIGN.target, [who])) is had
    assert bool([r for r in journal.earlier("onboarding", CAMPAIGN.target, who) if r.state == "finished"]) is had


def test_the_lists_of_single_runs_leave_campaigns_out(journal: Blocking) -> None:
    """A million runs of a campaign would bury the others; each of them can still be asked for."""
    journal.begin(RUN)
    assert [record.run.id for record in journal.runs()] == [RUN.id]
    assert [record.run.id for record in journal.runs(*LEFT, "failed")] == [RUN.id]
    record = journal.record("r0003")
    assert record is not None
    assert (record.run.id, record.state, record.updated_at) == ("r0003", "unfinished", CAMPAIGN.created_at)


STEPS = {"1": ("hello", "text"), "2": ("photo", "image"), "4": ("never", "text")}


def test_the_report_says_what_became_of_everybody(journal: Blocking) -> None:
    """Each person once, in the order of the audience, with the step, status and reason; figures that add up."""
    journal.omit(CAMPAIGN.id, [Omission(4, Recipient("x"), "skipped", "written before")])
    write(
        journal,
        "r0001 begun 1",
        "r0001 accepted 1",
        "r0001 read 1",
        "r0001 sent 1",
        "r0001 paused 3",
        "r0001 begun 2",
        "r0001 accepted 2",
        "r0001 finished -",
        "r0001 delivered 1",
        "r0002 begun 1",
        "r0002 accepted 1",
        "r0002 begun 2",
        "r0002 accepted 2",
        "r0002 sent 2",
        "r0002 failed 2 not on WhatsApp",
        "r0003 begun 1",
        "r0003 in_doubt 1 no answer",
    )
    report = journal.report("c7x2", STEPS)
    assert report.campaign == CAMPAIGN
    assert dict(report.states) == {"finished": 1, "failed": 1, "in_doubt": 1, "waiting": 1, "invalid": 1}
    assert [tally[:3] for tally in report.tallies] == [
        ("1", "hello", "text"),
        ("2", "photo", "image"),
        ("4", "never", "text"),
    ]
    assert [tally[3:] for tally in report.tallies] == [(2, 1, 1, 1, 0, 1, 0), (2, 1, 0, 0, 1, 0, 0), (0,) * 7]
    assert report.reasons == (("not on WhatsApp", 1),)
    assert (report.started, report.updated) == (1000.0, 1016.0)
    one, two, three, four = (beginning(n).recipient for n in (1, 2, 3, 4))
    values = [{"name": f"Ana {n} 👋", "n": n} for n in range(5)]
    expected = [
        RecipientReport("r0001", one, 2, "finished", "photo", "accepted", "", 1008.0, values[1]),
        RecipientReport("r0002", two, 3, "failed", "photo", "sent", "not on WhatsApp", 1014.0, values[2]),
        RecipientReport("r0003", three, 4, "in_doubt", "hello", "in_doubt", "no answer", 1016.0, values[3]),
        RecipientReport("", Recipient("", "+52"), 4, "invalid", "", "", "n is not a number", 0.0),
        RecipientReport("r0004", four, 5, "waiting", variables=values[4]),
    ]
    assert list(report.recipients) == expected
    assert list(report.recipients) == expected, "it can be gone through again"
    assert list(report.troubled) == expected[1:3]
    for state in ("finished", "failed", "in_doubt", "invalid", "waiting", "cancelled"):
        only = journal.report("c7x2", STEPS, state=state)
        assert list(only.recipients) == [each for each in expected if each.state == state]
        assert only.states == report.states
    unnamed = journal.report("c7x2")
    assert [tally[:3] for tally in unnamed.tallies] == [("1", "1", ""), ("2", "2", "")]
    with pytest.raises(KeyError):
        journal.report("nowhere")


OUTCOMES = [
    ("begun accepted delivered", {"accepted": 1, "sent": 1, "delivered": 1}),
    ("begun accepted sent read", {"accepted": 1, "sent": 1, "delivered": 1, "read": 1}),
    ("begun accepted delivered failed", {"accepted": 1, "sent": 1, "delivered": 1, "failed": 1}),
    ("begun accepted sent failed begun accepted", {"accepted": 1}),
    ("begun accepted failed begun", {}),
    ("begun retrying begun failed", {"failed": 1}),
    ("begun in_doubt accepted", {"accepted": 1}),
    ("begun in_doubt skipped", {"skipped": 1}),
    ("begun in_doubt retrying", {}),
    ("skipped", {"skipped": 1}),
    ("paused", {}),
]


@pytest.mark.parametrize(("kinds", "expected"), OUTCOMES)
def test_a_step_is_tallied_by_the_last_try(journal: Blocking, kinds: str, expected: dict[str, int]) -> None:
    """The highest status of the last try counts, in whatever order it came; an earlier try does not."""
    write(journal, *(f"r0001 {kind} 1" for kind in kinds.split()))
    (tally,) = journal.report(CAMPAIGN.id, {"1": ("1", "text")}).tallies
    assert {name: count for name, count in tally._asdict().items() if count and name in tally._fields[3:]} == expected


def test_people_are_counted_by_the_language_they_were_written_to_in(journal: Blocking) -> None:
    """As it stands in the variables of their runs, whatever else stands there; the one of most people first."""
    assert dict(journal.report(CAMPAIGN.id).languages) == {}
    other = CAMPAIGN._replace(id="c8")
    journal.begin_campaign(other)
    given: list[dict[str, Any]] = [
        {"language": "es", "name": "Ana"}, {"name": "Bo", "language": "es"}, {"name": "Cy", "language": "en"},
        {"language": 5, "name": "Di"}, {"name": "Ed"}, {"name": "language"},
    ]  # fmt: skip
    journal.begin_runs("c8", [beginning(n, **values) for n, values in enumerate(given, 10)])
    write(journal, "r0010 begun 1", "r0010 accepted 1", "r0010 finished -")
    found = journal.report("c8").languages
    assert {code: dict(counts) for code, counts in found.items()} == {
        "es": {"finished": 1, "waiting": 1}, "en": {"waiting": 1},
    }  # fmt: skip
    assert [*found] == ["es", "en"]


def test_what_was_only_late_takes_nothing_back(journal: Blocking) -> None:
    """The run failed for it, the step did not."""
    write(journal, "r0001 begun 1", "r0001 accepted 1", "r0001 failed 1 late")
    report = journal.report(CAMPAIGN.id)
    assert (report.tallies[0].accepted, report.tallies[0].failed) == (1, 0)
    assert report.states["failed"] == 1
    assert sum(failed for _, _, failed in report.timeline) == 0
    assert next(iter(report.recipients))[3:7] == ("failed", "1", "accepted", "late")


def test_what_whatsapp_holds_back_is_told_until_it_comes_further(journal: Blocking) -> None:
    """Of the last message alone: accepted it is, and it may fail still."""
    write(journal, "r0001 begun 1", "r0001 accepted 1 held")
    assert next(iter(journal.report(CAMPAIGN.id).recipients))[4:7] == ("1", "accepted", "held")
    write(journal, "r0001 delivered 1")
    assert next(iter(journal.report(CAMPAIGN.id).recipients))[4:7] == ("1", "delivered", "")
    write(journal, "r0001 begun 2", "r0001 accepted 2")
    assert next(iter(journal.report(CAMPAIGN.id).recipients))[4:7] == ("2", "accepted", "")


def test_other_runs_between_do_not_count(journal: Blocking) -> None:
    """A single run, and another campaign, begun and written in the middle of this one."""
    journal.begin(named("alone"))
    journal.begin_campaign(CAMPAIGN._replace(id="other"))
    journal.begin_runs("other", [beginning(50)])
    journal.begin_runs(CAMPAIGN.id, [beginning(5)])
    lines = [f"{run} {kind}" for kind in ("begun 1", "failed 1 x") for run in ("r0001", "alone", "r0050", "r0005")]
    write(journal, *lines)
    report = journal.report(CAMPAIGN.id)
    assert report.tallies[0].failed == 2
    assert report.reasons == (("x", 2),)
    assert sum(failed for _, _, failed in report.timeline) == 2
    assert [entry.run for entry in report.recipients] == ["r0001", "r0002", "r0003", "", "r0004", "r0005"]


SECONDS = [0.0, 0.5, 1.0, 100.0, 118.0, 119.0, 121.0, 3_600.0, 86_399.0, 86_400.0, 8_000_000.0, 4e8]


@pytest.mark.parametrize("length", SECONDS)
def test_the_timeline_has_at_most_120_spans_and_loses_nothing(journal: Blocking, length: float) -> None:
    """Spans follow one another without a gap, from the first event to the last."""
    ats = [1_772_380_777.7 + length * part / 9 for part in range(10)]
    journal.append(*[event("accepted", at=at, run="r0001") for at in ats])
    journal.append(event("failed", at=ats[-1], run="r0001"))
    spans = journal.report(CAMPAIGN.id).timeline
    assert 1 <= len(spans) <= 120
    assert (sum(span[1] for span in spans), sum(span[2] for span in spans)) == (10, 1)
    widths = {round(late[0] - early[0], 3) for early, late in pairwise(spans)}
    assert len(widths) <= 1
    assert spans[0][0] <= ats[0]
    assert spans[-1][0] <= ats[-1] < spans[-1][0] + max(widths, default=1)


def test_the_rarest_reasons_are_counted_together(journal: Blocking) -> None:
    """However many kinds of failure there are, all failed people are in the sum."""
    journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in range(100, 300)])
    writes = [event("failed", run=f"r{n:04}", detail={"reason": f"reason {min(n, 250)}"}) for n in range(100, 300)]
    journal.append(*writes)
    reasons = journal.report(CAMPAIGN.id).reasons
    assert reasons[0] == ("reason 250", 50)
    assert reasons[-1] == ("51 other reasons", 51)
    assert sum(count for _, count in reasons) == 200


def test_fates_of_many_pages_are_all_there(journal: Blocking) -> None:
    """Runs and people who were left out, more than one page of each, in the order of their lines."""
    rows = [beginning(n) for n in range(10, 5_010)]
    journal.begin_runs(CAMPAIGN.id, rows[::2])
    omissions = [Omission(row.line, row.recipient, "skipped", "had it") for row in rows[1::2]]
    journal.omit(CAMPAIGN.id, omissions)
    report = journal.report(CAMPAIGN.id)
    lines = [entry.row for entry in report.recipients]
    assert lines == sorted(lines)
    assert lines[5:] == [row.line for row in rows]
    assert report.states["skipped"] == 2_500


def test_a_campaign_is_pruned_as_a_whole_or_not_at_all(journal: Blocking) -> None:
    """While one of its people is under way or was heard of lately, all of it stays; failed ones do not keep it."""
    write(journal, *(f"r000{n} finished -" for n in (1, 2, 3)))
    assert journal.prune(older_than=5_000.0) == 0
    journal.append(event("failed", run="r0004", at=4_000.0))
    assert journal.prune(older_than=3_000.0) == 0
    assert journal.counts(CAMPAIGN.id).states == {"finished": 3, "failed": 1, "invalid": 1}
    assert journal.prune(older_than=CAMPAIGN.created_at + 1) == 4
    assert journal.campaigns() == []
    assert journal.counts(CAMPAIGN.id).states == {}


def test_the_report_of_a_campaign_that_asks(journal: Blocking) -> None:
    """Who was asked, who took which branch, who was silent or reminded; a question that was put again is one."""
    steps = {"1": ("people", "text"), "1.r1": ("1.r1", "text"), "1.a1.1": ("thanks", "text"), "2#.1": ("item", "text"),
             "3": ("more", "text"), "4": ("never", "text")}  # fmt: skip

    def told(run: str, *lines: str) -> None:
        for at, each in enumerate(lines):
            kind, step, branch, name = [*each.split(), "", "", ""][:4]
            said = {"branch": branch, "name": name, "text": f"I say {name}" if name != "anything" else ""}
            detail = said if kind == "answered" else {"wake_at": 9e9}
            journal.append(event(kind, step.strip("-"), 2000.0 + at, run=run, detail=detail))

    asks = ("begun 1", "accepted 1", "asked 1")
    told("r0001", *asks, "heard -", "answered 1 a1 few", "begun 1.a1.1", "accepted 1.a1.1", "read 1.a1.1", "finished -")
    turns = [f"{kind} 2#{turn}.1" for turn in (1, 2) for kind in ("begun", "accepted")]
    told("r0002", *asks, "answered 1 g1", "begun 1.g1", "accepted 1.g1", "asked 1", "answered 1 o", *turns,
         "begun 3", "accepted 3", "asked 3", "answered 3 any anything")  # fmt: skip
    told("r0003", *asks, "begun 1.r1", "accepted 1.r1", "asked 1", "begun 1.r2", "accepted 1.r2", "answered 1 n")
    told("r0004", *asks, "begun 1.r1", "failed 1.r1")
    journal.begin_runs(CAMPAIGN.id, [beginning(n) for n in (5, 6, 7)])
    told("r0005", *asks, "answered 1 a2 many", "begun 9", "accepted 9", "asked 9")
    told("r0006", *asks, "begun 1.r1", "accepted 1.r1", "answered 1 a1 few", "answered 1 late", "handed_over -")
    told("r0007", *asks, "answered - @1", "opted_out -")
    report = journal.report("c7x2", steps)
    assert report.questions == (
        QuestionTally("1", "people", 7, {"few": 2, "many": 1, "otherwise": 1}, 1, 2),
        QuestionTally("3", "more", 1, {"anything": 1}),
        QuestionTally("9", "9", 1),
    )
    assert [each.open for each in report.questions] == [2, 0, 1]
    assert {each.step: each.accepted for each in report.tallies} == {
        "1": 7, "1.r1": 2, "1.a1.1": 1, "2#.1": 2, "3": 1, "4": 0, "1.g1": 1, "1.r2": 1, "9": 1,
    }  # fmt: skip
    states = {each.run: (each.state, each.step, each.reason) for each in report.recipients if each.run}
    assert states["r0005"] == ("asked", "9", "")
    assert states["r0006"][0] == "handed_over"
    assert states["r0007"][0] == "opted_out"
    assert states["r0002"][1] == "more"
    assert {each.run: each.answers for each in report.recipients if each.answers} == {
        "r0001": {"people": "I say few"}, "r0002": {"people": "I say ", "more": "anything"},
        "r0005": {"people": "I say many"}, "r0006": {"people": "I say few"},
    }  # fmt: skip
    assert journal.report("c7x2").questions[0].label == "1"


@pytest.mark.parametrize("kind", ["handed_over", "opted_out", "failed"])
def test_why_a_run_ended_so_is_in_the_report(journal: Blocking, kind: str) -> None:
    """As its flow said it, or what was written."""
    journal.append(event("begun", run="r0001"), event("accepted", run="r0001"))
    journal.append(event(kind, "", run="r0001", detail={"reason": "agent, please"}))
    assert [(each.state, each.reason) for each in journal.report("c7x2").recipients][:1] == [(kind, "agent, please")]


def test_a_campaign_that_asks_nothing_has_no_questions(journal: Blocking) -> None:
    """Nothing is drawn of them."""
    write(journal, "r0001 begun 1", "r0001 accepted 1")
    assert journal.report("c7x2", STEPS).questions == ()


def test_whose_people_wrote_is_found_also_once_it_is_cancelled(journal: Blocking) -> None:
    """By pages, and each run says that its campaign was called off, one in doubt too."""
    write(journal, "r0001 begun 1", "r0001 asked 1", "r0002 begun 1", "r0003 begun 1", "r0003 in_doubt 1")
    write(journal, "r0001 heard -", "r0003 heard -", "r0003 heard -")
    journal.begin(named("k3v9"))
    journal.cancel(CAMPAIGN.id)
    phases = (Phase.CANCELLED, Phase.IN_DOUBT)
    asked = [journal.pending(CAMPAIGN.id, phases=phases, limit=1, after=after, heard=True) for after in (0, 1, 3)]
    assert [[member.run.id for member in page] for page in asked] == [["r0001"], ["r0003"], []]
    assert len(journal.pending(CAMPAIGN.id, phases=phases, limit=9)) == 4
    runs = {run: journal.record(run) for run in ("r0001", "r0002", "r0003", "k3v9")}
    assert [(its.phase, its.called_off) for its in runs.values()] == [
        (Phase.CANCELLED, True), (Phase.CANCELLED, True), (Phase.IN_DOUBT, True), (Phase.NEW, False),
    ]  # fmt: skip


def test_of_a_campaign_that_is_cancelled_no_message_is_begun_any_more(journal: Blocking) -> None:
    """It is looked at in the same commit; what became of one in flight is written all the same."""
    write(journal, "r0001 begun 1", "r0002 begun 1", "r0002 in_doubt 1", "r0003 begun 1")
    claim = journal.claim(CAMPAIGN.target, Recipient("somebody"), "me")
    journal.cancel(CAMPAIGN.id)
    for run in ("r0001", "r0002", "r0004"):
        with pytest.raises(CalledOff):
            journal.append(event("begun", "2", run=run), claim=claim)
    journal.append(event("accepted", "1", run="r0003"), claim=claim)
    with pytest.raises(CalledOff):
        journal.append(event("accepted", "1", run="r0001"), event("begun", "2", run="r0001"), claim=claim)
    assert [each.kind for each in journal.events("r0001")] == ["begun"]
