"""A browser for all tests of pages, and pages that are closed with the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from support.browser import WIDE, Watched, Windows, launched
from support.emulator_page import Site, site


@pytest.fixture(scope="package")
def browser() -> Iterator[Windows]:
    """One for all tests of this folder: starting it takes longer than any. It is not there for others (`launched`)."""
    with launched() as browser:
        yield browser


@pytest.fixture
def show_page(browser: Windows, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    """Open the text of a page, in a window that is `WIDE` unless it is said otherwise."""
    with ExitStack() as opened:

        def show_page(text: str, **context: Any) -> Watched:
            path = tmp_path / "page.html"
            path.write_text(text, encoding="utf-8")
            page = opened.enter_context(browser.watched(**{"viewport": WIDE, **context}))
            page.open(path)
            return page

        yield show_page


@pytest.fixture
def its(browser: Windows) -> Iterator[Site]:
    """An emulator with its page and one conversation."""
    with site(browser) as opened:
        yield opened
