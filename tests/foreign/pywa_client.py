"""pywa sends every type it knows to the emulator, as to Graph, and reads the answers.

Run it by a Python that has pywa: ``pywa_client.py URL PHONE_NUMBER_ID ACCOUNT_ID WAMID``. It prints JSON.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

import httpx
from pywa import WhatsApp, types
from pywa.errors import WhatsAppError
from pywa.types import templates as t

URL, PHONE_ID, ACCOUNT_ID, INBOUND = sys.argv[1:]
TO = "5215551234567"
LINK = "https://e.org/file"
PNG = b"\x89PNG\r\n\x1a\nabcd"


def connected() -> WhatsApp:
    """pywa, with the emulator in the place of Graph."""
    wa = WhatsApp(
        PHONE_ID, "any", waba_id=ACCOUNT_ID, session=httpx.Client(trust_env=False), app_secret="secret", server=None
    )
    wa.api._session.base_url = f"{URL}/v24.0"  # noqa: SLF001 - it has no other way to go elsewhere
    return wa


def sends(wa: WhatsApp, uploaded: Any) -> dict[str, Callable[[], Any]]:
    """Every type it knows."""
    flow = types.FlowButton(
        title="Fill in",
        flow_id="1",
        flow_token="t",
        flow_action_type=types.FlowActionType.NAVIGATE,
        flow_action_screen="S",
        flow_action_payload={"a": 1},
    )
    rows = [types.SectionRow("A", "a", "D"), types.SectionRow("B", "b")]
    cards = [types.ImageCarouselCard(image=LINK, body="Card", buttons=types.URLButton("Go", LINK)) for _ in range(2)]
    quick = [types.VideoCarouselCard(video=LINK, buttons=[types.Button("A", "a")]) for _ in range(3)]
    contact = types.Contact(
        name=types.Contact.Name(formatted_name="Ana", first_name="Ana"),
        phones=[types.Contact.Phone(phone="+1555", type="WORK", wa_id="1555")],
        emails=[types.Contact.Email(email="a@e.org", type="WORK")],
        urls=[types.Contact.Url(url="https://e.org", type="WORK")],
        org=types.Contact.Org(company="E"),
        addresses=[types.Contact.Address(city="X", country_code="mx")],
        birthday="1999-01-23",
    )
    order = [
        t.HeaderImage.params(image=uploaded.id),
        t.BodyText.params(name="Ana", order="7"),
        t.URLButton.params(url_variable="7", index=0),
        t.QuickReplyButton.params(callback_data="no", index=1),
    ]
    return {
        "text": lambda: wa.send_message(TO, "Hello", preview_url=True, reply_to_message_id=INBOUND, tracker="ours"),
        "image": lambda: wa.send_image(TO, uploaded, "Caption"),
        "image bytes": lambda: wa.send_image(TO, PNG, mime_type="image/png"),
        "video": lambda: wa.send_video(TO, LINK, "Caption"),
        "document": lambda: wa.send_document(TO, LINK, "a.pdf", "Caption"),
        "audio": lambda: wa.send_audio(TO, LINK),
        "voice": lambda: wa.send_voice(TO, LINK),
        "sticker": lambda: wa.send_sticker(TO, LINK),
        "reaction": lambda: wa.send_reaction(TO, "👍", INBOUND),
        "no reaction": lambda: wa.remove_reaction(TO, INBOUND),
        "location": lambda: wa.send_location(TO, 19.4, -99.1, "Here", "1 St"),
        "contact": lambda: wa.send_contact(TO, contact),
        "location request": lambda: wa.request_location(TO, "Where?"),
        "contact request": lambda: wa.request_contact_info(TO, "Who?"),
        "buttons": lambda: wa.send_message(
            TO, "Body", "Header", "Footer", [types.Button("A", "a"), types.Button("B", "b")]
        ),
        "image with buttons": lambda: wa.send_image(TO, LINK, "Body", buttons=[types.Button("A", "a")]),
        "document with link": lambda: wa.send_document(TO, LINK, "a.pdf", "Body", buttons=types.URLButton("Go", LINK)),
        "list": lambda: wa.send_message(TO, "Body", buttons=types.SectionList("Open", [types.Section("S", rows)])),
        "link": lambda: wa.send_message(TO, "Body", buttons=types.URLButton("Go", LINK)),
        "flow": lambda: wa.send_message(TO, "Body", buttons=flow),
        "call": lambda: wa.send_message(TO, "Body", buttons=types.VoiceCallButton("Call", 60)),
        "may call": lambda: wa.send_message(TO, "Body", buttons=types.CallPermissionRequestButton()),
        "catalog": lambda: wa.send_catalog(TO, "Body", "Footer", thumbnail_product_sku="p"),
        "product": lambda: wa.send_product(TO, "c", "p", "Body"),
        "products": lambda: wa.send_products(TO, "c", [types.ProductsSection("S", ["p", "q"])], "Header", "Body"),
        "carousel": lambda: wa.send_carousel(TO, body="Body", cards=cards),
        "quick carousel": lambda: wa.send_carousel(TO, body="Body", cards=quick),
        "template": lambda: wa.send_template(TO, "order", t.TemplateLanguage.SPANISH, order),
        "marketing": lambda: wa.send_template(TO, "plain", t.TemplateLanguage.SPANISH, [], use_mm_lite_api=True),
        "user id": lambda: wa.send_template("US.13491208655302741918", "plain", t.TemplateLanguage.SPANISH, []),
    }


def outcome(send: Callable[[], Any]) -> dict[str, Any]:
    try:
        sent = send()
    except WhatsAppError as error:
        return {"failed": repr(error)}
    return {"id": sent.id, "recipient": sent.to}


def refused(wa: WhatsApp) -> dict[str, Any]:
    try:
        wa.send_message("34600111222", "Hello")
    except WhatsAppError as error:
        return {"type": type(error).__name__, "code": error.code}
    return {}


def send() -> dict[str, Any]:
    """Send all and read back."""
    wa = connected()
    uploaded = wa.upload_media(PNG, mime_type="image/png", filename="a.png")
    done = {name: outcome(each) for name, each in sends(wa, uploaded).items()}
    where = wa.get_media_url(uploaded.id)
    return {
        "done": done,
        "read": bool(wa.mark_message_as_read(INBOUND)),
        "typing": bool(wa.indicate_typing(INBOUND)),
        "media": [where.mime_type, where.file_size, wa.get_media_bytes(where.url) == PNG],
        "deleted": bool(wa.delete_media(uploaded.id)),
        "templates": [each.name for each in wa.get_templates()],
        "number": wa.get_business_phone_number().display_phone_number,
        "refused": refused(wa),
    }


sys.stdout.write(json.dumps(send()))
