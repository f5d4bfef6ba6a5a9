"""Who is whom: one person by several names, wherever anybody has said that they are one."""

import asyncio
from collections.abc import Iterable
from itertools import combinations, permutations
from typing import Any

import pytest

from flowrunner.journal import Busy
from flowrunner.model import Recipient
from support.journalled import CAMPAIGN, RUN, beginning, event, named
from support.journals import Blocking, Opening, blocked

PHONE = Recipient(phone="+5215511111111")
CONVERSATION = Recipient("conv-a")
USER = Recipient(user_id="US.1")
ALL = Recipient("conv-a", "+5215511111111", "US.1")
STRANGER = Recipient("conv-z", "+5215599999999", "US.9")


def joined(*recipients: Recipient) -> Recipient:
    """One recipient with the names of all."""
    return Recipient(*("".join(names) for names in zip(*recipients, strict=True)))


def had(journal: Blocking, *people: Recipient) -> set[int]:
    return journal.had_before(RUN.flow_name, RUN.target, people)


@pytest.mark.parametrize("begun", [PHONE, CONVERSATION, USER])
@pytest.mark.parametrize("links", [*permutations(combinations((PHONE, CONVERSATION, USER), 2), 2)])
def test_a_person_is_one_by_all_names_that_are_linked(
    journal: Blocking, links: Iterable[tuple[Recipient, ...]], begun: Recipient
) -> None:
    """Two links make three names one, in whatever order they were learnt; what was sent to one went to all."""
    journal.begin(named("r", recipient=begun))
    journal.append(event("begun", run="r"), event("accepted", run="r"))
    for pair in links:
        journal.learn(RUN.target, joined(*pair))
    for asked in (PHONE, CONVERSATION, USER, Recipient(phone="+525511111111")):
        assert had(journal, asked, STRANGER) == {0}
        assert [each.run.id for each in journal.earlier(RUN.flow_name, RUN.target, asked)] == ["r"]
        assert journal.known(RUN.target, asked) == ALL._replace(phone=asked.phone or ALL.phone)
    assert journal.known(RUN.target, STRANGER) == STRANGER
    assert set(journal.aliases(RUN.target, [STRANGER, USER])) == {1}


def test_two_groups_of_names_become_one_by_one_link(journal: Blocking) -> None:
    """Whoever was met by the one knows all of the other; the newest conversation is the one that is known."""
    old, new = Recipient("conv-old", PHONE.phone), Recipient("conv-new", user_id=USER.user_id)
    journal.learn(RUN.target, old)
    journal.learn(RUN.target, new)
    assert journal.aliases(RUN.target, [USER]) == {0: [Recipient("conv-new")]}
    journal.learn(RUN.target, joined(PHONE, USER))
    assert journal.known(RUN.target, PHONE) == Recipient("conv-new", PHONE.phone, USER.user_id)
    assert journal.known(RUN.target, Recipient("conv-old")) == Recipient("conv-old", PHONE.phone, USER.user_id)
    others = [Recipient("conv-old"), Recipient("conv-new"), PHONE]
    assert journal.aliases(RUN.target, [USER]) == {0: [others[0], others[2], others[1]]}


def test_links_are_one_api_s_however_its_address_is_spelt(journal: Blocking) -> None:
    """A conversation's id means nothing elsewhere."""
    journal.learn(RUN.target, ALL)
    assert journal.known(f"{RUN.target.upper()}/", USER) == ALL
    assert journal.known("https://another.example.com", USER) == USER


@pytest.mark.parametrize("told", [{"conversation": "conv-a"}, {"user_id": "US.1"}, {"phone": "+5215511111111"}])
def test_what_an_answer_tells_of_a_person_is_learnt_with_its_event(journal: Blocking, told: dict[str, str]) -> None:
    """The run stays as it was begun; who asks by the new name meets it; and where its messages go is known."""
    by = Recipient(phone="+5215500000001") if "phone" not in told else USER
    journal.begin(named("r", recipient=by))
    journal.append(event("begun", run="r"), event("accepted", run="r", message_id="m-1", detail=told))
    assert had(journal, Recipient(**told), STRANGER) == {0}
    record = journal.record("r")
    assert record.run.recipient == by
    assert record.conversation == told.get("conversation", "")
    assert [each.message_id for each in journal.sent_to(RUN.target, Recipient("conv-a"))] == (
        ["", "m-1"] if "conversation" in told else []
    )


def test_what_was_sent_to_a_person_is_known_by_every_name(journal: Blocking) -> None:
    """Where the API has no conversations to tell apart; what went to somebody else is not theirs."""
    journal.begin(named("by-phone", recipient=PHONE))
    journal.begin(named("by-user", recipient=USER))
    journal.begin(named("stranger", recipient=STRANGER))
    journal.append(
        *(event("accepted", run=run, message_id=f"m-{run}") for run in ("by-phone", "by-user", "stranger")),
    )
    assert [each.run for each in journal.sent_to(RUN.target, PHONE)] == ["by-phone"]
    journal.learn(RUN.target, joined(PHONE, USER))
    assert [each.run for each in journal.sent_to(RUN.target, Recipient(phone="+525511111111"))] == [
        "by-phone",
        "by-user",
    ]
    assert journal.sent_to(RUN.target, Recipient()) == []


def test_an_echo_is_kept_of_the_api_that_gave_it(journal: Blocking) -> None:
    """For good, whoever the message was for."""
    assert not journal.echoes(RUN.target)
    journal.note_echo(RUN.target)
    journal.note_echo(f"{RUN.target}/")
    assert journal.echoes(RUN.target)
    assert not journal.echoes("https://another.example.com")


def test_a_claim_holds_a_person_by_every_name(journal: Blocking) -> None:
    """All or none: who asks by another name is told who has them; who knows more takes more."""
    journal.learn(RUN.target, joined(PHONE, CONVERSATION))
    held = journal.claim(RUN.target, PHONE, "ana")
    for each in (PHONE, CONVERSATION, ALL, Recipient(phone="+525511111111")):
        assert journal.claim(RUN.target, each, "ben") == Busy("ana", pytest.approx(held.until, abs=1))
    user = journal.claim(RUN.target, USER, "ben")
    assert not isinstance(user, Busy), "nobody knows yet"
    journal.learn(RUN.target, joined(PHONE, USER))
    assert isinstance(journal.claim(RUN.target, PHONE, "ana"), Busy), "it holds all or nothing"
    assert [each.owner for each in journal.renew([held, user])] == ["ana", "ben"], "what they had they keep"
    journal.release(user)
    more = journal.claim(RUN.target, PHONE, "ana")
    assert set(held.names) < set(more.names)
    assert isinstance(journal.claim(RUN.target, USER, "ben"), Busy)
    journal.release(more)
    assert not isinstance(journal.claim(RUN.target, USER, "ben"), Busy)


def test_two_owners_that_have_ended_are_not_waited_for(journal: Blocking) -> None:
    """Two runs had one person by two names, and both processes died."""
    journal.claim(RUN.target, PHONE, "ana")
    journal.claim(RUN.target, USER, "ben")
    assert journal.claim(RUN.target, ALL, "eva").owner == "ana"
    assert journal.claim(RUN.target, ALL, "eva", ended=["ana"]).owner == "ben"
    assert journal.claim(RUN.target, ALL, "eva", ended=["ana", "ben"]).owner == "eva"


def test_a_purpose_excludes_only_its_own(journal: Blocking) -> None:
    """To begin and to send are two things."""
    assert not isinstance(journal.claim(RUN.target, USER, "ana", purpose="begin"), Busy)
    assert not isinstance(journal.claim(RUN.target, USER, "ben"), Busy)
    assert isinstance(journal.claim(RUN.target, USER, "eva", purpose="begin"), Busy)


def test_who_wants_no_more_marketing_is_known_by_all_names(journal: Blocking) -> None:
    """Also by those that are learnt later."""
    journal.refuse_marketing(RUN.target, PHONE)
    people = [STRANGER, USER, Recipient(phone="+525511111111"), CONVERSATION]
    assert journal.refusing_marketing(RUN.target, people) == {2}
    journal.learn(RUN.target, joined(CONVERSATION, USER))
    journal.learn(RUN.target, joined(PHONE, CONVERSATION))
    assert journal.refusing_marketing(RUN.target, people) == {1, 2, 3}
    assert journal.refusing_marketing("https://another.example.com", people) == set()


def test_who_wants_marketing_again_is_known_by_all_names(journal: Blocking) -> None:
    """By whatever name they had refused it, and by whatever they say so; nobody else is meant, nor another API."""
    other = "https://another.example.com"
    journal.allow_marketing(RUN.target, PHONE)
    for target, whom in ((RUN.target, PHONE), (RUN.target, STRANGER), (other, PHONE)):
        journal.refuse_marketing(target, whom)
    journal.learn(RUN.target, joined(PHONE, USER))
    journal.allow_marketing(RUN.target, USER)
    assert journal.refusing_marketing(RUN.target, [PHONE, USER, STRANGER]) == {2}
    assert journal.refusing_marketing(other, [PHONE]) == {0}
    journal.refuse_marketing(RUN.target, USER)
    assert journal.refusing_marketing(RUN.target, [PHONE, USER]) == {0, 1}


def test_a_campaign_links_the_names_of_its_people(journal: Blocking) -> None:
    """A row that has two names says that they are one person's."""
    journal.begin_campaign(CAMPAIGN)
    journal.begin_runs(CAMPAIGN.id, [beginning(n)._replace(recipient=each) for n, each in enumerate((ALL, STRANGER))])
    assert journal.known(CAMPAIGN.target, USER) == ALL
    (first, _) = journal.pending(CAMPAIGN.id, limit=9)
    assert first.run.recipient == ALL
    assert first.conversation == "conv-a"
    assert [each.recipient for each in journal.report(CAMPAIGN.id).recipients] == [ALL, STRANGER]


def test_what_was_learnt_outlives_the_runs_that_told_it(opening: Opening) -> None:
    """It is there when the journal is opened again, and after its runs were pruned."""
    with blocked(opening()) as journal:
        journal.begin(named("r", recipient=ALL))
        journal.append(event("begun", run="r", at=1), event("finished", "", run="r", at=2))
        assert journal.prune(older_than=200) == 1
    with blocked(opening()) as journal:
        assert journal.known(RUN.target, CONVERSATION) == ALL


def test_many_who_ask_at_once_are_each_told_what_is_theirs(journal: Blocking) -> None:
    """Of whom, and at which API, they ask: what is asked meanwhile is answered all together."""
    other, campaigns = "https://another.example.com", [CAMPAIGN._replace(id=f"c{number}") for number in range(3)]
    for each in campaigns:
        journal.begin_campaign(each)
    journal.cancel("c1")
    journal.refuse_marketing(RUN.target, PHONE)
    journal.refuse_marketing(other, CONVERSATION)

    async def scene() -> list[Any]:
        its = journal.journal
        return await asyncio.gather(
            its.refusing_marketing(RUN.target, [STRANGER, PHONE, CONVERSATION]),
            its.refusing_marketing(other, [CONVERSATION, PHONE]),
            its.refusing_marketing(RUN.target, []),
            its.refusing_marketing(RUN.target, [PHONE]),
            *(its.cancelled_at(each) for each in ("c0", "c1", "c2", "nobody's", "c1")),
        )

    *refusing, one, two, three, nobody, again = asyncio.run(scene())
    assert refusing == [{1}, {0}, set(), {0}]
    assert [one, three, nobody] == [None, None, None]
    assert again == two > 0
