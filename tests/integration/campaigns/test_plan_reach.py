"""A plan of a flow that free text begins, or that asks whether it may be sent: both stand in it, and who can have it is
asked when it is carried out."""

import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.dialects import DIALECTS
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK
from support.numbers import sending_as
from support.program import flow, flowrunner

WRITES, SHUT, STRANGER = "+5215512345678", "+34600111222", "+34600777666"
TEXT = {"message_type": "text", "content": "Hello"}
TEMPLATE = {"message_type": "template", "template_name": "welcome", "template_language": "es"}
BY_WINDOW = (f"{{when: not conversation.open, message: {json.dumps(TEMPLATE)}}}",
             "{when: conversation.open, message: Hello}")  # fmt: skip


@pytest.fixture
def audience(tmp_path: Path, state: EmulatorState) -> Path:
    """One who wrote, one whose 24 hours are over, and one who never wrote."""
    state.conversations.on_demand = False
    state.conversations.create(WRITES, conversation_id="c1")
    state.conversations.create(SHUT, conversation_id="c2", window_open=False)
    path = tmp_path / "p.csv"
    path.write_text(f"phone\n{WRITES}\n{SHUT}\n{STRANGER}\n", encoding="utf-8")
    return path


def planned(file: Path, audience: Path, url: str, *more: str) -> Path:
    made = flowrunner(
        "plan", file, "--audience", audience, "--api-url", url, *more, "--output", "p.plan", cwd=file.parent
    )
    assert made.returncode == 0, made.stderr
    return file.parent / "p.plan"


def got(state: EmulatorState) -> dict[str, str]:
    """The type of what each phone got."""
    its = {}
    for each in state.received():
        posted = json.loads(each.raw)
        message = posted.get("message", posted)
        its[state.conversations.get(each.conversation_id).phone] = message.get("message_type") or message["type"]
    return its


def people(plan: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in plan.read_text(encoding="utf-8").splitlines()[1:-1]]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_plan_has_what_is_sent_in_and_after_24_hours(
    tmp_path: Path, audience: Path, state: EmulatorState, url: str, dialect: str
) -> None:
    """Each is marked; whom which of them goes to is decided when it leaves."""
    sender = sending_as(dialect)
    plan = planned(flow(tmp_path / "both.yaml", BY_WINDOW), audience, url, *sender)
    for its in people(plan):
        kinds = [[each.get("message_type") or each["type"] for each in its[name]]
                 for name in ("messages", "messages_after_24_hours")]  # fmt: skip
        assert kinds == [["text"], ["template"]]
    done = flowrunner("run", plan, "--yes-send-to", "3", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert got(state) == {WRITES: "text", SHUT: "template", STRANGER: "template"}
    posted = [json.loads(each.raw) for each in state.received()]
    if dialect == "kapso-v1":
        sent = [{name: each["message"][name] for name in each["message"] if name != "phone_number"} for each in posted]
        assert all(any(each in its[name] for its in people(plan) for name in its if "messages" in name)
                   for each in sent)  # fmt: skip


def test_a_flow_that_does_not_ask_has_one_list(tmp_path: Path, audience: Path, url: str) -> None:
    """As ever."""
    plan = planned(flow(tmp_path / "free.yaml", ["{message: Hello}"]), audience, url)
    assert [set(each) for each in people(plan)] == [{"line", "phone", "zone", "variables", "messages"}] * 3


def test_a_plan_whose_other_case_was_changed_is_refused(tmp_path: Path, audience: Path, url: str) -> None:
    """Even if it was sealed anew: nothing is sent that this flowrunner would not send."""
    import hashlib

    plan = planned(flow(tmp_path / "both.yaml", BY_WINDOW), audience, url)
    text = plan.read_text(encoding="utf-8").replace('"template_name":"welcome"', '"template_name":"others"', 1)
    body = "".join(text.splitlines(keepends=True)[:-1])
    seal = json.dumps({"sha256": hashlib.sha256(body.encode()).hexdigest()}, separators=(",", ":"))
    plan.write_text(f"{body}{seal}\n", encoding="utf-8")
    done = flowrunner("run", plan, "--yes-send-to", "3", *QUICK, cwd=tmp_path)
    assert done.returncode == 1
    assert "would send other messages than the plan has" in done.stderr


def test_who_cannot_have_free_text_is_said_before_a_plan_is_carried_out(
    tmp_path: Path, audience: Path, state: EmulatorState, url: str
) -> None:
    """With the remedy, which is taken at its word: those are left out, and nobody's message fails."""
    plan = planned(flow(tmp_path / "free.yaml", ["{message: Hello}"]), audience, url)
    unsaid = flowrunner("run", plan, *QUICK, cwd=tmp_path)
    assert unsaid.returncode == 1
    assert "2 of them cannot be sent the first message" in unsaid.stderr
    assert "or pass --skip-unreachable" in unsaid.stderr
    assert not state.received()
    done = flowrunner("run", plan, "--skip-unreachable", "--yes-send-to", "1", *QUICK, cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "1 finished, 2 left out"), done.stderr
    assert got(state) == {WRITES: "text"}


def test_a_plan_says_of_whom_it_could_not_be_asked(
    tmp_path: Path, audience: Path, state: EmulatorState, url: str
) -> None:
    """Nobody knows whether they can be reached, and they stand in it; and what takes long is said before it begins."""
    file = flow(tmp_path / "free.yaml", ["{message: Hello}"])
    command = ("plan", file, "--audience", audience, "--api-url", url, "--skip-unreachable")
    done = flowrunner(*command, "--rate", "1/min", cwd=tmp_path)
    assert "asking the API who of 3 people can be sent free text now: 60 seconds at most" in done.stderr
    assert "of 2 of them it could not be asked whether they can be sent the first message" in done.stdout
    shown = json.loads(flowrunner(*command, "--format", "json", "--rate", "1/min", cwd=tmp_path).stdout)
    assert (shown["people"], shown["unasked"]) == (3, 2)


def test_skip_unreachable_is_about_many(tmp_path: Path, url: str) -> None:
    """For one person it would do nothing, so it is refused."""
    file = flow(tmp_path / "free.yaml", ["{message: Hello}"])
    done = flowrunner("run", file, "--phone", WRITES, "--skip-unreachable", "--api-url", url, cwd=tmp_path)
    assert (done.returncode, "--skip-unreachable needs --audience" in done.stderr) == (2, True)
