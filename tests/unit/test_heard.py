"""The API is asked what people wrote: all of them by as few requests as it takes, or one, just before it matters."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flowrunner.client import Rejected, open_client
from flowrunner.client.http import Client
from flowrunner.dialects import kapso_v1, meta
from flowrunner.dialects.values import Answer, Request
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.model import Inbound, Recipient
from support.clocks import StillClock
from support.numbers import number_of

T0 = 1_750_000_000.0
ANA, BEA = "+5215551234567", "+5215551234568"
SAID = [("text", "Hola"), ("row", "Prioridad"), ("location", "")]
BODIES: list[dict[str, Any]] = [
    {"message_type": "text", "content": "Hola"},
    {"message_type": "interactive", "list_reply": {"id": "p", "title": "Prioridad"}, "context": {"id": "wamid.Q"}},
    {"message_type": "location", "latitude": 19.4, "longitude": -99.1},
]
BOTH = pytest.mark.parametrize("dialect", ["kapso-v1", "meta"])


class There:
    """An emulator at a moment that a test sets, and what was asked of it."""

    def __init__(self, dialect: str) -> None:
        self.clock = StillClock(T0)
        self.state = EmulatorState(clock=self.clock)
        for place, phone in enumerate((ANA, BEA)):
            self.state.conversations.create(phone, conversation_id=f"c{place}")
        self.asked: list[str] = []
        app = create_app(self.state)

        async def noting(scope: Any, receive: Any, send: Any) -> None:
            self.asked.append(scope["path"].rpartition("/")[2])
            await app(scope, receive, send)

        number = number_of(dialect)
        self._open: Callable[[], Client] = lambda: open_client(
            "http://127.0.0.1", "any-key", dialect=dialect, number=number, app=noting, clock=self.clock
        )

    def says(self, talk: str, *bodies: dict[str, Any]) -> None:
        for each in bodies:
            self.clock.time += 60
            self.state.add_inbound(talk, each)

    def run(self, ask: Callable[[Client], Coroutine[Any, Any, Any]]) -> Any:
        async def once() -> Any:
            client = self._open()
            try:
                return await ask(client)
            finally:
                await client.aclose()

        return asyncio.run(once())


@BOTH
def test_all_people_are_heard_in_the_order_in_which_they_wrote(dialect: str) -> None:
    """Who they are, what they tapped, and WhatsApp's id, by which a webhook of the same message is known."""
    there = There(dialect)
    there.says("c0", *BODIES[:2])
    there.says("c1", BODIES[2])
    found = there.run(lambda client: client.heard(T0))
    assert [(whom.conversation, whom.phone) for whom, _ in found] == [("c0", ANA), ("c0", ANA), ("c1", BEA)]
    assert [(each.kind, each.text) for _, each in found] == SAID
    tap, place = found[1][1], found[2][1]
    assert (tap.choice, tap.context, tap.at) == ("p", "wamid.Q", T0 + 120)
    assert place.data == {"latitude": 19.4, "longitude": -99.1}
    assert {each.id.startswith("wamid.") for _, each in found} == {True}
    assert len(there.asked) == (1 if dialect == "meta" else 3), "v1 is asked for each who wrote"


@BOTH
def test_what_was_heard_before_is_asked_for_no_more(dialect: str) -> None:
    """Nor a conversation in which only we wrote since."""
    there = There(dialect)
    there.says("c0", BODIES[0])
    since = there.clock.time
    there.says("c1", BODIES[2])
    found = there.run(lambda client: client.heard(since + 1))
    assert [(whom.conversation, each.kind) for whom, each in found] == [("c1", "location")]
    assert there.run(lambda client: client.heard(there.clock.time + 1)) == []


def test_v1_reads_only_the_conversations_in_which_somebody_waits() -> None:
    """Each costs a request."""
    there = There("kapso-v1")
    there.says("c0", BODIES[0])
    there.says("c1", BODIES[2])
    meant: list[Recipient] = []

    async def wanted(whom: Recipient) -> bool:
        meant.append(whom)
        return whom.phone == BEA

    found = there.run(lambda client: client.heard(T0, wanted))
    assert [whom.conversation for whom, _ in found] == ["c1"]
    assert {whom.phone for whom in meant} == {ANA, BEA}
    assert len(there.asked) == 2


@BOTH
@pytest.mark.parametrize("named", [Recipient("c0", ANA), Recipient("", ANA), Recipient("c0")], ids=str)
def test_one_person_is_heard_also_in_a_conversation_that_began_meanwhile(dialect: str, named: Recipient) -> None:
    """It ends a day after its last message, and a question may wait for longer."""
    there = There(dialect)
    there.says("c0", BODIES[0])
    since = there.clock.time + 1
    assert there.run(lambda client: client.heard_of(named, since)) == []
    there.says("c0", BODIES[1])
    if named.phone:
        there.state.conversations.set_status("c0", "ended")
        there.state.conversations.create(ANA, conversation_id="c2")
        there.says("c2", BODIES[2])
    there.says("c1", BODIES[0])
    found = there.run(lambda client: client.heard_of(named, since))
    assert [each.kind for each in found] == (["row", "location"] if named.phone else ["row"])


def test_silence_costs_the_proxy_one_request() -> None:
    """Its conversation says when its person wrote last."""
    there = There("meta")
    there.says("c0", BODIES[0])
    phone = "+4915112345678"
    there.state.conversations.create(phone, conversation_id="c9")
    assert there.run(lambda client: client.heard_of(Recipient("c9", phone), there.clock.time + 1)) == []
    assert there.asked == ["conversations"]


class Scripted:
    """An API that gives what is told it, in v1's shape or Meta's."""

    def __init__(self, talks: list[dict[str, Any]], messages: dict[str, Any]) -> None:
        self._talks, self._messages = talks, messages

    async def __call__(self, request: Request, read: Callable[[Answer], Any]) -> Any:
        path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        if path.endswith("essages"):
            found = self._messages.get(path.split("/")[-2], [])
            if isinstance(found, Exception):
                raise found
        else:
            found = self._talks
        found = found if query.get("page", ["1"]) == ["1"] else []
        return read(Answer(200, {}, json.dumps({"data": found, "meta": {"total_pages": 1, "total_count": len(found)}})))


def v1_message(name: str) -> dict[str, Any]:
    return {"id": name, "direction": "inbound", "message_type": "text", "content": name, "created_at": T0}


def test_a_conversation_that_cannot_be_read_keeps_nobody_else_waiting() -> None:
    """But a key that works no more is no matter of one conversation."""
    talks = [{"id": name, "phone_number": "+4915112345678", "last_active_at": T0} for name in ("a", "b", "no/path")]
    messages: dict[str, Any] = {"a": Rejected("gone", status=404), "b": [v1_message("hi"), {"direction": "outbound"}]}
    found = asyncio.run(kapso_v1.heard(T0, Scripted(talks, messages)))  # type: ignore[arg-type]
    assert found == [(Recipient("b", "+4915112345678"), Inbound("hi", T0, "text", "hi"))]
    messages["a"] = Rejected("the key", status=401, concerns="sender")
    with pytest.raises(Rejected):
        asyncio.run(kapso_v1.heard(T0, Scripted(talks, messages)))  # type: ignore[arg-type]


def test_a_list_that_never_stands_still_keeps_nobody_unheard() -> None:
    """Where thousands write somebody new is on it with each page; it is read three times, and asked for again."""

    class Busy(Scripted):
        def __init__(self) -> None:
            super().__init__([], {f"c{number}": [v1_message(f"m{number}")] for number in range(400)})
            self.pages = 0

        async def __call__(self, request: Request, read: Callable[[Answer], Any]) -> Any:
            if request.path.partition("?")[0].endswith("essages"):
                return await super().__call__(request, read)
            page, self.pages = int(parse_qs(urlsplit(request.path).query)["page"][0]), self.pages + 1
            names = [f"c{number}" for number in range(150 + self.pages, -1, -1)]
            talks = [{"id": name, "phone_number": "+4915112345678", "last_active_at": T0} for name in names]
            meta_ = {"total_pages": 2, "total_count": len(names)}
            data = talks[100 * (page - 1) : 100 * page]
            return read(Answer(200, {}, json.dumps({"data": data, "meta": meta_})))

    busy = Busy()
    found = asyncio.run(kapso_v1.heard(T0, busy))  # type: ignore[arg-type]
    assert {whom.conversation for whom, _ in found} >= {f"c{number}" for number in range(150)}
    assert busy.pages == 6


def test_the_proxy_lists_somebody_without_a_number_by_their_user_id() -> None:
    """And what it should have filtered out is left out here."""
    data: list[dict[str, Any]] = [
        {"id": "wamid.2", "timestamp": "1000000020", "type": "text", "text": {"body": "b"}, "from_user_id": "US.2"},
        {"id": "wamid.1", "timestamp": "1000000010", "type": "text", "text": {"body": "a"}, "from_user_id": "US.1"},
        {"id": "wamid.0", "timestamp": "1000000010", "type": "text", "text": {"body": "a"}, "to_user_id": "US.1"},
    ]
    for each, direction in zip(data, ("inbound", "inbound", "outbound"), strict=True):
        each["kapso"] = {"direction": direction, "whatsapp_conversation_id": "c"}
    found = asyncio.run(meta.heard(0.0, Scripted([], {"": data})))  # type: ignore[arg-type]
    assert [(whom, each.text) for whom, each in found] == [
        (Recipient("c", "", "US.1"), "a"), (Recipient("c", "", "US.2"), "b"),
    ]  # fmt: skip
