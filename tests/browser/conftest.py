"""A browser for all tests of pages, and pages that are closed with the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.browser import WIDE, Watched, launched, watched
from support.emulator_page import Site, site

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="package")
def browser() -> Iterator["Browser"]:
    """One for all tests of this folder: starting it takes longer than any. It is not there for others (`launched`)."""
    with launched() as browser:
        yield browser


@pytest.fixture
def show_page(browser: "Browser", tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Open the text of a page, in a window that is `WIDE` unless it is said otherwise."""
    with ExitStack() as opened:

        def show_page(text: str, **context: Any) -> Watched:
            path = tmp_path / "page.html"
            path.write_text(text, encoding="utf-8")
            page = opened.enter_context(watched(browser, **{"viewport": WIDE, **context}))
            page.open(path)
            return page

        yield show_page


@pytest.fixture
def its(browser: "Browser") -> Iterator[Site]:
    """An emulator with its page and one conversation."""
    with site(browser) as opened:
        yield opened
