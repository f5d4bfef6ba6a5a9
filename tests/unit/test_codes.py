"""The book of codes: every example is wrong as it says, and right when mended."""

import re
import shlex
from pathlib import Path

import pytest

from flowrunner.codes import Rule, rules
from flowrunner.loading import load_text
from flowrunner.model import Recipient
from flowrunner.rendering import bind, moment, render
from program import flowrunner

FLOW = "name: demo\ninputs:\n  name: {type: string, default: Ana}\n  plan: {enum: [free, pro], default: free}\nsteps:\n"
FILES = {
    "flow.yaml": (FLOW + '  - message: "Hello {{ name }}, {{ plan }}"\n').encode(),
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
    "excel.csv": "phone,name\n+525512345678,José\n".encode("cp1252"),
}


def codes_of(text: str) -> set[str]:
    """The codes of everything that can be said of a flow, examples standing in for values."""
    loaded = load_text(text, "flow.yaml")
    found = list(loaded.diagnostics)
    if loaded.flow is not None:
        bound, more = bind(loaded, {}, examples=True)
        found += more
        if bound is not None:
            found += render(loaded, Recipient("c", "+1"), bound, moment())[1]
    return {each.code for each in found}


BY_FILE = [rule for rule in rules().values() if rule.wrong]
BY_COMMAND = [rule for rule in rules().values() if rule.wrong_command]


@pytest.mark.parametrize("rule", BY_FILE, ids=lambda rule: rule.code)
def test_the_wrong_example_is_wrong_and_the_right_one_is_right(rule: Rule) -> None:
    """The wrong file has exactly this code; the right one has none, but perhaps lacks a value."""
    assert codes_of(rule.wrong) - ({"missing-variable"} if not rule.values else set()) == {rule.code}
    assert codes_of(rule.right) <= ({"missing-variable"} if not rule.values else set())


@pytest.mark.parametrize("rule", BY_COMMAND, ids=lambda rule: rule.code)
def test_the_wrong_command_is_refused_and_the_right_one_works(tmp_path: Path, rule: Rule) -> None:
    """Each is run as it stands."""
    (tmp_path / "empty-folder").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    wrong = flowrunner(*shlex.split(rule.wrong_command)[1:], cwd=tmp_path)
    said = wrong.stdout + wrong.stderr
    assert set(re.findall(r": (?:error|warning)\[([a-z0-9-]+)\]", said)) == {rule.code}
    assert wrong.returncode == (1 if rule.severity == "error" else 0)
    right = flowrunner(*shlex.split(rule.right_command)[1:], cwd=tmp_path)
    assert right.returncode == 0, right.stderr


def test_every_code_in_the_source_is_in_the_book_and_none_else() -> None:
    """A code that nobody explains, or that nothing gives, is a mistake."""
    root = Path(__file__).parents[2]
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "flowrunner").rglob("*.py")))
    text += "".join(path.read_text(encoding="utf-8") for path in sorted((root / "schemas" / "message").glob("*.json")))
    assert [code for code in rules() if f'"{code}"' not in text] == []
    given = set(re.findall(r'(?:Problem|Diagnostic|ExpressionError|(?<!_)Fault)\(\s*"([a-z0-9-]+)"', text))
    assert given - set(rules()) == set()


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
