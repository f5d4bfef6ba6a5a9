"""The branches of a flow that listens, on the page of a preview: tabs, folds without a script, all of it on paper."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from flowrunner.app.reviewing.preview import PreviewRequest, read_previews
from flowrunner.model import Reading
from flowrunner.views.html.preview import as_html
from flowrunner.views.preview import Preview
from support.browser import PHONE, WIDE, Watched, axe
from support.trees import onboarding

pytestmark = pytest.mark.browser

Show = Callable[..., Watched]
FLOWS = Path(__file__).parents[2] / "flows"


@cache
def page_of_both() -> str:
    """The page with a flow that listens, of two people."""
    return as_html([Preview("Ana", onboarding()), Preview("Bo", onboarding())], title="onboarding")


def test_the_ways_on_are_tabs_by_keyboard_and_by_hand(show_page: Show) -> None:
    """The one that the path takes is shown first; the others by arrows or a click, one at a time."""
    page = show_page(page_of_both()).page
    tabs = page.get_by_role("tablist", name="Ways on from start").first
    assert tabs.get_by_role("tab", selected=True).inner_text() == "“Start”"
    tabs.get_by_role("tab", selected=True).press("ArrowRight")
    assert page.get_by_text("No hurry.").first.is_visible()
    assert page.get_by_text("the run ends here").first.is_visible()
    tabs.get_by_role("tab", name="no answer for 3 h").click()
    assert page.get_by_text("Whenever you like: tap Start.").first.is_visible()
    assert not page.get_by_text("No hurry.").first.is_visible()


def test_without_a_script_they_fold(show_page: Show) -> None:
    """One is open, and opening another closes it."""
    page = show_page(page_of_both(), java_script_enabled=False).page
    ways = page.locator("details.way")
    assert ways.first.locator("> summary").inner_text() == "no answer for 3 h"
    assert not page.get_by_text("Whenever you like").first.is_visible()
    page.locator("summary", has_text="“Later”").first.click()
    assert page.get_by_text("No hurry.").first.is_visible()
    assert page.locator("details.way[open]").first.locator("> summary").inner_text() == "“Later”"


def test_paper_has_every_branch_below_its_words(show_page: Show) -> None:
    """Nobody can turn to a tab on it."""
    page = show_page(page_of_both()).page
    page.emulate_media(media="print")
    for words in ("No hurry.", "Whenever you like", "Please tap one of the two.", "You will not hear from us."):
        assert page.get_by_text(words).first.is_visible(), words
    label = "getComputedStyle(document.querySelector('.then'), '::before').content"
    assert page.evaluate(label) == '"no answer for 3 h"'


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_fault_and_it_fits(show_page: Show, size: dict[str, int]) -> None:
    """In each branch of each question. What a tab changes is in the same element as the tab, right below it."""
    rules = axe()
    shown = show_page(page_of_both(), viewport=size)
    assert shown.violations(rules) == []
    for tab in shown.page.locator("#recipient-1 .choices button").all():
        if tab.is_visible():
            tab.click()
            assert shown.violations(rules, ":has(> .choices > :focus)") == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert (shown.said, shown.asked) == ([], [])


def test_the_customers_side_is_the_left_one(show_page: Show) -> None:
    """What they answer stands there, what is sent at the right."""
    page = show_page(page_of_both()).page
    theirs = page.locator(".then .message.theirs").get_by_text("Start", exact=True).first.bounding_box()
    ours = page.locator(".message.ours").first.bounding_box()
    wall = page.locator(".phone").first.bounding_box()
    assert theirs is not None
    assert ours is not None
    assert wall is not None
    assert theirs["x"] - wall["x"] < wall["width"] / 4
    assert page.locator(".message.ours .bubble").first.bounding_box()["x"] > theirs["x"] + theirs["width"]


LISTENING = ("account_setup", "first_week", "moving_a_visit", "parcel", "tax_document", "team_size")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_example_fits_and_axe_finds_no_fault(show_page: Show, size: dict[str, int]) -> None:
    """A list, a template, a loop, an included file, reminders: as their authors' previews show them."""
    rules = axe()
    for name in LISTENING:
        request = PreviewRequest(FLOWS / f"{name}.yaml", (), (), None, (1,), Reading())
        shown = show_page(as_html(read_previews(request), title=name), viewport=size)
        assert shown.page.locator(".choices").count() > 1, name
        assert shown.violations(rules) == [], name
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        assert (shown.said, shown.asked) == ([], []), name
