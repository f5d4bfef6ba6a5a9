"""A plan of a flow that listens: every branch's messages by their steps; those that depend on answers are marked."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK
from support.customer import Customer
from support.program import flowrunner

ASK = """\
name: ask
inputs:
  name: {type: string, minLength: 1, maxLength: 40}
steps:
  - id: people
    message: "{{ name }}, how many people work with you?"
    reply:
      within: 20h
      expect: integer
      remind: {after: 3h, message: "A number will do, {{ name }}."}
      answers: [{number: {min: 1, max: 9}, steps: [{message: "{{ people.value }}, {{ name }}!"}]}]
      otherwise: {again: A number please., times: 1, then: continue}
      no_reply: [{end: finished}]
  - choose: [{when: people.answered, steps: [{message: Thanks.}]}]
    otherwise: [{message: "Never mind, {{ people.text }}."}]
anytime:
  - words: [stop]
    steps: [{message: "Goodbye, {{ name }}."}]
    end: opted_out
"""


@pytest.fixture
def plan(tmp_path: Path, url: str) -> Path:
    """A plan for two people."""
    (tmp_path / "ask.yaml").write_text(ASK, encoding="utf-8")
    (tmp_path / "p.csv").write_text("conversation,name\nc0,Ana\nc1,Luis\n", encoding="utf-8")
    options = ("--audience", "p.csv", "--api-url", url, "--output", "ask.plan")
    made = flowrunner("plan", "ask.yaml", *options, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    return tmp_path / "ask.plan"


def rows(plan: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in plan.read_text(encoding="utf-8").splitlines()]


def said(content: str) -> dict[str, str]:
    return {"message_type": "text", "content": content}


def test_it_holds_what_is_determined_and_marks_the_rest(plan: Path) -> None:
    """By the address of each step; in place of what answers decide, the message as its author wrote it."""
    head, ana, luis, foot = rows(plan)
    assert head["flowrunner_plan"] == 4
    assert ana["messages"] == {
        "1": said("Ana, how many people work with you?"),
        "1.r1": said("A number will do, Ana."),
        "1.a1.1": {"depends_on": ["people"], "as_written": said("{{ people.value }}, {{ name }}!")},
        "1.g1": said("A number please."),
        "2.c1.1": said("Thanks."),
        "2.o.1": {"depends_on": ["people"], "as_written": said("Never mind, {{ people.text }}.")},
        "@1.1": said("Goodbye, Ana."),
    }
    assert luis["messages"]["@1.1"] == said("Goodbye, Luis.")
    assert list(foot) == ["sha256"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("Goodbye, Ana.", "Goodbye."), ("Never mind", "Well"), ('"depends_on":["people"]', '"depends_on":[]')],
)
def test_a_branch_that_was_edited_is_refused_though_sealed(
    plan: Path, state: EmulatorState, old: str, new: str
) -> None:
    """Whether it depends on answers or not: it is not what would be sent."""
    lines = plan.read_text(encoding="utf-8").splitlines()[:-1]
    edited = [lines[0], *(line.replace(old, new) for line in lines[1:])]
    assert edited != lines
    text = "".join(f"{line}\n" for line in edited)
    digest = hashlib.sha256(text.encode()).hexdigest()
    plan.write_text(text + json.dumps({"sha256": digest}) + "\n", encoding="utf-8")
    done = flowrunner("run", "ask.plan", "--yes-send-to", "2", *QUICK, cwd=plan.parent)
    assert (done.returncode, "would send other messages than the plan has" in done.stderr) == (1, True), done.stderr
    assert not state.received()


def test_a_plan_of_another_kind_is_refused(plan: Path, state: EmulatorState) -> None:
    """A list where the flow listens, or the other way round."""
    head, *others = rows(plan)[:-1]
    for version, messages in ((3, []), (4, []), (3, {})):
        lines = [{**head, "flowrunner_plan": version}, *({**each, "messages": messages} for each in others)]
        text = "".join(f"{json.dumps(line, ensure_ascii=False, separators=(',', ':'))}\n" for line in lines)
        digest = hashlib.sha256(text.encode()).hexdigest()
        plan.write_text(text + json.dumps({"sha256": digest}) + "\n", encoding="utf-8")
        done = flowrunner("run", "ask.plan", "--yes-send-to", "2", *QUICK, cwd=plan.parent)
        assert (done.returncode, "is refused" in done.stderr) == (1, True), done.stderr
    assert not state.received()


def test_what_is_sent_was_in_the_plan_whatever_is_answered(plan: Path, state: EmulatorState) -> None:
    """Each message as it stands there; one that depends on an answer as its author wrote it, with the answer."""
    planned = {row["conversation"]: row["messages"] for row in rows(plan)[1:-1]}
    for name, answers in (("c0", ["5"]), ("c1", ["no idea", "none"])):
        state.conversations.create(f"+5215500000{name[1]}", conversation_id=name)
        its = Customer(state, name)
        its.when("how many people", answers[0])
        for each in answers[1:]:
            its.when("A number please", each)
    done = flowrunner("run", "ask.plan", "--yes-send-to", "2", "--wait", *QUICK, cwd=plan.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    sent: dict[str, list[str]] = {name: [] for name in planned}
    for each in state.received():
        sent[each.conversation_id].append(json.loads(each.raw)["message"]["content"])
    assert sent == {
        "c0": ["Ana, how many people work with you?", "5, Ana!", "Thanks."],
        "c1": ["Luis, how many people work with you?", "A number please.", "Never mind, none."],
    }
    for name, texts in sent.items():
        determined = [its["content"] for its in planned[name].values() if "content" in its]
        assert [each for each in texts if each not in determined] == [texts[1] if name == "c0" else texts[2]]
