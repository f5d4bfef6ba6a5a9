"""A headless Chromium, for the tests of pages. Where there is none they are skipped, and say why."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# The headless shell has no window around its pages, which takes others half as much time again as the pages do.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe-core that ask for a colour: https://github.com/dequelabs/axe-core/blob/develop/doc/rule-descriptions.md"""
WIDE = {"width": 1280, "height": 900}
"""The window of a page, unless a test wants another."""
PHONE = {"width": 360, "height": 740}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Of what is right no list is asked for: to make it takes as long as to look.
_AXE = """async ([within, rules]) =>
  (await axe.run(within || document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) })).violations"""


def chromium() -> str:
    """The browser: CHROMIUM, or the first one on the path. Skips the test where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        pytest.skip("no Chromium: install one or name it by CHROMIUM")
    return found


def axe() -> str:
    """The text of axe-core (https://github.com/dequelabs/axe-core). Skips the test where there is none."""
    path = os.environ.get("AXE_CORE")
    if not path:
        pytest.skip("no axe-core: name its axe.min.js by AXE_CORE")
    return Path(path).read_text(encoding="utf-8")


class Watched:
    """A page, and what it said and asked for.

    Attributes:
        page: The page.
        said: Every line of its console and every error no one caught.
        asked: The address of every request but those for the page itself.
    """

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.said: list[str] = []
        self.asked: list[str] = []
        self._heard: dict[str, Callable[[Any], object]] = {
            "console": lambda message: self.said.append(message.text),
            "pageerror": lambda error: self.said.append(str(error)),
            "dialog": lambda dialog: (self.said.append(dialog.message), dialog.dismiss()),
            "request": lambda request: self.asked.append(request.url),
        }
        for event, note in self._heard.items():
            page.on(event, note)  # type: ignore[call-overload]  # one overload for each

    def leave(self) -> None:
        """Note nothing more."""
        for event, note in self._heard.items():
            self.page.remove_listener(event, note)

    def open(self, path: Path) -> None:
        """Show a file."""
        self.page.goto(path.as_uri())
        self.asked = [url for url in self.asked if url != path.as_uri()]

    def violations(self, axe_core: str, within: str = "") -> list[str]:
        """What axe-core finds wrong with the page as it is now: the rule and where; in light, and the colours in dark.

        Args:
            axe_core: Its text.
            within: What of the page to look at, as a selector; all of it otherwise.
        """
        if not self.page.evaluate("Boolean(window.axe)"):
            self.page.evaluate(axe_core)
        found: list[str] = []
        for scheme, rules in (("light", None), ("dark", _OF_COLOURS)):
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of them
            wrong: list[dict[str, Any]] = self.page.evaluate(_AXE, [within, rules])
            found += [f"{scheme}: {each['id']}: {[node['target'] for node in each['nodes']]}" for each in wrong]
        self.page.emulate_media(color_scheme="light")
        return found


class Windows:
    """The windows of a browser with an empty profile.

    A window that is left is emptied, and lent again: a new one takes most of a second of a core, for its process and
    its fonts.
    """

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser
        self._free: list[Page] = []

    @contextmanager
    def watched(self, **context: Any) -> Iterator[Watched]:
        """A page that shares nothing with others that are open.

        Args:
            context: What Playwright's context takes: ``viewport``, ``color_scheme``, ...
        """
        if is_usual := context.keys() <= {"viewport", "color_scheme"}:
            page = self._free.pop() if self._free else self._browser.new_context().new_page()
            page.set_viewport_size(context.get("viewport", WIDE))
            page.emulate_media(color_scheme=context.get("color_scheme", "light"))
        else:
            page = self._browser.new_context(**context).new_page()
        its = Watched(page)
        try:
            yield its
            its.leave()
            if is_usual and page.context.pages == [page]:
                _empty(page)
                self._free.append(page)
        finally:
            if page not in self._free:
                page.context.close()


def _empty(page: "Page") -> None:
    """Leave nothing of what was shown, nor of how; the mouse is where nothing lies below it."""
    page.unroute_all()
    page.emulate_media(media="null")
    page.mouse.move(0, 0)
    page.goto("about:blank")


@contextmanager
def launched() -> Iterator[Windows]:
    """A browser of its own; asyncio must not be used beside it in this thread."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    path = chromium()
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=_FLAGS)
        try:
            yield Windows(browser)
        finally:
            browser.close()
