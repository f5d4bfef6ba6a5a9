"""What can be wrong with git itself, told by a stand-in for it."""

import os
from pathlib import Path

import pytest

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.diff import revisions
from flowrunner.diff.revisions import read_tree

STANDINS = [
    ("exec sleep 30", "git did not answer within 0 s", "try again"),
    (
        "echo 'fatal: detected dubious ownership in repository' >&2; exit 128",
        "does not trust this folder",
        "safe.directory",
    ),
    ("exit 128", "is not in a git repository", "go to the repository"),
]


@pytest.mark.skipif(os.name != "posix", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(("script", "message", "hint"), STANDINS)
def test_a_git_that_does_not_answer_is_told_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, message: str, hint: str
) -> None:
    """It never hangs, and says what is in the way."""
    standin = tmp_path / "git"
    standin.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    standin.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(revisions, "TIMEOUT", 0.3)
    with pytest.raises(RefusedError, match=message) as raised:
        read_tree("main", "flows", (".yaml",))
    assert hint in raised.value.hint


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may start what nobody may")
def test_a_git_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file without the right to be run is no git."""
    (tmp_path / "git").write_text("", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RefusedError, match="cannot be started"):
        read_tree("main", "flows", (".yaml",))
