"""`preview` of a flow that asks whether free text may be sent: both cases are drawn; commands open conversations."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from support.program import environment, flow, flowrunner

PHONE = "+34600777666"
TEMPLATE = {"message_type": "template", "template_name": "welcome", "template_language": "es"}
SAYS = "this is for somebody who wrote within the last 24 hours; for the others: --window closed"


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """A template for those who did not write for a day, a text for the others."""
    first = f"{{when: not conversation.open, message: {json.dumps(TEMPLATE)}}}"
    return flow(tmp_path / "both.yaml", [first, "{when: conversation.open, message: Hello}"])


@pytest.mark.parametrize("form", ["chat", "json", "html", "curl"])
@pytest.mark.parametrize("people", [False, True], ids=["one", "audience"])
def test_each_case_is_drawn_and_the_other_is_named(both: Path, form: str, people: bool) -> None:
    """In every format; who has said which case needs no word of the other."""
    (both.parent / "p.csv").write_text(f"phone\n{PHONE}\n", encoding="utf-8")
    whom = ("--audience", "p.csv") if people else ("--phone", PHONE)
    shown = {}
    for window in ((), ("--window", "open"), ("--window", "closed")):
        done = flowrunner("preview", both, *whom, "--format", form, *window, cwd=both.parent)
        assert done.returncode == 0, done.stderr
        assert (SAYS in done.stderr) == (not window)
        shown["".join(window[1:])] = done.stdout
    is_chat = form == "chat"  # a page has what is left out, too, but not as it would be sent
    text, template = ("Hello", "welcome") if is_chat else ('"content":"Hello"', '"template_name":"welcome"')
    assert [text in shown[each] for each in ("", "open", "closed")] == [True, True, False]
    assert [template in shown[each] for each in ("", "open", "closed")] == [False, False, True]
    if form == "html":
        assert ["within 24 hours" in shown[each] for each in ("open", "closed")] == [True, False]
        assert ["after 24 hours" in shown[each] for each in ("open", "closed")] == [False, True]


def test_a_flow_that_does_not_ask_has_one_case(tmp_path: Path) -> None:
    """Of which nothing is said; the option changes nothing."""
    file = flow(tmp_path / "free.yaml", ["{message: Hello}"])
    shown = [flowrunner("preview", file, *more, cwd=tmp_path) for more in ((), ("--window", "closed"))]
    assert [each.stderr for each in shown] == ["", ""]
    assert shown[0].stdout == shown[1].stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs the curl command")
@pytest.mark.parametrize("dialect", [(), ("--dialect", "meta", "--number", NUMBER_ID)], ids=["kapso-v1", "meta"])
def test_commands_write_first_to_somebody_without_a_conversation(
    tmp_path: Path, state: EmulatorState, url: str, dialect: tuple[str, ...]
) -> None:
    """As a run does: on v1 by the standalone endpoint; nothing is to be filled in."""
    steps = [f"{{message: {json.dumps(TEMPLATE)}}}", f"{{message: {json.dumps({**TEMPLATE, 'template_name': 'two'})}}}"]
    file = flow(tmp_path / "first.yaml", steps)
    to = ("--phone", "+34 600 777 666", "--api-url", url)
    commands = flowrunner("preview", file, *to, *dialect, "--format", "curl", cwd=tmp_path)
    assert commands.returncode == 0, commands.stderr
    assert "export CONVERSATION_ID" not in commands.stdout
    done = subprocess.run(
        ["sh", "-c", commands.stdout], env=environment(), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    (its,) = state.conversations.all(PHONE)
    by_curl = [each.raw for each in state.received()]
    assert [each.conversation_id for each in state.received()] == [its.id] * 2
    if not dialect:
        sent = flowrunner("run", file, "--phone", PHONE, "--api-url", url, cwd=tmp_path)
        assert sent.returncode == 0, sent.stderr
        assert [each.raw for each in state.received()] == by_curl * 2


def test_commands_for_free_text_ask_for_the_conversation(tmp_path: Path) -> None:
    """It opens none."""
    free = flow(tmp_path / "free.yaml", ["{message: Hello}"])
    done = flowrunner("preview", free, "--phone", PHONE, "--format", "curl", cwd=tmp_path)
    assert (done.returncode, "export CONVERSATION_ID" in done.stdout) == (0, True), done.stderr
