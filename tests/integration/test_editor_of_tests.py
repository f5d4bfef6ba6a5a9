"""`schemas/test.json` in an editor: the real yaml-language-server completes, documents and underlines test files."""

# ruff: noqa: E501  # a table's row is read as one line

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from flowrunner.testing.reading.reader import keys_of
from flowrunner.testing.turns import PredicateKind
from flowrunner.testing.values import EndWord
from support.editor import CURSOR, CURSOR_DOCUMENT, Editor, Problem, editor

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "test.json"
PROPERTY = 10  # CompletionItemKind.Property of the protocol


@pytest.fixture(scope="module")
def server() -> Iterator[Editor]:
    """One server for all tests; documents get the schema from the settings."""
    command = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
    if not command:
        pytest.skip("no yaml-language-server: install it from npm, or name it in YAML_LANGUAGE_SERVER")
    if not shutil.which("node"):
        pytest.skip("no node to run yaml-language-server with")
    with editor([command], ROOT / "flows", {SCHEMA.as_uri(): ["by-settings-*.yaml", CURSOR_DOCUMENT]}) as client:
        yield client


def chat(*turns: str) -> str:
    """A file with one test, each turn in a line, the first in line 5."""
    lines = "\n".join(f"      - {each}" for each in turns)
    return f"flow: a.yaml\ntests:\n  - name: it\n    chat:\n{lines}\n"


ACCEPTED = {
    "every turn": chat(
        "bot: Hello", "bot: any", "bot: 12", "bot: {contains: Hi, length: 3}", "bot: {count: 3}",
        "bot: {message_type: image, caption: {starts: A}, buttons: [{id: now}]}", "customer: yes", "customer: 12",
        "customer: [Acme, SA]", "customer: {tap: now, of: start}", "customer: {choose: a}", "customer: {send: image, caption: x}",
        "customer: {location: [19.4, -99.1]}", "customer: {react: 👍}", "customer: {quotes: start, text: a}",
        "customer: {form: {a: 1}}", "wait: 2h 59m", "until: 2026-11-24 08:00", "silence: 1d", "status: delivered",
        "status: {of: hello, is: failed, code: 131026}", "fault: {cut-after: {count: 1}}", "fault: cut-after:count=1",
        "crash", "crash:", "crash: {after: request}", "window: closed", "note: a",
    ),
    "the rest": "description: d\ngiven: {vars: {a: [1]}, recipient: +5215512345678, now: 2026-11-23 10:00, language: es, dialect: meta, window: open}\ntests:\n  - name: '{{ a }}'\n    each: [{a: 1}]\n    given: {recipient: {phone: +5215512345678, timezone: America/Mexico_City}}\n    chat: {golden: a.chat, answers: [{tap: now}, Acme, {wait: 3h}]}\n    ends: opted_out\n    vars: {a.text: b, c: {min: 3}}\n    warnings: [long-burst]\n    events: [in doubt, looked up]\n    sent: {messages: 4, requests: {max: 6}}\n    doubled: 0\n",
}  # fmt: skip
FAULTS: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "key of the file": ("flw: a.yaml\n" + chat("bot: any").removeprefix("flow: a.yaml\n"), [(1, "flw", "Property flw is not allowed.")]),
    "no tests": ("flow: a.yaml\n", [(1, "f", 'Missing property "tests".')]),
    "no chat": ("tests: [{name: a}]\n", [(1, "{", 'Missing property "chat".')]),
    "a time": (chat("wait: 3w"), [(5, "3w", "write a time such as 3h, 2h 59m or 1d")]),
    "a moment": (chat("until: tomorrow"), [(5, "tomorrow", "write a date and a time, such as 2026-11-23 10:00")]),
    "the window": (chat("window: shut"), [(5, "shut", 'Value is not accepted. Valid values: "closed", "open".')]),
}  # fmt: skip


@pytest.fixture(scope="module")
def underlined(server: Editor) -> dict[str, list[Problem]]:
    """What the server finds in each faulty document, all open at once."""
    found = server.problems({f"by-settings-{index}.yaml": text for index, (text, _) in enumerate(FAULTS.values())})
    return dict(zip(FAULTS, found.values(), strict=True))


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_underlined_where_it_stands(underlined: dict[str, list[Problem]], name: str) -> None:
    """A mistake is marked in its own line, in a sentence that says what is allowed."""
    assert [(each.line, each.marked, each.message) for each in underlined[name]] == FAULTS[name][1]


def test_nothing_is_underlined_in_a_right_file(server: Editor) -> None:
    """Every turn, every key, and the tests of the example flows."""
    texts = {f"by-settings-{index}.yaml": text for index, text in enumerate(ACCEPTED.values())}
    texts |= {f"by-settings-{path.name}": path.read_text("utf-8") for path in (ROOT / "flows").glob("*.test.yaml")}
    assert {name: problems for name, problems in server.problems(texts).items() if problems} == {}


TEST = "tests:\n  - name: a\n    "
TURN = f"{TEST}chat:\n      - "
KEYS = {
    "of a file": (CURSOR, {"flow", "description", "given", "tests"}),
    "of what is given": (f"given:\n  {CURSOR}", {"vars", "recipient", "now", "language", "dialect", "window"}),
    "of a test": (
        f"{TEST}{CURSOR}",
        {"given", "each", "chat", "ends", "vars", "warnings", "events", "sent", "doubled"},
    ),
    "of a turn": (f"{TURN}{CURSOR}", set(keys_of("turn")) - {"crash"}),  # which is a turn by itself, too
    "of what a customer does": (f"{TURN}customer:\n          {CURSOR}", set(keys_of("customer"))),
    "of a status": (f"{TURN}status:\n          {CURSOR}", {"of", "is", "code"}),
}
VALUES = {
    "ends": (f"{TEST}ends: {CURSOR}", set(get_args(EndWord))),
    "window": (f"{TURN}window: {CURSOR}", {"closed", "open"}),
}


def keys(items: dict[str, dict[str, Any]]) -> set[str]:
    return {label for label, item in items.items() if item["kind"] == PROPERTY}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_completed_with_their_documentation(server: Editor, name: str) -> None:
    """Exactly the keys that belong where the cursor stands and are not there yet, each with what it is for."""
    text, expected = KEYS[name]
    items = server.complete(text)
    assert keys(items) == expected
    assert [key for key in expected if not items[key]["documentation"]] == []


def test_a_message_is_asked_for_by_predicates_and_by_its_fields(server: Editor) -> None:
    """All are offered, each with what it is for."""
    items = server.complete(f"{TURN}bot:\n          {CURSOR}")
    assert keys(items) >= {*get_args(PredicateKind), "text", "count", "message_type", "media_url", "caption", "buttons"}
    assert items["media_url"]["documentation"]


@pytest.mark.parametrize("name", VALUES)
def test_values_are_completed(server: Editor, name: str) -> None:
    """Where only a few words are allowed, exactly those are offered."""
    text, expected = VALUES[name]
    assert set(server.complete(text)) == expected
