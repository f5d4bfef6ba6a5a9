"""The report's page in a real browser: it asks for nothing, fits every screen, and works by keyboard."""

from collections.abc import Callable
from typing import Any

import pytest

from flowrunner.model.campaigns import CampaignReport
from flowrunner.views.report.html import as_html
from support.browser import PHONE, WIDE, Watched, axe
from support.journals import listed
from support.reported import QUESTIONS, entry, nasty, report

pytestmark = pytest.mark.browser


Show = Callable[..., Watched]


@pytest.fixture
def show(show_page: Callable[..., Watched]) -> Show:
    """Open a report's page."""

    def show(its: CampaignReport, **context: Any) -> Watched:
        return show_page("".join(listed(as_html(its, command="flowrunner report c7x2k9"))), **context)

    return show


SIZES = [WIDE, {"width": 1056, "height": 700}, {"width": 768, "height": 900}, PHONE]
"""The second is the widest at which rows are cards."""

FEW = report(
    [entry(n, state) for n, state in enumerate([*report().states, "asked", "opted_out", "handed_over"] * 4, 2)],
    questions=QUESTIONS,
)


@pytest.mark.parametrize("its", [FEW, nasty()], ids=["usual", "hostile"])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_it_fits_every_screen_and_asks_for_nothing(show: Show, its: CampaignReport, size: dict[str, int]) -> None:
    """No error, no request, no dialog, nothing beside the screen, also with every table open."""
    shown = show(its, viewport=size)
    page = shown.page
    for summary in page.locator("summary").all():
        summary.click()
    assert shown.said == []
    assert shown.asked == []
    width = size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    beside = page.evaluate(
        "width => [...document.querySelectorAll('body *')].filter((each) => {"
        " const box = each.getBoundingClientRect(); return box.width && (box.right > width + 1 || box.left < -1);"
        "}).map((each) => each.outerHTML.slice(0, 200))",
        width,
    )
    assert beside == []


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_fault(show: Show, size: dict[str, int]) -> None:
    """Contrast, names, structure: light and dark, wide and narrow, tables open."""
    rules = axe()
    shown = show(FEW, viewport=size)
    for summary in shown.page.locator("summary").all():
        summary.click()
    assert shown.violations(rules) == []


def test_light_and_dark_differ(show: Show) -> None:
    """The page follows the reader's choice while it is open, and paper is always white."""
    page = show(report(), color_scheme="light").page
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(background)
    page.emulate_media(color_scheme="dark", media="print")
    assert light == page.evaluate(background) == "rgb(255, 255, 255)"
    assert dark != light


def shown_lines(shown: Watched) -> list[int]:
    """The lines of the audience that the table shows, in its order."""
    rows: list[str] = shown.page.evaluate(
        "[...document.querySelectorAll('.people tbody tr')].filter((row) => row.offsetParent)"
        ".map((row) => row.cells[0].textContent)"
    )
    return [int(row) for row in rows]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_people_are_found_and_sorted_by_keyboard_alone(show: Show, size: dict[str, int]) -> None:
    """Tab reaches every control in turn; typing filters, Enter sorts, and the state of both is said."""
    shown = show(report(), viewport=size)
    page = shown.page

    def tab_to(selector: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                outline: str = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"the focus on {selector} cannot be seen"
                return
        pytest.fail(f"Tab does not reach {selector}")

    tab_to("summary")
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1
    tab_to("#find")
    page.keyboard.type("FAILED")
    failed = [each.row for each in list(report().recipients)[:1000] if each.state == "failed"]
    assert shown_lines(shown) == failed
    assert page.locator("output").text_content() == f"{len(failed)} shown"
    tab_to("#state")
    page.keyboard.type("waiting")
    page.keyboard.press("Enter")
    assert shown_lines(shown) == []
    page.locator("#find").fill("")
    assert shown_lines(shown) == [each.row for each in list(report().recipients)[:1000] if each.state == "waiting"]
    page.locator("#state").select_option("")
    tab_to(".people th:first-child button")
    page.keyboard.press("Enter")
    assert shown_lines(shown) == sorted((each.row for each in list(report().recipients)[:1000]), reverse=True)
    assert page.locator(".people th").first.get_attribute("aria-sort") == "descending"
    page.keyboard.press("Enter")
    assert shown_lines(shown)[:3] == [2, 3, 4]


def test_without_script_everything_is_there(show: Show) -> None:
    """All rows, no control that does nothing."""
    shown = show(report(), java_script_enabled=False)
    assert shown.page.locator(".people tbody tr").count() == 1_000
    assert not shown.page.locator(".controls").is_visible()
    assert shown.page.locator("th button").count() == 0


def test_paper_has_the_charts_and_no_controls(show: Show) -> None:
    """What cannot be pressed on paper is not printed."""
    page = show(report()).page
    page.emulate_media(media="print")
    assert not page.locator(".controls").is_visible()
    assert not page.locator("summary").first.is_visible()
    assert page.locator("svg.time").is_visible()
    assert page.locator(".steps svg.bar").first.is_visible()
