"""Those who want to be written to no more: kept by every name, for every API, and never forgotten by itself."""

import asyncio

import pytest

from flowrunner.client import EMULATOR
from flowrunner.clock import SYSTEM
from flowrunner.journal import OptedOut
from flowrunner.model import Inbound, OptOut, Recipient
from support.journalled import RUN, event, named
from support.journals import Blocking, Opening, blocked

PHONE, CONVERSATION, USER = Recipient(phone="+5215511111111"), Recipient("conv-a"), Recipient(user_id="US.1")
ALL = Recipient("conv-a", "+5215511111111", "US.1")
STRANGER = Recipient("conv-z", "+5215599999999", "US.9")
TARGET, OTHER = RUN.target, "meta https://api.kapso.ai/meta/whatsapp/v24.0/17"
SPELT = Recipient(phone="+525511111111")
EVERY = [STRANGER, PHONE, CONVERSATION, USER, ALL, SPELT]


def out(journal: Blocking, target: str = TARGET) -> set[int]:
    found: set[int] = journal.opted_out(target, EVERY)
    return found


@pytest.mark.parametrize("said_by", [PHONE, CONVERSATION, USER, ALL])
@pytest.mark.parametrize("when", ["before", "after"])
def test_somebody_is_out_by_all_names_whenever_those_are_learnt(
    journal: Blocking, said_by: Recipient, when: str
) -> None:
    """Those that they said it by, and those that were or will be known to be theirs."""
    if when == "before":
        journal.learn(TARGET, ALL)
    journal.opt_out(TARGET, said_by, "stop", 5.0)
    if when == "after":
        journal.learn(TARGET, ALL._replace(phone=""))
        journal.learn(TARGET, ALL._replace(conversation=""))
    assert out(journal) == {1, 2, 3, 4, 5}
    assert out(journal, f"{TARGET.upper()}/") == {1, 2, 3, 4, 5}


ELSEWHERE = [
    (ALL, {1, 3, 4, 5}),
    (PHONE, {1, 4, 5}),
    (USER, {3, 4}),
    (CONVERSATION, set()),
]


@pytest.mark.parametrize(("said_by", "are_out"), ELSEWHERE)
def test_a_phone_and_a_user_id_are_the_same_person_s_everywhere(
    journal: Blocking, said_by: Recipient, are_out: set[int]
) -> None:
    """A conversation's id means nothing at another API."""
    journal.opt_out(TARGET, said_by, "stop", 5.0)
    assert out(journal, OTHER) == are_out


def test_what_another_api_calls_somebody_counts_too(journal: Blocking) -> None:
    """The one that they said it to knew the phone, the one that is asked knows the user id, and a third knows both."""
    journal.opt_out(TARGET, PHONE, "stop", 5.0)
    journal.learn(OTHER, Recipient("c-other", user_id="US.1"))
    assert journal.opted_out(OTHER, [USER, Recipient("c-other")]) == set()
    journal.learn("https://third.example.com", ALL)
    assert journal.opted_out(OTHER, [USER, Recipient("c-other")]) == {0, 1}


@pytest.mark.parametrize(
    ("said_to", "asked", "is_out"),
    [
        (EMULATOR, EMULATOR, True),
        (EMULATOR, f"{EMULATOR} meta", True),
        (EMULATOR, TARGET, False),
        (EMULATOR, "", False),
        (TARGET, EMULATOR, False),
        ("", EMULATOR, False),
        ("", TARGET, True),
        (TARGET, "", True),
        ("http://127.0.0.1:8080", TARGET, True),
    ],
)
def test_the_emulator_s_people_are_nobody_else_s(journal: Blocking, said_to: str, asked: str, is_out: bool) -> None:
    """What is tried there must not silence a real person, nor the other way round."""
    journal.opt_out(said_to, ALL, "stop", 5.0)
    assert bool(journal.opted_out(asked, [PHONE])) is is_out


def test_a_conversation_that_is_kept_for_all_apis_is_met_at_each(journal: Blocking) -> None:
    """Who keeps it need not know whose it is."""
    journal.opt_out("", CONVERSATION, "asked on the phone", 5.0)
    assert journal.opted_out(OTHER, [STRANGER, CONVERSATION]) == {1}


def test_they_are_listed_once_each_as_it_was_kept_first(journal: Blocking) -> None:
    """With the latest of each kind of name; who says it again has said it."""
    journal.opt_out(TARGET, PHONE, "stop", 5.0)
    journal.opt_out(OTHER, STRANGER, "baja", 6.0)
    journal.learn(TARGET, ALL)
    journal.opt_out(TARGET, USER, "again", 7.0)
    first, second = OptOut(ALL, "stop", 5.0, TARGET, ""), OptOut(STRANGER, "baja", 6.0, OTHER, "")
    assert journal.optouts() == [first, second]
    assert journal.optouts(TARGET) == [first]
    assert journal.optouts("https://nobody.example.com") == []


def test_it_is_known_to_which_run_somebody_said_so(journal: Blocking) -> None:
    """That one has its last words."""
    journal.opt_out(TARGET, PHONE, "stop", 5.0, "r")
    assert journal.opt_out_of(TARGET, PHONE) == OptOut(PHONE, "stop", 5.0, TARGET, "r")


@pytest.mark.parametrize("who", [PHONE, SPELT, USER, CONVERSATION, ALL])
def test_who_is_let_in_again_is_so_by_all_names(journal: Blocking, who: Recipient) -> None:
    """And everywhere; others stay out."""
    journal.learn(TARGET, ALL)
    journal.opt_out(TARGET, PHONE, "stop", 5.0)
    journal.opt_out(OTHER, USER, "stop", 6.0)
    journal.opt_out(TARGET, STRANGER, "stop", 7.0)
    assert journal.opt_in(TARGET, who) is True
    assert out(journal) == out(journal, OTHER) == {0}
    assert journal.opt_in(TARGET, who) is False


@pytest.mark.parametrize("who", [PHONE, SPELT, USER, CONVERSATION, ALL])
def test_since_when_somebody_is_let_in_again_is_known_by_all_names(journal: Blocking, who: Recipient) -> None:
    """The last time counts; nothing of it is listed, and they may opt out, and be let in, once more."""
    journal.learn(TARGET, ALL)
    for _ in range(2):
        journal.opt_out(TARGET, PHONE, "stop", 5.0)
        before = SYSTEM.now()
        assert journal.opt_in("", who) is True
        found = journal.opted_in(TARGET, [STRANGER, PHONE, SPELT, USER, CONVERSATION])
        assert (sorted(found), journal.optouts(), out(journal)) == ([1, 2, 3, 4], [], set())
        assert all(before <= each <= SYSTEM.now() for each in found.values())
    assert journal.opt_in("", STRANGER) is False
    assert journal.opted_in(TARGET, [STRANGER]) == {}


def test_what_was_written_before_somebody_was_let_in_again_is_heard_by_nobody(journal: Blocking) -> None:
    """It is told once more, by a list or a webhook; what they write from then on is heard."""
    journal.opt_out(TARGET, PHONE, "stop", 5.0)
    journal.opt_in("", PHONE)
    journal.begin(named("r", recipient=PHONE, listens=True))
    now = SYSTEM.now()
    told = [Inbound("wamid.1", now - 60, "text", "stop"), Inbound("wamid.2", now + 60, "text", "hi")]
    assert journal.hear(TARGET, [(SPELT, each) for each in told]) == ["r"]
    assert [each.message_id for each in journal.events("r")] == ["wamid.2"]


def test_a_run_that_ends_so_keeps_it_of_its_person_with_its_event(journal: Blocking) -> None:
    """By what was learnt of them, too, with what they said and in which run; a lost claim keeps nothing."""
    journal.begin(named("r", recipient=PHONE, listens=True))
    journal.append(event("begun", run="r"), event("accepted", run="r", detail={"conversation": "conv-a"}))
    journal.append(event("opted_out", "", 9.0, run="r", detail={"reason": "STOP"}))
    assert out(journal) == {1, 2, 4, 5}
    assert journal.optouts() == [OptOut(Recipient("conv-a", PHONE.phone), "STOP", 9.0, TARGET, "r")]


def test_who_says_stop_is_out_before_the_run_has_ended_and_is_sent_its_last_words_alone(journal: Blocking) -> None:
    """The answer keeps it; the run that it was said to may begin messages, another may not."""
    journal.begin(named("r", recipient=PHONE, listens=True))
    claim = journal.claim(TARGET, PHONE, "me")
    journal.append(event("answered", "", 8.0, run="r", detail={"opts_out": "STOP", "text": "STOP"}), claim=claim)
    assert journal.optouts() == [OptOut(PHONE, "STOP", 8.0, TARGET, "r")]
    journal.append(event("begun", "@1.1", run="r"), event("accepted", "@1.1", run="r"), claim=claim)
    journal.append(event("opted_out", "", 9.0, run="r", detail={"reason": "STOP"}), claim=claim)
    assert journal.optouts() == [OptOut(PHONE, "STOP", 8.0, TARGET, "r")]
    journal.begin(named("s", recipient=PHONE, listens=True))
    with pytest.raises(OptedOut):
        journal.append(event("begun", run="s"), claim=claim)


KEPT = [
    (TARGET, PHONE, PHONE, True),
    (TARGET, SPELT, ALL, True),
    (OTHER, PHONE, ALL, True),
    (OTHER, USER, USER, True),
    (OTHER, CONVERSATION, ALL, False),
    ("", CONVERSATION, ALL, True),
    (TARGET, STRANGER, ALL, False),
    (EMULATOR, ALL, ALL, False),
]


@pytest.mark.parametrize("target", [TARGET, "meta https://api.kapso.ai/meta/whatsapp/v24.0/99"])
@pytest.mark.parametrize(("said_to", "said_by", "whom", "is_out"), KEPT)
def test_no_message_begins_to_somebody_who_has_opted_out_meanwhile(
    journal: Blocking, said_to: str, said_by: Recipient, whom: Recipient, is_out: bool, target: str
) -> None:
    """By whichever name they were claimed; what has happened can still be written, and nothing of it is."""
    run = named("r", recipient=whom, target=target)
    journal.begin(run)
    claim = journal.claim(target, whom, "me")
    journal.append(event("begun", run="r"), event("accepted", run="r"), claim=claim)
    journal.opt_out(target if said_to == TARGET else said_to, said_by, "stop", 5.0)
    if is_out:
        with pytest.raises(OptedOut):
            journal.append(event("waited", run="r"), event("begun", "2", run="r"), claim=claim)
        journal.append(event("skipped", "", run="r"), claim=claim)
    else:
        journal.append(event("begun", "2", run="r"), claim=claim)
    kinds = [each.kind for each in journal.events("r")]
    assert kinds == ["begun", "accepted", "skipped" if is_out else "begun"]


LEARNT = [
    [(TARGET, ALL)],
    [(OTHER, Recipient(phone=SPELT.phone, user_id="US.1")), (TARGET, Recipient("conv-a", PHONE.phone))],
    [(TARGET, Recipient("conv-a", PHONE.phone)), (OTHER, Recipient(phone=SPELT.phone, user_id="US.1"))],
]


@pytest.mark.parametrize("learnt", LEARNT)
@pytest.mark.parametrize("when", ["before", "after"])
def test_no_message_begins_to_somebody_who_has_opted_out_by_a_name_learnt_since_they_were_claimed(
    journal: Blocking, learnt: list[tuple[str, Recipient]], when: str
) -> None:
    """At whichever API that was learnt; the run that they said it to may still begin its last words."""
    for run in "r", "s":
        journal.begin(named(run, recipient=CONVERSATION, listens=True))
    claim = journal.claim(TARGET, CONVERSATION, "me")
    journal.append(event("begun", run="r"), event("accepted", run="r"), claim=claim)
    if when == "before":
        journal.opt_out(TARGET, USER, "stop", 5.0)
    for target, whom in learnt:
        journal.learn(target, whom)
    if when == "after":
        journal.opt_out(TARGET, USER, "stop", 5.0)
    with pytest.raises(OptedOut):
        journal.append(event("begun", "2", run="r"), claim=claim)
    journal.opt_in(TARGET, USER)
    journal.append(event("answered", "", 8.0, run="s", detail={"opts_out": "STOP", "text": "STOP"}), claim=claim)
    journal.append(event("begun", run="s"), claim=claim)
    with pytest.raises(OptedOut):
        journal.append(event("begun", "2", run="r"), claim=claim)


def test_they_outlive_their_runs_and_whoever_kept_them(shared_opening: Opening) -> None:
    """Pruning takes none of them, nor the names that they are known by."""
    with blocked(shared_opening()) as journal:
        journal.begin(named("r", recipient=ALL))
        journal.append(event("opted_out", "", 9.0, run="r"))
        assert journal.prune(older_than=1e10) == 1
        assert journal.record("r") is None
    with blocked(shared_opening()) as journal, blocked(shared_opening()) as another:
        assert out(journal) == {1, 2, 3, 4, 5}
        another.opt_in(TARGET, USER)
        assert out(journal) == set()


def test_thousands_are_listed_in_the_order_they_were_kept(journal: Blocking) -> None:
    """Page after page, each once."""
    its = journal.journal

    async def kept() -> None:
        people = (Recipient(f"c{n}", f"+346000{n:05}") for n in range(1_003))
        await asyncio.gather(*(its.opt_out(TARGET, each, "stop", float(n)) for n, each in enumerate(people)))

    journal.run(kept())
    assert [each.at for each in journal.optouts()] == [*range(1_003)]
