"""TOML with places: every key and value is found where it stands, and what is no TOML is refused there."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from flowrunner.diagnostics import Location, Problem, Route
from flowrunner.source import Document
from flowrunner.source.toml import read_toml

DOCUMENTS = {
    "a table": '[a]\nb = "c"\n',
    "comments and blanks": '# [x]\n\n [ a ] # "y"\n  b = 1 # = 2\n# end',
    "no line break at the end": "a = 1",
    "windows line ends": '[a]\r\nb = "c"\r\nd = 2\r\n',
    "dotted and quoted keys": 'a."b c".\'d\' = 1\n[ x . "y.z" ]\nw = 2\n',
    "keys with escapes": '"a\\tb" = 1\n"\\u00e9" = 2\n',
    "inline tables": 'a = {b = 1, c = {d = "}"}, e.f = []}\n',
    "lists": "a = [1, 'two', [3, [4]], {five = 5},\n  # six\n  7,\n]\n",
    "lists of tables": "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\nf = 4\n[[a.e]]\nf = 5\n",
    "texts over lines": 'a = """\nb = 1 ""\\" # no\n"""\nc = \'\'\'d\n[e]\'\'\'\nf = 1\n',
    "quotes at the end of a text": 'a = """b"""""\nc = \'\'\'d\'\'\'\'\n',
    "numbers and moments": "a = 1979-05-27 07:32:00\nb = -1.5e+3\nc = 0xFF\nd = true\ne = [07:32:00, inf]\n",
    "signs in texts": 'a = "# [x] = {y}, \\" \\\\"\nb = \'\\\'\nc = 1\n',
    "signs beyond ASCII": 'a = "ñ 👋"\nb = {"é" = "ü"}\n',
    "tables out of order": "[a.b]\nc = 1\n[d]\ne = 2\n[a]\nf = 3\n[a.g]\nh = 4\n",
    "an empty table": "[a]\n[b]\nc = {}\nd = []\n",
}


def leaves(data: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if isinstance(value, dict | list):
            yield from leaves(value, (*route, key))
        else:
            yield (*route, key), value


def span(document: Document, route: Route, *, at_key: bool = False) -> str:
    at = document.diagnose(Problem("x", "", route, at_key=at_key)).location
    lines = document.text.splitlines(keepends=True)[at.line - 1 : at.end_line]
    lines[-1] = lines[-1][: at.end_column - 1]
    lines[0] = lines[0][at.column - 1 :]
    return "".join(lines)


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_every_value_stands_where_it_is_said_to(text: str) -> None:
    """What stands at the place of a value is that value, and at the place of its key that key."""
    document, problems = read_toml(text.encode(), "f.toml")
    assert problems == []
    assert document is not None
    assert document.data == tomllib.loads(text)
    for route, value in leaves(document.data):
        raw = span(document, route)
        assert str(tomllib.loads(f"x = {raw}")["x"]) == str(value), route
        if isinstance(route[-1], str):
            key = span(document, route, at_key=True)
            assert next(iter(tomllib.loads(f"{key} = 0"))) == route[-1]


def test_a_table_stands_where_its_name_does() -> None:
    """Also one that is empty, one of a list, and one within a line."""
    document, _ = read_toml(b"[a.b]\n[[c]]\n[[c]]\nd = {e = 1}\n", "f.toml")
    assert document is not None
    at = {
        route: document.diagnose(Problem("x", "", route, at_key=True)).location
        for route in [("a",), ("a", "b"), ("c", 1), ("c", 1, "d"), ("c", 1, "d", "e")]
    }
    assert [(each.line, each.column) for each in at.values()] == [(1, 2), (1, 4), (3, 1), (4, 1), (4, 6)]


REFUSED = {
    "a colon": ("a: 1\n", "1:2", "write = for :", ("a:", "a =")),
    "text without quotes": ("a = b\n", "1:5", "double quotes", ("b", '"b"')),
    "a rate without quotes": ("a = 100/min\n", "1:8", "double quotes", ("100/min", '"100/min"')),
    "quotes not closed": ('a = "b\n', "1:7", "close them", ('"b', '"b"')),
    "a comment of another program": ("; mine\na = 1\n", "1:1", "write # for ;", ("; mine", "# mine")),
    "a comment of JavaScript": ("a = 1\n// mine\n", "2:1", "write # for //", ("// mine", "# mine")),
    "a comma behind a value": ('a = "b",\nc = 1\n', "1:8", "remove it", ('"b",', '"b"')),
    "two signs for one": ("a == 1\n", "1:3", "write = for ==", ("==", "=")),
    "True of Python": ("a = True\n", "1:5", "write true", ("True", "true")),
    "JSON": ('{"a": {"b": 1}}\n', "1:1", "write a [table]", ('{"a": {"b": 1}}', "[a]\nb = 1")),
    "a path of Windows": ('a = "C:\\Users"\n', "1:10", "in single quotes", ('"C:\\Users"', "'C:\\Users'")),
    "the same key twice": ("a = 1\na = 2\n", "2:6", "remove one", ("a = 2\n", "")),
    "the same table twice": ("[a]\nb = 1\n[a]\n", "3:3", "remove one", ("\n[a]\n", "\n")),
    "two on a line": ("a = 1 b = 2\n", "1:7", "a new line", (" b", "\nb")),
    "a table not closed": ("[a\nb = 1\n", "1:3", "close it with ]", ("[a", "[a]")),
    "a key alone": ("a\n", "1:2", "write key = value", ("a", "a = 1")),
    "typographic quotes": ("a = “b”\n", "1:5", 'write " for “', ("“b”", '"b"')),
    "a space that is none": ("a =\u00a0'b'\n", "1:4", "write an ordinary space for it", ("\u00a0", " ")),
    "a space that is none before": ("\u00a0a = 'b'\n", "1:1", "write an ordinary space for it", ("\u00a0", " ")),
    "an invisible sign": ("a = \u200b'b'\n", "1:5", "remove it", ("\u200b", "")),
    "a decimal comma": ("a = 100,5\n", "1:8", "write . for ,", (",", ".")),
    "a backslash": ('a = "C:\\d"\n', "1:10", "single quotes", ('"C:\\d"', "'C:\\d'")),
    "a list not closed": ("a = [1\nb = 2\n", "2:1", "", ("[1", "[1]")),
    "not UTF-8": (b"a = '\xff'\n", "1:6", "save the file as UTF-8", (b"\xff", b"x")),
    "deep": (f"a = {'[' * 5000}\n", "1:5005", "", (f"{'[' * 5000}", "[]")),
    "an unseen line break": ("a = 'b\u2028c'\n", "1:7", "remove it", ("\u2028", "")),
}


@pytest.mark.parametrize(("content", "where", "hint", "edit"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_toml_is_refused_at_its_place(
    content: str | bytes, where: str, hint: str, edit: tuple[Any, Any]
) -> None:
    """With what to do, which mends it."""
    document, [problem] = read_toml(content if isinstance(content, bytes) else content.encode(), "f.toml")
    assert document is None
    assert str(problem.location) == f"f.toml:{where}"
    assert hint in problem.hint
    assert bool(hint) == bool(problem.hint)
    mended: Any = content.replace(*edit)
    assert read_toml(mended if isinstance(mended, bytes) else mended.encode(), "f.toml")[1] == []


def test_a_place_has_the_whole_line() -> None:
    """The excerpt is that of flows."""
    document, _ = read_toml(b'[a]\nb = "c"\n', "f.toml")
    assert document is not None
    found = document.diagnose(Problem("x", "m", ("a", "b")))
    assert (found.location, found.excerpt) == (Location("f.toml", 2, 5, 2, 8), 'b = "c"')
