"""The page of tests in a real browser: on every screen, in both schemes, whatever the flows hold."""

from collections.abc import Callable

import pytest

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.testing.outcomes import Entry, Failure, Origin, Outcome
from flowrunner.testing.values import Case, Given
from flowrunner.views.tests.html import as_html
from support.browser import PHONE, WIDE, Watched, axe
from support.previewed import NASTY

pytestmark = pytest.mark.browser

PATH = "flows/setup.test.yaml"
TEXT = "tests:\n  - name: she starts\n    chat:\n      - bot: Hello\n"
BUTTONS = {
    "message_type": "interactive", "interactive_type": "button", "body_text": "Shall we?",
    "buttons": [{"id": "now", "title": "Start"}, {"id": "later", "title": "Later"}],
}  # fmt: skip
PICTURE = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg", "caption": "A week"}


def outcome(verdict: str, text: str) -> Outcome:
    origin = Origin(text, Location(text, 7, 5, 7, 9))
    at = Location(PATH, 4, 14, 4, 19)
    failures = (
        Failure(at, 1, "sent instead", "Hello there", f"Hello {text}", origin, text),
        Failure(at, 0, "nothing was sent", text),
    )
    chat = (
        Entry("bot", 0.0, 1, text, BUTTONS, origin),
        Entry("customer", 1.0, 2, text, {"message_type": "interactive", "content": text}),
        Entry("bot", 2.0, 3, text, PICTURE, origin),
        Entry("event", 10800.0, 4, text),
        Entry("customer", 10800.0, 5, text, PICTURE),
    )
    is_ours = verdict == "internal"
    return Outcome(
        Case(text, Location(PATH, 2, 11, 2, 21), Given(), ()),
        verdict,  # type: ignore[arg-type]  # one of them
        failures if verdict == "failed" else (),
        chat,
        internal=text if is_ours else "",
    )


def page(*texts: str) -> str:
    """Tests that passed, failed and were our own fault, with each text wherever somebody wrote one."""
    outcomes = [outcome(verdict, text) for text in texts for verdict in ("passed", "failed", "internal")]
    wrong = [Diagnostic("too-few-items", text, Location("b.test.yaml", 1, 8, 1, 10), hint=text) for text in texts]
    return as_html(outcomes, wrong, {PATH: TEXT}, 1, 0.5)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("texts", [("she starts",), tuple(NASTY)], ids=["plain", "hostile"])
def test_it_fits_every_screen_and_asks_for_nothing(
    show_page: Callable[..., Watched], texts: tuple[str, ...], size: dict[str, int]
) -> None:
    """No error, no request, no dialog, and nothing beside the screen."""
    shown = show_page(page(*texts), viewport=size)
    assert shown.said == []
    assert shown.asked == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_fault(show_page: Callable[..., Watched], size: dict[str, int]) -> None:
    """Contrast, names, structure; also of the tests that are folded at first."""
    rules = axe()
    shown = show_page(page("she starts", "silence"), viewport=size)
    shown.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert shown.violations(rules) == []
