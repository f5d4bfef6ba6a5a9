"""A flow that listens, previewed: every branch, or the path that ``--answers`` names; a wrong answer is wrong usage."""

import json
import re
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support.program import flowrunner

ASK = """\
name: ask
inputs:
  name: {type: string, minLength: 1, maxLength: 40, example: Ana}
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: "Shall we begin, {{ name }}?"
      buttons: [{id: now, title: Start}, {id: later, title: Later}]
    reply:
      within: 20h
      remind: {after: 3h, message: Whenever you like.}
      answers:
        - button: now
          steps: []
        - button: later
          steps: [{message: No hurry.}, {end: finished}]
      otherwise: {again: Please tap one of the two., times: 2, then: [{end: finished}]}
      no_reply: [{end: finished}]
  - id: people
    message: How many people work with you?
    reply: {within: 20h, expect: integer, answers: [{number: {min: 1, max: 5000}}], no_reply: continue,
            otherwise: {again: "A number, please.", times: 1, then: continue}}
  - choose:
      - when: people.answered and people.value >= 50
        steps: [{message: "{{ people.value }} people: somebody will call you."}]
    otherwise: [{message: You can do it all by yourself.}]
  - message: "Thank you, {{ name }}."
anytime:
  - words: [stop]
    steps: [{message: You will not hear from us again.}]
    end: opted_out
"""


@pytest.fixture
def ask(tmp_path: Path) -> Path:
    path = tmp_path / "ask.yaml"
    path.write_text(ASK, encoding="utf-8")
    return path


def preview(path: Path, *options: str) -> CompletedProcess[str]:
    return flowrunner("preview", path.name, *options, cwd=path.parent)


def contents(path: Path, answers: str) -> list[str]:
    """What the business says on the path with these answers, as it is posted."""
    done = preview(path, "--answers", answers, "--format", "json")
    assert done.returncode == 0, done.stderr
    return [each.get("content") or each["body_text"] for each in json.loads(done.stdout)]


ASKED = "Shall we begin, Ana?"
HOW_MANY = "How many people work with you?"
ALONE, THANKS = "You can do it all by yourself.", "Thank you, Ana."
PATHS = {
    "start=now,people=12": [ASKED, HOW_MANY, ALONE, THANKS],
    "start=now, people=50": [ASKED, HOW_MANY, "50 people: somebody will call you.", THANKS],
    "start=Later": [ASKED, "No hurry."],
    "start=later": [ASKED, "No hurry."],
    "start=-": [ASKED, "Whenever you like."],
    "start=silence": [ASKED, "Whenever you like."],
    "start=otherwise": [ASKED, "Please tap one of the two.", "Please tap one of the two."],
    "start=stop": [ASKED, "You will not hear from us again."],
    "people=a lot, really": [ASKED, HOW_MANY, "A number, please.", ALONE, THANKS],
    "people=a1": [ASKED, HOW_MANY, ALONE, THANKS],
    "people=-": [ASKED, HOW_MANY, ALONE, THANKS],
}


@pytest.mark.parametrize("answers", PATHS)
def test_the_path_is_that_of_the_answers(ask: Path, answers: str) -> None:
    """By an option's id or title, a branch's name, any text, silence; elsewhere the first answer."""
    assert contents(ask, answers) == PATHS[answers]


def test_the_path_has_both_sides(ask: Path) -> None:
    """In the terminal, with what was said and how it ends."""
    done = preview(ask, "--answers", "start=now", "--answers", "people=77")
    lines = done.stdout.split("\n")
    assert "│ Start │" in lines
    assert "│ 77 │" in lines
    assert "77 people" in done.stdout
    assert "opted out: nobody writes to them again" in preview(ask, "--answers", "start=stop").stdout


WRONG = {
    "start=nov": "start has no answer nov; did you mean now? (there are: now, later, otherwise, and - for silence)",
    "peple=3": "there is no question peple; did you mean people? (there are: start, people)",
    "start=later,people=3": "people is not asked on this path",
    "start": '"start" is not of the form question=answer, such as start=now',
    "start=": '"start=" is not of the form question=answer, such as start=now',
    "start=now,start=later": "start is answered twice",
}


@pytest.mark.parametrize("answers", WRONG)
def test_a_wrong_answer_is_wrong_usage(ask: Path, answers: str) -> None:
    """With what would be right."""
    done = preview(ask, "--answers", answers)
    assert (done.returncode, done.stdout) == (2, "")
    assert WRONG[answers] in " ".join(done.stderr.split())


def test_without_answers_there_is_every_branch(ask: Path) -> None:
    """Below its question, in the terminal, in JSON and as a page."""
    chat = preview(ask).stdout
    for words in ("▶ “Start”", "▷ “Later”", "▷ no answer for 3 h", "▷ no answer within 20 h", "Whenever they write:"):
        assert words in chat
    tree = json.loads(preview(ask, "--format", "json").stdout)
    assert [way["kind"] for way in tree["steps"][0]["ways"]] == [
        "remind", "answer", "answer", "again", "then", "no_reply"
    ]  # fmt: skip
    page = preview(ask, "--format", "html").stdout
    assert page.count('<details class="way"') == 6 + 4 + 2 + 1


LOOP = """\
name: loop
inputs: {items: {type: array, example: [{t: a}, {t: b}], items: {type: object}}}
steps:
  - for_each: item
    in: "{{ items }}"
    steps:
      - id: like
        message: "Do you like {{ item.t }}?"
        reply:
          within: 5h
          expect: yes_no
          answers: [{when: like.value, steps: [{message: "Good: {{ item.t }}"}]}]
          otherwise: []
          no_reply: continue
anytime: [{words: [stop], end: opted_out}]
"""


def test_a_question_of_a_loop_is_answered_in_each_turn(tmp_path: Path) -> None:
    """By its id in all of them, by its address in one; the tree has each turn's branches by their own addresses."""
    path = tmp_path / "loop.yaml"
    path.write_text(LOOP, encoding="utf-8")
    both = ["Do you like a?", "Good: a", "Do you like b?", "Good: b"]
    assert contents(path, "like=yes") == both
    assert contents(path, "1#1.1=no,1#2.1=yes") == [both[0], *both[2:]]
    tree = json.loads(preview(path, "--format", "json").stdout)
    turns = [way["steps"][0]["ways"] for way in tree["steps"][0]["ways"]]
    assert [[way["address"] for way in each] for each in turns] == [
        ["1#1.1.a1", "1#1.1.o", "1#1.1.n"], ["1#2.1.a1", "1#2.1.o", "1#2.1.n"]
    ]  # fmt: skip
    assert [[way["taken"] for way in each] for each in turns] == [[True, False, False]] * 2


def test_commands_wait_for_the_answer(ask: Path) -> None:
    """Between the question and what follows it."""
    script = preview(ask, "--answers", "people=3", "--format", "curl").stdout
    assert re.findall(r"^(read|curl)", script, re.MULTILINE) == ["curl", "read", "curl", "read", "curl", "curl"]


def test_a_flow_without_questions_has_no_answers(tmp_path: Path) -> None:
    """And is previewed as before."""
    path = tmp_path / "plain.yaml"
    path.write_text("name: plain\nsteps: [{message: Hi}]\n", encoding="utf-8")
    done = preview(path, "--answers", "start=now")
    assert (done.returncode, "there is no question start (the flow asks none)" in done.stderr) == (2, True)
    assert preview(path, "--format", "json").stdout.startswith("[\n")
