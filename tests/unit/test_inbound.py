"""What a person wrote is read the same, whichever API tells of it and in whatever shape."""

from typing import Any

import pytest

from flowrunner.dialects import kapso_v1, meta
from flowrunner.dialects.kapso_v1.answers import message as v1_message
from flowrunner.dialects.meta.answers import message as meta_message
from flowrunner.model import Inbound
from support import told
from support.told import AT, OURS, THEIRS

CONTEXT = {"context": {"from": "15550783881", "id": OURS}}
IMAGE = {"caption": "Taj Mahal", "mime_type": "image/jpeg", "sha256": "SfI=", "id": "1003383421387256"}
PLACE = {"latitude": 37.44, "longitude": -122.16}
CARD = {"name": {"formatted_name": "Barbara J. Johnson"}, "phones": [{"phone": "+1 (415) 555-0829"}]}
REPLY = {"type": "button_reply", "button_reply": {"id": "now", "title": "Start"}}
ROW = {"type": "list_reply", "list_reply": {"id": "row 1", "title": "Priority", "description": "Next day"}}
FORM = {"type": "nfm_reply", "nfm_reply": {"response_json": '{"stars": "4"}', "body": "Sent", "name": "flow"}}
EDITED = {"original_message_id": OURS, "message": {"context": {"id": "M0"}, "type": "text", "text": {"body": "New"}}}


def heard(kind: str, text: str = "", **more: Any) -> Inbound:
    return Inbound(THEIRS, AT, kind, text, **more)


META: list[tuple[str, dict[str, Any], Inbound | None]] = [
    ("text", told.meta_message("text", {"body": "Does it come\nin red?"}), heard("text", "Does it come\nin red?")),
    ("a reply", told.meta_message("text", {"body": "Yes"}, **CONTEXT), heard("text", "Yes", context=OURS)),
    ("forwarded", told.meta_message("text", {"body": "x"}, context={"forwarded": True}), heard("text", "x")),
    ("a button", told.meta_message("interactive", REPLY, **CONTEXT),
     heard("button", "Start", choice="now", context=OURS)),
    ("a row", told.meta_message("interactive", ROW, **CONTEXT),
     heard("row", "Priority", choice="row 1", context=OURS)),
    ("a form", told.meta_message("interactive", FORM, **CONTEXT),
     heard("form", "Sent", context=OURS, data={"response": {"stars": "4"}})),
    ("a form without JSON", told.meta_message("interactive", {"nfm_reply": {"response_json": "{", "body": "Sent"}}),
     heard("form", "Sent")),
    ("a tap that is not told", told.meta_message("interactive", **CONTEXT), heard("unknown", context=OURS)),
    ("a quick reply", told.meta_message("button", {"payload": "start", "text": "Start"}, **CONTEXT),
     heard("button", "Start", choice="start", context=OURS)),
    ("an image", told.meta_message("image", {**IMAGE, "url": "https://lookaside.fbsbx.com/?mid=1"}),
     heard("image", "Taj Mahal", data={"media_id": "1003383421387256", "url": "https://lookaside.fbsbx.com/?mid=1",
                                       "mime_type": "image/jpeg"})),
    ("a voice message", told.meta_message("audio", {"mime_type": "audio/ogg; codecs=opus", "id": "7", "voice": True}),
     heard("audio", data={"media_id": "7", "mime_type": "audio/ogg; codecs=opus", "voice": True})),
    ("a document", told.meta_message("document", {"caption": "c", "filename": "a.pdf", "id": "8"}),
     heard("document", "c", data={"media_id": "8", "filename": "a.pdf"})),
    ("a video", told.meta_message("video", {"id": "9"}), heard("video", data={"media_id": "9"})),
    ("a sticker", told.meta_message("sticker", {"id": "9", "animated": False}),
     heard("sticker", data={"media_id": "9"})),
    ("a place", told.meta_message("location", {**PLACE, "name": "Philz", "address": "101 Ave", "url": "https://e.org"}),
     heard("location", data={**PLACE, "name": "Philz", "address": "101 Ave"})),
    ("a place in texts", told.meta_message("location", {"latitude": "37.44", "longitude": "-122.16"}),
     heard("location", data=PLACE)),
    ("a place that is none", told.meta_message("location", {"latitude": "NaN", "longitude": 1}), heard("unknown")),
    ("cards", told.meta_message("contacts", [CARD]), heard("contacts", data={"contacts": [CARD]})),
    ("a reaction", told.meta_message("reaction", {"message_id": OURS, "emoji": "👍"}),
     heard("reaction", "👍", context=OURS)),
    ("taken back", told.meta_message("reaction", {"message_id": OURS}), heard("reaction", context=OURS)),
    ("edited", told.meta_message("edit", EDITED), heard("edited", "New", context=OURS)),
    ("edited twice", told.meta_message("edit", {"original_message_id": OURS, "message": {"type": "edit", "edit": {}}}),
     heard("edited", context=OURS)),
    ("deleted", told.meta_message("revoke", {"original_message_id": OURS}), heard("deleted", context=OURS)),
    ("an order", told.meta_message("order", {"catalog_id": "1", "text": "Please hurry", "product_items": []}),
     heard("unknown", "Please hurry")),
    ("what is not supported", told.meta_message("unsupported", {"type": "poll"}, errors=[{"code": 131051}]),
     heard("unknown")),
    ("a type of tomorrow", told.meta_message("hologram", {"body": "x"}), heard("unknown")),
    ("from an advertisement", told.meta_message("text", {"body": "Hi"}, referral={"source_id": "1"}),
     heard("text", "Hi")),
    ("in a group", told.meta_message("text", {"body": "Hi"}, group_id="g"), None),
    ("the system's", told.meta_message("system", {"type": "user_changed_number", "wa_id": "12195555358"}), None),
    ("without an id", told.meta_message("text", {"body": "Hi"}) | {"id": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "wanted"), [each[1:] for each in META], ids=[each[0] for each in META])
def test_metas_message_is_heard(data: dict[str, Any], wanted: Inbound | None) -> None:
    """In a webhook and in the proxy's list it is the same object."""
    assert meta.inbound(meta_message(data)) == wanted
    assert meta.inbound(meta_message({**data, "to": "1", "from": None, "kapso": {"direction": "outbound"}})) is None


def test_kapsos_copy_of_a_file_fills_in_what_meta_does_not_tell() -> None:
    """A web address that needs no key, and what the file is called."""
    kept = {
        "url": "https://api.kapso.ai/media/1",
        "filename": "photo.jpg",
        "content_type": "image/jpeg",
        "byte_size": 2,
    }
    found = meta.inbound(meta_message(told.kapso_message("image", {"id": "7", "filename": "a.jpg"}, media_data=kept)))
    assert found is not None
    assert found.data == {
        "media_id": "7", "url": "https://api.kapso.ai/media/1", "mime_type": "image/jpeg", "filename": "a.jpg",
    }  # fmt: skip


OWN = "4a5b6c7d-8e9f-0a1b-2c3d-4e5f6a7b8c9d"
V1_AT = 1752505200.0


def v1(kind: str, text: str = "", **more: Any) -> Inbound:
    return Inbound(THEIRS, V1_AT, kind, text, other_id=OWN, **more)


def listed(kind: str, content: str = "", data: Any = None, **more: Any) -> dict[str, Any]:
    its = {"message_type": kind, "content": content, "whatsapp_message_id": THEIRS, **more}
    return told.v1(**(its if data is None else {**its, "message_type_data": data}))["message"]


V1: list[tuple[str, dict[str, Any], Inbound | None]] = [
    ("text", listed("text", "Hola", {"text": "Hola"}), v1("text", "Hola")),
    ("text in its data alone", listed("text", data={"text": "Hola"}), v1("text", "Hola")),
    ("an option as the description has it",
     listed("interactive", "Start", {"reply_option_id": "now", "reply_option_title": "Start"}),
     v1("button", "Start", choice="now")),
    ("an option by its title alone", listed("interactive", "Start"), v1("button", "Start")),
    ("a button as Meta tells it", listed("interactive", "Start", {**REPLY, **CONTEXT}),
     v1("button", "Start", choice="now", context=OURS)),
    ("a button within", listed("interactive", "Start", {"interactive": REPLY}), v1("button", "Start", choice="now")),
    ("a row outside", listed("interactive", "Priority", interactive=ROW), v1("row", "Priority", choice="row 1")),
    ("a row in the metadata", listed("interactive", "", metadata={"interactive": ROW, **CONTEXT}),
     v1("row", "Priority", choice="row 1", context=OURS)),
    ("a quick reply", listed("button", "Start", {"payload": "start", "text": "Start"}),
     v1("button", "Start", choice="start")),
    ("a quick reply within", listed("button", "Start", {"button": {"payload": "start", "text": "Start"}}),
     v1("button", "Start", choice="start")),
    ("a form", listed("interactive", "Sent", FORM), v1("form", "Sent", data={"response": {"stars": "4"}})),
    ("an image", listed("image", "Image attached (a.jpg)", {"caption": "c", "media_id": "7", "mime_type": "image/png"},
                        media_url="https://e.org/a"),
     v1("image", "c", data={"media_id": "7", "url": "https://e.org/a", "mime_type": "image/png"})),
    ("a document that Kapso keeps", listed("document", media_data={"url": "https://e.org/b", "filename": "b.pdf"}),
     v1("document", data={"url": "https://e.org/b", "filename": "b.pdf"})),
    ("a place", listed("location", "Philz", {**PLACE, "location_name": "Philz", "location_address": "101 Ave"}),
     v1("location", data={**PLACE, "name": "Philz", "address": "101 Ave"})),
    ("a place that is only said", listed("location", "37.44, -122.16"), v1("unknown", "37.44, -122.16")),
    ("a reaction", listed("reaction", "👍", {"reaction_emoji": "👍", "reacted_to_message_id": OURS}),
     v1("reaction", "👍", context=OURS)),
    ("taken back", listed("reaction", "a reaction", {"reaction_emoji": "", "reacted_to_message_id": OURS}),
     v1("reaction", context=OURS)),
    ("cards", listed("contacts", "Barbara", {"contacts": [CARD]}), v1("contacts", data={"contacts": [CARD]})),
    ("anything else", listed("order", "2 pizzas"), v1("unknown", "2 pizzas")),
    ("before its own id is known", told.V1["message"], Inbound(OWN, V1_AT, "text", "Hola")),
    ("without an id", listed("text", "Hola") | {"id": "", "whatsapp_message_id": None}, None),
]  # fmt: skip


@pytest.mark.parametrize(("data", "wanted"), [each[1:] for each in V1], ids=[each[0] for each in V1])
def test_v1s_message_is_heard(data: dict[str, Any], wanted: Inbound | None) -> None:
    """Its pages do not show one, so that it may be in any of these shapes."""
    assert kapso_v1.inbound(v1_message(data)) == wanted
    assert kapso_v1.inbound(v1_message({**data, "direction": "outbound"})) is None
