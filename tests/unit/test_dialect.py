"""A second API is a dialect and nothing else: one like Meta's, whose people are phone numbers, behind our client."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from flowrunner.client import Receipt, Rejected, RemoteMessage
from flowrunner.client.access import Key, address
from flowrunner.client.http import Client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate, find
from flowrunner.dialects.refusals import Row, reject
from flowrunner.dialects.values import Answer, Request
from flowrunner.model import Json, Recipient

ANA: Final = Recipient(phone="+5215512345601")


class MetaLike:
    """No conversations, a recipient within the body, receipts in a list, pages by cursor."""

    name = "meta"

    def split(self, _host: str, path: str, number: str) -> tuple[str, str]:
        return path.removesuffix("/v24.0"), f"/v24.0/{number}"

    def auth(self, _host: str) -> str:
        return "bearer"

    def refusals(self, _root: str) -> tuple[Row, ...]:
        return (reject("404", "", "unknown number", "the sending number is not known"),)

    def encode(self, body: Mapping[str, Json]) -> str:
        return json.dumps({"type": body["message_type"], "text": {"body": body["content"]}})

    def post(self, recipient: Recipient, wire: str, reference: str, **_: str) -> Request:
        to = json.dumps({"to": recipient.phone.removeprefix("+"), "biz_opaque_callback_data": reference})
        return Request("POST", "/messages", f"{to[:-1]}, {wire[1:]}")

    def receipt(self, answer: Answer) -> Receipt | None:
        found = json.loads(answer.text).get("messages") if answer.status == 200 else None
        return Receipt(found[0]["id"]) if found else None

    async def messages(self, recipient: Recipient, ask: Any, **_: bool) -> list[RemoteMessage]:
        listed: list[RemoteMessage] = []
        cursor = "first"
        while cursor:
            page = await ask(Request("GET", f"/messages?after={cursor}"), lambda answer: json.loads(answer.text))
            theirs = [each for each in page["data"] if each["to"] == recipient.phone]
            listed += [RemoteMessage(each["id"], "outbound", "text", "", "", 0.0, "", {}) for each in theirs]
            cursor = page["after"]
        return listed

    async def find(self, meant: Recipient, _look_up: object, _called: str) -> Recipient:
        return meant


async def app(scope: dict[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """What such an API answers."""
    text = (await receive())["body"].decode()
    status, data = 200, {}
    assert scope["path"] == "/v24.0/17/messages"
    assert dict(scope["headers"])[b"authorization"] == b"Bearer k-of-a-test"
    if scope["method"] == "POST":
        to = json.loads(text)["to"]
        data = {"5215512345601": {"messages": [{"id": "wamid.1"}]}}.get(to, {"error": "Unknown number"})
        status = 404 if "error" in data else 200
    elif scope["query_string"] == b"after=first":
        data = {"data": [{"id": "a", "to": ANA.phone}, {"id": "b", "to": "+34"}], "after": "second"}
    else:
        data = {"data": [{"id": "c", "to": ANA.phone}], "after": ""}
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(data).encode()})


def client() -> Client:
    dialect: Any = MetaLike()
    return Client(
        address("http://127.0.0.1", dialect, "17"), Key("k-of-a-test"), dialect, timeout=5.0, app=app, clock=SYSTEM
    )


def test_a_second_dialect_sends_finds_and_lists() -> None:
    """Its wire, its paths and its answers, by the same client and the same delivery."""

    async def once() -> tuple[Recipient | None, Receipt, list[str]]:
        its = client()
        never: Any = None
        found = await find(ANA, its, Pace(Rate(100, 60.0), clock=SYSTEM), never, 0.0)
        receipt = await its.send(ANA, its.dialect.encode({"message_type": "text", "content": "Hola"}))
        return found, receipt, [each.message_id for each in await its.messages(ANA)]

    assert asyncio.run(once()) == (ANA, Receipt("wamid.1"), ["a", "c"])


def test_a_dialects_own_refusals_stand_beside_what_all_have_in_common() -> None:
    """The hint is of the dialect's own table."""
    with pytest.raises(Rejected, match="Unknown number") as refused:
        asyncio.run(client().send(Recipient(phone="+1"), '{"type":"text"}'))
    assert refused.value.hint == "the sending number is not known"
