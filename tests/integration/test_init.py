"""``flowrunner init``: a folder to begin with, in which everything passes."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from flowrunner.app.new_project.init import FILES
from flowrunner.cli.group import commands
from flowrunner.config.reading import read_config
from support.program import flowrunner


@pytest.fixture
def project(tmp_path: Path) -> Path:
    done = flowrunner("init", "project", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("wrote")] == [
        f"wrote {Path('project', name)}" for name in FILES
    ]
    return tmp_path / "project"


def test_all_of_it_passes(project: Path) -> None:
    """The flow is right, its tests reach all of it, and the senders can be read."""
    done = flowrunner("validate", "flows", "--strict", cwd=project)
    assert (done.returncode, done.stdout) == (0, "1 flow and 1 test file checked, no problems\n")
    done = flowrunner("test", "flows", "--cover", "100", cwd=project)
    assert done.returncode == 0, done.stdout
    config, problems = read_config(project / "flowrunner.toml")
    assert problems == []
    assert config is not None
    assert list(config.senders) == ["main"]
    assert flowrunner("preview", "flows/welcome.yaml", cwd=project).returncode == 0


def commands_in(data: Any) -> list[str]:
    """Every command of ours that stands in a file."""
    if isinstance(data, dict):
        return [each for value in data.values() for each in commands_in(value)]
    if isinstance(data, list):
        return [each for value in data for each in commands_in(value)]
    return [data] if isinstance(data, str) and data.startswith("flowrunner ") else []


@pytest.mark.parametrize("name", [".github/workflows/flows.yaml", ".pre-commit-config.yaml"])
def test_what_checks_every_change_names_commands_that_are_there(project: Path, name: str) -> None:
    """With options that they have."""
    found = commands_in(yaml.safe_load((project / name).read_text(encoding="utf-8")))
    assert {each.split()[1] for each in found} >= {"validate", "test"}
    for each in found:
        _, command, *arguments = shlex.split(re.sub(r"\$\{\{.*?\}\}", "main", each).partition(">>")[0])
        its = commands.get_command(click.Context(commands), command)
        assert its is not None
        known = {option for parameter in its.params for option in parameter.opts}
        assert {argument for argument in arguments if argument.startswith("--")} <= known
        if "diff" not in command:
            assert flowrunner(command, *arguments, cwd=project).returncode == 0


def test_what_is_there_stays_as_it_is(project: Path) -> None:
    """And is told."""
    (project / "flowrunner.toml").write_text("# mine\n", encoding="utf-8")
    (project / ".gitignore").unlink()
    done = flowrunner("init", cwd=project)
    assert "wrote .gitignore" in done.stdout
    assert "kept  flowrunner.toml, which was there" in done.stdout
    assert (project / "flowrunner.toml").read_text(encoding="utf-8") == "# mine\n"


def test_a_file_is_no_folder(project: Path) -> None:
    """Nor is what stands below one."""
    for folder in ("flowrunner.toml", "flowrunner.toml/more"):
        done = flowrunner("init", folder, cwd=project)
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert "hint: name " in done.stderr
