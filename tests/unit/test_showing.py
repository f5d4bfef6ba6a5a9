"""Tests as conversations of an emulator, for its page: what was said in each, by the customer's clock."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.page.html import turn
from flowrunner.testing.reading import read_suite
from flowrunner.testing.showing import shown_in
from flowrunner.testing.trying import tried

FLOW = """\
name: f
inputs: {name: {type: string, example: Ana}}
steps:
  - id: start
    message: "Hi {{ name }}"
    reply: {within: 23h, no_reply: [{end: finished}]}
  - message: One
  - message: Two
"""
TESTS = """\
flow: f.yaml
given: {vars: {name: Ana}, recipient: {phone: +819012345678, timezone: Asia/Tokyo}, now: 2027-03-01 09:30}
tests:
  - {name: another text, chat: [{bot: Hi}, {customer: hm}], ends: finished}
  - {name: one too few, chat: [{bot: any}, {customer: {quotes: start, text: hm}}, {bot: Un}], ends: finished}
  - {name: nothing, chat: [{bot: any}, {bot: any}], ends: finished}
  - {name: shut, chat: [{bot: any}, {silence: 1h}, {window: closed}], ends: finished}
  - {name: no value, given: {vars: {name: NAME}}, chat: [{bot: any}, {customer: a}], ends: waiting}
  - {name: golden, chat: {golden: no.chat, answers: [hm]}, ends: finished}
""".replace("NAME", "x" * 5000)


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Auckland"])
def _elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's clock shows the time of another place."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("_elsewhere")
def test_each_is_a_conversation_with_what_its_chat_has(tmp_path: Path) -> None:
    """Not the word before the test that opens the window, nor what was sent after the turn that fails."""
    (tmp_path / "f.yaml").write_text(FLOW, encoding="utf-8")
    (tmp_path / "f.test.yaml").write_text(TESTS, encoding="utf-8")
    read = read_suite(tmp_path / "f.test.yaml")
    assert read.suite is not None, read.diagnostics
    assert read.flow is not None
    before = [tried(case, read.flow) for case in read.suite.cases]
    state, shown = shown_in([(case, read.flow) for case in read.suite.cases], SYSTEM)
    talks = [state.conversations.known(each.talk) for each in shown]
    said = {its.name: [each.content for each in state.stretch(its.id, 1, 99)] for its in talks if its is not None}
    assert said == {
        "another text": ["Hi Ana"],
        "one too few": ["Hi Ana", "hm", "One"],
        "nothing": ["Hi Ana"],
        "shut": ["Hi Ana"],
        "no value": [],
        "golden": ["Hi Ana", "hm", "One", "Two"],
    }
    assert [each.wrong for each in shown] == [1, 3, 0, 0, 0, 0]
    assert [its is not None and its.window_open(state.now()) for its in talks] == [True] * 3 + [False] + [True] * 2
    [first, answer, _] = state.stretch(shown[1].talk, 1, 99)
    assert datetime.fromtimestamp(first.created_at).isoformat(timespec="minutes") == "2027-03-01T09:30"
    assert "Hi Ana" in turn(state, answer, live=False), "it quotes the message of its own test"
    assert ["data-deed" in turn(state, first, live=live) for live in (True, False)] == [True, False]
    assert [each.outcome.failures for each in shown] == [each.failures for each in before]
