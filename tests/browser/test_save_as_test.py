"""A run that is played on the emulator's page is saved there as a test, which passes and names nobody."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.browser import WIDE, Windows, axe
from support.program import flowrunner, start
from support.started import Started

pytestmark = pytest.mark.browser

FLOW = """\
name: signup
inputs:
  name: {type: string, example: Ana}
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Hi {{ name }}, shall we begin?"
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply:
      within: 20h
      answers: [{button: now, steps: []}, {button: later, steps: [{end: finished}]}]
      otherwise: {again: Please tap one of the two., times: 2, then: [{end: finished}]}
      no_reply: [{end: finished}]
  - id: email
    message: Great. What is your e-mail?
    reply: {within: 20h, expect: email, no_reply: [{end: finished}]}
  - message: "Thank you, {{ name }}! We write to {{ email.text }}."
"""


@contextmanager
def ended(*arguments: str, cwd: Path) -> Iterator[Started]:
    """A program that is ended with the test."""
    with start(*arguments, cwd=cwd) as its:
        try:
            yield its
        finally:
            its.kill()


def test_a_run_is_saved_and_played_again(browser: Windows, tmp_path: Path) -> None:
    (tmp_path / "signup.yaml").write_text(FLOW, encoding="utf-8")
    with ended("emulator", "--port", "0", "--phone", "+5215598765432", cwd=tmp_path) as emulator:
        assert emulator.stdout is not None
        found = re.search(r"http://\S+?(?=;)", emulator.stdout.readline())
        assert found is not None
        to = ("--api-url", found[0], "--phone", "+5215598765432", "--var", "name=Maria Lopez")
        with (
            browser.watched(viewport=WIDE) as its,
            ended("run", "signup.yaml", *to, "--rate", "1000/s", "--wait", cwd=tmp_path) as sending,
        ):
            page = its.page
            page.goto(found[0])
            page.locator("#talks a").first.click()
            page.locator("#log").get_by_role("button", name="Start", exact=True).click()
            page.locator("#log").get_by_text("What is your e-mail").wait_for(timeout=45_000)
            page.get_by_label("Answer as the customer").fill("maria.lopez@firm.example.org")
            page.keyboard.press("Enter")
            page.locator("#log").get_by_text("Thank you").wait_for(timeout=45_000)
            assert sending.wait(60) == 0
            page.get_by_role("button", name="Save as test").focus()
            page.keyboard.press("Enter")
            dialog = page.get_by_role("dialog", name="Save as test")
            dialog.wait_for()
            if os.environ.get("AXE_CORE"):
                assert its.violations(axe()) == []
            with page.expect_download() as download:
                dialog.get_by_role("button", name="Save the file").press("Enter")
            assert download.value.suggested_filename == "signup.test.yaml"
            download.value.save_as(tmp_path / "signup.test.yaml")
            page.screenshot(path=tmp_path / "shown.png")
            page.keyboard.press("Escape")
            dialog.wait_for(state="hidden")
    said = (tmp_path / "signup.test.yaml").read_text(encoding="utf-8")
    for secret in ("Maria", "Lopez", "maria", "firm.example", "98765432", "5598765432"):
        assert secret not in said
    assert "tap: now" in said
    assert flowrunner("test", "signup.test.yaml", cwd=tmp_path).returncode == 0
