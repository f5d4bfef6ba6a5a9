"""Names that no file can have: whoever hands over a text in the place of a file is told so, wherever it stands."""

from pathlib import Path

import pytest

from support.program import flow, flowrunner

LONG = "name: f " * 60
COMMANDS = [
    ("validate", LONG), ("preview", LONG), ("test", LONG), ("run", LONG), ("plan", LONG, "--phone", "+5215512345678"),
    ("diff", LONG, "f.yaml"), ("diff", "f.yaml", LONG), ("schema", "--translation", LONG), ("init", LONG),
    ("validate", "f.yaml", "--audience", LONG), ("preview", "f.yaml", "--vars", LONG),
    ("preview", "f.yaml", "--format", "html", "--output", LONG), ("runs", "--journal", LONG),
    ("run", "f.yaml", "--audience", "a.csv", "--exclude", LONG), ("optouts", "import", LONG),
    ("emulator", "--templates", LONG), ("templates", "list", "--file", LONG),
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(word for word in words if word != LONG))
def test_on_the_command_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    """The text of a flow, pasted in the place of its file's name."""
    flow(tmp_path / "f.yaml", ["{message: Hi}"])
    done = flowrunner(*words, cwd=tmp_path)
    assert (done.returncode, "is too long to be the name of a file" in done.stderr) == (2, True), done.stderr


def test_a_sign_that_no_name_has(tmp_path: Path) -> None:
    """As only a file of settings can say it."""
    (tmp_path / "flowrunner.toml").write_text('[defaults]\njournal = "a\\u0000b"\n', encoding="utf-8")
    done = flowrunner("runs", cwd=tmp_path)
    assert (done.returncode, "has a character that no file's name can have" in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize("step", ["{include: LONG}", "{message: {message_type: image, media_file: LONG}}"])
def test_in_a_flow(tmp_path: Path, step: str) -> None:
    """At its place."""
    flow(tmp_path / "f.yaml", [step.replace("LONG", f"{'x' * 300}.yaml")])
    done = flowrunner("validate", "f.yaml", cwd=tmp_path)
    assert (done.returncode, "f.yaml:4:" in done.stdout + done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("line", ["flow: LONG", "tests: [{name: a, chat: {golden: LONG, answers: [x]}}]"])
def test_in_a_test(tmp_path: Path, line: str) -> None:
    """The same."""
    flow(tmp_path / "f.yaml", ["{message: Hi}"])
    rest = "" if line.startswith("tests") else "tests: [{name: a, chat: [{bot: Hi}]}]\n"
    (tmp_path / "f.test.yaml").write_text(f"{line.replace('LONG', 'x' * 300)}\n{rest}", encoding="utf-8")
    done = flowrunner("test", "f.test.yaml", cwd=tmp_path)
    assert (done.returncode, "f.test.yaml:1:" in done.stdout + done.stderr) == (1, True), done.stderr
