"""The comparison's page in a real browser: on every screen, by keyboard, on paper, whatever the flows hold."""

from collections.abc import Callable
from typing import Any

import pytest

from flowrunner.diff.values import Comparison
from flowrunner.views.diff.html import as_html
from support.browser import PHONE, WIDE, Watched, axe
from support.compared import ROWS, WHOLE, comparison, difference, message, varied
from support.previewed import NASTY, every_type, nasty

pytestmark = pytest.mark.browser


Show = Callable[..., Watched]

TYPES = comparison(difference(every_type(), varied(every_type(), lambda text: f"{text} more")))
HOSTILE = Comparison(
    NASTY[0],
    NASTY[1],
    tuple(
        difference(nasty()[:40], varied(nasty()[:40], lambda text: f"{text[:20]} new {text}"), notes=(text,))._replace(
            path=text
        )
        for text in NASTY[:2]
    ),
)


@pytest.fixture
def show(show_page: Callable[..., Watched]) -> Show:
    """Open a comparison's page."""

    def show(its: Comparison, **context: Any) -> Watched:
        return show_page(as_html(its), **context)

    return show


ALL = pytest.mark.parametrize("its", [WHOLE, ROWS, TYPES, HOSTILE], ids=["whole", "rows", "types", "hostile"])


@ALL
@pytest.mark.parametrize("size", [WIDE, {"width": 840, "height": 700}, PHONE], ids=str)
def test_it_fits_every_screen_and_asks_for_nothing(show: Show, its: Comparison, size: dict[str, int]) -> None:
    """No error, no request, no dialog, and nothing beside the screen."""
    shown = show(its, viewport=size)
    assert shown.said == []
    assert shown.asked == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("its", [WHOLE, ROWS, TYPES], ids=["whole", "rows", "types"])
def test_axe_finds_no_fault(show: Show, its: Comparison, size: dict[str, int]) -> None:
    """Contrast of the marks too, names, structure."""
    rules = axe()
    assert show(its, viewport=size).violations(rules) == []


def test_old_and_new_stand_beside_each_other_or_one_below_the_other(show: Show) -> None:
    """Two columns where there is room, one on a phone, where an empty side takes none."""
    wide, phone = show(WHOLE).page, show(WHOLE, viewport=PHONE).page
    for page, beside in ((wide, True), (phone, False)):
        before = page.locator(".changed .before").first.bounding_box()
        after = page.locator(".changed .after").first.bounding_box()
        assert (before["y"] == after["y"]) is beside
        assert (before["x"] == after["x"]) is not beside
        assert page.locator(".added .none").first.is_visible() is beside


def test_marks_are_seen_without_colour_and_said(show: Show) -> None:
    """Struck and underlined; a reader of the screen hears where they begin and end."""
    page = show(WHOLE).page
    line = "tag => getComputedStyle(document.querySelector(tag)).textDecorationLine"
    assert [page.evaluate(line, tag) for tag in ("del", "ins")] == ["line-through", "underline"]
    said = "tag => getComputedStyle(document.querySelector(tag), '::before').content"
    assert [page.evaluate(said, tag) for tag in ("del", "ins")] == ['" [removed: "', '" [added: "']


def test_every_link_and_list_is_reached_by_keyboard(show: Show) -> None:
    """The flows at the top lead to their place; each stop can be seen."""
    page = show(WHOLE).page
    for name in ("onboarding.yaml", "new.yaml"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == name
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    assert page.url.endswith("#flow-2")


def test_it_needs_no_script_and_paper_is_white(show: Show) -> None:
    """Everything stands there; dark is for screens."""
    page = show(WHOLE, java_script_enabled=False, color_scheme="dark").page
    steps = page.locator(".steps > li")
    assert steps.count() == sum(
        change.kind != "kept" for flow in WHOLE.flows for case in flow.cases for change in case.changes
    )
    assert all(steps.nth(at).is_visible() for at in range(steps.count()))
    page = show(WHOLE, color_scheme="dark").page
    background = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(background) != "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(background) == "rgb(255, 255, 255)"


def test_the_texts_of_both_sides_are_the_messages(show: Show) -> None:
    """Each bubble holds the text of its message, marks or not."""
    page = show(WHOLE).page
    old = page.locator(".changed .before p[dir]").first.inner_text()
    new = page.locator(".changed .after p[dir]").first.inner_text()
    assert old == "Hi Ana, welcome! 👋\n\nThis is your plan."
    assert new == "Hello Ana, a warm welcome! 👋\n\nThis is your new plan.\nEnjoy it."


def test_a_change_inside_a_list_is_seen(show: Show) -> None:
    """The list stands open: what differs must not be behind a button."""
    rows = {"message_type": "interactive", "interactive_type": "list", "body_text": "Pick", "list_button_text": "Open"}
    old, new = ({**rows, "sections": [{"rows": [{"id": "r", "title": title}]}]} for title in ("Two", "Zwei"))
    page = show(comparison(difference([message(1, old)], [message(1, new)]))).page
    assert page.get_by_text("Two").first.is_visible()
    assert page.get_by_text("Zwei").first.is_visible()
