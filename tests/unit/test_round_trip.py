"""A message goes out by a dialect, is read and kept by the emulator, and is listed as the very message that it was.

The emulator reads Meta's object with a hand of its own, so the two cannot agree on a mistake.
"""

import asyncio
import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck, assume, given, settings

from flowrunner.dialects import DIALECTS, dialect_of
from flowrunner.dialects.content import readable
from flowrunner.dialects.values import Answer, Request
from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.meta.flat import flat
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.model import Json, Recipient
from flowrunner.spec import KINDS, check_message, kind_of, message_schema
from flowrunner.spec.carried import not_carried
from support.clocks import StillClock
from support.emulated import META, PHONE
from support.generated_messages import right_messages
from support.message_cases import ACCEPTED
from support.slices import some

Read = TypeVar("Read")
NAMES = ("formatted_name", "first_name", "last_name", "middle_name", "prefix", "suffix")
ASKS = {"message_type": "interactive", "body_text": "B"}
CARD = {"header_type": "image", "media_url": "https://e.org/a.png", "body_text": "C"}
BEYOND_V1: Mapping[str, dict[str, Any]] = {
    "sticker": {"message_type": "sticker", "media_id": "1"},
    "preview": {"message_type": "text", "content": "https://e.org", "preview_url": True},
    "voice": {"message_type": "audio", "media_url": "https://e.org/a.ogg", "voice": True},
    "quote": {"message_type": "text", "content": "Yes", "reply_to": "wamid.X"},
    "image header": {**ASKS, "interactive_type": "button", "header_type": "image", "header_media_id": "1",
                     "buttons": [{"id": "a", "title": "A"}]},
    "document header": {**ASKS, "interactive_type": "button", "header_type": "document", "header_filename": "a.pdf",
                        "header_media_url": "https://e.org/a.pdf", "buttons": [{"id": "a", "title": "A"}]},
    "link": {**ASKS, "interactive_type": "cta_url", "display_text": "Go", "url": "https://e.org", "header_text": "H",
             "footer_text": "F"},
    "location request": {**ASKS, "interactive_type": "location_request"},
    "contact request": {**ASKS, "interactive_type": "contact_request"},
    "form": {**ASKS, "interactive_type": "flow", "flow_id": "1", "flow_cta": "Fill in", "flow_token": "t",
             "flow_mode": "draft", "flow_action": "navigate", "flow_screen": "S", "flow_data": {"a": [1, None]}},
    "form by name": {**ASKS, "interactive_type": "flow", "flow_name": "n", "flow_cta": "Fill in"},
    "product": {**ASKS, "interactive_type": "product", "catalog_id": "c", "product_retailer_id": "p"},
    "products": {**ASKS, "interactive_type": "product_list", "header_text": "H", "catalog_id": "c",
                 "sections": [{"title": "S", "products": ["p", "q"]}]},
    "catalog": {**ASKS, "interactive_type": "catalog", "thumbnail_product_retailer_id": "p"},
    "link cards": {**ASKS, "interactive_type": "carousel",
                   "cards": [{**CARD, "display_text": "Go", "url": "https://e.org"}] * 2},
    "button cards": {**ASKS, "interactive_type": "carousel",
                     "cards": [{**CARD, "buttons": [{"id": "a", "title": "A"}]}] * 3},
    "template": {"message_type": "template", "template_name": "a", "template_language": "es", "header_type": "video",
                 "header_media_id": "1", "template_params": {"name": "Ana"},
                 "button_params": [{"index": 0, "type": "url", "value": "7"},
                                   {"index": 1, "type": "quick_reply", "value": "no"},
                                   {"index": 2, "type": "copy_code", "value": "SAVE"},
                                   {"index": 3, "type": "flow", "flow_token": "t", "flow_data": {"a": 1}}]},
    "place": {"message_type": "template", "template_name": "a", "template_language": "es", "header_type": "location",
              "header_location": {"latitude": 1.5, "longitude": -2, "name": "N", "address": "A"}},
}  # fmt: skip
"""What v1 cannot carry, in flat fields."""
ROOTS = {"kapso-v1": "/api/v1", "meta": META}
QUOTED = "wamid.QUOTED"
"""WhatsApp's id of the step that a message quotes."""


class Api:
    """An emulator in process, asked as a dialect asks."""

    def __init__(self, name: str) -> None:
        ids = (f"0000{number}" for number in itertools.count())
        self.state = EmulatorState(clock=StillClock(), new_id=lambda: next(ids))
        talk = self.state.conversations.create(PHONE)
        self.recipient = Recipient(talk.id, talk.phone, talk.user_id)
        self.dialect, self._root = dialect_of(name), ROOTS[name]
        transport = httpx.ASGITransport(app=create_app(self.state))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://e", headers={"X-API-Key": "k"})

    async def ask(self, request: Request, read: Callable[[Answer], Read | None]) -> Read:
        got = await self._client.request(
            request.method,
            self._root + request.path,
            content=request.text,
            headers={"Content-Type": "application/json"},
        )
        self._last = got
        answer = Answer(got.status_code, dict(got.headers), got.text, whole=True)
        found = read(answer)
        assert found is not None, got.text
        return found

    async def sent_and_listed(self, body: Mapping[str, Json]) -> tuple[Any, str]:
        """The message as the API lists it, and whether the dialect takes it for the one that was sent."""
        request = self.dialect.post(self.recipient, self.dialect.encode(body), quoted=QUOTED)
        await self.ask(request, self.dialect.receipt)
        (listed,) = await self.dialect.messages(self.recipient, self.ask, to_the_end=False)
        await self._client.aclose()
        (shown,) = self._last.json()["data"]
        return shown, self.dialect.is_same(body, listed)


def plain(body: Mapping[str, Json]) -> dict[str, Json]:
    """A message with what has two forms in one of them, and without what nobody is shown."""
    kind = body.get("message_type", "text")
    found = {"message_type": kind, **body}
    if kind in {"image", "video", "document"} and body.get("content"):
        found.setdefault("caption", body["content"])
    if kind != "text":
        found.pop("content", None)
    if kind == "contacts":
        found["contacts"] = [_card(each) for each in body["contacts"]]
    parts = found.get("template_params")
    if isinstance(parts, Mapping) and any(isinstance(each, Mapping) for each in parts.values()):
        found["template_params"] = parts.get("body", {})
        if parts.get("header"):
            found |= {"header_type": "text", "header_params": parts["header"]}
    if found.get("header_type") == "text" and not found.get("header_params"):
        del found["header_type"]
    return {name: each for name, each in found.items() if each or name not in {"caption", "template_params"}}


def _card(card: Mapping[str, Json]) -> dict[str, Json]:
    names = card.get("name", {name: card[name] for name in NAMES if name in card})
    return {**{name: each for name, each in card.items() if name not in NAMES}, "name": names}


def of_v1(data: Mapping[str, Json]) -> dict[str, Json]:
    """What v1 lists, in flat fields again."""
    own = dict(data["message_type_data"])
    own.pop("mime_type", None)
    found = {"message_type": data["message_type"], **own}
    if "media_url" in data:
        found["media_url"] = data["media_url"]
    return {"message_type": "text", "content": found["text"]} if data["message_type"] == "text" else found


def of_meta(data: Mapping[str, Json]) -> dict[str, Json]:
    """What Meta's shape lists, in flat fields again."""
    context = {"context": {"message_id": data["context"]["id"]}} if "context" in data else {}
    return flat({**{name: data[name] for name in ("type", data["type"])}, **context})


READERS: Mapping[str, Callable[[Mapping[str, Json]], dict[str, Json]]] = {"kapso-v1": of_v1, "meta": of_meta}


def goes_round(name: str, body: Mapping[str, Json]) -> None:
    """Fails where the message is not listed as it is, though no check says that the dialect has no such thing."""
    if any(not_carried(body, name)) or body.get("message_type") == "read":
        return
    listed, same = asyncio.run(Api(name).sent_and_listed(body))
    assert plain(READERS[name](listed)) == expected(name, body), json.dumps(listed)
    assert same == ("unclear" if body.get("reaction_emoji") == "" else "yes")  # nothing is listed of one taken back


def expected(name: str, body: Mapping[str, Json]) -> dict[str, Json]:
    """The message as it is to come back, with what the dialect has to add.

    Meta wants one name for all of a contact's, and v1 readable words, which it shows as the caption of a file that has
    none. A step that is quoted has WhatsApp's id by then, and what was written as Meta's own
    object comes back in flat fields.
    """
    added = body
    if "reply_to" in body and not body["reply_to"].startswith("wamid."):
        added = body = {**body, "reply_to": QUOTED}
    if body.get("message_type") == "raw":
        added = {**flat(body["raw"]), **{name: body[name] for name in body if name == "reply_to"}}
    if name == "meta" and body.get("message_type") == "contacts":
        added = {**added, "contacts": json.loads(dialect_of("meta").encode(body))["contacts"]}
    if name == "kapso-v1" and body.get("message_type") in {"image", "video", "document"} and "caption" not in body:
        added = {"content": readable(body), **added}
    return plain(added)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_message_that_the_spec_accepts_goes_round(name: str, kind: str) -> None:
    """At each limit, too, or is named by `validate`; marking as read is no message, and leaves nothing in a list."""
    for body in ACCEPTED:
        if kind_of(body) == kind:
            goes_round(name, body)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_goes_round_on_some_dialect(kind: str) -> None:
    """So that the tests here prove something of each."""
    its = [body for body in ACCEPTED if kind_of(body) == kind]
    carried = {name for name in READERS for body in its if not any(not_carried(body, name))}
    assert "meta" in carried
    assert ("kapso-v1" in carried) == ("kapso-v1" in message_schema(kind).get("x-dialects", READERS))


@pytest.mark.parametrize("case", BEYOND_V1)
def test_what_v1_cannot_carry_goes_round_on_meta(case: str) -> None:
    """Every member of it, and v1's lack is named; whether it is taken for ours is a matter of its text alone."""
    body = BEYOND_V1[case]
    assert [any(not_carried(body, name)) for name in READERS] == [True, False]
    listed, _ = asyncio.run(Api("meta").sent_and_listed(body))
    assert of_meta(listed) == body, json.dumps(listed)


def right(body: Mapping[str, Json]) -> bool:
    """Whether the spec accepts it; a file of one is uploaded first, and goes out by its id."""
    return "media_file" not in json.dumps(body) and all(each.severity != "error" for each in check_message(body))


generated = settings(
    max_examples=some(200), deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


@pytest.mark.parametrize("name", DIALECTS)
@generated
@given(body=right_messages())
def test_generated_messages_go_round(name: str, body: Mapping[str, Json]) -> None:
    """Of every type, with whatever fields; what does not go round is named by `validate`."""
    assume(body.get("message_type") != "raw" and right(body))
    goes_round(name, body)


@generated
@given(body=right_messages())
def test_whatever_goes_out_may_be_written_as_metas_own_object(body: Mapping[str, Json]) -> None:
    """As a raw message, it is the very same request."""
    assume(body.get("message_type") not in {"raw", "read"} and right(body))
    meta, whom = dialect_of("meta"), Recipient(phone="+5215512345678")
    wire = meta.encode(body)
    raw = {"message_type": "raw", "raw": json.loads(wire)}
    assert meta.post(whom, meta.encode(raw), quoted=QUOTED) == meta.post(whom, wire, quoted=QUOTED)
    assume("context" not in raw["raw"])
    goes_round("meta", raw)
