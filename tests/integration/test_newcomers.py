"""Mistakes that are made on the first day: each is answered with what mends it, and that mends it."""

import re
from pathlib import Path

import pytest

from support.program import flow, flowrunner

USER = "US.13491208655302741918"
STEPS = [
    ("{when: not conversation.is_open, message: x}", "conversation.is_open", "conversation.open"),
    ("{when: conversation_open, message: x}", "conversation_open", "conversation.open"),
    ("{when: window_open, message: x}", "window_open", "conversation.open"),
    ('{message: "{{ conversation_id }}"}', "conversation_id", "conversation.id"),
    ('{message: "{{ recipient.user }}"}', "recipient.user", "recipient.user_id"),
    ("{message: {message_type: interactive, interactive_type: cta, body_text: b, display_text: d, url: https://e.org}}",
     "cta,", "cta_url,"),
]  # fmt: skip
"""A step, what is wrong in it, and what the hint has one write."""


@pytest.mark.parametrize(("step", "wrong", "right"), STEPS, ids=[wrong for _, wrong, _ in STEPS])
def test_a_step_is_mended_by_its_hint(tmp_path: Path, step: str, wrong: str, right: str) -> None:
    """Nothing else is said of it."""
    whom = ("--user-id", USER, "--conversation", "c1")
    path = flow(tmp_path / "f.yaml", [step])
    said = flowrunner("preview", path, *whom, cwd=tmp_path)
    assert said.returncode == 1
    [hint] = re.findall("hint: (.*)", said.stderr)
    assert re.search(rf"(write |did you mean (recipient\.)?){re.escape(right.strip(',').split('.')[0])}|user_id", hint)
    assert right.strip(",").rpartition(".")[2] in hint
    path = flow(tmp_path / "f.yaml", [step.replace(wrong, right)])
    mended = flowrunner("preview", path, *whom, cwd=tmp_path)
    assert (mended.returncode, "error" in mended.stderr, "warning" in mended.stderr) == (0, False, False)


@pytest.mark.parametrize("command", ["run", "plan", "preview"])
def test_a_user_id_is_no_phone(tmp_path: Path, command: str) -> None:
    """The option that takes it is named."""
    path = flow(tmp_path / "f.yaml", ["{message: x}"])
    said = flowrunner(command, path, "--phone", USER, cwd=tmp_path)
    assert said.returncode == 2
    assert f"'{USER}' is a user id of WhatsApp, not a phone number: give it by --user-id" in said.stderr
