"""Nothing that a file or an argument holds steers the terminal of whoever reads what the program prints."""

import json
import re
from pathlib import Path

import pytest

from support.program import flowrunner
from support.terminal import Terminal

STEERING = "\x1b[31mx\x9b2J\u202edne\u2066"
RAW = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", STEERING),
        ("diff", STEERING, "hello.yaml"),
        ("diff", f"{STEERING}:hello.yaml", "hello.yaml"),
        ("validate", STEERING),
        ("preview", STEERING),
        ("preview", "hello.yaml", "--var", f"{STEERING}=x"),
        ("run", STEERING),
        ("run", "hello.yaml", "--phone", STEERING),
        ("run", "hello.yaml", "--audience", STEERING),
        ("resume", STEERING),
        ("runs", STEERING),
        ("report", STEERING),
        ("status", STEERING),
        ("plan", STEERING, "--output", "x.plan"),
        ("schema", STEERING),
        (STEERING,),
        (f"--{STEERING}",),
        ("validate", "hello.yaml", "--format", STEERING),
        ("run", "hello.yaml", "--rate", STEERING),
    ],
    ids=lambda arguments: " ".join(arguments).replace(STEERING, "STEERING"),
)
def test_an_argument_is_echoed_as_signs(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Every command says what is wrong with it, and no escape code is among the words."""
    (tmp_path / "hello.yaml").write_text("name: hello\nsteps: [message: Hi]\n", encoding="utf-8")
    done = flowrunner(*arguments, cwd=tmp_path)
    said = done.stdout + done.stderr
    assert done.returncode in (1, 2), said
    assert said.strip()
    assert not RAW.search(said), said


@pytest.mark.parametrize("form", ["json", "curl", "chat"])
def test_a_preview_on_a_terminal_cannot_steer_it(tmp_path: Path, form: str) -> None:
    """What turns the writing direction is JSON's escape there: another text, the same value."""
    text = "b\u202ec\u2066d \U0001f44b"
    (tmp_path / "f.yaml").write_text(json.dumps({"name": "f", "steps": [{"message": text}]}), encoding="utf-8")
    with Terminal("preview", "f.yaml", "--format", form, cwd=tmp_path) as terminal:
        assert terminal.end() == 0, terminal.screen
    shown = terminal.screen.replace("\r\n", "\n")
    assert not RAW.search(shown), repr(shown)
    assert "\U0001f44b" in shown
    piped = flowrunner("preview", "f.yaml", "--format", form, cwd=tmp_path).stdout
    if form == "json":
        assert json.loads(shown) == json.loads(piped)
        assert json.loads(piped)[0]["content"] == text
    if form == "curl":
        assert text.replace("\u202e", "\\u202e").replace("\u2066", "\\u2066") in shown
        assert text in piped
