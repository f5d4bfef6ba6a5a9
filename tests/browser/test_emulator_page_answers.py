"""What a customer can do on the page besides writing: reply, edit, delete, say where they are, send files."""

import re

import pytest

from support.emulated import SAID
from support.emulator_page import BUTTONS, Site, bubbles

pytestmark = pytest.mark.browser

ASKS = {"type": "interactive", "interactive": {"type": "location_request_message", "body": {"text": "Where are you?"},
        "action": {"name": "send_location"}}}  # fmt: skip
WANTS_NUMBER = {"type": "interactive", "interactive": {"type": "request_contact_info", "body": {"text": "Your number?"},
                "action": {"name": "request_contact_info"}}}  # fmt: skip
APPROVED = {
    "name": "welcome", "language": "es", "status": "APPROVED", "category": "UTILITY",
    "components": [
        {"type": "BODY", "text": "Shall we go on?"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, {"type": "QUICK_REPLY", "text": "No"}]},
    ],
}  # fmt: skip
TEMPLATE = {"type": "template", "template": {"name": "welcome", "language": {"code": "es"}}}


def heard(its: Site) -> list[dict[str, object]]:
    """What Meta's shape lists of the customer, the newest first."""
    answer = its.api.get(f"{its.url}/meta/whatsapp/v24.0/100000000000001/messages", params={"direction": "inbound"})
    found: list[dict[str, object]] = answer.json()["data"]
    return found


def test_a_message_is_replied_to(its: Site) -> None:
    """What is written next quotes it, and only that."""
    page = its.open()
    its.send({"content": "How many people work with you?"})
    its.send({"content": "Take your time."})
    bubbles(page).nth(1).wait_for()
    bubbles(page).first.hover()
    page.get_by_role("button", name="Reply to this message").first.click()
    assert page.locator("#about").inner_text().startswith("Replying to: How many people")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.locator("#log .from-them .quoted").get_by_text("How many people work with you?").wait_for()
    assert page.locator("#about").is_hidden()
    page.keyboard.type("or 13")
    page.keyboard.press("Enter")
    bubbles(page).nth(3).wait_for()
    second, first = heard(its)
    asked = its.listed()[-1]["whatsapp_message_id"]
    assert (first["context"]["id"], first["text"], "context" in second) == (asked, {"body": "12"}, False)


def test_a_text_is_edited(its: Site) -> None:
    """The chat shows the new words; the API tells of them by a message of its own."""
    page = its.open()
    field = page.get_by_label("Answer as the customer")
    field.fill("1o")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Edit this message").click()
    assert field.input_value() == "1o"
    field.fill("10")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").get_by_text("10", exact=True).wait_for()
    assert page.locator("#log .edited").inner_text() == "edited"
    assert bubbles(page).count() == 1
    edit, first = heard(its)
    assert (edit["type"], first["text"]) == ("edit", {"body": "1o"})
    assert edit["edit"] == {"original_message_id": first["id"], "message": {"type": "text", "text": {"body": "10"}}}


def test_writing_about_a_message_is_given_up(its: Site) -> None:
    """By Escape or by its button; what is written then is a message of its own."""
    page = its.open()
    its.send({"content": "Hi"})
    bubbles(page).first.wait_for()
    for give_up in (lambda: page.keyboard.press("Escape"), lambda: page.locator("#drop").click()):
        bubbles(page).first.hover()
        page.get_by_role("button", name="Reply to this message").click()
        give_up()
        assert page.locator("#about").is_hidden()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").wait_for()
    assert "context" not in heard(its)[0]


def test_a_message_is_deleted(its: Site) -> None:
    """It says so, and nothing more can be done to it."""
    page = its.open()
    page.get_by_label("Answer as the customer").fill("my password is 123")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Delete this message").click()
    page.locator("#log .from-them").get_by_text("This message was deleted.").wait_for()
    assert page.locator("#log .from-them [data-deed]").count() == 0
    told, first = heard(its)
    assert (told["type"], told["revoke"]) == ("revoke", {"original_message_id": first["id"]})


def test_a_location_is_sent_asked_for_or_not(its: Site) -> None:
    """It answers the message that asked for it, and no other."""
    page = its.open()
    its.say(ASKS)
    for name in ("Send location", "Send a location as the customer"):
        page.get_by_role("button", name=re.compile(name, re.IGNORECASE)).first.click()
        page.get_by_role("dialog").get_by_role("button", name="Send").click()
        page.locator("dialog[open]").wait_for(state="detached")
    bubbles(page).nth(2).wait_for()
    free, asked = heard(its)
    assert (free["location"], "context" in free) == ({"latitude": 19.4326, "longitude": -99.1332}, False)
    assert asked["context"]["id"] == its.listed()[-1]["whatsapp_message_id"]


def test_a_phone_number_is_shared_where_it_is_asked_for(its: Site) -> None:
    """By what the chat knows of the customer, who may write another; pressed twice, it is sent once."""
    page = its.open()
    its.say(WANTS_NUMBER)
    page.get_by_role("button", name="Share phone number").dblclick()
    dialog = page.get_by_role("dialog", name="Share a phone number as the customer")
    shown = dialog.get_by_label("Phone number").input_value()
    dialog.get_by_label("Name").fill("Ana")
    dialog.get_by_role("button", name="Share").dblclick()
    page.locator("dialog[open]").wait_for(state="detached")
    bubbles(page).nth(1).wait_for()
    [sent] = heard(its)
    [card] = sent["contacts"]
    assert (card["name"]["formatted_name"], card["phones"][0]["phone"]) == ("Ana", shown)
    assert shown.startswith("+52")
    assert sent["context"]["id"] == its.listed()[-1]["whatsapp_message_id"]


def test_a_double_click_answers_once(its: Site) -> None:
    """As on a phone, where a button can be tapped once."""
    page = its.open()
    its.send(BUTTONS)
    page.get_by_role("button", name="Sí").dblclick()
    bubbles(page).nth(1).wait_for()
    page.get_by_role("button", name="Send a location as the customer").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").dblclick()
    page.locator("dialog[open]").wait_for(state="detached")
    bubbles(page).nth(2).wait_for()
    assert [each["type"] for each in heard(its)] == ["location", "interactive"]


@pytest.mark.parametrize(
    ("kind", "name", "mime"),
    [("image", "tax.jpg", "image/jpeg"), ("document", "bill.pdf", "application/pdf"), ("audio", "a.ogg", "audio/ogg")],
)
def test_a_file_is_told_as_whatsapp_tells_it(its: Site, kind: str, name: str, mime: str) -> None:
    """An id, the type, a digest; of one with an address that, too."""
    page = its.open()
    for how in ("address", "file"):
        page.get_by_role("button", name="Send a file as the customer").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Type").select_option(kind)
        if how == "address":
            dialog.get_by_label("Address").fill(f"https://cdn.example.com/{name}")
        else:
            files = [{"name": name, "mimeType": mime, "buffer": b"content"}]
            dialog.locator("[name=file]").set_input_files(files)
        dialog.get_by_role("button", name="Send").click()
        page.locator("dialog[open]").wait_for(state="detached")
    bubbles(page).nth(1).wait_for()
    picked, addressed = heard(its)
    for told in (picked, addressed):
        assert (told["type"], told[kind]["mime_type"]) == (kind, mime)
        assert told[kind]["id"].isdigit()
        assert len(told[kind]["sha256"]) == 44
    assert (addressed[kind]["url"], picked[kind].get("filename")) == (f"https://cdn.example.com/{name}", name)


def test_a_quick_reply_of_a_template_is_pressed(its: Site) -> None:
    """Which is a type of its own, with the payload where one was given."""
    its.api.put("../../_emulator/templates", json={"templates": [APPROVED]})
    page = its.open()
    its.say(TEMPLATE)
    page.get_by_role("button", name="No", exact=True).click()
    page.locator("#log .from-them").get_by_text("No", exact=True).wait_for()
    (told,) = heard(its)
    assert (told["type"], told["button"]) == ("button", {"text": "No", "payload": "No"})
    assert told["context"]["id"] == its.listed()[-1]["whatsapp_message_id"]


def test_an_older_button_can_still_be_tapped(its: Site) -> None:
    """As on a phone: it tells whose button it was."""
    page = its.open()
    its.send(BUTTONS)
    its.say(SAID)
    bubbles(page).nth(1).wait_for()
    page.get_by_role("button", name="Not now").click()
    page.locator("#log .from-them").wait_for()
    assert heard(its)[0]["context"]["id"] == its.listed()[-1]["whatsapp_message_id"]


def test_who_goes_on_to_another_chat_stays_there(its: Site) -> None:
    """Also where the answer to what was sent in the first comes only then."""
    its.state.conversations.create("+34600111222", "Bo", conversation_id="c2")
    page = its.open()
    page.route("**/inbound", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.get_by_label("Answer as the customer").fill("hello")
    page.keyboard.press("Enter")
    page.goto(f"{its.url}/#c2")
    page.locator("#head h2").get_by_text("Bo", exact=True).wait_for()
    page.locator("#talks .peek").get_by_text("You: hello").wait_for()
    page.wait_for_timeout(300)
    assert page.url.endswith("#c2")
