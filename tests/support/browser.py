"""A headless Chromium, for the tests of pages. Where there is none they are skipped, and say why."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
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
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: Path) -> None:
        """Show a file."""
        self.page.goto(path.as_uri())
        self.asked = [url for url in self.asked if url != path.as_uri()]

    def violations(self, axe_core: str) -> list[str]:
        """What axe-core finds wrong with the page as it is now: the rule and where."""
        self.page.evaluate(axe_core)
        found: list[dict[str, Any]] = self.page.evaluate("async () => (await axe.run()).violations")
        return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]


@contextmanager
def launched() -> Iterator["Browser"]:
    """A browser with an empty profile of its own; asyncio must not be used beside it in this thread."""
    playwright = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
    path = chromium()
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched(browser: "Browser", **context: Any) -> Iterator[Watched]:
    """A page that shares nothing with others.

    Args:
        browser: Whose page it is.
        context: What Playwright's context takes: ``viewport``, ``color_scheme``, ...
    """
    opened = browser.new_context(**context)
    try:
        yield Watched(opened.new_page())
    finally:
        opened.close()
