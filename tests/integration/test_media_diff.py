"""Another picture under the same name is a difference that customers see."""

import subprocess
from pathlib import Path

import pytest

from support.media_files import png
from support.program import flowrunner

FLOW = "name: f\nsteps:\n  - message: {message_type: image, media_file: ../media/hello.png}\n"


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("is_changed", [True, False])
@pytest.mark.parametrize("named", ["flows", "flows/f.yaml"])
def test_a_revision_s_picture_is_compared_with_the_one_on_disk(named: str, is_changed: bool, tmp_path: Path) -> None:
    """By what git has of it, for a folder as for a file."""
    for folder in ("flows", "media"):
        (tmp_path / folder).mkdir()
    (tmp_path / "flows" / "f.yaml").write_text(FLOW, "utf-8")
    (tmp_path / "media" / "hello.png").write_bytes(png())
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    if is_changed:
        (tmp_path / "media" / "hello.png").write_bytes(png(9, 9))
    done = flowrunner("diff", "--detailed-exitcode", f"HEAD:{named}", named, cwd=tmp_path)
    assert done.returncode == (2 if is_changed else 0)
    assert ("../media/hello.png is another file than before" in done.stdout) is is_changed, done.stdout + done.stderr
