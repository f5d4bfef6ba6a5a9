"""A plan that was sealed again with anything at all in it is refused with a sentence, never with a traceback."""

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowrunner.cli.group import commands
from flowrunner.plan.values import MARK
from support.program import flow
from support.slices import crossed

FLOW = "{name: {type: string, minLength: 2}, code: {type: integer, default: 1}}"
WRONG: dict[str, Any] = {
    "null": None, "true": True, "minus": -1, "zero": 0, "half": 0.5, "1e308": 1e308, "huge": 10**300, "empty": "",
    "word": "x", "nul": "a\0b", "line": "a\nb", "half a sign": "\ud800", "list": [], "nested": [[1]], "object": {},
    "filled": {"a": {"b": [None]}}, "moment": "2026-99-99T99:99:99+99:99", "long": "x" * 10_000,
}  # fmt: skip
RAW = {
    "NaN": "NaN",
    "infinity": "1e999",
    "deep": "[" * 100_000 + "]" * 100_000,
    "half": '{"a":' * 900 + "1" + "}" * 900,
}


def made(folder: Path) -> list[Any]:
    """The lines of a plan for two people, one of them with hours; one more is left out."""
    # Who is sent a template first need not be asked for: nothing is refused by what the API says.
    its = "{message: {message_type: template, template_name: hi, template_language: en, template_params: [PARAMS]}}"
    file = flow(folder / "f.yaml", [its.replace("PARAMS", '"{{ name }}", "{{ code }}"')], FLOW)
    rows = "+919812345678,Asha,Asia/Kolkata\n+5215512345601,Ana,America/Mexico_City\n+81312345678,K,Asia/Tokyo\n"
    (folder / "p.csv").write_text(f"phone,name,timezone\n{rows}", encoding="utf-8")
    options = ("--audience", folder / "p.csv", "--skip-invalid", "--quiet-hours", "21:00-08:00")
    there = ("--api-url", "http://127.0.0.1:9", "--journal", folder / "j.db", "--output", folder / "p.plan")
    done = CliRunner().invoke(commands, ["plan", *map(str, (file, *options, *there))], standalone_mode=False)
    assert done.return_value == 0, done.output
    return [json.loads(line) for line in (folder / "p.plan").read_text(encoding="utf-8").splitlines()]


def sealed(path: Path, lines: list[str]) -> Path:
    """A plan as somebody writes it who knows how it is sealed."""
    text = "".join(f"{line}\n" for line in lines)
    path.write_text(text + json.dumps({"sha256": hashlib.sha256(text.encode()).hexdigest()}) + "\n", encoding="utf-8")
    return path


def said(plan: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `run` says of it; nobody is sent to, for nobody is the wrong number."""
    monkeypatch.setenv("KAPSO_API_KEY", "k")
    done = CliRunner().invoke(commands, ["run", str(plan), "--yes-send-to", "0"], standalone_mode=False)
    assert done.exception is None, (plan.read_text(encoding="utf-8")[:300], done.exception)
    assert done.return_value == 1
    return done.stderr


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    folder = tmp_path_factory.mktemp("plan")
    return folder, made(folder)


def places(lines: list[Any]) -> list[tuple[int, str]]:
    return [(number, name) for number, line in enumerate(lines[:-1]) for name in line]


def test_the_plan_of_these_tests_is_right(plan: tuple[Path, list[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused for the number alone."""
    folder, lines = plan
    again = sealed(folder / "again.plan", [json.dumps(line) for line in lines[:-1]])
    assert "is refused" not in (answer := said(again, monkeypatch))
    assert "--yes-send-to" in answer
    assert len(places(lines)) > 20


KINDS = [*WRONG, *RAW, "missing", "another"]


@pytest.mark.sliced
@pytest.mark.parametrize("wrong", KINDS)
def test_no_field_of_any_line_can_be_anything(
    plan: tuple[Path, list[Any]], monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """Each field of each kind of line, with each wrong value."""
    folder, lines = plan
    passed = []
    for number, name in (place for its, place in crossed(4, KINDS, places(lines)) if its == wrong):
        if name == MARK and wrong in {"missing", "another"}:
            continue  # then it is not a plan at all
        edited = copy.deepcopy(lines[:-1])
        if wrong == "missing":
            del edited[number][name]
        elif wrong == "another":
            edited[number][f"{name}2"] = edited[number].pop(name)
        else:
            edited[number][name] = WRONG.get(wrong, "RAW")
        texts = [json.dumps(line).replace('"RAW"', RAW.get(wrong, "")) for line in edited]
        if "is refused: " not in said(sealed(folder / "wrong.plan", texts), monkeypatch):
            passed.append((number, name))
    free = {"flow_path", "audience", "reason", "zone", "journal", "phone"}  # what any text may stand in
    allowed = free if isinstance(WRONG.get(wrong), str) else {"files", "schedule"} if wrong == "object" else set()
    assert {name for _, name in passed} <= allowed, passed


INSIDE = [
    ("variables", {"name": None}), ("variables", {"name": ["Ana"]}), ("variables", {"name": "Ana", "code": "x"}),
    ("variables", {"name": "A", "code": 1}), ("variables", {"name": "Ana", "code": 1, "more": 1}), ("variables", {}),
    ("variables", {"name": "Ana", "code": 1e308}), ("messages", [None]), ("messages", [{"message_type": 1}]),
    ("zone", "Nowhere/Else"), ("zone", "../../etc/passwd"), ("zone", ""), ("line", 2.5), ("line", 1 << 40),
    ("phone", "+52 155"), ("phone", "5215512345601"),
]  # fmt: skip
HEADS = [
    ("files", {"f.yaml": 1}), ("files", {"f.yaml": None}), ("files", {"f.yaml": "x" * 64}),
    ("files", {"a\0": "0" * 64}),
    ("schedule", {"at": 5}), ("schedule", {"at": "soon"}), ("schedule", {"quiet_hours": "21"}), ("schedule", {"x": 1}),
    ("schedule", {"quiet_hours": "25:00-08:00"}), ("schedule", {"at": "9999-12-31T23:59"}), ("now", "yesterday"),
    ("now", "2026-11-25"), ("created_at", 1e300), ("created_at", "0"), ("target", "ftp://x"), ("target", "emulator"),
    ("target", "https://app.kapso.ai"), ("flow_text", "name: ["), ("flow_text", "steps: 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "name", "value"), [*((1, *each) for each in INSIDE), *((0, *each) for each in HEADS)]
)
def test_what_is_within_a_field_is_looked_at_too(
    plan: tuple[Path, list[Any]], monkeypatch: pytest.MonkeyPatch, number: int, name: str, value: Any
) -> None:
    """Values that are of the right type and cannot be."""
    folder, lines = plan
    edited = copy.deepcopy(lines[:-1])
    edited[number][name] = value
    assert "is refused: " in said(sealed(folder / "wrong.plan", [json.dumps(line) for line in edited]), monkeypatch)


@pytest.mark.parametrize("order", [[0, 2, 1, 3], [0, 1, 1, 3], [0, 1, 2, 3, 3]])
def test_the_lines_stand_in_their_order(
    plan: tuple[Path, list[Any]], monkeypatch: pytest.MonkeyPatch, order: list[int]
) -> None:
    """Nobody is in it twice."""
    folder, lines = plan
    texts = [json.dumps(lines[number]) for number in order]
    answer = said(sealed(folder / "wrong.plan", texts), monkeypatch)
    assert "is refused: " in answer
