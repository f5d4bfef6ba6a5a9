"""A flow is gone through without a test file: each way once, and what is wrong with it is told with the way there."""

import sys
from pathlib import Path
from typing import Any

import pytest

from flowrunner.flow import load_file
from flowrunner.testing.exploring import explore
from flowrunner.testing.exploring.walking import Walked, walk
from support.played import flow_of
from support.slices import part

HEAD = "name: f\nanytime: [{words: [stop], end: opted_out}]\n"
ASKS = f"""\
{HEAD}inputs: {{plan: {{type: string, enum: [free, pro], example: free}}, people: {{type: integer, example: 3}}}}
steps:
  - id: start
    message: {{message_type: interactive, interactive_type: button, body_text: Well?, buttons: [{{id: a, title: A}}]}}
    reply:
      within: 20h
      remind: {{after: 1h, message: Still there?}}
      answers:
        - button: a
        - {{number: {{min: 1, max: 5}}, steps: [{{message: A number}}]}}
        - {{matches: "[A-Z]{{3}}-[0-9]{{4}}", steps: [{{message: A code}}]}}
        - {{media: location, steps: [{{message: A place}}]}}
      otherwise: {{again: Once more., times: 2, then: [{{end: handed_over}}]}}
      no_reply: [{{end: finished}}]
  - {{id: pro, when: plan == "pro", message: You are a pro.}}
  - choose:
      - {{when: people > 10, steps: [{{message: So many}}]}}
      - {{when: start.text == "A", steps: [{{pause: 2d}}, {{end: finished}}]}}
    otherwise: [{{message: So few}}]
  - {{id: more, message: More?, reply: {{within: 3h, expect: date, no_reply: continue}}}}
"""
FEW = 40
"""Ways: enough for all that there is; each costs as much as a test of a flow."""


def test_every_way_is_gone_that_there_is() -> None:
    its = explore(flow_of(ASKS), most=FEW)
    assert [each.key for each in its.coverage.missing] == []
    assert (its.diagnostics, its.coverage.percent) == ((), 100.0)


def test_no_more_ways_are_gone_than_are_allowed_those_first_that_lead_to_something_new() -> None:
    """The same ones each time."""
    few = explore(flow_of(ASKS), most=12, seed=1)
    assert (few.walked, few.left > 0) == (12, True)
    assert few.coverage.percent > 70
    assert few == explore(flow_of(ASKS), most=12, seed=1)


NOBODY = """\
name: f
inputs: {plan: {type: string, enum: [free], example: free}}
steps:
  - {message: One}
  - {when: plan == "pro", message: Two}
"""
LONG = """\
name: f
inputs: {name: {type: string, maxLength: 40, example: Ana}}
steps:
  - message: {message_type: interactive, interactive_type: button, body_text: Hi,
              buttons: [{id: a, title: "{{ name }}"}]}
"""
SLOW = """\
name: f
steps:
  - {id: late, until: read, timeout: 10ms, message: Hello}
  - message: There
"""


@pytest.mark.parametrize(
    ("flow", "code", "line", "says"),
    [
        (NOBODY, "way-unreached", 5, 'no way that was tried leads here: plan == "pro" is never true'),
        (LONG, "too-long", 5, "title has 40 characters, at most 20 are allowed"),
        (SLOW, "way-fails", 3, "late cannot be sent: not read within 0.01 s; on the way: the first message"),
    ],
)
def test_what_is_wrong_on_a_way_is_told_with_its_place(flow: str, code: str, line: int, says: str) -> None:
    [found] = [each for each in explore(flow_of(flow)).diagnostics if each.code == code]
    assert (found.location.line, found.message) == (line, says)


def test_an_answer_whose_words_are_heard_at_any_time_says_so() -> None:
    """One that has another word, too, or a tap, is reached; and what `anytime` hears is so in every spelling."""
    flow = f"""\
{HEAD}steps:
  - id: well
    message: Well?
    reply:
      within: 20h
      answers:
        - words: [STOP]
        - words: [later, stop]
      otherwise: continue
      no_reply: continue
"""
    [found] = explore(flow_of(flow)).diagnostics
    assert (found.code, found.location.line) == ("way-unreached", 9)
    assert found.message.endswith("words: STOP is never answered so, since `anytime` of flow.yaml hears that first")
    assert found.hint == "leave it out, or take its words out of `anytime`"


def test_an_included_file_may_have_an_answer_for_flows_without_that_anytime() -> None:
    first_week = load_file(Path(__file__).parents[2] / "flows" / "first_week.yaml")
    [found] = explore(first_week, most=FEW).diagnostics
    assert found.location.path.endswith("ask_for_review.yaml")
    assert "first_week.yaml hears that first" in found.message
    assert found.hint.startswith("leave it out, unless another flow includes this file or it is sent by itself")


def test_a_question_that_is_asked_outside_of_the_24_hours_is_found_although_no_rule_sees_it() -> None:
    """What the emulator refuses, a run would be refused, whatever was thought of before."""
    flow = "name: f\nsteps:\n  - {when: conversation.open, message: Hello}\n  - {message: Still there}\n"
    found = explore(flow_of(flow)).diagnostics
    assert [each.code for each in found] == ["way-fails"]
    assert "on the way: the 24 hours are over" in found[0].message


def test_a_flow_that_begins_with_free_text_is_for_those_who_have_written() -> None:
    """What it asks for later is true or not; nothing of it is sent to anybody else."""
    way_out = "anytime: [{words: [stop], end: opted_out}]\n"
    steps = "  - {message: Hi}\n  - {pause: 1d}\n  - {when: conversation.open, message: Still there?}\n"
    assert [each.code for each in explore(flow_of(f"name: f\n{way_out}steps:\n{steps}")).diagnostics] == []


def test_an_answer_whose_condition_asks_for_a_longer_text_is_found() -> None:
    """Short ones are something else."""
    way_out = "anytime: [{words: [stop], end: opted_out}]\n"
    answers = "[{when: why.text | length > 30, steps: [{message: Oh}]}]"
    reply = f"{{within: 1h, answers: {answers}, otherwise: continue, no_reply: end}}"
    flow = f"name: f\n{way_out}steps:\n  - {{id: why, message: Why?, reply: {reply}}}\n"
    assert [each.message for each in explore(flow_of(flow)).diagnostics] == []


WORDY = """\
name: f
anytime: [{words: [stop, baja], end: opted_out}, {text: [agent, Quiero una persona], end: handed_over}]
steps:
  - id: start
    message: {message_type: interactive, interactive_type: button, body_text: Well?,
              buttons: [{id: a, title: Go on}, {id: b, title: Not now}]}
    reply:
      within: 20h
      answers:
        - button: a
        - {words: [yes, si, claro que si], steps: [{message: Good}]}
        - {text: [no, nope], button: b, steps: [{message: Oh}]}
      otherwise: continue
      no_reply: continue
  - id: more
    message: More?
    reply: {within: 3h, answers: [{words: [una, dos, tres, cuatro]}], otherwise: continue, no_reply: continue}
"""


@pytest.mark.sliced
@pytest.mark.parametrize("seed", part([0, 7], 2))
def test_every_word_is_said_once_also_where_few_ways_are_allowed(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """All that an answer names, what is heard at any time, and the titles of buttons as somebody may type them."""
    said: list[tuple[str, str]] = []

    def walked(*args: Any) -> Walked:
        its = walk(*args)
        said.extend((each.step, each.text) for each in its.choices)
        return its

    monkeypatch.setattr(sys.modules["flowrunner.testing.exploring.explore"], "walk", walked)
    its = explore(flow_of(WORDY), most=60, seed=seed)
    words = ["yes", "si", "claro que si", "no", "nope", "Go on", "Not now"]
    anytime = ["stop", "baja", "agent", "Quiero una persona"]
    assert {("start", f'"{each}"') for each in (*words, *anytime)} <= {*said}
    assert {("more", f'"{each}"') for each in ("una", "dos", "tres", "cuatro")} <= {*said}
    assert {("start", "tap a"), ("start", "tap b"), ("start", "silence")} <= {*said}
    assert its.diagnostics == ()


def test_what_is_heard_at_any_time_is_said_in_a_pause_too() -> None:
    flow = f"{HEAD}steps:\n  - message: Hello\n  - pause: 3h\n  - message: There\n"
    its = explore(flow_of(flow))
    assert (its.walked, its.coverage.percent, its.diagnostics) == (2, 100.0, ())
