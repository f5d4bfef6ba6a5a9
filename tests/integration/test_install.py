"""The documented ways to install flowrunner, as a stranger goes them: from a clone, from git, and as a pre-commit hook.

They ask the package index for all that flowrunner needs, so only ``.ci/run`` asks for them: by INSTALLS=yes.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README, IN_CI = ((ROOT / each).read_text(encoding="utf-8") for each in ("README.md", "docs/ci.md"))
ADDRESS = "https://github.com/YOUR-ORG/flowrunner"
"""What they have in the place of the reader's copy."""

pytestmark = pytest.mark.skipif(
    os.environ.get("INSTALLS") != "yes", reason="asks the package index; INSTALLS=yes runs it"
)


def blocks(text: str, language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


INSTALL = README.partition("## Install\n")[2].partition("\n## ")[0]


def shell(script: str, folder: Path, **more: str) -> str:
    """The output of a shell script that stops at the first command that fails; flowrunner is found nowhere else."""
    path = [each for each in os.environ["PATH"].split(os.pathsep) if not (Path(each) / "flowrunner").exists()]
    done = subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": os.pathsep.join([str(folder / "bin"), *path]), **more},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of what is committed, on the branch main, and the tests' Python as ``python3``."""
    folder = tmp_path / "flowrunner"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    subprocess.run(["git", "checkout", "--quiet", "-B", "main"], cwd=folder, check=True)
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    return folder


def test_from_a_clone_and_from_git(clone: Path) -> None:
    """Each command of the section is found, and so is flowrunner after the way of a workflow in CI."""
    [from_clone] = blocks(INSTALL, "sh")
    assert "Usage: flowrunner" in shell(from_clone, clone)
    workflow = blocks(IN_CI, "yaml")[0]
    [from_git] = re.findall(r"- run: (pip install .*)", workflow)
    assert ADDRESS in from_git
    again = f". .venv/bin/activate\npip uninstall --yes --quiet flowrunner-whatsapp\n{from_git}"
    script = f"{again}\ncd /\nflowrunner --version".replace(ADDRESS, f"file://{clone}")
    assert "flowrunner, version" in shell(script, clone)


def test_as_a_pre_commit_hook(clone: Path, tmp_path: Path) -> None:
    """A flow that is right passes with its test; what is wrong, and what its test refuses, stops the commit."""
    config = next(block for block in blocks(IN_CI, "yaml") if "pre-commit" in block)
    assert ADDRESS in config
    mine = tmp_path / "mine"
    (mine / "flows").mkdir(parents=True)
    (mine / ".pre-commit-config.yaml").write_text(config.replace(ADDRESS, f"file://{clone}"), encoding="utf-8")
    (mine / "flows" / "hello.yaml").write_text("name: hello\nsteps: [{message: Hi}]\n", encoding="utf-8")
    tests = "flow: hello.yaml\ntests: [{name: says hi, chat: [{bot: Hi}]}]\n"
    (mine / "flows" / "hello.test.yaml").write_text(tests, encoding="utf-8")
    begin = (
        "python3 -m venv .venv\n. .venv/bin/activate\npip install --quiet pre-commit\n"
        "git init --quiet\ngit add flows .pre-commit-config.yaml\npre-commit run --all-files"
    )
    home = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    said = shell(f"PATH={clone}/bin:$PATH\n{begin}", mine, **home)
    assert "check WhatsApp flows" in said
    assert "test WhatsApp flows" in said
    fails = "if .venv/bin/pre-commit run --all-files; then exit 1; fi"
    for wrong, remark in (("{mesage: Hi}", "did you mean message?"), ("{message: Ho}", "says hi")):
        (mine / "flows" / "hello.yaml").write_text(f"name: hello\nsteps: [{wrong}]\n", encoding="utf-8")
        assert remark in shell(fails, mine, **home)
