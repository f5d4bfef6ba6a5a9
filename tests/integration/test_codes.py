"""The book of codes: every example is wrong as it says, and right when mended."""

import ast
import codecs
import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from flowrunner.diagnostics.codes import Rule, rules
from flowrunner.engine import Prepared, moment
from flowrunner.flow import load_file, load_text
from flowrunner.model import Recipient
from flowrunner.spec import check_message
from support.media_files import png
from support.message_cases import CASES
from support.program import flowrunner

FLOW = "name: demo\ninputs:\n  name: {type: string, default: Ana}\n  plan: {enum: [free, pro], default: free}\nsteps:\n"


def named(template: str, more: str = "") -> bytes:
    """A flow with one template message."""
    body = f"{{message_type: template, template_name: {template}, template_language: es{more and ', '}{more}}}"
    return f"name: demo\nsteps:\n  - message: {body}\n".encode()


def picture(file: str) -> bytes:
    """A flow with one picture."""
    return f"name: demo\nsteps:\n  - message: {{message_type: image, media_file: {file}}}\n".encode()


def translated(name: str, text: str, step: str = "id: hello") -> dict[str, bytes]:
    """A flow with one text in two languages, and its translation."""
    flow = f"name: demo\nlanguages: [en, es]\nsteps:\n  - {step}\n    message: Good morning, see you at "
    flow += "{{ now.hour }}\n"
    return {f"{name}.yaml": flow.encode(), f"{name}.es.yaml": f"{text}\n".encode()}


def suite_of(turns: str, more: str = "") -> bytes:
    """Tests of ``flow.yaml``."""
    return f"flow: flow.yaml\n{more}tests:\n  - name: hello\n    chat: [{turns}]\n".encode()


FILES = {
    **translated("translated", 'hello: "Buenos días, nos vemos a las {{ now.hour }}"'),
    **translated("short", "hello: ''"),
    **translated("renamed", 'helo: "Buenos días, nos vemos a las {{ now.hour }}"'),
    **translated("nameless", "{}", "until: sent"),
    **translated("forgotten", "hello: Buenos días"),
    **translated("copied", 'hello: "Good morning, see you at {{ now.hour }}"'),
    "flow.yaml": (FLOW + '  - message: "Hello {{ name }}, {{ plan }}"\n').encode(),
    "flow.test.yaml": suite_of('{bot: "Hello Ana, free"}, {status: delivered}'),
    "two-turns.test.yaml": suite_of("{bot: any, customer: Hello}"),
    "ten.test.yaml": suite_of("{bot: any}", "given: {now: 10:00}\n"),
    "lost.test.yaml": suite_of("{bot: any}, {status: {of: hello, is: read}}"),
    "unread.yaml": b"name: demo\nsteps:\n  - {message: Hello, until: read, timeout: 10ms}\n  - message: There\n",
    "endless.yaml": (
        b"name: demo\nsteps:\n  - for_each: a\n    in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]\n"
        b"    steps:\n      - for_each: b\n        in: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]\n"
        b"        steps: [{pause: 2m}]\n"
    ),
    "never.yaml": (
        b"name: demo\ninputs: {plan: {enum: [free], default: free}}\nsteps:\n  - message: Hello\n"
        b"  - {when: plan == 'pro', message: There}\n"
    ),
    "link.yaml": (
        b"name: demo\nsteps:\n  - message: {message_type: interactive, interactive_type: cta_url, body_text: Hello,\n"
        b"              display_text: See, url: https://example.com}\n"
    ),
    "large.yaml": b"# " + b"x" * (1 << 20),
    "latin1.yaml": "name: café\n".encode("latin-1"),
    "bell.yaml": b"name: de\x07mo\n",
    "deep.yaml": b"name: " + b"[" * 70 + b"]" * 70 + b"\n",
    "bomb.yaml": "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 10 if before else ['x'] * 10)}]\n"
        for before, name in zip(["", *"abcde"], "abcdef", strict=True)
    ).encode(),
    "long.yaml": ("name: demo\nsteps:\n" + "  - message: Hello\n" * 46).encode(),
    "list.yaml": b"- Ana\n",
    "saved.plan": b'{"flowrunner_plan":1}\n',
    "list.json": b'{"templates": [1]}\n',
    "templates.json": (Path(__file__).parents[1] / "conformance_templates" / "templates.json").read_bytes(),
    "named.yaml": named("greeting"),
    "misnamed.yaml": named("greting"),
    "paused.yaml": named("paused"),
    "unfilled.yaml": named("short"),
    "headed.yaml": named("title"),
    "unlinked.yaml": named("track"),
    "overlong.yaml": named("short", "template_params: {name: Ana, text: " + "x" * 1015 + "}"),
    "code.yaml": named("pin", "template_params: ['1234567890123456']"),
    "cards.yaml": named("launch"),
    "pin.yaml": named("pin", 'template_params: ["{{ code }}"]').replace(
        b"steps:", b"inputs: {code: {type: string, maxLength: 6, example: '123456'}}\nsteps:"
    ),
    "values.yaml": b"name: Ana\n",
    "people.csv": b"phone,name\n+525512345678,Ana\n",
    "short.csv": b"phone,name\n+525512345678\n",
    "local.csv": b"phone,name\n5512345678,Ana\n",
    "twice.csv": b"phone,name\n+525512345678,Ana\n+52 55 1234 5678,Ana\n",
    "column.csv": b"phone,nmae\n+525512345678,Ana\n",
    "formula.csv": b"phone,name\n+525512345678,#N/A\n",
    "null.csv": b"phone,name\n+525512345678,NULL\n",
    "clock.csv": b"phone,name,timezone\n+525512345678,Ana,GMT-6\n",
    "zone.csv": b"phone,name,timezone\n+525512345678,Ana,America/Mexico_City\n",
    "senders.toml": b'[senders.sales]\nkey_env = "SALES_KEY"\n',
    "colon.toml": b'[senders.sales]\nkey_env: "SALES_KEY"\n',
    "nobody.toml": b'[defaults]\nsender = "sales"\n',
    "key.toml": b'[senders.sales]\nkey_env = "k-5e8f0a1b2c3d"\n',
    "rates.toml": b'[senders.a]\n\n[senders.b]\nrate = "80/s"\n',
    "hello.png": png(8, 8),
    "hello.gif": b"GIF89a" + b"\0" * 20,
    "large.png": png(8, 8) + b"\0" * (5 << 20) + b"IEND",
    "grey.png": png(8, 8, colours=0),
    "unreachable.yaml": (
        b"name: demo\nsteps:\n  - message:\n      message_type: image\n"
        b"      media_url: http://127.0.0.1:9/a.jpg  # flowrunner: ignore[plain-http, local-address]\n"
    ),
    "parted.yaml": b"name: demo\nsteps:\n  - include: goodby.yaml\n",
    "whole.yaml": b"name: demo\nsteps:\n  - include: goodbye.yaml\n",
    "goodbye.yaml": b"name: goodbye\nsteps:\n  - message: Goodbye!\n",
    "listening.yaml": b"name: demo\nsteps:\n  - include: heard.yaml\n",
    "heard.yaml": b"name: heard\nanytime: [{words: [stop], end: opted_out}]\nsteps:\n  - message: Goodbye!\n",
    "circle.yaml": b"name: demo\nsteps:\n  - include: circle.yaml\n",
    "picture.yaml": picture("./hello.png"),
    "no-picture.yaml": picture("./nosuch.png"),
    "outside.yaml": picture("../hello.png"),
    "gif.yaml": picture("./hello.gif"),
    "large-picture.yaml": picture("./large.png"),
    "grey.yaml": picture("./grey.png"),
    "excel.csv": "phone,name\n+525512345678,José\n".encode("cp1252"),
}


def codes_of(text: str) -> set[str]:
    """The codes of everything that can be said of a flow, examples standing in for values."""
    loaded = load_text(text, "flow.yaml")
    found = list(loaded.diagnostics)
    if loaded.flow is not None:
        found += Prepared(loaded).render(Recipient("c", "+1"), {}, moment(0.0), examples=True)[1]
    return {each.code for each in found}


BY_FILE = [rule for rule in rules().values() if rule.wrong]
BY_COMMAND = [rule for rule in rules().values() if rule.wrong_command]


@pytest.mark.parametrize("rule", BY_FILE, ids=lambda rule: rule.code)
def test_the_wrong_example_is_wrong_and_the_right_one_is_right(rule: Rule) -> None:
    """The wrong file has exactly this code; the right one has none, but perhaps lacks a value."""
    assert codes_of(rule.wrong) - ({"missing-variable"} if not rule.values else set()) == {rule.code}
    assert codes_of(rule.right) <= ({"missing-variable"} if not rule.values else set())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files that commands of the book name."""
    folder = tmp_path_factory.mktemp("files")
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("rule", BY_COMMAND, ids=lambda rule: rule.code)
def test_the_wrong_command_is_refused_and_the_right_one_works(tmp_path: Path, files: Path, rule: Rule) -> None:
    """Each is run as it stands."""
    (tmp_path / "empty-folder").mkdir()
    for name in FILES:
        (tmp_path / name).hardlink_to(files / name)
    wrong = flowrunner(*shlex.split(rule.wrong_command)[1:], cwd=tmp_path)
    said = wrong.stdout + wrong.stderr
    assert set(re.findall(r": (?:error|warning)\[([a-z0-9-]+)\]", said)) == {rule.code}
    assert wrong.returncode == (1 if rule.severity == "error" else 0)
    right = flowrunner(*shlex.split(rule.right_command)[1:], cwd=tmp_path)
    assert right.returncode == 0, right.stderr


ROOT = Path(__file__).parents[2]
SILENT = {"client", "emulator", "views", "playing", "virtual.py", "revisions.py", "chromium.py", "page_server.py"}
"""Rooms and files that say no diagnostic."""
NO_CODES = {
    "embedded-emulator",
    "kapso-v1",
    "my-flow",
    "date-time",
    "one-emoji",
    "calendar-date",
    "media-address",
    "named-file",
    "stand-alone",
    "file-name",
    "api-url",
    "x-api-key",
    "content-length",
    "content-encoding",
}
"""Words with a hyphen that the other rooms know for something else."""
CONSTRUCTORS = {"Problem", "Diagnostic", "ExpressionError", "Fault", "Finding", "Habit", "_warning", "warning"}
"""What takes a code first."""


@cache
def written_codes() -> frozenset[str]:
    """Every code that the program can say: each word with a hyphen in it that is no part of a sentence, wherever it
    stands, and whatever a diagnostic is made with."""
    found: set[str] = set()
    for path in sorted((ROOT / "flowrunner").rglob("*.py")):
        if SILENT & {path.name, *path.relative_to(ROOT / "flowrunner").parts}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {node.value} if re.fullmatch(r"[a-wyz][a-z]*(-[a-z0-9]+)+", node.value) else set()
            elif isinstance(node, ast.Call) and name_of(node.func) in CONSTRUCTORS and node.args:
                code = node.args[0]
                found |= {code.value} if isinstance(code, ast.Constant) and code.value else set()
    for path in (*(ROOT / "schemas" / "message").glob("*.json"), *(ROOT / "flowrunner" / "spec").glob("*.json")):
        found |= set(re.findall(r'"code": *"([^"]+)"', path.read_text(encoding="utf-8")))
    return frozenset(each for each in found - NO_CODES if not is_encoding(each))


def name_of(called: ast.expr) -> str:
    """The last part of the name of what is called."""
    return called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""


def is_encoding(word: str) -> bool:
    """Whether Python can decode by it."""
    try:
        return bool(codecs.lookup(word))
    except LookupError:
        return False


def test_every_code_that_can_be_said_is_explained_and_none_else() -> None:
    """A code that nobody explains, or that nothing gives, is a mistake."""
    assert written_codes() - set(rules()) == set()
    assert set(rules()) - written_codes() == set()


def test_what_is_explained_is_found_in_the_source_and_not_taken_from_the_book() -> None:
    """Codes of each room are among those that are found: of files, flows, expressions, values, audiences, campaigns."""
    assert written_codes() >= {
        "unreadable", "too-deep", "not-utf8", "one-verb", "plain-http", "unknown-name", "expression-limit",
        "foreign-placeholder", "likely-placeholder", "lost-set", "bad-variable", "bad-recipient", "unknown-time-zone",
    }  # fmt: skip


def test_explain_lists_and_tells(tmp_path: Path) -> None:
    """Without a code the list; with one, all there is to say; with a misspelt one, the nearest."""
    listed = flowrunner("explain", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines()] == list(rules())
    for code in ("too-long", "unreadable"):
        told = flowrunner("explain", code, cwd=tmp_path)
        assert told.returncode == 0
        rule = rules()[code]
        assert rule.what in told.stdout
        assert rule.why in told.stdout
        assert "wrong:" in told.stdout
        assert "right:" in told.stdout
    missing = flowrunner("explain", "to-long", cwd=tmp_path)
    assert missing.returncode == 1
    assert "did you mean too-long?" in missing.stderr


def test_the_page_of_every_rule_is_among_those_that_explain_shows() -> None:
    """A terminal that makes no links shows none beside the diagnostic."""
    said: dict[str, set[str]] = {}
    for body, _ in CASES:
        for problem in check_message(body) if isinstance(body, dict) else ():
            said.setdefault(problem.code, set()).add(problem.link)
    for path in sorted(Path(__file__).parents[1].joinpath("conformance").rglob("*.yaml")):
        for each in load_file(path).diagnostics:
            said.setdefault(each.code, set()).add(each.link)
    book = rules()
    missing = {code: links - {"", *book[code].pages} for code, links in said.items()}
    assert {code: links for code, links in missing.items() if links} == {}
    assert sum(bool(rule.pages) for rule in book.values()) > 30
