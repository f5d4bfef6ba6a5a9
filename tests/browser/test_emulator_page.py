"""The emulator's page in a real browser: what flowrunner sends is there at once, and a person can answer."""

import json
import re
import statistics
import time
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.browser import Windows
from support.clocks import StillClock
from support.emulated import SAID
from support.emulator_page import BUTTONS, IMAGE, KEY, LIST, Site, bubbles, program, site
from support.program import flow, start

pytestmark = pytest.mark.browser

LIVE = 0.3
"""Seconds in which a message must be on the page, from the moment before it is sent."""

WATCH = """() => {
  window.drawnAt = {};
  new MutationObserver(() => {
    for (const each of document.querySelectorAll("#log .message")) {
      const text = each.querySelector("p")?.textContent;
      window.drawnAt[text] ??= Date.now();
    }
  }).observe(document.querySelector("#log"), { childList: true, subtree: true });
}"""
TICKS = """() => {
  window.ticks = [];
  const note = () => {
    const now = document.querySelector("#log .ticks")?.getAttribute("aria-label");
    if (now && window.ticks.at(-1) !== now) window.ticks.push(now);
  };
  new MutationObserver(note).observe(document.querySelector("#log"), { childList: true, subtree: true });
}"""


def test_what_is_sent_is_drawn_within_300_ms(its: Site) -> None:
    """From before the request until the bubble is in the page, on the clock that both share."""
    page = its.open()
    page.evaluate(WATCH)
    took = []
    for number in range(9):
        before = time.time()
        its.send({"content": f"number {number}"})
        page.wait_for_function("text => text in window.drawnAt", arg=f"number {number}")
        took.append(page.evaluate("text => window.drawnAt[text]", f"number {number}") / 1000 - before)
        page.wait_for_timeout(120)
    assert statistics.median(took) < LIVE, took


def test_ticks_change_as_statuses_do(browser: Windows) -> None:
    """Every status in its turn, in the bubble that stands there already."""
    with site(browser, delays=Delays(sent=0.3, delivered=0.6, read=0.9)) as its:
        page = its.open()
        page.evaluate(TICKS)
        its.send({"content": "Hi"})
        bubbles(page).wait_for()
        page.evaluate("document.querySelector('#log .message').same = true")
        page.wait_for_selector("#log .ticks.read")
        assert page.evaluate("window.ticks") == ["pending", "sent", "delivered", "read"]
        assert page.evaluate("document.querySelector('#log .message').same") is True


def test_a_failure_says_why(its: Site) -> None:
    """The reason that the API gives later stands at the bubble."""
    page = its.open()
    its.api.put("../../_emulator/faults", json={"faults": ["read-failed:code=131053"]})
    its.send(IMAGE)
    page.get_by_text("131053 Media upload error").wait_for()
    assert page.locator("#log .ticks.failed").get_attribute("aria-label") == "failed"


def test_a_reply_button_is_seen_by_the_api(its: Site) -> None:
    """The press is a message of the customer's, and tells which button of which message it was."""
    page = its.open()
    its.send(BUTTONS)
    page.get_by_role("button", name="Sí").click()
    page.locator("#log .from-them").get_by_text("Sí").wait_for()
    reply, sent = its.listed()
    assert (reply["direction"], reply["message_type"], reply["content"]) == ("inbound", "interactive", "Sí")
    assert reply["message_type_data"] == {
        "type": "button_reply",
        "button_reply": {"id": "si-1", "title": "Sí"},
        "context": {"id": sent["whatsapp_message_id"]},
        "reply_option_id": "si-1",
        "reply_option_title": "Sí",
    }


def test_a_list_row_is_seen_by_the_api(its: Site) -> None:
    """The list opens, a row is chosen, the list closes."""
    page = its.open()
    its.send(LIST)
    page.locator("#log summary").click()
    page.get_by_role("button", name=re.compile("^Free")).click()
    page.locator("#log .from-them").get_by_text("Free").wait_for()
    assert page.locator("#log details[open]").count() == 0
    data = its.listed()[0]["message_type_data"]
    assert (data["type"], data["list_reply"]) == ("list_reply", {"id": "r1", "title": "Free", "description": "0 €"})


def test_a_text_is_written_and_sent_with_enter(its: Site) -> None:
    """Shift and Enter begin a new line; what is only space is not sent."""
    page = its.open()
    field = page.get_by_label("Answer as the customer")
    field.press("Enter")
    field.type("  one")
    field.press("Shift+Enter")
    field.type("two")
    field.press("Enter")
    page.locator("#log .from-them").wait_for()
    assert field.input_value() == ""
    (message,) = its.listed()
    assert (message["content"], message["status"], message["message_type_data"]) == (
        "one\ntwo",
        "received",
        {"text": "one\ntwo"},
    )


def test_the_page_says_whose_side_one_is_on(its: Site) -> None:
    """The customer's: what they wrote is ours in the list, and waits for nobody."""
    page = its.open()
    assert "You are the customer." in page.locator("#composer").inner_text()
    page.get_by_label("Answer as the customer").fill("hello")
    page.keyboard.press("Enter")
    page.locator("#talks .peek").get_by_text("You: hello").wait_for()
    its.send({"content": "answered"})
    page.locator("#talks .peek").get_by_text("answered", exact=True).wait_for()
    assert page.locator("#talks a").inner_text().split("\n")[-1] == "+5215512345678", "no badge"


def test_only_what_cannot_be_written_to_is_marked(its: Site) -> None:
    """A window that is open is the rule."""
    page = its.open()
    assert page.locator("#talks .condition").count() == 0
    its.state.conversations.set_window("c1", is_open=False)
    page.locator("#talks .condition").get_by_text("window closed").wait_for()
    its.state.conversations.set_status("c1", "ended")
    page.locator("#talks .condition").get_by_text("ended").wait_for()


def test_an_answer_to_a_button_quotes_its_message(its: Site) -> None:
    """A text that answers nothing quotes nothing."""
    page = its.open()
    its.send(BUTTONS)
    page.get_by_role("button", name="Sí").click()
    page.locator("#log .from-them .quoted").get_by_text("Shall we start?").wait_for()
    page.get_by_label("Answer as the customer").fill("hello")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").nth(1).wait_for()
    assert page.locator("#log .quoted").count() == 1


def test_each_day_stands_above_its_first_message(browser: Windows) -> None:
    """And only the first message of a row has a tail."""
    clock = StillClock()
    with site(browser, clock=clock) as its:
        for _ in range(2):
            its.send({"content": "one"})
            its.send({"content": "two"})
            clock.time += 23 * 3600
        its.state.add_inbound("c1", {"content": "three"})
        page = its.open()
        bubbles(page).nth(4).wait_for()
        drawn = page.evaluate("""[...document.querySelectorAll("#log .turn")].map((each) => [
          getComputedStyle(each, "::before").content,
          getComputedStyle(each.querySelector(".message"), "::after").content !== "none"])""")
    days = [time.strftime("%A %d %B %Y", time.localtime(1_750_000_000 + hours * 3600)) for hours in (0, 23, 46)]
    assert drawn == [
        [f'"{days[0]}"', True], ["none", False], [f'"{days[1]}"', True], ["none", False], [f'"{days[2]}"', True],
    ]  # fmt: skip


def test_a_reaction_stands_on_its_message_and_can_be_taken_back(its: Site) -> None:
    """It is no bubble of its own; the API lists it as a message."""
    page = its.open()
    its.send({"content": "Welcome"})
    bubbles(page).hover()
    page.get_by_role("button", name="React to this message").click()
    page.get_by_role("button", name="Heart").click()
    page.locator("#log .reactions").get_by_text("❤️").wait_for()
    assert bubbles(page).count() == 1
    reaction, sent = its.listed()
    assert reaction["message_type"] == "reaction"
    assert reaction["message_type_data"] == {
        "reaction_emoji": "❤️",
        "reacted_to_message_id": sent["whatsapp_message_id"],
    }
    page.get_by_role("button", name="React to this message").click()
    page.get_by_role("button", name="Take it back").click()
    page.locator("#log .reactions").wait_for(state="detached")


def test_the_business_reacts_to_the_customer(its: Site) -> None:
    """A reaction that was sent stands on the customer's message."""
    page = its.open()
    page.get_by_label("Answer as the customer").fill("Thanks!")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#log .from-them").wait_for()
    wamid = its.listed()[0]["whatsapp_message_id"]
    answer = its.send({"message_type": "reaction", "reaction_emoji": "🙏", "reacted_to_message_id": wamid})
    assert answer.status_code == 201
    page.locator("#log .from-them .reactions").get_by_text("🙏").wait_for()


def test_a_file_is_sent_by_address_or_by_name(its: Site, tmp_path: Path) -> None:
    """Only the chosen file's name leaves the browser."""
    page = its.open()
    page.get_by_role("button", name="Send a file as the customer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send", exact=True).click()
    assert dialog.get_by_role("alert").text_content() == "Give an address or choose a file."
    dialog.get_by_label("Address").fill("https://cdn.example.com/me.jpg")
    dialog.get_by_label("Caption").fill("Me")
    dialog.get_by_role("button", name="Send", exact=True).click()
    page.locator("#log .from-them").get_by_text("Me", exact=True).wait_for()

    bill = tmp_path / "bill.pdf"
    bill.write_text("secret content", encoding="utf-8")
    page.get_by_role("button", name="Send a file as the customer").click()
    dialog.get_by_label("Type").select_option("document")
    dialog.get_by_label("only its name").set_input_files(bill)
    dialog.get_by_role("button", name="Send", exact=True).click()
    page.locator("#log .from-them").get_by_text("bill.pdf").wait_for()
    document, image = its.listed()
    assert (image["message_type"], image["media_url"]) == ("image", "https://cdn.example.com/me.jpg")
    kept = {"filename": "bill.pdf", "mime_type": "application/pdf"}
    its_id = document["message_type_data"]["media_id"]
    assert (document["message_type"], document["message_type_data"]) == ("document", {**kept, "media_id": its_id})
    assert "secret content" not in str(its.state.history())


def test_a_new_conversation_is_started_and_found_by_the_api(its: Site) -> None:
    """It is opened at once, and a program finds it by its number."""
    page = its.open()
    page.get_by_role("button", name="New conversation").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone number").fill("+34 600 111 222")
    dialog.get_by_label("Name").fill("José Luis")
    dialog.get_by_role("button", name="Start").click()
    page.locator("#head h2").get_by_text("José Luis").wait_for()
    (found,) = its.api.get("/whatsapp_conversations", params={"q[phone_number_eq]": "+34600111222"}).json()["data"]
    assert found["contact_name"] == "José Luis"
    assert page.url.endswith(f"#{found['id']}")
    assert page.locator("#talks li").first.text_content() is not None
    assert page.locator("#talks [aria-current]").get_by_text("José Luis").count() == 1


def test_somebody_without_a_phone_is_started_by_user_id(its: Site) -> None:
    """Their chat is theirs; how to send to them says the user id; they are found by it."""
    page, user = its.open(), "US.13491208655302741918"
    page.get_by_role("button", name="New conversation").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Phone number").fill(user)
    dialog.get_by_role("button", name="Start").click()
    page.locator("#head h2").get_by_text(user).wait_for()
    assert f"--user-id {user}" in (page.locator("#command").text_content() or "")
    page.get_by_label("Find a conversation").fill("us.1349")
    page.locator("#talks li", has_text=user).wait_for()
    page.locator("#talks li", has_text="Ana").wait_for(state="detached")


def test_a_quote_and_typing_are_seen(its: Site) -> None:
    """What the business quotes stands above its words; that it is typing goes when it has sent, or after a while."""
    message = its.state.add_inbound("c1", {"message_type": "text", "content": "Do you ship to Spain?"})
    page = its.open()
    its.state.mark_read(message.id, typing=True)
    page.locator("#head").get_by_text("the business is typing").wait_for()
    assert its.say({**SAID, "context": {"message_id": message.wamid}}).is_success
    bubble = bubbles(page).filter(has_text="Hello")
    bubble.locator(".quoted", has_text="Do you ship to Spain?").wait_for()
    page.locator("#head").get_by_text("the business is typing").wait_for(state="detached")


def test_a_form_a_place_and_a_quick_reply_are_answered(its: Site) -> None:
    """As the API lists them, each with the message that asked; what is no JSON is said in the dialog."""
    wamid = its.say(SAID).json()["messages"][0]["id"]
    page = its.open()
    bubbles(page).get_by_text("Hello").wait_for()
    press = "([kind, wamid]) => { answering = wamid; press({replyKind: kind, replyId: 'no', replyTitle: 'No'}); }"
    page.evaluate(press, ["nfm_reply", wamid])
    dialog = page.get_by_role("dialog")
    for answers in ("{", '{"name": "Ana"}'):
        dialog.get_by_label("Answers").fill(answers)
        dialog.get_by_role("button", name="Send").click()
        if answers == "{":
            dialog.get_by_text("The answers are not JSON.").wait_for()
    bubbles(page).get_by_text("Sent").wait_for()
    page.evaluate(press, ["location", wamid])
    dialog.get_by_label("Latitude").fill("1.5")
    dialog.get_by_role("button", name="Send").click()
    page.locator(".place").wait_for()
    page.evaluate(press, ["button", wamid])
    bubbles(page).get_by_text("No", exact=True).wait_for()
    form, place, pressed = (each.body for each in its.state.history() if each.direction == "inbound")
    assert form["nfm_reply"] == {"name": "flow", "body": "Sent", "response_json": '{"name": "Ana"}'}
    assert (place["latitude"], pressed["button"]) == (1.5, {"text": "No", "payload": "no"})
    assert [each["context"] for each in (form, place, pressed)] == [{"id": wamid}] * 3


def test_a_number_that_is_there_is_opened_and_nothing_is_made(its: Site) -> None:
    """A second active conversation with one number would make every `run --phone` ambiguous; words are no number."""
    page = its.open()
    for number in ("abc1", "+52 1 555 123 4567"):
        page.get_by_role("button", name="New conversation").click()
        page.get_by_role("dialog").get_by_label("Phone number").fill(number)
        page.get_by_role("dialog").get_by_role("button", name="Start").click()
        if number == "abc1":
            assert page.get_by_role("dialog").is_visible()
            page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    talks = its.state.conversations.all()
    assert len({talk.phone for talk in talks}) == len(talks)


def test_a_draft_stays_where_it_was_written(its: Site) -> None:
    """Nobody gets what was meant for another."""
    its.state.conversations.create("+34600111222", "José Luis", conversation_id="c2")
    page = its.open()
    field = page.get_by_label("Answer as the customer")
    field.fill("for the first")
    page.locator("#talks li", has_text="José Luis").click()
    page.locator("#head h2").get_by_text("José Luis").wait_for()
    assert field.input_value() == ""
    page.go_back()
    page.locator("#head h2").get_by_text("José Luis").wait_for(state="detached")
    assert field.input_value() == "for the first"


def test_the_window_closes_and_opens_again(its: Site) -> None:
    """Outside it the API refuses what is no template."""
    page = its.open()
    page.get_by_role("button", name="Close the window").click()
    page.locator("#head .condition.shut").wait_for()
    page.locator("#talks .condition.shut").wait_for()
    assert its.send({"content": "Hi"}).status_code == 422
    page.get_by_role("button", name="Open the window").click()
    page.locator("#head .condition.open").wait_for()
    assert its.send({"content": "Hi"}).status_code == 201
    page.get_by_role("button", name="Close the window").click()
    page.locator("#head .condition.shut").wait_for()
    page.get_by_label("Answer as the customer").fill("Hello?")
    page.keyboard.press("Enter")
    page.locator("#head .condition.open").wait_for()


def test_a_customer_who_writes_to_an_ended_conversation_gets_a_new_one(its: Site) -> None:
    """As on WhatsApp; the page goes there."""
    page = its.open()
    page.get_by_role("button", name="End the conversation").click()
    page.get_by_text("This conversation has ended.").wait_for()
    assert page.locator("#head .until").text_content() == ""
    # What was said in it can still be saved; of its window and its end nothing can be changed any more.
    assert page.locator("#head button").all_text_contents() == ["Save as test"]
    assert its.send({"content": "Hi"}).status_code == 422
    page.get_by_label("Answer as the customer").fill("Still there?")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").get_by_text("Still there?").wait_for()
    assert not page.url.endswith("#c1")
    assert page.locator("#talks li").count() == 2


def test_a_fault_is_turned_on_seen_and_turned_off(its: Site) -> None:
    """The API misbehaves as often as was asked; what struck is counted."""
    page = its.open()
    page.get_by_role("button", name="Faults").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option("status")
    dialog.locator("[data-kind=status] [name=code]").fill("503")
    dialog.get_by_label("How often").fill("2")
    dialog.get_by_role("button", name="Turn on").click()
    dialog.get_by_text("triggered 0 of 2 times").wait_for()
    assert its.send({"content": "Hi"}).status_code == 503
    dialog.get_by_text("triggered 1 of 2 times").wait_for()
    assert its.send({"content": "Hi"}).status_code == 503
    dialog.locator("li.spent").wait_for()
    assert its.send({"content": "Hi"}).status_code == 201
    dialog.get_by_role("button", name="Turn off status").click()
    dialog.get_by_text("The API works normally").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#active").is_hidden()


def test_a_wrong_fault_is_explained(its: Site) -> None:
    """What the emulator says against it stands in the dialog, and nothing is turned on."""
    page = its.open()
    page.get_by_role("button", name="Faults").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Seconds").first.fill("soon")
    dialog.get_by_role("button", name="Turn on").click()
    dialog.get_by_role("alert").get_by_text("fault latency: seconds must be a number from 0").wait_for()
    assert its.state.faults.data() == []
    # The browser notes every answer that is an error.
    assert [line for line in its.opened[0].said if "400" not in line] == []
    its.opened[0].said.clear()


def test_each_request_and_its_answer_can_be_read(its: Site) -> None:
    """As JSON, with what went wrong, and without the key."""
    page = its.open()
    page.get_by_role("button", name="Requests").click()
    page.get_by_text("No requests yet.").wait_for()
    its.send({"content": "Hola <b>Ana</b>"})
    its.send({"content": ""})
    its.listed()
    rows = page.locator("#exchanges li")
    page.locator("#exchanges .result:not(.open)").nth(1).wait_for()
    assert [row.split() for row in page.locator("#exchanges .result").all_text_contents()] == [["422"], ["201"]]
    rows.last.click()
    detail = page.get_by_role("dialog")
    detail.get_by_text('"content": "Hola <b>Ana</b>"').first.wait_for()
    assert detail.get_by_text("/api/v1/whatsapp_conversations/c1/whatsapp_messages").is_visible()
    assert detail.get_by_text('"status": "pending"').is_visible()
    assert KEY not in page.content()
    page.keyboard.press("Escape")
    page.get_by_label("Show reads (GET) too").check()
    page.locator("#exchanges .method").get_by_text("GET").wait_for()
    assert KEY not in page.content()


def test_a_cut_connection_is_seen_as_one(its: Site) -> None:
    """Which the program that sent cannot tell from many other things."""
    page = its.open()
    page.get_by_role("button", name="Requests").click()
    its.api.put("../../_emulator/faults", json={"faults": ["cut-after:count=1"]})
    with pytest.raises(Exception, match=r"(?i)disconnect|reset|peer"):
        its.send({"content": "Hi"})
    page.locator("#exchanges .result.bad").get_by_text("cut").wait_for()
    bubbles(page).get_by_text("Hi").wait_for()


def test_everything_is_cleared_only_when_that_is_confirmed(its: Site) -> None:
    """Conversations, messages, requests and faults."""
    page = its.open()
    its.send({"content": "Hi"})
    its.api.put("../../_emulator/faults", json={"faults": ["latency"]})
    bubbles(page).wait_for()
    page.get_by_role("button", name="Clear everything").click()
    page.get_by_role("button", name="Cancel").click()
    assert bubbles(page).count() == 1
    page.get_by_role("button", name="Clear everything").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear everything").click()
    page.get_by_text("No conversation yet.").wait_for()
    assert (its.state.history(), list(its.state.conversations), its.state.faults.data()) == ((), [], [])
    assert bubbles(page).count() == 0
    assert page.locator("#active").is_hidden()
    assert page.locator("#exchanges li").count() == 0


def test_a_flow_is_watched_and_answered_while_it_runs(its: Site, tmp_path: Path) -> None:
    """The program itself, in another process; the customer presses a button before the last message comes."""
    steps = ['message: "Hi Ana"', f"message: {json.dumps(BUTTONS)}", "pause: 2s", 'message: "Last"']
    path = flow(tmp_path / "hello.yaml", steps)
    page = its.open()
    with start("run", path, "--conversation", "c1", "--api-url", its.url, cwd=tmp_path) as process:
        page.get_by_role("button", name="Not now").click()
        bubbles(page).get_by_text("Last").wait_for()
        output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, ""), output
    assert bubbles(page).count() == 4
    assert [each["content"] for each in its.listed()] == ["Last", "Not now", "Shall we start?", "Hi Ana"]


def test_a_search_leaves_the_chat_as_it_is(its: Site) -> None:
    """The connection is made anew; the messages stay the same elements, with their list open."""
    its.send(LIST)
    page = its.open()
    page.locator("#log summary").click()
    page.evaluate("document.querySelector('#log .message').same = true")
    page.get_by_label("Find a conversation").fill("ana")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('#log .message').same") is True
    assert page.locator("#log details[open]").count() == 1


def test_several_tabs_and_a_reload_show_the_same(its: Site) -> None:
    """What is done in one is seen in all; a reload stays where it was."""
    pages = [its.open() for _ in range(3)]
    pages[0].get_by_label("Answer as the customer").fill("From the first")
    pages[0].keyboard.press("Enter")
    for page in pages:
        page.locator("#log .from-them").get_by_text("From the first").wait_for()
    pages[1].reload()
    pages[1].locator("#log .from-them").get_by_text("From the first").wait_for()
    its.send({"content": "To all"})
    for page in pages:
        bubbles(page).get_by_text("To all").wait_for()


def test_more_tabs_than_a_browser_has_connections(its: Site) -> None:
    """Those nobody looks at give theirs back, and catch up when they are looked at."""
    page = its.open()
    hide = "hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    tabs = []
    for _ in range(8):
        tab = page.context.new_page()
        tab.goto(f"{its.url}/#c1")
        tab.wait_for_selector("#head h2")
        tab.evaluate(hide, True)
        tabs.append(tab)
    its.send({"content": "Meanwhile"})
    bubbles(page).get_by_text("Meanwhile").wait_for()
    assert bubbles(tabs[0]).count() == 0
    tabs[0].evaluate(hide, False)
    bubbles(tabs[0]).get_by_text("Meanwhile").wait_for()


@pytest.mark.parametrize("late", ["page.js", "acts.js", "saving.js", "played.js"])
def test_whichever_part_of_the_page_comes_last_nothing_is_drawn_without_it(its: Site, late: str) -> None:
    its.send({"content": "Hello"})
    bubbles(its.open(late=late)).get_by_text("Hello").wait_for()


def test_it_comes_back_when_the_emulator_is_started_again(browser: Windows) -> None:
    """The page says that nobody answers, and then shows what the new one knows."""
    first, second = EmulatorState(clock=SYSTEM), EmulatorState(clock=SYSTEM)
    for state, text in ((first, "Before"), (second, "After")):
        state.conversations.create("+5215512345678", "Ana", conversation_id="c1")
        state.add_inbound("c1", {"content": text})
    with running(first, page=True) as url, program(url) as api:
        its = Site(first, url, browser, api)
        page = its.open()
        bubbles(page).get_by_text("Before").wait_for()
    page.get_by_text("The emulator does not answer.").wait_for()
    page.get_by_label("Answer as the customer").fill("Kept")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert page.get_by_label("Answer as the customer").input_value() == "Kept"
    with running(second, page=True, port=int(url.rpartition(":")[2])):
        bubbles(page).get_by_text("After").wait_for()
        assert bubbles(page).count() == 1
        assert page.locator("#line").text_content() == ""
        # The browser notes every connection that it did not get.
        its.opened[0].said = [line for line in its.opened[0].said if "ERR_" not in line]
        its.close()
