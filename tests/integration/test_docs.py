"""README and docs are true: flows are right, commands print what is shown, tables are the program's."""

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import util
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

import click
import pytest

import flowrunner
import test_house
from flowrunner.cli import console
from flowrunner.cli.commands.validate import validate
from flowrunner.cli.group import COMMANDS
from flowrunner.cli.group import commands as group
from flowrunner.clock import SYSTEM
from flowrunner.dialects import DIALECTS, kapso_v1, meta
from flowrunner.emulator.api.faults import KINDS
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from flowrunner.expressions import expression
from flowrunner.expressions.reader import READER, Reader
from flowrunner.flow.steps import VERBS
from flowrunner.flow.steps.verb import step_keys
from flowrunner.model import Recipient
from flowrunner.receiver.metric_names import WORKER
from flowrunner.spec import MESSAGE_TYPES, message_schema
from support.media_files import SAMPLES
from support.program import flowrunner as ended
from support.program import logged, start, texts

ROOT = Path(__file__).parents[2]
WRITTEN = [
    ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md",
    *sorted(each for each in (ROOT / "docs").glob("*.md") if each.name != "reference.md"),
]  # fmt: skip
"""All pages but the generated one."""
PAGES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in WRITTEN}
TEXT = "\n".join(PAGES.values())
EMULATOR_URL = "http://127.0.0.1:8600"
"""Where the emulator of the docs listens; the tests' takes a free port."""

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


class Block(NamedTuple):
    """A fenced block: its page and line, its language, the file its introduction names (or nothing), and its text."""

    page: str
    line: int
    language: str
    file: str
    text: str

    @property
    def is_flow(self) -> bool:
        return self.language == "yaml" and re.search(r"^steps:", self.text, re.MULTILINE) is not None

    @property
    def commands(self) -> list[tuple[str, str]]:
        """Of a console block, each command with the output shown."""
        parts = (part.partition("\n") for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:])
        return [(command, output) for command, _, output in parts]

    @property
    def emulator(self) -> tuple[str, str] | None:
        """The command that starts an emulator, and what it prints, if the block does that."""
        return next((each for each in self.commands if each[0].startswith("flowrunner emulator")), None)


def blocks() -> Iterator[Block]:
    for page, text in PAGES.items():
        for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            before = text[: match.start()].rstrip().rpartition("\n")[2]
            named = re.search(r"`([\w.-]+\.(?:yaml|csv|json|toml))`[:,]?$", before)
            line = text.count("\n", 0, match.start()) + 1
            yield Block(page, line, match[1], named[1] if named else "", match[2])


BLOCKS = list(blocks())


def of(*languages: str) -> list[object]:
    """The blocks in these languages, as cases."""
    chosen = [each for each in BLOCKS if each.language in languages]
    assert chosen
    return [pytest.param(each, id=f"{each.page}:{each.line}") for each in chosen]


def masked(text: str) -> list[str]:
    for pattern, name in MASKS:
        text = pattern.sub(name, text)
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def matches(shown: list[str], printed: list[str]) -> bool:
    """Whether what is shown is what was printed, where a line ``...`` stands for any lines."""
    parts = [".*" if line == "..." else re.escape(line) + "\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(f"{line}\n" for line in printed), re.DOTALL) is not None


def words(command: str) -> list[str]:
    """A command's arguments."""
    program, *arguments = shlex.split(command)
    assert program == "flowrunner", f"the tests do not know how to run {command!r}"
    return arguments


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the pages have their reader save; a page's own file of senders stands aside."""
    for block in BLOCKS:
        if block.file and block.language != "toml":
            path = tmp_path / block.file
            assert not path.exists(), f"{block.file} is saved twice"
            path.write_text(block.text, encoding="utf-8")
    return tmp_path


def save_senders(block: Block, folder: Path, url: str) -> None:
    """The page's own file of senders, if it has one, with the emulator's address."""
    for each in BLOCKS:
        if each.page == block.page and each.language == "toml":
            (folder / each.file).write_text(each.text.replace(EMULATOR_URL, url or EMULATOR_URL), encoding="utf-8")


@contextmanager
def emulator(command: str, shown: str, folder: Path) -> Iterator[str]:
    """The emulator of the docs on a free port, once it has printed what is shown; gives its address."""
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


def check(command: str, shown: str, folder: Path, variables: Mapping[str, str]) -> None:
    """Run one command and compare what a terminal would show."""
    with NamedTemporaryFile("r", encoding="utf-8") as screen:
        with logged(*words(command), cwd=folder, log=Path(screen.name), **variables) as its:
            its.wait(180)  # one of them plays hundreds of talks
        printed = screen.read()
    assert matches(masked(shown), masked(printed)), f"$ {command}\n{printed}"


@pytest.mark.parametrize("block", of("console"))
def test_every_command_shown_prints_what_is_shown(folder: Path, block: Block) -> None:
    """In a folder with the files that the pages save, with the emulator of an earlier block where one is named."""
    variables: dict[str, str] = {}
    with ExitStack() as stack:
        url = ""
        if EMULATOR_URL in block.text and block.emulator is None:
            earlier = [
                each.emulator for each in BLOCKS if each.page == block.page and each.line < block.line and each.emulator
            ]
            url = stack.enter_context(emulator(*earlier[-1], folder)) if earlier else ""
        save_senders(block, folder, url)
        for command, shown in block.commands:
            if command.startswith("export "):
                pairs = shlex.split(command.removeprefix("export "))
                variables.update(pair.replace(EMULATOR_URL, url).split("=", 1) for pair in pairs)
            elif (command, shown) == block.emulator:
                stack.enter_context(emulator(command, shown, folder))
            else:
                check(command, shown, folder, variables)


@pytest.mark.parametrize("block", [each for each in of("yaml") if each.values[0].is_flow])  # type: ignore[attr-defined]
def test_every_flow_shown_is_right(block: Block, tmp_path: Path) -> None:
    """Except the one that is there to be wrong. The files that it names are there."""
    (tmp_path / ".git").mkdir()
    path = tmp_path / "flows" / "flow.yaml"
    path.parent.mkdir()
    for name in re.findall(r"media_file: ([^\s,}]+)", block.text):
        (path.parent / name).parent.mkdir(exist_ok=True)
        (path.parent / name).write_bytes(SAMPLES[name.rpartition(".")[2].replace("jpg", "jpeg")][0])
    path.write_text(block.text, encoding="utf-8")
    for name in re.findall(r"include: ([\w.]+)", block.text):
        its = next(each.text for each in BLOCKS if each.file == name and each.page == block.page)
        (path.parent / name).write_text(its, encoding="utf-8")
    stem = block.file.removesuffix("yaml")
    for each in BLOCKS if stem else ():
        if each.file.startswith(stem) and each.file != block.file:
            (path.parent / f"flow.{each.file.removeprefix(stem)}").write_text(each.text, encoding="utf-8")
    problems = flowrunner.check([path])
    assert bool(problems) is (block.file == "broken.yaml")
    if not problems:
        assert flowrunner.render(flowrunner.load(path), examples=True).messages


@pytest.mark.parametrize("block", of("python"))
def test_the_python_shown_runs(folder: Path, block: Block) -> None:
    """Against an emulator that knows the person."""
    state = EmulatorState(clock=SYSTEM)
    state.conversations.create("+5215512345678")
    with running(state) as url:
        save_senders(block, folder, url)
        done = ended(block.text.replace(EMULATOR_URL, url), cwd=folder, module="support.script")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "finished"
    assert len(texts(state)) == 2


@pytest.mark.parametrize("block", of("sh", "console", "yaml"))
def test_every_command_named_has_the_options_it_is_given(block: Block) -> None:
    """Those that are not run, too: each command is one of the program, and each option one of that command."""
    for line in re.findall(r"(?:^|\s|\()flowrunner +([a-z].*)", block.text):
        arguments = line.partition("#")[0].partition(">>")[0].split()
        command: click.Command | None = group
        while isinstance(command, click.Group) and arguments and arguments[0][0] != "-":
            command = command.get_command(click.Context(command), arguments.pop(0))
        assert command is not None, line
        known = {name for parameter in command.params for name in parameter.opts} | {"--help"}
        assert {each.partition("=")[0] for each in arguments if each.startswith("--")} <= known, line


def test_the_table_of_exit_codes_is_the_program_s() -> None:
    """Each code once, and none that the program does not have."""
    table = [int(code) for code in re.findall(r"^\| (\d+) \|", PAGES["docs/sending.md"], re.MULTILINE)]
    codes = {value for name, value in vars(console).items() if name.isupper() and isinstance(value, int)}
    assert table == sorted(codes | {click.UsageError.exit_code})


def test_every_command_is_mentioned() -> None:
    """A command that only the reference knows is one nobody finds."""
    assert [name for name in COMMANDS if f"flowrunner {name}" not in TEXT] == []


def test_every_option_mentioned_is_one_of_the_program() -> None:
    """An option that was renamed must be renamed here, too."""
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXT)) - OTHERS
    context = click.Context(group)
    parsers = [group.get_command(context, name) for name in COMMANDS]
    parsers += [each for parser in parsers if isinstance(parser, click.Group) for each in parser.commands.values()]
    known = {name for parser in parsers if parser for parameter in parser.params for name in parameter.opts}
    assert options
    assert options <= known


OTHERS = {"--help", "--version", "--update", "--soak", "--durations", "--rm", "--volume", "--workdir", "--clean"}
"""Options of all commands, of pytest, of Docker and of PostgreSQL's programs."""


def test_the_figures_of_a_worker_are_all_explained() -> None:
    """Each in the table of what they mean, with the labels that it has."""
    rows = re.findall(r"^\| (`\w+.*?) \|", PAGES["docs/operating.md"], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)", row)} == {*WORKER}


def test_the_rooms_of_the_architecture_are_those_of_the_house() -> None:
    """In the order in which they may import each other."""
    listed = re.findall(r"^\| `(\w+)` \|", PAGES["docs/architecture.md"], re.MULTILINE)
    assert listed == test_house.ROOMS
    for room, folders in test_house.FOLDERS.items():
        assert re.findall(rf"^\| `{room}/(\w+)` \|", PAGES["docs/architecture.md"], re.MULTILINE) == folders


def test_every_key_of_a_step_and_every_message_type_is_explained() -> None:
    """A verb, or a type, that the page on the language does not have is one nobody finds."""
    page = PAGES["docs/flow-language.md"]
    rows = re.findall(r"^\| `(\w+)` \|", page.partition("## Messages")[0], re.MULTILINE)
    assert sorted(rows) == sorted(step_keys(VERBS))
    (types,) = re.findall(r"The message types are (.*?)\. `schemas", page, re.DOTALL)
    assert sorted(re.findall(r"`(\w+)`", types)) == sorted(MESSAGE_TYPES)


def rows(page: str, heading: str) -> dict[str, list[str]]:
    """A table below a heading: its first column, and the others."""
    below = PAGES[page].partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip("| ").split(" | ") for line in below.splitlines() if line.startswith("|")]
    return {first.strip("`"): rest for first, *rest in lines[2:]}


def test_the_dialects_carry_what_their_page_says() -> None:
    """Every type that a flow may have, and of the interactive ones each; and what each API can."""
    carried = rows("docs/dialects.md", "What each carries")
    known = {kind: message_schema(kind) for kind in MESSAGE_TYPES if kind != "interactive"}
    kinds = message_schema("interactive")["properties"]["interactive_type"]
    known |= {f"interactive: {kind}": kinds["x-values"].get(kind, {}) for kind in kinds["enum"]}
    assert sorted(carried) == sorted(known)
    for kind, schema in known.items():
        spoken = schema.get("x-dialects", DIALECTS)
        assert carried[kind] == ["yes" if each in spoken else "no" for each in DIALECTS], kind
    proxy, graph = "https://api.kapso.ai/meta/whatsapp/v24.0/1", "https://graph.facebook.com/v24.0/1"
    columns = [(kapso_v1, "https://app.kapso.ai/api/v1"), (meta, proxy), (meta, graph)]
    can = [
        (dialect.lists(root), dialect.says_status(root), dialect.uploads, dialect.marks) for dialect, root in columns
    ]
    told = rows("docs/dialects.md", "What each can do")
    named = [
        next(line for start, line in told.items() if start.startswith(begin))
        for begin in ("messages", "one", "files", "what the person")
    ]
    assert [[each == "yes" for each in line] for line in named] == [[row[at] for row in can] for at in range(4)]
    needs_look_up = [not dialect.addresses(Recipient(phone="+1")) for dialect, _ in columns]
    assert [each != "no" for each in told["looked up before the first message"]] == needs_look_up


def test_dates_and_numbers_are_written_as_their_table_says() -> None:
    """By each filter, in each of the languages."""
    for written, shown in rows("docs/languages.md", "Dates, times and numbers").items():
        text = expression(written.replace("\\|", "|"))
        values = {"visit": "2026-11-25T10:30"}
        made = [text.render({**values, READER: Reader(code)}) for code in ("es", "en", "pt_BR")]
        assert [each.replace("\xa0", " ") for each in made] == shown, written


def test_every_format_of_validate_is_mentioned() -> None:
    """In the page on CI; text is what one sees without."""
    (forms,) = [
        each.type.choices for each in validate.params if each.name == "form" and isinstance(each.type, click.Choice)
    ]
    assert [form for form in forms if form != "text" and f"--format {form}" not in PAGES["docs/ci.md"]] == []


def test_every_fault_is_listed() -> None:
    """Those the emulator has, and no other."""
    (listed,) = re.findall(r"The kinds are (.*?)\. Every", PAGES["docs/emulator.md"], re.DOTALL)
    assert sorted(re.findall(r"`([^`]+)`", listed)) == sorted(KINDS)


def test_every_file_named_is_there() -> None:
    """Paths into the repository stay right when files move."""
    names = re.findall(r"`((?:flows|schemas|flowrunner|tests|docs|bench|\.ci)/[\w./-]*)`", TEXT)
    assert len(names) >= 4
    named = [name for name in names if not re.search(r"\b(TYPE|VERB|NAME|FORMAT)\b", name)]  # of a reader's own
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_constant_that_a_recipe_names_is_in_its_files() -> None:
    """Of a numbered step, in one of the files that it names."""
    steps = re.findall(r"^\d+\. (.*?)(?=^\S|^$|\Z)", PAGES["CONTRIBUTING.md"], re.MULTILINE | re.DOTALL)
    named = []
    for step in steps:
        paths = [ROOT / path for path in re.findall(r"`([\w.-]+/[\w./-]*)`", step) if (ROOT / path).is_file()]
        text = "".join(path.read_text(encoding="utf-8") for path in paths)
        named += [(name, name in text) for name in re.findall(r"`(_?[A-Z][A-Z_]+|@\w+)`", step)]
    assert len(named) >= 6
    assert [name for name, is_there in named if not is_there] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """Between pages, and to pictures."""
    links = re.findall(r"\]\((?!https?://)([^)#]+)[^)]*\)", PAGES[page])
    assert [each for each in links if not (ROOT / page).parent.joinpath(each).exists()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    """A page that nobody is led to is not read."""
    linked = set(re.findall(r"\]\(([\w./-]+\.md)\)", PAGES["README.md"]))
    assert {*PAGES, "docs/reference.md"} - {"README.md"} == linked


def test_the_readme_takes_three_minutes() -> None:
    """At most 160 lines."""
    assert len(PAGES["README.md"].splitlines()) <= 160


def test_the_reference_is_what_help_prints() -> None:
    """Made by ``make reference``."""
    spec = util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.PAGE.read_text(encoding="utf-8") == module.reference()
