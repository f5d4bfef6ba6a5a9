"""The emulator's page on every screen: light and dark, wide and narrow, by keyboard alone, with very much in it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.page.view import MOST_TURNS
from support.browser import axe
from support.emulated import SAID, accepted
from support.emulator_page import BUTTONS, IMAGE, LIST, PHONE, WIDE, Site, bubbles, focus_on
from support.message_cases import ACCEPTED

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MANY = 10_000
MOST_NODES = 8_000
"""Elements in the page with 10,000 messages behind it; they would be more than 100,000."""

NASTY = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'`{{7*7}}\u202egnp.exe\x1b[2J\x00&amp;"
TYPED = NASTY.replace("\x1b", "").replace("\0", "")
"""As much of it as a program may send."""
LONG = "W" * 4096
DIALOG = "dialog[open]"


def fill(its: Site) -> None:
    """A chat with something of everything, and two more conversations."""
    its.state.conversations.create("+34600111222", "José Luis", window_open=False)
    its.state.conversations.create("", user_id="US.ENT.13491208655302741918134912086553027419")
    ended = its.state.conversations.create("+447700900123")
    its.state.conversations.set_status(ended.id, "ended")
    its.send({"content": "Hi *Ana*, welcome! 👋"})
    its.send(IMAGE)
    its.send(BUTTONS)
    its.send(LIST)
    wamid = its.state.messages("c1")[-1].wamid
    its.state.add_inbound("c1", {"content": "Thank you!"})
    its.state.add_inbound("c1", {"message_type": "reaction", "reaction_emoji": "❤️", "reacted_to_message_id": wamid})
    its.say({**SAID, "text": {"body": "It is a pleasure."}, "context": {"message_id": wamid}})
    its.state.mark_read(its.state.add_inbound("c1", {"content": "And now?"}).id, typing=True)
    its.state.faults.add(parse_fault("latency:seconds=0.01,count=1"))
    its.state.faults.add(parse_fault("read-failed:count=1"))
    its.send({"content": "This one fails"})
    its.state.typing["c1"] = its.state.now() + 60


def everywhere(page: "Page") -> Iterator[str]:
    """Each state that a person brings the page into, by its name."""
    bubbles(page).get_by_text("This one fails").wait_for()
    page.locator("#log .ticks.failed").wait_for()
    page.locator("#log summary").click()
    yield "chat"
    for name in ("Send a file as the customer", "React to this message"):
        page.get_by_role("button", name=name).first.click()
        yield name
        page.keyboard.press("Escape")
    for form in ("fill", "place"):
        page.evaluate("name => show(name)", form)
        yield form
        page.keyboard.press("Escape")
    if page.locator("#back").is_visible():
        page.locator("#back").click()
        yield "list"
    for name in ("New conversation", "Faults", "Clear everything"):
        page.locator("header").get_by_role("button", name=name).click()
        yield name
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Requests").click()
    yield "Requests"
    page.locator("#exchanges button").first.click()
    page.locator("#detail pre").first.wait_for()
    yield "a request"
    page.keyboard.press("Escape")
    page.locator("#shut").click()


BESIDE = """width => [...document.querySelectorAll('body *')].filter((each) => {
  const box = each.getBoundingClientRect();
  // What a row's end cuts off is meant to be.
  return box.width > 1 && !each.closest('.unseen, #skip, #talks .who *, #talks .peek *, .path *') &&
    (box.right > width + 1 || box.left < -1);
}).map((each) => each.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("size", [WIDE, {"width": 800, "height": 700}, PHONE], ids=["wide", "middle", "phone"])
def test_axe_finds_no_fault_and_nothing_is_cut_off(its: Site, size: dict[str, int]) -> None:
    """In every state of the page. While a dialog is open nothing else of it can be reached, nor is different."""
    rules = axe()
    fill(its)
    page = its.open(viewport=size)
    for state in everywhere(page):
        assert its.opened[0].violations(rules, DIALOG if page.locator(DIALOG).count() else "") == [], state
        assert page.evaluate(BESIDE, size["width"]) == [], state


def test_who_reads_the_end_still_does_in_a_smaller_window(its: Site) -> None:
    """And who reads further up is left there."""
    for number in range(60):
        its.send({"content": f"{number} " + "word " * 40})
    page = its.open()
    below = "(log => log.scrollHeight - log.scrollTop - log.clientHeight)(document.querySelector('#log'))"
    bubbles(page).get_by_text("59 word").wait_for()
    assert page.evaluate(below) < 2
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(100)
    assert page.evaluate(below) < 2
    page.evaluate("document.querySelector('#log').scrollTop = 1000")
    page.wait_for_timeout(100)
    its.send({"content": "one more"})
    bubbles(page).get_by_text("one more").wait_for(state="attached")
    assert page.evaluate(below) > 500


def test_light_and_dark_differ(its: Site) -> None:
    """The page follows the reader's choice while it is open."""
    page = its.open(color_scheme="light")
    background = "getComputedStyle(document.querySelector('#chat')).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) != light


def test_a_phone_shows_the_list_or_the_chat(its: Site) -> None:
    """One at a time, with a way back, also that of the browser."""
    page = its.open(where="", viewport=PHONE)
    assert page.locator("#chat").is_hidden()
    page.locator("#talks a").click()
    page.locator("#head h2").wait_for()
    assert page.locator("#list").is_hidden()
    page.get_by_role("link", name="Back to the conversations").click()
    page.locator("#talks a").wait_for()
    assert page.locator("#chat").is_hidden()
    page.go_back()
    page.locator("#head h2").wait_for()


def test_everything_is_done_by_keyboard_alone(its: Site) -> None:
    """Tab, arrows, Enter and Escape reach and do it all; the focus is always seen and comes back."""
    its.state.conversations.create("+34600111222", "José Luis")
    page = its.open(where="")
    page.wait_for_selector("#head h2")
    focus_on(page, "#skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "content"
    page.locator("h1").click()

    focus_on(page, "#talks a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#head h2").get_by_text("Ana").wait_for()
    page.keyboard.type("Hi there")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").get_by_text("Hi there").wait_for()

    its.send(BUTTONS)
    its.send(LIST)
    bubbles(page).get_by_text("Choose a plan").wait_for()
    page.locator("#log .ticks.read").nth(1).wait_for()
    page.locator("h1").click()
    focus_on(page, "[data-reply-id=later]")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").get_by_text("Not now").wait_for()
    focus_on(page, "#log summary")
    page.keyboard.press("Enter")
    focus_on(page, "[data-reply-id=r2]")
    page.keyboard.press("Enter")
    page.locator("#log .from-them").get_by_text("Pro").wait_for()

    page.locator("h1").click()
    focus_on(page, "[data-deed=react]")
    page.keyboard.press("Enter")
    focus_on(page, "#react [data-emoji='😂']")
    page.keyboard.press("Enter")
    page.locator("#log .reactions").get_by_text("😂").wait_for()


def test_dialogs_and_requests_are_opened_and_left_by_keyboard(its: Site) -> None:
    """Escape closes what Enter opened, and gives the focus back."""
    page = its.open()
    its.send({"content": "Hi"})
    bubbles(page).wait_for()
    for opener in ("[data-open=new]", "[data-open=faults]", "[data-open=clear]", "[data-open=media]"):
        page.locator("h1").click()
        focus_on(page, opener)
        page.keyboard.press("Enter")
        assert page.locator("dialog[open]").count() == 1
        page.keyboard.press("Escape")
        assert page.locator("dialog[open]").count() == 0
        assert page.evaluate("s => document.activeElement.matches(s)", opener)

    page.locator("h1").click()
    focus_on(page, "#toggle")
    page.keyboard.press("Enter")
    focus_on(page, "#exchanges button")
    page.keyboard.press("Enter")
    page.locator("#detail pre").first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.locator("#requests").is_hidden()
    assert page.evaluate("document.activeElement.id") == "toggle"


def test_a_status_does_not_take_the_focus_away(its: Site) -> None:
    """Who is about to press a button still is after its message was read."""
    page = its.open()
    its.send(BUTTONS)
    page.get_by_role("button", name="Sí").focus()
    page.wait_for_selector("#log .ticks.read")
    assert page.evaluate("document.activeElement.dataset.replyId") == "si-1"


def test_a_screen_reader_is_told_what_is_where(its: Site) -> None:
    """Landmarks and names, and a log that speaks of what comes."""
    page = its.open()
    for role, name in (("navigation", "Conversations"), ("region", "Chat"), ("log", "Messages")):
        assert page.get_by_role(role, name=name).count() == 1  # type: ignore[arg-type]
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", name="Ana").count() == 1
    its.send({"content": "Hi"})
    page.wait_for_selector("#log .ticks.read")
    assert page.get_by_role("log").get_by_role("img", name="read").count() == 1


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_hostile_texts_do_no_harm(its: Site, size: dict[str, int]) -> None:
    """In names, messages of both sides, buttons, requests; none runs, none breaks the layout."""
    its.state.conversations.create("+34600111222", NASTY, conversation_id=f"x{NASTY[:40]}y")
    its.state.conversations.create("+34600111223", LONG[:500])
    button = {"id": TYPED, "title": "<b>&amp;\u202e"}
    for message in ({"content": TYPED}, {"content": LONG}, {**BUTTONS, "body_text": TYPED, "buttons": [button]}):
        assert its.send(message).status_code == 201
    its.state.add_inbound("c1", {"content": NASTY})
    page = its.open(viewport=size)
    bubbles(page).nth(3).wait_for()
    page.locator("[data-reply-id]").click()
    page.locator("#log .from-them").nth(1).wait_for()
    assert its.listed()[0]["message_type_data"]["button_reply"] == button
    if size is PHONE:
        page.locator("#back").click()
    page.get_by_role("button", name="Requests").click()
    page.locator("#exchanges button").last.click()
    page.locator("#detail pre").first.wait_for()
    assert page.evaluate(BESIDE, size["width"]) == []
    page.keyboard.press("Escape")
    page.locator("#shut").click()
    page.locator("#talks a").filter(has_text="alert(1)").click()
    page.locator("#head h2").get_by_text("alert(1)").wait_for()
    assert page.evaluate(BESIDE, size["width"]) == []


def test_every_accepted_message_is_drawn(its: Site) -> None:
    """Each type in each form that the schemas know; a reaction to an unknown message stands by itself."""
    drawn = 0
    for bodies in (ACCEPTED[::2], ACCEPTED[1::2]):  # a page shows so many at a time
        sent = sum(its.send(body).status_code == 201 for body in bodies)
        page = its.open()
        bubbles(page).nth(sent - 1).wait_for()
        assert bubbles(page).count() == sent
        drawn += sent
        page.close()
        its.state.reset()
        its.state.conversations.create("+5215512345678", "Ana", conversation_id="c1")
    assert drawn > 30


def many(its: Site) -> None:
    for number in range(1, MANY + 1):
        accepted(its.state, "c1", {"message_type": "text", "content": f"number {number}"}, number)


def scroll(page: "Page", until: Callable[[], bool], by: int) -> None:
    page.locator("#log").hover()
    for _ in range(400):
        if until():
            return
        page.mouse.wheel(0, by)
        page.wait_for_timeout(15)
    raise AssertionError("scrolling does not lead there")


def positions(page: "Page") -> list[int]:
    """The places of the messages in the page, from above."""
    found: list[int] = page.evaluate(
        "[...document.querySelectorAll('.turn')].map((each) => Number(each.dataset.position))"
    )
    return found


def test_ten_thousand_messages_do_not_make_it_slow(its: Site) -> None:
    """The page holds some hundred of them, fetches those that are scrolled to, and shows new ones meanwhile."""
    many(its)
    page = its.open()
    bubbles(page).get_by_text(f"number {MANY}", exact=True).wait_for()
    assert positions(page) == list(range(MANY - MOST_TURNS + 1, MANY + 1))
    scroll(page, lambda: positions(page)[0] < MANY - 700, -2000)
    shown = positions(page)
    assert shown == list(range(shown[0], shown[-1] + 1))
    assert shown[-1] < MANY
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES

    its.send({"content": "while reading"})
    page.locator("#talks").get_by_text("while reading").wait_for()
    assert bubbles(page).get_by_text("while reading").count() == 0
    scroll(page, lambda: positions(page)[-1] == MANY + 1, 2000)
    shown = positions(page)
    assert shown == list(range(shown[0], MANY + 2))

    scroll(page, lambda: positions(page)[0] < MANY - 700, -2000)
    page.get_by_role("button", name="Newest messages").click()
    bubbles(page).get_by_text("while reading").wait_for()
    assert page.get_by_role("button", name="Newest messages").is_hidden()
    for number in range(400):
        accepted(its.state, "c1", {"message_type": "text", "content": f"more {number}"}, MANY + number)
    bubbles(page).get_by_text("more 399", exact=True).wait_for()
    shown = positions(page)
    assert shown == list(range(shown[0], MANY + 402))
    assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES


def test_very_many_conversations_are_found_by_name_or_number(its: Site) -> None:
    """The list holds the last active ones; the others are asked for."""
    for number in range(3_000):
        its.state.conversations.create(f"+34600{number:06}", f"Person {number}")
    page = its.open()
    page.get_by_text("100 of 3,001 conversations.").wait_for()
    assert page.locator("#talks li").count() == 100
    page.get_by_label("Find a conversation").fill("person 17")
    page.locator("#talks").get_by_text("Person 1799").wait_for()
    page.get_by_label("Find a conversation").fill("+34600000042")
    page.locator("#talks").get_by_text("Person 42", exact=True).wait_for()
    assert page.locator("#talks li").count() == 1
    its.send({"content": "to somebody else"})
    page.wait_for_timeout(200)
    assert page.locator("#talks li").count() == 1
