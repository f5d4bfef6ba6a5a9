"""Whose conversation it is: what the API answers is held against who was meant."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from flowrunner.client import Conversation, Rejected
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate, find
from flowrunner.dialects import kapso_v1
from flowrunner.dialects.kapso_v1.answers import conversation, message, receipt
from flowrunner.dialects.values import Answer, Named, Request
from flowrunner.model import Recipient

ANA, BEA = "+5215512345601", "+5215599999999"


@dataclass
class Api:
    """Answers as it is told, whatever was asked."""

    one: Conversation | None = None
    listed: dict[str, list[Conversation]] = field(default_factory=dict)
    always: list[Conversation] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    rate: None = None
    dialect = kapso_v1

    async def conversations(self, recipient: Recipient) -> list[Conversation]:
        self.asked.append(recipient.conversation or recipient.phone)
        if recipient.conversation:
            assert self.one is not None
            return [self.one]
        return self.listed.get(recipient.phone, self.always)


def found(api: Api, meant: Recipient) -> Recipient | None:
    async def sleep(_: float) -> bool:
        return False

    return asyncio.run(find(meant, api, Pace(Rate(1000, 1.0), clock=SYSTEM), sleep, 0.0))


def talk(talk_id: str = "c1", phone: str = ANA, status: str = "active", **more: object) -> Conversation:
    return conversation({"id": talk_id, "phone_number": phone, "status": status, **more})


FOUND = {
    "theirs": ([talk()], "c1"),
    "another spelling": ([talk(phone="+525512345601")], "c1"),
    "without the plus": ([talk(phone="5215512345601")], "c1"),
    "punctuation": ([talk(phone="+52 1 (55) 1234-5601")], "c1"),
    "a filter that was ignored": ([talk("c0", BEA), talk("c1"), talk("c2", "+34612345678")], "c1"),
    "an ended one beside it": ([talk("c0", status="ended"), talk()], "c1"),
    "the same one twice": ([talk(), talk()], "c1"),
    "their WhatsApp id beside": ([talk(contact={"wa_id": "525512345601"})], "c1"),
    "their WhatsApp id only": ([talk(phone="", contact={"wa_id": "5215512345601"})], "c1"),
}
REFUSED = {
    "nothing": ([], "no active conversation with this number"),
    "somebody else": ([talk("c9", BEA)], rf"one with \{BEA} \(conversation c9\)"),
    "an ended one": ([talk(status="ended")], "no active conversation"),
    "a status that is none": ([talk(status="archived")], "no active conversation"),
    "no status": ([talk(status="")], "no active conversation"),
    "nobody's": ([talk(phone="")], r"one with somebody whose number it does not give \(conversation c1\)"),
    "no id": ([talk("")], "no active conversation"),
    "an id that is none": ([talk("a\nb")], "no active conversation"),
    "two of theirs": ([talk("c1"), talk("c2", "+525512345601")], "2 active conversations with this number: c1, c2"),
    "somebody else's WhatsApp id": ([talk(contact={"wa_id": "5215599999999"})], "no active conversation"),
    "a fixed line that looks alike": ([talk(phone="+5215512345602")], r"\+5215512345602"),
}


@pytest.mark.parametrize(("listed", "talk_id"), FOUND.values(), ids=FOUND)
def test_a_person_is_found_by_what_the_answer_says(listed: list[Conversation], talk_id: str) -> None:
    """The list is filtered here, too; one question is enough."""
    api = Api(always=listed)
    recipient = found(api, Recipient("", ANA))
    assert recipient is not None
    assert recipient.conversation == talk_id
    assert api.asked == [ANA]


@pytest.mark.parametrize(("listed", "reason"), REFUSED.values(), ids=REFUSED)
def test_nobody_is_taken_for_somebody_else(listed: list[Conversation], reason: str) -> None:
    """Nothing is sent, and the reason says whom the API answered for."""
    with pytest.raises(Rejected, match=reason) as refused:
        found(Api(always=listed), Recipient("", ANA))
    assert refused.value.hint


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+525512345601", "+5215512345601"),
        ("+5215512345601", "+525512345601"),
        ("+5531987654321", "+553187654321"),
        ("+553187654321", "+5531987654321"),
        ("+541123456789", "+5491123456789"),
        ("+5491123456789", "+541123456789"),
        ("+5493512345678", "+54351152345678"),
        ("+54351152345678", "+5493512345678"),
    ],
)
def test_each_known_spelling_is_asked_for_until_one_is_found(typed: str, stored: str) -> None:
    """As it was written first; with few questions."""
    api = Api(listed={stored: [talk(phone=stored)]})
    recipient = found(api, Recipient("", typed))
    assert recipient == Recipient("c1", stored)
    assert api.asked[0] == typed
    assert api.asked[-1] == stored
    assert len(api.asked) <= 3


def test_a_person_with_two_conversations_is_found_as_they_were_written() -> None:
    """The spelling that was given decides, and no further question is asked."""
    api = Api(listed={ANA: [talk("c1")], "+525512345601": [talk("c2", "+525512345601")]})
    assert found(api, Recipient("", ANA)) == Recipient("c1", ANA)
    assert found(api, Recipient("", "+525512345601")) == Recipient("c2", "+525512345601")
    assert len(api.asked) == 2


@pytest.mark.parametrize(
    ("one", "meant", "reason"),
    [
        (talk("B"), Recipient("A"), "asked for conversation A, the API answered for conversation B"),
        (talk("A", status="ended"), Recipient("A"), "conversation A has ended"),
        (talk("A", status="closed"), Recipient("A"), "may not be active"),
        (talk("A", status=""), Recipient("A"), "may not be active"),
        (talk("A", BEA), Recipient("A", ANA), rf"answered for \{BEA}"),
        (talk("A", conversation_id="B"), Recipient("A"), "conversation B"),
    ],
)
def test_a_conversation_is_the_one_that_was_asked_for(one: Conversation, meant: Recipient, reason: str) -> None:
    """Not another one, and not one that has ended."""
    with pytest.raises(Rejected, match=reason):
        found(Api(one=one), meant)


def test_a_conversation_by_its_id_needs_no_phone() -> None:
    """Business-scoped people have none."""
    assert found(Api(one=talk("A", "")), Recipient("A")) == Recipient("A", "")
    assert found(Api(one=talk("A")), Recipient("A")) == Recipient("A", ANA)


NAMED = [
    ({"conversation_id": "A"}, ("A",), ()),
    ({"whatsapp_conversation_id": "A", "phone_number": ANA}, ("A",), (ANA,)),
    ({"conversation": {"id": "A", "phone_number": ANA}}, ("A",), (ANA,)),
    ({"contact": {"wa_id": "521"}}, (), ("521",)),
    ({"conversation": {"contact": {"wa_id": 521}}}, (), ("521",)),
    ({"whatsapp_contact": {"phone_number": ANA, "wa_id": ANA}}, (), (ANA,)),
    ({"contacts": [{"phones": [{"wa_id": "34"}]}], "metadata": {"phone_number": "34"}}, (), ()),
    ({"phone_number": None, "contact": "Ana", "conversation": []}, (), ()),
]


@pytest.mark.parametrize(("data", "conversations", "phones"), NAMED)
def test_whatever_names_a_person_in_an_object_is_seen(
    data: dict[str, object], conversations: tuple[str, ...], phones: tuple[str, ...]
) -> None:
    """In a receipt and in a listed message; a card that was sent names somebody else, and rightly."""
    assert message({"id": "m", **data}).named == Named(conversations, phones)
    got = receipt(Answer(201, {}, json.dumps({"data": {"id": "m", **data}})))
    assert got is not None
    assert got.named == Named(conversations, phones)


@pytest.mark.parametrize(
    ("meant", "named", "whom"),
    [
        (Recipient("A", ANA), Named(), ""),
        (Recipient("A", ANA), Named(("A",), (ANA, "525512345601")), ""),
        (Recipient("A", ANA), Named(("B",)), "conversation B"),
        (Recipient("A", ANA), Named(("A",), (BEA,)), BEA),
        (Recipient("A"), Named(("A",), (BEA,)), ""),
        (Recipient("", ANA), Named(("B",), (ANA,)), ""),
        (Recipient("A", ANA), Named((), ("Ana",)), "Ana"),
    ],
)
def test_a_stranger_is_who_was_not_meant(meant: Recipient, named: Named, whom: str) -> None:
    """What is not known of one of them cannot differ."""
    assert named.stranger(meant) == whom


@pytest.mark.parametrize("foreign", [{"conversation_id": "B"}, {"phone_number": BEA}, {"contact": {"wa_id": BEA}}])
def test_a_list_with_somebody_elses_message_proves_nothing(foreign: dict[str, object]) -> None:
    """It is not "not there"; nor is a status in it one of ours."""

    async def ask(_: Request, read: Callable[[Answer], Any]) -> Any:
        return read(Answer(200, {}, json.dumps({"data": [{"id": "m1", "phone_number": ANA}, {"id": "m2", **foreign}]})))

    with pytest.raises(Rejected, match="messages of conversation A"):
        asyncio.run(kapso_v1.messages(Recipient("A", ANA), ask, to_the_end=False))
