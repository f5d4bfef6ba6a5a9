"""The example flows that listen, carried out by the program and answered by a person on the emulator's page."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.emulator_page import Site, bubbles
from support.program import start
from support.started import Started

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

FLOWS = Path(__file__).parents[2] / "flows"
PATIENCE = 45_000
"""Milliseconds in which a message must come: without a webhook, answers are asked for every two seconds."""

Deed = Callable[["Page"], object]


def tap(label: str) -> Deed:
    return lambda page: page.locator("#log .from-us").get_by_role("button", name=label, exact=True).last.click()


def write(text: str) -> Deed:
    def deed(page: "Page") -> None:
        page.get_by_label("Answer as the customer").fill(text)
        page.keyboard.press("Enter")

    return deed


def choose(row: str) -> Deed:
    def deed(page: "Page") -> None:
        page.locator("#log summary").last.click()
        page.get_by_role("button", name=re.compile(f"^{row}")).last.click()

    return deed


def send_photo(page: "Page") -> None:
    page.get_by_role("button", name="Send a file as the customer").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("https://cdn.example.com/tax.jpg")
    dialog.get_by_role("button", name="Send", exact=True).click()


def send_location(page: "Page") -> None:
    page.get_by_role("button", name="Send a location as the customer").click()
    page.get_by_role("dialog").get_by_role("button", name="Send", exact=True).click()


def nothing(_: "Page") -> None:
    """What came was the end."""


PLAYS: dict[str, tuple[dict[str, str], list[tuple[str, Deed]], str]] = {
    "account_setup": (
        {"name": "Ana"},
        [("shall we set up your account", tap("Start")), ("choose a password", nothing)],
        "finished",
    ),
    "team_size": (
        {},
        [("How many people", write("many")), ("a number between 1 and 5000", write("77")), ("77 people", nothing)],
        "finished",
    ),
    "tax_document": (
        {"name": "Ana"},
        [("photo of your tax document", send_photo), ("We will look at it today", nothing)],
        "finished",
    ),
    "first_week": (
        {"name": "Ana"},
        [("how was your first week", write("5")), ("write a line", tap("With pleasure")), ("Here it goes", nothing)],
        "finished",
    ),
    "moving_a_visit": (
        {"name": "Ana", "time": "Friday at 10:00"},
        [("visit_tomorrow", write("another time")), ("When would you rather come", choose("Wednesday")),
         ("Done: Wednesday 16:30", nothing)],
        "finished",
    ),
    "parcel": (
        {"items": '[{"title": "Two mugs"}]'},
        [("Will you be at home", write("No")), ("Where may we", send_location), ("We will leave it there", nothing)],
        "finished",
    ),
}  # fmt: skip


@pytest.fixture
def started(its: Site, tmp_path: Path) -> Any:
    """Each flow's run, to a person of its own."""
    with ExitStack() as stack:
        runs: dict[str, Started] = {}
        for number, (name, (values, _, _)) in enumerate(PLAYS.items()):
            talk = f"play-{name.replace('_', '-')}"
            its.state.conversations.create(f"+52155000000{number:02}", name, conversation_id=talk)
            given = [part for each, value in values.items() for part in ("--var", f"{each}={value}")]
            where = ("--conversation", talk, "--api-url", its.url, "--journal", tmp_path / f"{name}.db")
            options = (*where, "--rate", "1000/s", *given, "--wait")
            runs[name] = stack.enter_context(start("run", FLOWS / f"{name}.yaml", *options, cwd=tmp_path))
        yield runs
        for each in runs.values():
            each.kill()


def test_every_example_is_played_to_its_end(its: Site, started: dict[str, Started]) -> None:
    """Taps, rows, texts, a photo, a place: the branch that was answered arrives, and the run ends as it should."""
    page = its.open()
    for turn in range(max(len(steps) for _, steps, _ in PLAYS.values())):
        for name, (_, steps, _) in PLAYS.items():
            if turn < len(steps):
                words, deed = steps[turn]
                page.goto(f"{its.url}/#play-{name.replace('_', '-')}")
                page.locator("#head h2").get_by_text(name, exact=True).wait_for()
                page.locator("#log .from-us").get_by_text(words).last.wait_for(timeout=PATIENCE)
                deed(page)
    for name, run in started.items():
        output, errors = run.communicate(timeout=60)
        assert (run.returncode, errors) == (0, ""), (name, output, errors)
        assert PLAYS[name][2] in output.splitlines()[-1], (name, output)
    page.goto(f"{its.url}/#play-tax-document")
    page.locator("#log .from-them .reactions").get_by_text("👍").wait_for()
    assert bubbles(page).count() == 3
