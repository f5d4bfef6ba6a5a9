"""`flowrunner test --open`: what failed, on the emulator's own page, with the message that is wrong marked."""

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.browser import PHONE, WIDE, Watched, Windows, axe
from support.previewed import NASTY
from support.program import start

pytestmark = pytest.mark.browser

FLOW = """\
name: signup
inputs: {name: {type: string, example: Ana}}
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Hi {{ name }}, shall we begin?"
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply:
      within: 20h
      remind: {after: 3h, message: "Whenever you like, {{ name }}: tap Start."}
      answers: [{button: now, steps: []}, {button: later, steps: [{end: finished}]}]
      otherwise: {again: Please tap one of the two., times: 2, then: [{end: finished}]}
      no_reply: [{end: finished}]
  - message: Great. First, your company.
  - message: And then?
"""
TESTS = """\
flow: signup.yaml
given: {vars: {name: Ana}, recipient: {phone: +5215598765432, timezone: Asia/Tokyo}, now: 2026-11-23 10:00}
tests:
  - name: she starts at once
    chat:
      - bot: any
      - customer: {tap: now}
      - bot: Great. First, your firm.
      - bot: any
    ends: finished
  - name: a reminder
    chat:
      - bot: any
      - silence: 2h 59m
      - wait: 1m
      - bot: Whenever you like.
    ends: finished
  - name: it ends otherwise
    chat:
      - bot: any
      - customer: {tap: later}
    ends: waiting
  - name: a button that is not there any more
    given: {vars: {name: NAME}}
    chat:
      - bot: Hello
    ends: finished
  - name: all is well
    chat:
      - bot: any
      - customer: {tap: later}
    ends: finished
"""


@contextmanager
def opened(folder: Path, tests: str, *options: str) -> Iterator[tuple[Any, str]]:
    """The program, and the address at which it shows the tests; it is ended as by Ctrl-C."""
    (folder / "signup.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "signup.test.yaml").write_text(tests, encoding="utf-8")
    with start("test", *options, "--open", cwd=folder, BROWSER="true") as program:
        assert program.stderr is not None
        try:
            said = program.stderr.readline()
            found = re.search(r"on (http://127\.0\.0\.1:\d+/#test1); Ctrl-C ends it", said)
            assert found is not None, said
            yield program, found[1]
        finally:
            program.send_signal(signal.SIGINT)


@contextmanager
def seen(browser: Windows, address: str, **context: Any) -> Iterator[Watched]:
    """Its page, which asks for nothing of any other host and says nothing."""
    with browser.watched(**context) as its:
        its.page.goto(address)
        its.page.locator(".came:not([hidden])").wait_for()
        yield its
        assert its.said == []
        assert all(url.startswith((address.partition("#")[0], "data:")) for url in its.asked)


def test_the_chat_is_played_up_to_the_turn_that_fails_and_its_message_is_marked(
    browser: Windows, tmp_path: Path
) -> None:
    with opened(tmp_path, TESTS) as (program, address):
        with seen(browser, address, viewport=WIDE) as its:
            page = its.page
            assert page.title() == "flowrunner tests"
            names = page.locator("#talks .who").all_inner_texts()
            assert sorted(names) == [
                "a button that is not there any more", "a reminder", "it ends otherwise", "she starts at once",
            ]  # fmt: skip
            assert page.locator("#head h2").inner_text() == "she starts at once"
            chat = page.locator("#log .message").all_inner_texts()
            for text, part in zip(chat, ["Hi Ana, shall we begin?", "Start", "First, your company."], strict=True):
                assert part in text
            assert "10:00" in chat[0], "by the customer's clock, wherever this machine is"
            assert page.locator(".wrong .bubble").count() == 1
            assert "First, your company." in page.locator(".wrong").inner_text()
            came = page.locator(".came:not([hidden])")
            assert "she starts at once › turn 3" in came.inner_text()
            assert (came.locator("del").inner_text(), came.locator("ins").inner_text()) == ("firm", "company")
            assert "signup.test.yaml:8:14" in came.inner_text()
            assert "signup.yaml:16" in came.inner_text()
            assert page.locator("#composer").is_hidden()
            assert page.locator("main").get_by_role("button").count() == 0, "nothing of it can be gone on with"
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "log", "the first Tab leads past the list"
            page.locator("#talks a", has_text="a reminder").click()
            page.locator("#log").get_by_text("Whenever you like, Ana").wait_for()
            assert "13:00" in page.locator(".wrong").inner_text()
            page.locator("#talks a", has_text="it ends otherwise").click()
            page.locator(".came:not([hidden])", has_text="ended otherwise").wait_for()
            assert page.locator(".wrong").count() == 0, "no message of it is wrong"
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 1


def test_where_none_fails_all_are_shown(browser: Windows, tmp_path: Path) -> None:
    with opened(tmp_path, TESTS, "-k", "all is well") as (program, address):
        with seen(browser, address, viewport=WIDE) as its:
            assert its.page.locator(".came:not([hidden]) .verdict").inner_text() == "passed"
        program.send_signal(signal.SIGINT)
        assert program.wait(20) == 0


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_it_fits_every_screen(browser: Windows, tmp_path: Path, size: dict[str, int]) -> None:
    """Whatever the flow's messages and the tests say; both parts can be scrolled by keyboard."""
    hostile = TESTS.replace(
        "NAME", json.dumps("".join(each for text in NASTY for each in text[:40] if each.isprintable())[:900])
    )
    with opened(tmp_path, hostile) as (_, address), seen(browser, address, viewport=size) as its:
        page = its.page
        for number in (1, 4):
            page.goto(f"{address[:-1]}{number}")
            page.locator(f".came[data-talk=test{number}]").wait_for()
            page.locator(".wrong").wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
            log, came = (page.locator(each).bounding_box() for each in ("#log", f".came[data-talk=test{number}]"))
            assert log is not None
            assert came is not None
            assert log["height"] > 150
            assert came["y"] >= log["y"] + log["height"] - 1
            assert came["y"] + came["height"] <= size["height"] + 1
            assert page.locator(".wrong").evaluate("its => its.getBoundingClientRect().bottom") <= came["y"] + 1
        if os.environ.get("AXE_CORE"):
            assert its.violations(axe()) == []
