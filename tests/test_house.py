"""The house: which room may import which, where each library lives, and what the program imports to start."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import flowrunner
from flowrunner.dialects import DIALECTS

HOUSE = Path(flowrunner.__file__).parent
FILES = sorted(HOUSE.rglob("*.py"))
ROOMS = [
    "diagnostics", "data", "clock", "model", "numbers", "source", "phones", "languages", "spec", "media",
    "dialects", "expressions", "templates", "flow", "engine", "audience", "diff", "client", "journal", "cluster",
    "delivery", "campaign", "plan", "receiver", "views", "emulator", "config", "testing", "app", "pytest_plugin", "cli",
]  # fmt: skip
"""A room imports only rooms before it. `dialects` stands before `engine`, whose messages are written in one; `views`
before `app`, whose preview it draws."""
NARROW = {
    "views": {
        "diagnostics", "model", "numbers", "media.limits", "dialects.values", "engine.ahead.outline", "diff.values",
        "testing.covered", "testing.turns", "testing.values", "testing.outcomes",
    },
    "emulator": {"clock", "data", "diagnostics", "model", "spec", "views"},
}  # fmt: skip
"""These import only what is named, and themselves. Like `model`, these two are values only; the emulator's page
draws with `views`, which send nothing."""
FOLDERS = {
    "engine": ["values", "history", "rendering", "answers", "ahead"],
    "delivery": ["rate", "doubt", "inbound"],
    "app": [
        "reviewing", "testing", "new_project", "senders", "people", "runs", "reports", "campaigns", "plans",
        "resuming", "services", "listening", "workers", "journals",
    ],
    "cli": ["commands"],
}  # fmt: skip
"""A folder of these rooms imports only folders of its room before it."""
LIBRARIES: dict[str, str | tuple[str, ...]] = {
    "yaml": "source",
    "jsonschema": "spec",
    "jsonschema_rs": "spec",
    "emoji": "spec",
    "babel": "languages",
    "jinja2": ("expressions", "views"),
    "markupsafe": "views",
    "httpx": "client",
    "httptools": "client",
    "certifi": "client",
    "sqlite3": "journal",
    "psycopg": ("journal", "cluster"),
    "pgqueuer": "cluster",
    "starlette": ("emulator", "receiver"),
    "uvicorn": ("emulator", "receiver"),
    "rich": "views",
    "phonenumbers": "phones",
    "click": "cli",
    "pytest": "pytest_plugin",
}
"""Each library lives in one room; but for Jinja, which evaluates what authors write and draws pages, and for what both
sides of a webhook serve by."""


@cache
def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(text_of(file))


@cache
def nodes(file: Path) -> list[ast.AST]:
    """All of its tree: to walk it takes as long as to read it."""
    return list(ast.walk(tree(file)))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """The line and the dotted name of every import of a file, wherever in it."""
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: imports are absolute"
            if node.module == "flowrunner":
                yield from ((node.lineno, f"flowrunner.{each.name}") for each in node.names)
            elif node.module is not None:
                yield node.lineno, node.module


def room_of(file: Path) -> str:
    """The room a file belongs to; empty for the package's own front, the command line for ``python -m``."""
    first = file.relative_to(HOUSE).parts[0].removesuffix(".py")
    return {"__init__": "", "__main__": "cli"}.get(first, first)


def named(file: Path) -> str:
    return str(file.relative_to(HOUSE))


def test_every_file_belongs_to_a_room() -> None:
    """A new room is put into the order before anything imports it."""
    assert {room_of(each) for each in FILES} - {""} == set(ROOMS)


def test_a_room_imports_only_rooms_before_it() -> None:
    """The order of the rooms is the order of the path; views and emulator know even less."""
    wrong = []
    for file in FILES:
        room = room_of(file)
        allowed = set(ROOMS[: ROOMS.index(room)]) if room else set(ROOMS)
        allowed = NARROW.get(room, allowed) | {room}
        for line, name in imports(file):
            top, _, rest = name.partition(".")
            parts = rest.split(".")
            named_so = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
            if top == "flowrunner" and not named_so & allowed and rest != "__version__":
                wrong.append(f"{file}:{line}: {room} must not import {name}")
    assert wrong == []


@pytest.mark.parametrize("room", FOLDERS)
def test_a_folder_of_a_room_imports_only_folders_before_it(room: str) -> None:
    """So each is read with those above it: a run, with nothing of campaigns or of what goes through all branches."""
    wrong, order = [], FOLDERS[room]
    below = {file: file.relative_to(HOUSE / room).parts[0] for file in (HOUSE / room).glob("*/**/*.py")}
    for file, folder in below.items():
        later = order[order.index(folder) + 1 :]
        names = ((line, name) for line, name in imports(file) if name.startswith(f"flowrunner.{room}."))
        wrong += [f"{file}:{line}: {name}" for line, name in names if name.split(".")[2] in later]
    assert wrong == []
    assert set(below.values()) == set(order)


@pytest.mark.parametrize("room", ["app", "cli"])
def test_what_every_use_case_or_command_needs_knows_none_of_them(room: str) -> None:
    """What stands at the top of these rooms is below all of their folders."""
    below = tuple(f"flowrunner.{room}.{folder}." for folder in FOLDERS[room])
    names = {name for file in (HOUSE / room).glob("*.py") for _, name in imports(file)}
    assert {name for name in names if name.startswith(below)} == set()


def needed(file: Path) -> Iterator[str]:
    """The modules of the house that a file imports as it is imported itself."""
    waiting: list[ast.AST] = [tree(file)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            below = [f"{node.module}.{each.name}" for each in node.names]
            yield from (name if name in MODULES else node.module for name in below)
        waiting += ast.iter_child_nodes(node)


MODULES = {
    ".".join(("flowrunner", *file.relative_to(HOUSE).with_suffix("").parts)).removesuffix(".__init__"): file
    for file in FILES
}


def test_no_files_import_each_other_in_a_circle() -> None:
    """Each can be read, and imported, after those that it needs."""
    needs = {name: {each for each in needed(file) if each in MODULES} for name, file in MODULES.items()}
    TopologicalSorter(needs).prepare()


def test_each_library_lives_in_one_room() -> None:
    """Whoever wants to replace a library looks in one place."""
    wrong = []
    for file in FILES:
        for line, name in imports(file):
            home = LIBRARIES.get(name.split(".")[0], room_of(file))
            if room_of(file) not in (home if isinstance(home, tuple) else (home,)):
                wrong.append(f"{file}:{line}: {name} lives in {home}")
    assert wrong == []


def test_no_file_has_two_jobs() -> None:
    """At most 300 lines."""
    lines = {named(file): len(text_of(file).splitlines()) for file in FILES}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_only_the_command_line_prints() -> None:
    """What a person reads is returned as text, and shown by the command line."""
    prints = {
        room_of(file)
        for file in FILES
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert prints <= {"cli"}


def test_the_public_names_are_sorted_and_resolve() -> None:
    """Everything in `__all__` is there, and nobody has to look twice for it."""
    names = flowrunner.__all__
    assert names == sorted(names)
    assert len(names) == len(set(names))
    assert all(getattr(flowrunner, name) is not None for name in names)
    assert set(names) <= set(dir(flowrunner))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = flowrunner.nonsense  # type: ignore[attr-defined]
    stub = ast.parse((HOUSE / "__init__.pyi").read_text(encoding="utf-8"))
    typed = {
        (f"{each.module}", one.name) for each in stub.body if isinstance(each, ast.ImportFrom) for one in each.names
    }
    assert typed == {(home, name) for name, home in vars(flowrunner)["_HOMES"].items()}


V1 = re.compile(
    r"/api/v\d|kapso\.ai|whatsapp_(conversation|message|contact)|\{\"message\"|message_type_data|wa_id|q\[|per_page"
    r"|total_(pages|count)"
)
"""Paths, parameters, the wrapping and names in answers that only v1, or Meta's, has."""


def texts(file: Path) -> Iterator[tuple[int, str]]:
    """The line and the value of every text of a file that is not a docstring."""
    said = {id(node.value) for node in nodes(file) if isinstance(node, ast.Expr)}
    for node in nodes(file):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.lineno, node.value


def test_what_is_an_apis_stands_in_its_dialect() -> None:
    """A second API is a second dialect: nobody else writes a path or reads an answer, but the emulator."""
    found = [(file, f"{file}:{line}: {text}") for file in FILES for line, text in texts(file) if V1.search(text)]
    assert HOUSE / "dialects" / "kapso_v1" / "lists.py" in {file for file, _ in found}, "the pattern finds v1's own"
    assert [place for file, place in found if room_of(file) not in ("dialects", "emulator")] == []


NAMES_DIALECTS = ("dialects", "emulator/api", "emulator/webhooks", "emulator/page/html.py")
"""Who names one: itself, and the emulator, which answers as each does and shares nothing with the side that sends."""


def test_nobody_asks_which_dialect_it_is() -> None:
    """But what it can, and how it calls its parts: a new one is found by whoever asks nothing else."""
    spelt = re.compile(rf"\b({'|'.join(DIALECTS)})\b")
    own = re.compile(rf"flowrunner\.dialects\.({'|'.join(DIALECTS).replace('-', '_')})\b")
    found = [(file, f"{file}:{line}: {text}") for file in FILES for line, text in texts(file) if spelt.search(text)]
    taken = [(file, node, f"{node.module}.{each.name}") for file in FILES for node in nodes(file)
             if isinstance(node, ast.ImportFrom) for each in node.names]  # fmt: skip
    found += [(file, f"{file}:{node.lineno}: {name}") for file, node, name in taken if own.match(name)]
    allowed = [HOUSE / name for name in NAMES_DIALECTS]
    for place in allowed:
        assert [file for file, _ in found if file.is_relative_to(place)], f"{place} still does"
    assert [place for file, place in found if not any(map(file.is_relative_to, allowed))] == []


def imported(*arguments: str, deep: bool = False) -> set[str]:
    """The modules a command has imported when it ends well; only the top-level ones, unless ``deep``."""
    program = """
import sys
from flowrunner.cli import main
sys.argv = ["flowrunner", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
finally:
    print("\\n" + " ".join(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found = done.stdout.splitlines()[-1].split()
    return set(found if deep else [name.partition(".")[0] for name in found])


def test_help_waits_for_nothing_heavy() -> None:
    """`--help` needs click and no other library, and of Python's own none that takes as long."""
    heavy = {*LIBRARIES, "asyncio", "pathlib", "referencing", "urllib"} - {"click"}
    found = imported("--help")
    assert "click" in found
    assert found & heavy == set()


def test_validating_a_right_flow_does_not_wait_for_what_explains_or_sends(tmp_path: Path) -> None:
    """The slow validator is for what is wrong, Jinja for expressions, client and journal for what is sent."""
    flow = tmp_path / "flow.yaml"
    flow.write_text("name: t\ninputs:\n  n: {type: string}\nsteps:\n  - message: 'Hola {{ n }}'\n", encoding="utf-8")
    found = imported("validate", str(flow))
    assert {"yaml", "jsonschema_rs", "jinja2"} <= found
    assert found & {"httpx", "jsonschema", "starlette", "uvicorn", "sqlite3", "rich", "asyncio"} == set()
    flow.write_text("name: t\nsteps:\n  - message: Hola\n", encoding="utf-8")
    assert "jinja2" not in imported("validate", str(flow))
    assert "jinja2" not in imported("preview", str(flow)), "only a page is made of templates"


def test_a_flow_without_templates_waits_for_nothing_of_them(tmp_path: Path) -> None:
    """Not even for where their file would be."""
    flow = tmp_path / "flow.yaml"
    flow.write_text("name: t\nsteps:\n  - message: Hola\n", encoding="utf-8")
    for command in ("validate", "preview"):
        found = imported(command, str(flow), deep=True)
        assert [name for name in found if name.startswith("flowrunner.templates")] == []


def test_a_run_for_one_person_knows_nothing_of_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither campaigns nor files of people: each file that is imported is waited for."""
    (tmp_path / "flow.yaml").write_text("name: t\nsteps:\n  - message: Hola\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = imported("run", "flow.yaml", "--emulator", deep=True)
    assert "flowrunner.delivery.run" in found
    strangers = (
        "flowrunner.campaign", "flowrunner.audience", "phonenumbers", "flowrunner.dialects.sameness",
        "flowrunner.delivery.late_statuses", "flowrunner.journal.tables.reports", "flowrunner.views.report",
    )  # fmt: skip
    assert [name for name in found if name.startswith(strangers)] == []


def test_a_plain_run_loads_what_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module that is imported is waited for: one more is listed here, or imported where the few need it."""
    (tmp_path / "flow.yaml").write_text("name: t\nsteps:\n  - message: Hola\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAPSO_API_KEY", "k")
    with flowrunner.open_emulator(phones=["+5215551234567"]) as emulator:
        run = ("run", "flow.yaml", "--phone", "+5215551234567", "--api-url", emulator.url)
        imported(*run)  # the first one makes the journal
        found = imported(*run, "--again", deep=True)
    listed = set((Path(__file__).parent / "data" / "loaded_by_run.txt").read_text(encoding="utf-8").split())
    assert {name.removeprefix("flowrunner.") for name in found if name.startswith("flowrunner.")} == listed
    assert {"click", "httptools", "jsonschema_rs", "sqlite3", "yaml"} == found & LIBRARIES.keys()
    assert {"encodings.idna", "http", "tomllib", "urllib.request"} & found == set()


def test_each_table_of_its_own_is_read_once_and_only_where_it_is_needed(tmp_path: Path) -> None:
    """The schemas and what stands beside the code; what is for slips is not read where there is none."""
    flow = tmp_path / "flow.yaml"
    flow.write_text("name: t\nsteps:\n  - message: Hola\n  - pause: 1s\n  - end: finished\n", encoding="utf-8")
    program = f"""
import sys
from flowrunner.cli import main
read = []
sys.addaudithook(lambda event, given: read.append(str(given[0])) if event == "open" else None)
sys.argv = ["flowrunner", "preview", {str(flow)!r}]
try:
    main()
finally:
    print(*[name for name in read if name.endswith((".json", ".toml"))], sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    read = [Path(name).name for name in done.stdout.splitlines() if Path(name).is_absolute()]
    assert sorted(read) == ["keys.json", "text.json"]


def test_a_journal_in_a_file_waits_for_nothing_of_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for PostgreSQL's driver nor for the queue of many workers; they need not be installed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.yaml").write_text("name: t\nsteps:\n  - message: Hola\n", encoding="utf-8")
    (tmp_path / "people.csv").write_text("phone\n+5491155550101\n", encoding="utf-8")
    run = ["run", "flow.yaml", "--emulator"]
    for words in (run, [*run, "--audience", "people.csv", "--yes-send-to", "1", "--journal", "j.db"], ["runs"]):
        found = imported(*words, deep=True)
        assert found & {"psycopg", "pgqueuer", "pydantic", "uvloop", "flowrunner.journal.postgres"} == set(), words


def test_a_flow_that_asks_nothing_waits_for_nothing_of_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor for what goes through branches, for other languages and time zones."""
    (tmp_path / "flow.yaml").write_text("name: t\nsteps:\n  - message: Hola\n  - pause: 1ms\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    of_steps = {
        "flow.anytime", "flow.unreachable", "flow.questions", "flow.ways_out", "flow.steps.asking",
        "flow.steps.expecting", "flow.steps.matches", "flow.steps.reply", "spec.choices", "spec.patterns",
        "spec.pattern_examples", "spec.plainly", "spec.raw", "languages.codes", "media.finding",
    }  # fmt: skip
    of_paths = {
        "engine.ahead.paths", "engine.ahead.problems", "engine.ahead.remembered", "engine.ahead.samples",
        "engine.ahead.taints", "engine.ahead.worlds", "engine.answers.matching", "engine.answers.typed",
        "engine.answers.view", "engine.values.language", "phones.zones",
    }  # fmt: skip
    of_runs = {"delivery.inbound.polling", "delivery.inbound.parking"}
    every = of_steps | of_paths | of_runs
    assert every <= {named(file).removesuffix(".py").replace("/", ".") for file in FILES}, "each is still called so"
    for words in (["validate", "flow.yaml"], ["preview", "flow.yaml"], ["run", "flow.yaml", "--emulator"]):
        assert {name.removeprefix("flowrunner.") for name in imported(*words, deep=True)} & every == set()


def test_only_who_serves_waits_for_what_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does anybody know of the receiver who has none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flow.yaml").write_text("name: t\nsteps:\n  - message: Hola\n", encoding="utf-8")
    for words in (["run", "flow.yaml", "--emulator"], ["runs"], ["resume"], ["status"], ["optouts", "list"]):
        found = imported(*words, deep=True)
        assert [name for name in found if name.startswith("flowrunner.receiver")] == []
        assert words[0] == "run" or not {"starlette", "uvicorn"} & found
    assert not {"starlette", "uvicorn"} & imported("listen", "--help")


def test_the_help_table_is_what_the_commands_are() -> None:
    """Every command of the table can be imported under its name, and has help of its own."""
    import click

    from flowrunner.cli.group import COMMANDS, commands

    context = click.Context(commands)
    assert commands.list_commands(context) == list(COMMANDS)
    for name, (module, line) in COMMANDS.items():
        command = commands.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command is getattr(import_module(f"flowrunner.cli.commands.{module}"), name.replace("-", "_"))
        assert command.help
        assert line.endswith(".")
    assert commands.get_command(context, "nonsense") is None


def test_a_client_loads_what_it_needs_and_importing_the_room_loads_nothing() -> None:
    """Start-up is all imports: httpx comes with a proxy or an app in the network's place, without its command line."""
    code = """
import os, sys
import flowrunner.client as room
from flowrunner.clock import SYSTEM
heavy = {"asyncio", "httptools"}
assert not heavy & sys.modules.keys()
room.open_client("http://127.0.0.1", "k", clock=SYSTEM)
room.open_client("https://app.kapso.ai", "k", clock=SYSTEM)
assert heavy <= sys.modules.keys()
assert "httpx" not in sys.modules
os.environ["HTTPS_PROXY"] = "http://127.0.0.1:9"
room.open_client("https://app.kapso.ai", "k", clock=SYSTEM)
assert {"httpx", "httpcore"} <= sys.modules.keys()
assert not {"rich", "pygments", "click"} & sys.modules.keys()
import httpx._main
"""
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True, env=clean)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("first", ["", "import yaml", "sys.modules['yaml._yaml'] = None"])
def test_yaml_is_whole_for_others_in_the_process(first: str) -> None:
    """Patterns that libyaml's events do not need are made when somebody asks for them: they were 7 % of a whole run."""
    code = f"""
import re, sys, threading
compiled = re.compile
{first}
meanwhile = []
class Asks:
    def find_spec(self, name, path=None, target=None):
        if name == "yaml.reader":
            asking = threading.Thread(target=lambda: meanwhile.append(re.compile("a")))
            asking.start()
            asking.join()
sys.meta_path.insert(0, Asks())
import flowrunner.source
assert flowrunner.source.read("a: \u00f1", "f.yaml")[0].data == {{"a": "\u00f1"}}
import yaml
from yaml.reader import Reader
assert re.compile is compiled
assert meanwhile == ([] if {first!r} == "import yaml" else [compiled("a")])
from yaml.constructor import SafeConstructor
held = [lambda: vars(Reader)["NON_PRINTABLE"], lambda: vars(SafeConstructor)["timestamp_regexp"]]
if not {first!r}:
    assert [its for its in held if isinstance(its(), re.Pattern)] == []
assert str(yaml.load("a: [1, 2001-01-01]", yaml.Loader)) == "{{'a': [1, datetime.date(2001, 1, 1)]}}"
assert [its for its in held if not isinstance(its(), re.Pattern)] == []
assert SafeConstructor.timestamp_regexp.flags & re.X
assert Reader.NON_PRINTABLE is yaml.Loader.NON_PRINTABLE is yaml.Loader("").NON_PRINTABLE
try:
    yaml.load("a: " + chr(1), yaml.SafeLoader)
except yaml.reader.ReaderError as error:
    assert error.position == 3
else:
    raise AssertionError
"""
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_valid_data_does_not_load_the_explaining_library() -> None:
    """Start-up is all imports: `jsonschema` and `emoji` are loaded only when they are needed."""
    script = """
import sys
from flowrunner.flow import check_flow_shape
from flowrunner.spec import check_input, check_message, check_value
assert check_message({"content": "hi"}) == []
assert check_message({"content": ""}, {("content",): 0}) == []
here = {"message_type": "location", "latitude": "", "longitude": ""}
assert check_message(here, {("latitude",): 0, ("longitude",): 0}) == []
assert check_flow_shape({"name": "f", "steps": [{"message": "hi"}]}) == []
assert check_input("x", {"type": "string", "default": "a"}) == []
assert check_value({"type": "string"}, "a") == []
print(sorted({"jsonschema", "emoji"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


TIME = re.compile(
    r"\btime\.(time|monotonic|perf_counter|process_time|thread_time|clock_gettime|sleep)(_ns)?\b|\bsetitimer\b"
    r"|\bfrom time import|\bimport time as|\bfrom asyncio import.*\b(sleep|wait_for|timeout)|\bTimer\("
    r"|\b(datetime|date)\.(now|today|utcnow)\b|\basyncio\.(sleep|wait_for|timeout|timeout_at)\b"
    r"|loop\.time\b|\bcall_(later|at)\b|\basyncio\.wait\([^)]*timeout|localtime\(\)|gmtime\(\)|\btime\.strftime\([^,()]*\)"
)
OTHERS = {
    "clock.py": "it is the Clock",
    "client/http.py asyncio.timeout": "a request that is under way ends by the network's own timers",
    "client/url_checks.py asyncio.timeout": "so does the asking of somebody else's server",
    "client/connections.py asyncio.timeout": "so does the making of a connection",
    "client/connections.py loop.time": "so does a connection that idles",
    "receiver/request_bodies.py asyncio.timeout": "so does a webhook that is under way",
    "receiver/serving.py asyncio.timeout": "so does a connection on which nobody asks anything",
    "client/callbacks.py asyncio.timeout": "so does the telling of another program",
    "delivery/session.py asyncio.timeout": "so does a request once a stop was asked for",
    "phones/zones.py datetime.now": "which names are one clock nowadays, by the tables of zones: no moment of a run",
}
"""Who may look at the time beside the Clock, and why."""


def test_time_has_one_source() -> None:
    """Whoever wants to know what it does in three days hands another Clock in."""
    found = {
        name if name == "clock.py" else f"{name} {match[0]}"
        for file in FILES
        for name in [named(file)]
        for match in TIME.finditer(text_of(file))
    }
    assert found == set(OTHERS)


def test_this_machine_s_clock_is_read_where_a_program_begins() -> None:
    """Everybody else is handed a Clock. A forked process is a program of its own; so is `accept_loss`."""
    naming = {named(file) for file in FILES if re.search(r"\bSYSTEM\b", text_of(file))}
    below = {name for name in naming if not name.startswith(("app/", "cli/"))}
    assert below == {"clock.py", "engine/parallel.py", "journal/sqlite/loss.py"}
