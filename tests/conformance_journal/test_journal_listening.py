"""What a journal is told of by those who listen, and which runs it says that wait."""

import asyncio
from typing import Any

import pytest

from flowrunner.engine.history.answered import inbound_of
from flowrunner.engine.history.phases import Phase
from flowrunner.engine.history.state import state_of
from flowrunner.journal import HeardMore
from flowrunner.model import Event, EventKind, Inbound, Recipient, Told
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, Opening, blocked

ANA = Recipient("conv-1", "+5215512345678", "MX.1")
BY_PHONE, BY_CONVERSATION, BY_USER = Recipient(phone=ANA.phone), Recipient(ANA.conversation), Recipient(user_id="MX.1")
TARGET = RUN.target


def said(text: str, id: str = "", **more: Any) -> Inbound:  # noqa: A002  # as the value calls it
    return Inbound(id or f"wamid.{text}", 7.0, "text", text, **more)


def asked(step: str = "1", wake_at: float = 9e9, run: str = RUN.id, at: float = 100.0, **more: Any) -> Event:
    return event("asked", step, at, run=run, detail={"wake_at": wake_at, **more})


def heard(journal: Blocking, run: str = RUN.id) -> list[str]:
    return [each.detail["text"] for each in journal.events(run) if each.kind is EventKind.HEARD]


@pytest.fixture
def journal(journal: Blocking) -> Blocking:
    """A journal with a run that has asked Ana something."""
    journal.begin(named(RUN.id, recipient=ANA, listens=True))
    journal.append(event("begun"), event("accepted", message_id="m-1"), asked())
    return journal


@pytest.mark.parametrize("who", [BY_PHONE, BY_CONVERSATION, BY_USER, ANA, Recipient(phone="+525512345678")])
def test_the_run_that_listened_to_somebody_last_is_known_by_every_name(journal: Blocking, who: Recipient) -> None:
    """Also once it has ended; those that never listened, another person's and another API's are none."""
    assert listening(journal, who) == [RUN.id]
    journal.append(event("finished", ""))
    journal.begin(named("deaf", recipient=ANA), again=True)
    journal.begin(named("elsewhere", recipient=ANA, target="https://b.example.com", listens=True))
    journal.begin(named("other", recipient=Recipient("conv-9", "+34600000001"), listens=True))
    assert listening(journal, who, f"{TARGET.upper()}/") == [RUN.id]
    assert listening(journal, Recipient("nobody")) == []
    journal.begin(named("newer", recipient=ANA, listens=True), again=True)
    journal.append(event("finished", "", run="newer"))
    assert listening(journal, who) == ["newer"]


def test_all_runs_that_hear_somebody_are_known_newest_first_as_they_stand(journal: Blocking) -> None:
    """But not those that have ended; of very many the newest."""
    journal.begin(named("newer", recipient=ANA, listens=True), again=True)
    journal.append(event("failed", run="newer", detail={"reason": "no"}))
    found = journal.listening_to(TARGET, BY_PHONE)
    assert [(each.run.id, each.phase) for each in found] == [("newer", "failed"), (RUN.id, "asked")]
    journal.append(event("finished", "", run="newer"))
    assert listening(journal, BY_PHONE) == [RUN.id]
    for number in range(12):
        journal.begin(named(f"r{number}", recipient=ANA, listens=True), again=True)
    assert listening(journal, BY_PHONE) == [f"r{number}" for number in range(11, 1, -1)]


def listening(journal: Blocking, who: Recipient, target: str = TARGET) -> list[str]:
    return [each.run.id for each in journal.listening_to(target, who)]


def due(journal: Blocking, now: float = 8e9, limit: int = 99) -> list[tuple[str, str]]:
    return [(each.run.id, each.phase) for each in journal.due([TARGET], now, limit)]


@pytest.mark.parametrize("kind", ["begun", "finished", "answered"])
def test_what_goes_by_less_than_was_heard_is_not_written(journal: Blocking, kind: str) -> None:
    """Nor is anything beside it; what is heard by others, or twice, is nothing to it."""
    journal.begin(named("other", recipient=Recipient("conv-9", "+34600000001"), listens=True))
    journal.hear(TARGET, [(BY_PHONE, said("one")), (BY_PHONE, said("one")), (Recipient("conv-9"), said("two"))])
    with pytest.raises(HeardMore):
        journal.append(event("waited"), event(kind), heard=0)
    assert [each.kind for each in journal.events(RUN.id)] == ["begun", "accepted", "asked", "heard"]
    journal.append(event("waited"), event(kind), heard=1)
    assert [each.kind for each in journal.events(RUN.id)][4:] == ["waited", kind]
    journal.append(event(kind))  # nothing is said of what was heard


def test_of_many_that_are_written_at_once_only_that_is_refused_of_whose_run_more_was_heard(journal: Blocking) -> None:
    journal.begin(named("other", recipient=Recipient("conv-9", "+34600000001"), listens=True))
    journal.hear(TARGET, [(BY_PHONE, said("one"))])

    async def at_once() -> list[Any]:
        own, other = journal.append(event("begun", "2"), heard=0), journal.append(event("begun", run="other"), heard=0)
        return await asyncio.gather(own, other, return_exceptions=True)

    assert [type(each) for each in journal.run(at_once())] == [HeardMore, type(None)]
    assert [each.kind for each in journal.events("other")] == ["begun"]


def test_what_somebody_writes_is_heard_whole_and_wakes_their_run(journal: Blocking) -> None:
    """As it was told, durably, with the moment at which it was learnt; the run is due at once."""
    whole = said(
        "¡Sí! 👋\ud83d",
        "wamid.1",
        other_id="m-77",
        choice="now",
        context="wamid.q",
        data={"url": "https://x", "n": [1]},
    )
    assert journal.next_due([TARGET]) == 9e9
    assert journal.hear(TARGET, [(BY_PHONE, whole)]) == [RUN.id]
    (its,) = [each for each in journal.events(RUN.id) if each.kind is EventKind.HEARD]
    assert inbound_of(its) == whole
    assert journal.next_due([TARGET]) == its.at < 8e9
    assert due(journal) == [(RUN.id, "asked")]


@pytest.mark.parametrize("who", [BY_PHONE, BY_CONVERSATION, BY_USER, ANA, Recipient(phone="+525512345678")])
def test_a_person_is_heard_by_every_name(journal: Blocking, who: Recipient) -> None:
    """However it is spelt; somebody else's runs hear nothing of it, nor those of another API."""
    journal.begin(named("other", recipient=Recipient("conv-9", "+34600000001"), listens=True))
    journal.begin(named("elsewhere", recipient=ANA, target="https://b.example.com", listens=True))
    assert journal.hear(f"{TARGET.upper()}/", [(who, said("hi"))]) == [RUN.id]
    assert not heard(journal, "other")
    assert not heard(journal, "elsewhere")


def test_names_that_come_with_a_message_are_learnt_of_those_who_are_known(journal: Blocking) -> None:
    """Also where no run hears it; of strangers nothing is kept."""
    journal.begin(named("old", recipient=Recipient(phone="+34600000002")))
    journal.append(event("finished", "", run="old"))
    assert journal.hear(TARGET, [(Recipient("c-new", "+34600000002"), said("a"))]) == []
    assert journal.hear(TARGET, [(Recipient("c-strange", "+34600000003"), said("b"))]) == []
    assert journal.known(TARGET, Recipient("c-new")) == Recipient("c-new", "+34600000002")
    assert journal.known(TARGET, Recipient("c-strange")) == Recipient("c-strange")
    assert journal.hear(TARGET, [(Recipient("c-later", user_id="MX.1"), said("c"))]) == [RUN.id]
    assert journal.hear(TARGET, [(Recipient("c-later"), said("d"))]) == [RUN.id]


SAME = [
    ("wamid.1", "", "wamid.1", ""),
    ("wamid.1", "m-1", "m-1", ""),
    ("m-1", "", "wamid.1", "m-1"),
    ("wamid.1", "m-1", "wamid.1", "m-2"),
]


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(("first", "its_other", "second", "other"), SAME)
def test_a_message_is_heard_once(
    journal: Blocking, first: str, its_other: str, second: str, other: str, at_once: bool
) -> None:
    """By a webhook and by a look, by one id or the other, in one call or in two; another one is heard all the same."""
    one, again = said("yes", first, other_id=its_other), said("yes", second, other_id=other)
    if at_once:
        assert journal.hear(TARGET, [(BY_PHONE, one), (BY_USER, again), (ANA, said("new"))]) == [RUN.id]
    else:
        assert journal.hear(TARGET, [(BY_PHONE, one)]) == [RUN.id]
        assert journal.hear(TARGET, [(BY_USER, again)]) == []
        assert journal.hear(TARGET, [(BY_USER, again), (ANA, said("new"))]) == [RUN.id]
    assert heard(journal) == ["yes", "new"]
    assert len(state_of(journal.events(RUN.id)).heard) == 2


def test_many_who_write_at_once_are_each_told_what_is_theirs(journal: Blocking) -> None:
    """Whatever shares a commit: the order of each caller, and the answer for each."""
    for n in range(20):
        journal.begin(named(f"r{n}", recipient=Recipient(f"c{n}"), listens=True))

    async def scene() -> list[Any]:
        its = journal.journal
        return await asyncio.gather(
            *(its.hear(TARGET, [(Recipient(f"c{n}"), said(f"{n}-{k}")) for k in range(3)]) for n in range(20)),
            its.hear(TARGET, [(Recipient("c3"), said("3-1")), (Recipient("c4"), said("more"))]),
            its.hear(TARGET, [(Recipient("nobody"), said("x"))]),
        )

    answers = asyncio.run(scene())
    assert answers[:20] == [[f"r{n}"] for n in range(20)]
    assert answers[20:] == [["r4"], []]
    assert [heard(journal, f"r{n}") for n in (0, 3, 4)] == [
        ["0-0", "0-1", "0-2"], ["3-0", "3-1", "3-2"], ["4-0", "4-1", "4-2", "more"],
    ]  # fmt: skip


STANDS = [
    ("", True),
    ("begun 1", True),
    ("paused 2", True),
    ("paused -", True),
    ("asked 1", True),
    ("in_doubt 1", True),
    ("failed 1", True),
    ("finished -", False),
    ("skipped -", False),
    ("cancelled -", False),
    ("opted_out -", False),
    ("handed_over -", False),
]


@pytest.mark.parametrize("listens", [True, False])
@pytest.mark.parametrize(("events", "hears"), STANDS)
def test_a_run_hears_until_its_end_if_its_flow_listens(
    journal: Blocking, events: str, hears: bool, listens: bool
) -> None:
    """What is heard changes nothing of where it stands, but that what is parked is due."""
    journal.begin(named("r", recipient=Recipient("c"), listens=listens))
    for each in filter(None, events.split(", ")):
        kind, step = each.split()
        more = {"wake_at": 9e9} if kind in ("paused", "asked") else {}
        journal.append(event(kind, step.strip("-"), run="r", detail=more))
    before = journal.record("r").phase
    assert journal.hear(TARGET, [(Recipient("c"), said("x"))]) == (["r"] if hears and listens else [])
    assert journal.record("r").phase == before
    wakes = before in (Phase.PAUSED, Phase.HELD, Phase.ASKED, Phase.IN_DOUBT)
    assert [run for run, _ in due(journal)] == (["r"] if hears and listens and wakes else [])


def test_a_run_of_a_campaign_hears_if_its_campaign_s_flow_listens(journal: Blocking) -> None:
    """It says so from its beginning, wherever it is read; and is had by `due`, with its campaign, or by `wake`."""
    for its, listens in (("c1", True), ("c2", False)):
        campaign = CAMPAIGN._replace(id=its, listens=listens)
        journal.begin_campaign(campaign)
        assert journal.campaign(its) == campaign
        journal.begin_runs(its, [beginning(7)._replace(run_id=f"{its}-r")])
        journal.append(asked(run=f"{its}-r"))
        assert journal.record(f"{its}-r").run.listens is listens
        assert [each.run.listens for each in journal.pending(its, phases=[Phase.ASKED], limit=9)] == [listens]
    assert journal.hear(TARGET, [(beginning(7).recipient, said("x"))]) == ["c1-r"]
    assert journal.next_wake("c1") < 8e9
    (member,) = journal.due([TARGET], 8e9, 9)
    assert (member.campaign, member.run.id, member.line, member.run.listens) == ("c1", "c1-r", 8, True)
    assert journal.wake("c1", 8e9, 9) == [], "it was taken"
    assert [each.run.id for each in journal.wake("c1", 8e9 + 61, 9)] == ["c1-r"]
    assert journal.wake("c2", 8e9, 9) == []


def test_whom_somebody_has_woken_who_died_is_had_by_who_listens(journal: Blocking) -> None:
    """Once the lease is over, or at once where they surely have ended; who waits again meanwhile is nobody's."""
    journal.begin_campaign(CAMPAIGN)
    runs = [f"r{number}" for number in range(4)]
    journal.begin_runs(CAMPAIGN.id, [beginning(number)._replace(run_id=run) for number, run in enumerate(runs)])
    journal.append(*(event("paused", run=run, detail={"wake_at": 5.0}) for run in runs))
    assert len(journal.wake(CAMPAIGN.id, 10.0, 2, owner="dead", lease=30.0)) == 2
    assert len(journal.wake(CAMPAIGN.id, 10.0, 2, owner="alive")) == 2
    journal.append(event("paused", "2", run="r0", detail={"wake_at": 20.0}))
    assert due(journal, 19.9) == []
    assert due(journal, 39.9) == [("r0", Phase.PAUSED)]
    assert journal.next_due([TARGET]) == 40.0
    assert journal.pending(CAMPAIGN.id, limit=9)[0].run.id == "r1", "whoever resumes has them all the same"
    taken = journal.due([TARGET], 11.0, 9, has_ended=lambda owner: owner == "dead")
    assert [(each.run.id, each.phase, each.campaign) for each in taken] == [("r1", Phase.UNDER_WAY, CAMPAIGN.id)]
    assert due(journal, 69.9) == []
    assert {run for run, _ in due(journal, 70.0)} == {"r2", "r3"}


def test_what_is_due_is_had_by_one_until_they_go_on_or_are_gone(journal: Blocking) -> None:
    """The earliest first, of the APIs that are asked for; whom a killed process had comes again."""
    journal.begin(named("elsewhere", target="https://b.example.com"))
    journal.begin(named("paused"))
    journal.append(event("paused", run="elsewhere", detail={"wake_at": 50.0}), asked(wake_at=60.0))
    journal.append(event("paused", run="paused", detail={"wake_at": 40.0}))
    assert journal.next_due([TARGET]) == 40.0
    assert journal.next_due(["https://b.example.com"]) == 50.0
    assert journal.next_due([]) is None
    assert journal.due([TARGET], 39.9, 9) == []
    assert [each.run.id for each in journal.due([TARGET], 100.0, 1)] == ["paused"]
    assert due(journal, 100.0) == [(RUN.id, "asked")]
    assert due(journal, 159.0) == []
    assert journal.next_due([TARGET]) == 160.0
    journal.hear(TARGET, [(ANA, said("meanwhile"))])
    assert due(journal, 159.0) == [], "it was written by somebody else"
    journal.append(event("delivered"))
    assert due(journal, 159.0) == []
    journal.append(asked(wake_at=120.0))
    assert due(journal, 159.0) == [(RUN.id, "asked")], "whoever had it went on with it"
    assert due(journal, 160.0) == [("paused", "waiting")]
    journal.append(event("begun", "2", run="paused"))
    assert due(journal, 218.0) == []
    left = [("paused", "unfinished"), (RUN.id, "asked")]
    assert sorted(due(journal, 1e4)) == sorted(left), "whoever had it has died, or takes long"
    journal.append(event("finished", run="paused"))
    assert due(journal, 2e4) == [(RUN.id, "asked")]


@pytest.mark.parametrize("since", [[], ["begun"], ["begun", "in_doubt"]])
def test_what_was_lent_to_who_has_ended_is_had_at_once(journal: Blocking, since: list[str]) -> None:
    """Whatever was written of it since; others keep theirs, and so does who took it then."""
    journal.begin(named("other"))
    journal.append(event("paused", run="other", detail={"wake_at": 60.0}))
    journal.append(asked(wake_at=50.0))
    assert [each.run.id for each in journal.due([TARGET], 50.0, 1, owner="dead")] == [RUN.id]
    assert [each.run.id for each in journal.due([TARGET], 60.0, 1, owner="alive")] == ["other"]
    for kind in since:
        journal.append(event(kind, "2"))

    def had(by: str) -> list[str]:
        return [each.run.id for each in journal.due([TARGET], 70.0, 9, owner=by, has_ended="dead".__eq__)]

    assert journal.due([TARGET], 70.0, 9, owner="new") == [], "nobody is known to have ended"
    assert had("new") == [RUN.id]
    assert had("newer") == [] == journal.due(["https://b.example.com"], 70.0, 9, has_ended=bool)


def test_what_is_in_doubt_is_looked_up_once_by_each_who_listens(journal: Blocking) -> None:
    """What nobody can settle is not looked up each minute; whoever listens after them may, also much later."""
    journal.append(asked(wake_at=50.0))
    assert [each.run.id for each in journal.due([TARGET], 50.0, 1, owner="first")] == [RUN.id]
    journal.append(event("begun", "2"), event("in_doubt", "2"))
    assert journal.due([TARGET], 9e6, 9, owner="first", has_ended="dead".__eq__) == []
    again = journal.due([TARGET], 9e6, 9, owner="second", has_ended="first".__eq__)
    assert [each.run.id for each in again] == [RUN.id]
    assert journal.due([TARGET], 9e7, 9, owner="second", has_ended="first".__eq__) == []


@pytest.mark.parametrize("kind", ["asked", "paused"])
@pytest.mark.parametrize(("told", "known", "is_due"), [(0, 0, False), (1, 0, True), (1, 1, False), (2, 1, True)])
def test_what_is_heard_while_a_run_is_about_to_be_parked_is_not_missed(
    journal: Blocking, kind: str, told: int, known: int, is_due: bool
) -> None:
    """It says how many messages it knows of; one that was heard before that says nothing waits as it says."""
    journal.append(event("begun", "1"))
    for n in range(told):
        journal.hear(TARGET, [(ANA, said(str(n)))])
    journal.append(event(kind, "1", 100.0, detail={"wake_at": 9e9, "heard": known}))
    assert [run for run, _ in due(journal, 200.0)] == ([RUN.id] if is_due else [])
    journal.append(event(kind, "1", 100.0, detail={"wake_at": 9e9}))
    assert due(journal, 8e9) == []


def test_news_are_what_came_since(journal: Blocking) -> None:
    """In the order it was written, whoever did."""
    known = len(journal.events(RUN.id))
    assert journal.news(RUN.id, known) == []
    journal.hear(TARGET, [(ANA, said("a"))])
    journal.append(event("delivered"))
    assert [each.kind for each in journal.news(RUN.id, known)] == ["heard", "delivered"]
    assert [each.kind for each in journal.news(RUN.id, known + 1)] == ["delivered"]
    assert journal.news("nobody", 0) == []


def test_who_is_asked_something_is_known_until_they_have_answered(journal: Blocking) -> None:
    """By all their names; the run that asks does not count, nor an API that is not asked for."""

    def asks(who: Recipient = BY_USER, but: str = "new", target: str = TARGET) -> str:
        return str(journal.busy_with(target, who, but))

    def asking(target: str = TARGET) -> tuple[int, float | None]:
        return journal.asking(target), journal.listening_since(target)

    assert asking() == (1, 100.0)
    assert asking("https://b.example.com") == (0, None)
    assert (journal.asked_last(TARGET), journal.asked_last("https://b.example.com")) == (100.0, None)
    assert asks() == asks(Recipient(phone="+525512345678")) == RUN.id
    assert asks(but=RUN.id) == asks(Recipient("c")) == asks(target="https://b.example.com") == ""
    journal.append(event("begun", "1.r1"), event("accepted", "1.r1"), asked(at=500.0))
    assert asking() == (1, 100.0), "a reminder is no new question"
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(2)])
    journal.append(asked(run="r0002", at=90.0))
    assert asking() == (2, 90.0)
    assert journal.asked_last(f"{TARGET}/") == 100.0
    journal.begin(named("later", recipient=Recipient("conv-7"), listens=True))
    journal.append(asked(run="later", at=300.0))
    assert journal.asked_last(TARGET) == 300.0
    journal.append(event("answered", run="later", detail={"branch": "a1"}))
    assert journal.asked_last(TARGET) == 100.0
    journal.due([TARGET], 9e9, 9)
    assert asks() == RUN.id, "who takes it up has not answered it"
    journal.append(event("answered", detail={"branch": "a1"}))
    assert asks() == ""
    for kind in ("failed", "cancelled", "finished", "opted_out"):
        journal.append(asked(at=600.0))
        assert asks() == ("" if kind == "finished" else RUN.id)  # a cancelled run asks nothing any more
        journal.append(event(kind, ""))
        assert asks() == ""


TELLS: list[tuple[str, list[Told], list[str]]] = [
    ("by its id", [Told(("m-1",), EventKind.DELIVERED, 5.0)], ["delivered"]),
    ("by one of its ids", [Told(("wamid.x", "m-1"), EventKind.SENT, 5.0)], ["sent"]),
    ("twice", [Told(("m-1",), EventKind.SENT), Told(("m-1",), EventKind.SENT)], ["sent"]),
    ("out of order", [Told(("m-1",), EventKind.READ), Told(("m-1",), EventKind.DELIVERED)], ["read"]),
    ("a stranger's", [Told(("m-9",), EventKind.READ), Told((), EventKind.READ)], []),
    ("with the same end", [Told(("another-and-much-longer-m-1",), EventKind.READ)], []),
    ("failed", [Told(("m-1",), EventKind.FAILED, 5.0, "no")] * 2, ["failed"]),
    ("failed after all", [Told(("m-1",), EventKind.DELIVERED), Told(("m-1",), EventKind.FAILED)], ["delivered"]),
    ("by WhatsApp's later", [Told(("m-1", "wamid.x"), EventKind.SENT), Told(("wamid.x",), EventKind.READ)], ["sent"]),
    ("nothing that is a status", [Told(("m-1",), EventKind.ACCEPTED)], []),
    ("by a reference, where it is known", [Told(("m-2",), EventKind.READ, 5.0, "", f"fr:{RUN.id}:1:1")], []),
]


@pytest.mark.parametrize(("statuses", "written"), [each[1:] for each in TELLS], ids=[each[0] for each in TELLS])
def test_statuses_that_are_told_are_kept_where_they_are_further(
    journal: Blocking, statuses: list[Told], written: list[str]
) -> None:
    """Of the message that the API took, whatever it is called; where the run stands does not change."""
    known = len(journal.events(RUN.id))
    assert journal.tell(TARGET, statuses) == ([RUN.id] if written else [])
    assert [each.kind for each in journal.news(RUN.id, known)] == written
    assert all(each.step == "1" and each.message_id == "m-1" for each in journal.news(RUN.id, known))
    assert journal.record(RUN.id).phase is Phase.ASKED
    assert journal.tell("https://b.example.com", statuses) == []


def test_a_message_is_known_by_whatsapp_s_id_once_that_was_told(journal: Blocking) -> None:
    """With its acceptance or with a status."""
    journal.append(event("begun", "2"), event("accepted", "2", message_id="m-2", detail={"wamid": "wamid.two"}))
    assert journal.tell(TARGET, [Told(("wamid.two",), EventKind.DELIVERED)]) == [RUN.id]
    assert journal.tell(TARGET, [Told(("wamid.one",), EventKind.DELIVERED)]) == []
    assert journal.tell(TARGET, [Told(("wamid.one", "m-1"), EventKind.SENT)]) == [RUN.id]
    assert journal.tell(TARGET, [Told(("wamid.one",), EventKind.DELIVERED)]) == [RUN.id]
    state = state_of(journal.events(RUN.id))
    assert [state.step(step).rank for step in "12"] == [2, 2]
    assert {id_: its.step for id_, its in state.accepted.items()} == {
        "m-1": "1", "wamid.one": "1", "m-2": "2", "wamid.two": "2",
    }  # fmt: skip


@pytest.mark.parametrize("kinds", ["begun", "begun in_doubt"])
def test_what_a_reference_tells_of_a_message_in_doubt_is_kept(journal: Blocking, kinds: str) -> None:
    """It surely was taken, and has that id; whoever reconciles it reads that."""
    for kind in kinds.split():
        journal.append(event(kind, "3.a1.2"))
    its = Told(("wamid.3",), EventKind.SENT, 5.0, "", f"fr:{RUN.id}:3.a1.2:1")
    assert journal.tell(TARGET, [its, its]) == [RUN.id]
    assert [(each.step, each.message_id) for each in journal.events(RUN.id) if each.kind is EventKind.SENT] == [
        ("3.a1.2", "wamid.3")
    ]
    wrong = [f"fr:{RUN.id}:9:1", "fr:nobody:1:1", "fr:x", "mine", f"fr:{RUN.id}:1:1:1"]
    assert journal.tell(TARGET, [Told(("w",), EventKind.READ, 5.0, "", each) for each in wrong]) == []


@pytest.mark.parametrize(
    ("end", "phase", "then"),
    [
        ("", Phase.ASKED, Phase.UNDELIVERED),
        ("finished", Phase.UNDELIVERED, None),
        ("opted_out", Phase.OPTED_OUT, None),
        ("handed_over", Phase.HANDED_OVER, None),
        ("failed", Phase.FAILED, Phase.UNDELIVERED),
    ],
)
def test_a_message_that_failed_on_its_way_makes_its_run_undelivered_at_its_end(
    journal: Blocking, end: str, phase: Phase, then: Phase | None
) -> None:
    """Before it, the run goes on as it does where nobody is told of that."""
    if end:
        journal.append(event(end, ""))
    assert journal.tell(TARGET, [Told(("m-1",), EventKind.FAILED, 5.0, "131026")]) == [RUN.id]
    assert journal.record(RUN.id).phase is phase
    assert state_of(journal.events(RUN.id)).step("1").undelivered
    assert journal.events(RUN.id)[-1].detail == {"reason": "131026", "learnt": True}
    assert journal.followed(TARGET) == []
    if then:
        journal.append(event("finished", ""))
        assert journal.record(RUN.id).phase is then
        journal.append(event("retrying", "1"), event("begun", "1"), event("accepted", "1"), event("finished", ""))
        assert journal.record(RUN.id).phase is Phase.FINISHED


def test_a_listener_is_known_by_all_who_use_the_journal(shared_opening: Opening) -> None:
    """Of that API alone, however it is spelt, as it said last."""
    with blocked(shared_opening()) as journal, blocked(shared_opening()) as another:
        assert journal.listened_until(TARGET) == 0.0
        journal.note_listener(TARGET, 50.0)
        journal.note_listener(f"{TARGET}/", 60.5)
        assert another.listened_until(TARGET.upper()) == 60.5
        assert another.listened_until("https://b.example.com") == 0.0


def test_who_opened_the_journal_elsewhere_hears_and_tells_the_same(shared_opening: Opening) -> None:
    """A listener is another process: what it wrote is there for who carries runs out, and the other way round."""
    with blocked(shared_opening()) as one, blocked(shared_opening()) as other:
        one.begin(named(RUN.id, recipient=ANA, listens=True))
        one.append(event("begun"), event("accepted", message_id="m-1"), asked())
        assert other.hear(TARGET, [(BY_USER, said("a"))]) == [RUN.id]
        assert one.hear(TARGET, [(BY_USER, said("a"))]) == []
        assert other.tell(TARGET, [Told(("m-1",), EventKind.READ)]) == [RUN.id]
        assert one.tell(TARGET, [Told(("m-1",), EventKind.READ)]) == []
        assert [each.run.id for each in other.due([TARGET], 8e9, 9)] == [RUN.id]
        assert one.due([TARGET], 8e9, 9) == []
        assert other.busy_with(TARGET, BY_PHONE, "") == RUN.id
    with blocked(shared_opening()) as later:
        assert heard(later) == ["a"]


def test_a_campaign_that_was_cancelled_asks_nothing_any_more(journal: Blocking) -> None:
    """Nobody is due, and nobody hears."""
    journal.begin_campaign(CAMPAIGN._replace(listens=True))
    journal.begin_runs(CAMPAIGN.id, [beginning(2)])
    journal.append(asked(run="r0002"))
    journal.cancel(CAMPAIGN.id)
    assert journal.hear(TARGET, [(beginning(2).recipient, said("x"))]) == []
    assert journal.busy_with(TARGET, beginning(2).recipient, "") == ""
    assert journal.asking(TARGET) == 1
