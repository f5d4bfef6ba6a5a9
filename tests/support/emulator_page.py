"""The emulator's page open in a real browser, beside a program that sends through the API."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.browser import Watched, Windows
from support.emulated import META

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

KEY = "k-7c1fZ/4+planted=secret"
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
IMAGE = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg", "caption": "Your *plan*"}
BUTTONS = {
    "message_type": "interactive",
    "interactive_type": "button",
    "body_text": "Shall we start?",
    "buttons": [{"id": "si-1", "title": "Sí"}, {"id": "later", "title": "Not now"}],
}
LIST = {
    "message_type": "interactive",
    "interactive_type": "list",
    "body_text": "Choose a plan",
    "list_button_text": "Plans",
    "sections": [
        {"title": "All", "rows": [{"id": "r1", "title": "Free", "description": "0 €"}, {"id": "r2", "title": "Pro"}]}
    ],
}


class Site:
    """An emulator with its page: what it knows, its address, and a program that uses its API.

    Attributes:
        opened: Every page that was opened.
    """

    def __init__(self, state: EmulatorState, url: str, browser: Windows, api: httpx.Client) -> None:
        self.state, self.url, self.browser, self.api = state, url, browser, api
        self.opened: list[Watched] = []
        self._contexts: list[Any] = []

    def open(self, where: str = "#c1", late: str = "", **context: Any) -> "Page":
        """Open the page in a browser of its own, and wait until it shows what there is.

        Args:
            where: Which chat.
            late: The file that comes only when all that was asked for with it has long been there.
            context: As `Windows.watched` takes it.
        """
        context_manager = self.browser.watched(**{"viewport": WIDE, **context})
        self._contexts.append(context_manager)
        shown = context_manager.__enter__()
        self.opened.append(shown)
        if late:
            shown.page.route(f"{self.url}/_page/{late}", lambda route: (time.sleep(0.3), route.continue_()))
        shown.page.goto(f"{self.url}/{where}")
        shown.page.wait_for_selector("#head h2" if where else "#talks li, #rest:not(:empty)", state="attached")
        return shown.page

    def send(self, message: Mapping[str, Any], conversation: str = "c1") -> httpx.Response:
        """Post a message as a program does."""
        return self.api.post(f"/whatsapp_conversations/{conversation}/whatsapp_messages", json={"message": message})

    def say(self, graph: Mapping[str, Any], to: str = "5215512345678") -> httpx.Response:
        """Post a message as Meta writes it, to Ana where nobody else is named."""
        body = {"messaging_product": "whatsapp", "to": to, **graph}
        return self.api.post(f"{self.url}{META}/messages", json=body)

    def listed(self, conversation: str = "c1") -> list[dict[str, Any]]:
        """What the API lists of a conversation, the newest first."""
        answer = self.api.get(f"/whatsapp_conversations/{conversation}/whatsapp_messages", params={"per_page": 100})
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    def close(self) -> None:
        """Close the pages, and check that none said or asked anything it should not."""
        for context_manager in self._contexts:
            context_manager.__exit__(None, None, None)
        for each in self.opened:
            assert each.said == [], each.said
            assert [url for url in each.asked if not url.startswith((f"{self.url}/", "data:"))] == []


@contextmanager
def site(browser: Windows, **settings: Any) -> Iterator[Site]:
    """A site with one conversation, ``c1`` with Ana."""
    state = EmulatorState(**{"clock": SYSTEM, "delays": Delays(sent=0.02, delivered=0.04, read=0.06), **settings})
    state.conversations.create("+5215512345678", "Ana", conversation_id="c1")
    with running(state, page=True) as url, program(url) as api:
        opened = Site(state, url, browser, api)
        yield opened
        opened.close()


def program(url: str) -> httpx.Client:
    """A program that knows a key."""
    return httpx.Client(base_url=f"{url}/api/v1", headers={"X-API-Key": KEY}, timeout=10, trust_env=False)


def bubbles(page: "Page") -> "Locator":
    """The messages that the chat shows."""
    return page.locator("#log .message")


def tab_to(page: "Page", wanted: Callable[[], bool], what: str) -> None:
    """Press Tab until the focus is where it is wanted; it must be seen on the way."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted():
            outline: str = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus on {what} cannot be seen"
            return
    raise AssertionError(f"Tab does not reach {what}")


def focus_on(page: "Page", selector: str) -> None:
    """Reach an element by Tab alone."""
    tab_to(page, lambda: bool(page.evaluate("s => document.activeElement.matches(s)", selector)), selector)
