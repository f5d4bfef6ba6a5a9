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


@pytest.mark.parametrize("name", ["with space", "-dash", "o'clock"])
def test_the_commands_that_it_says_can_be_copied(tmp_path: Path, name: str) -> None:
    """Whatever the folder is called."""
    done = flowrunner("init", "--", name, cwd=tmp_path)
    said = [line.partition("   ")[0] for line in done.stdout.splitlines() if line.startswith("flowrunner ")]
    assert len(said) == 2
    for command in said:
        done = flowrunner(*shlex.split(command)[1:], cwd=tmp_path)
        assert done.returncode == 0, (command, done.stderr)


def test_another_flow_of_that_name_gets_no_tests_of_ours(tmp_path: Path) -> None:
    """They would fail; beside our own flow they are written anew."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "welcome.yaml").write_text("name: mine\nsteps:\n  - message: Hi\n", encoding="utf-8")
    assert "welcome.test.yaml" not in flowrunner("init", cwd=tmp_path).stdout
    (tmp_path / "flows" / "welcome.yaml").unlink()
    assert "wrote flows/welcome.test.yaml" in flowrunner("init", cwd=tmp_path).stdout
    (tmp_path / "flows" / "welcome.test.yaml").unlink()
    assert "wrote flows/welcome.test.yaml" in flowrunner("init", cwd=tmp_path).stdout
