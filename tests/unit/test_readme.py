"""The README is true: its flows are right, its commands print what it shows, its tables are the program's."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

import flowrunner
from flowrunner.cli import console
from flowrunner.cli.group import COMMANDS
from flowrunner.cli.group import commands as group
from flowrunner.emulator.api.faults import KINDS
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support.program import environment, start, texts

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EMULATOR_URL = "http://127.0.0.1:8600"
"""Where the README's emulator listens; the tests' takes a free port."""

# What is another one each time. A short id stands for the long one it is the beginning of.
MASKS = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<conversation>"),
    (re.compile(r"(?<=run )[0-9a-z]{12}\b"), "<run>"),
    (re.compile(r"\b[0-9a-f]{8}\b"), "<message>"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "<time>"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}\b"), "<day>"),
    (re.compile(r"(?<![:\d])\d{2}:\d{2}(?![:\d])"), "<time>"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "<emulator>"),
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file its introduction names (or an empty string), and its text."""

    language: str
    file: str
    text: str

    @property
    def is_flow(self) -> bool:
        return self.language == "yaml" and re.search(r"^steps:", self.text, re.MULTILINE) is not None


def blocks() -> list[Block]:
    found = []
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL):
        before = TEXT[: match.start()].rstrip().rpartition("\n")[2]
        named = re.search(r"`([\w.-]+\.yaml)`[:,]?", before)
        found.append(Block(match[1], named[1] if named else "", match[2]))
    return found


BLOCKS = blocks()
FLOWS = [block for block in BLOCKS if block.is_flow]
CONSOLES = [block for block in BLOCKS if block.language == "console"]


def masked(text: str) -> list[str]:
    for pattern, name in MASKS:
        text = pattern.sub(name, text)
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether what is shown is what was printed, where a line ``...`` stands for any lines."""
    parts = [".*" if line == "..." else re.escape(line) + "\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in printed), re.DOTALL) is not None


def commands(block: Block) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown."""
    found = []
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        found.append((command, output))
    return found


def words(command: str) -> list[str]:
    """A command's arguments."""
    program, *arguments = shlex.split(command)
    assert program == "flowrunner", f"the tests do not know how to run {command!r}"
    return arguments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files the README has its reader save."""
    for block in FLOWS:
        if block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    for name, table in re.findall(r"`([\w.-]+\.csv)`:\n\n```csv\n(.*?)```", TEXT, re.DOTALL):
        (tmp_path / name).write_text(table, encoding="utf-8")
    return tmp_path


@contextmanager
def emulator(command: str, shown: str, folder: Path) -> Iterator[str]:
    """The README's emulator on a free port, once it has printed what is shown; gives its address."""
    with start(*words(command), "--port", "0", cwd=folder) as process:
        try:
            assert process.stdout is not None
            printed = [process.stdout.readline() for _ in shown.splitlines()]
            assert masked("".join(printed)) == masked(shown)
            url = re.search(r"http://127\.0\.0\.1:\d+", printed[0])
            assert url is not None
            yield url[0]
        finally:
            process.terminate()
            process.communicate(timeout=20)


def check(command: str, shown: str, folder: Path, variables: dict[str, str]) -> None:
    """Run one command and compare what a terminal would show."""
    done = subprocess.run(
        [sys.executable, "-m", "flowrunner", *words(command)],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert matches(masked(shown), masked(done.stdout)), f"$ {command}\n{done.stdout}"


def test_every_command_shown_prints_what_is_shown(folder: Path) -> None:
    """All console blocks in their order, in one folder, as a reader would try them."""
    variables: dict[str, str] = {}
    url = ""
    waiting = [each for block in CONSOLES for each in commands(block)]
    assert len(waiting) >= 8
    with ExitStack() as stack:
        for command, shown in waiting:
            if command.startswith("export "):
                pairs = shlex.split(command.removeprefix("export "))
                variables.update(pair.replace(EMULATOR_URL, url).split("=", 1) for pair in pairs)
            elif command.startswith("flowrunner emulator"):
                url = stack.enter_context(emulator(command, shown, folder))
            else:
                check(command, shown, folder, variables)


@pytest.mark.parametrize("block", FLOWS, ids=lambda block: block.file or "unnamed")
def test_every_flow_shown_is_right(block: Block, tmp_path: Path) -> None:
    """Except the one that is there to be wrong."""
    path = tmp_path / "flow.yaml"
    path.write_text(block.text, encoding="utf-8")
    problems = flowrunner.check([path])
    assert bool(problems) is (block.file == "broken.yaml")
    if not problems:
        assert flowrunner.render(flowrunner.load(path), examples=True).messages


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language == "python"], ids=["run", "run_async"])
def test_the_python_shown_runs(folder: Path, block: Block) -> None:
    """Against an emulator that knows the person."""
    state = EmulatorState()
    state.conversations.create("+5215512345678")
    with running(state) as url:
        done = subprocess.run(
            [sys.executable, "-c", block.text.replace(EMULATOR_URL, url)],
            cwd=folder,
            env=environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "finished"
    assert len(texts(state)) == 2


def test_the_table_of_exit_codes_is_the_program_s() -> None:
    """Each code once, and none that the program does not have."""
    table = [int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, re.MULTILINE)]
    codes = {value for name, value in vars(console).items() if name.isupper() and isinstance(value, int)}
    assert table == sorted(codes | {click.UsageError.exit_code})


def test_every_command_is_mentioned() -> None:
    """A command that the README does not know is one nobody finds."""
    assert [name for name in COMMANDS if f"flowrunner {name}" not in TEXT] == []


def test_every_option_mentioned_is_one_of_the_program() -> None:
    """An option that was renamed must be renamed here, too."""
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) - {"--help"}
    context = click.Context(group)
    parsers = [group.get_command(context, name) for name in COMMANDS]
    known = {name for parser in parsers if parser for parameter in parser.params for name in parameter.opts}
    assert options
    assert options <= known


def test_every_fault_is_listed() -> None:
    """Those the emulator has, and no other."""
    (listed,) = re.findall(r"The kinds are (.*?)\. Every", TEXT, re.DOTALL)
    assert sorted(re.findall(r"`([^`]+)`", listed)) == sorted(KINDS)


def test_every_file_it_names_is_there() -> None:
    """Paths into the repository stay right when files move."""
    names = re.findall(r"`((?:flows|schemas|flowrunner|\.ci)/[\w./]*)`", TEXT)
    assert len(names) >= 4
    assert [name for name in names if not (ROOT / name).exists()] == []
