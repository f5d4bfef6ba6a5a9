"""Reading: plain data, and the place of every value as an editor shows it."""

import json

import pytest

from flowrunner.diagnostics import Problem, Route
from flowrunner.source import MAX_BYTES, Document, Plain, plain, read, read_bytes


def document(text: str | bytes) -> Document:
    found, diagnostics = read(text, "f.yaml")
    assert found is not None, diagnostics
    assert not diagnostics
    return found


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: 1\n", {"a": "1"}),
        ("---\na: 1\n...\n", {"a": "1"}),
        ("# a comment\na: x # and one more\n", {"a": "x"}),
        (b"\xef\xbb\xbfa: x\n", {"a": "x"}),
        ("\ufeffa: x\n", {"a": "x"}),
        ("a: x\r\nb: y\r\n", {"a": "x", "b": "y"}),
        ("a:\n", {"a": ""}),
        ("No: a\n", {"No": "a"}),
        ("1: a\n", {"1": "a"}),
        ("a: &x Ana\nb: *x\n", {"a": "Ana", "b": "Ana"}),
        ("a: &x {b: [1]}\nc: *x\n", {"a": {"b": ["1"]}, "c": {"b": ["1"]}}),
        ('"<<": x\n', {"<<": "x"}),
        ("a: !!str 0123\n", {"a": "0123"}),
        ("a: ! 0123\n", {"a": "0123"}),
        ("%YAML 1.2\n---\na: 1\n", {"a": "1"}),
        ("a: |\n  uno #1\n  dos\n", {"a": "uno #1\ndos\n"}),
        ("a: >-\n  uno\n  dos\n", {"a": "uno dos"}),
        ("a: uno\n  dos\n", {"a": "uno dos"}),
        ('a: "x\\u00e9\\U0001f44b"\n', {"a": "xé👋"}),
        ("a: ¡Hola! 👋\n", {"a": "¡Hola! 👋"}),
        ("a: https://e.com/x?y=1#z\n", {"a": "https://e.com/x?y=1#z"}),
        ("a:\tx\n", {"a": "x"}),
        ("[a, [b, c], {d: e}]", ["a", ["b", "c"], {"d": "e"}]),
        ("hola", "hola"),
        ("- {a: b}\n- c\n", [{"a": "b"}, "c"]),
        ('{"a": "\\ud83d\\udc4b hola \\ud83d\\ude00", "b": 1}', {"a": "👋 hola 😀", "b": "1"}),
        ('{"a": "\\\\ud83d\\\\udc4b"}', {"a": "\\ud83d\\udc4b"}),
    ],
)
def test_data_is_what_was_typed(text: str | bytes, data: object) -> None:
    """YAML becomes dicts, lists and text, every character as it was written."""
    assert document(text).data == data


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("true", True), ("FALSE", False),
        ("0", 0), ("-7", -7), ("+5", 5), ("0123", 123), ("0o17", 15), ("0x1F", 31),
        ("1.5", 1.5), (".5", 0.5), ("-1e3", -1000.0), ("1.", 1.0),
    ],
)  # fmt: skip
def test_a_plain_scalar_keeps_its_text_beside_its_value(text: str, value: object) -> None:
    """What YAML 1.2 does not read as text is both: the characters, and what they stand for."""
    found = plain(text)
    assert isinstance(found, Plain)
    assert (str(found), found.value, type(found.value)) == (text, value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        *"No yes on off y n 12:30 2024-01-01 1_000 0b11 .inf -.inf .nan 1e999 0o8 0x 1.2.3 +5215-55 - --".split(),
        *"+ . e5 1e nULL nulL tRUE ~x <<".split(),
        "9" * 301,
        "1" + "0" * 300,
    ],
)
def test_what_is_no_value_in_yaml_1_2_is_text(text: str) -> None:
    """The traps of YAML 1.1, and what JSON has no number for, are text."""
    assert not isinstance(plain(text), Plain)
    assert plain(text) == text


PLACES: list[tuple[str, Route, int | None, str]] = [
    # text, route, offset in the value, line:column as an editor shows it
    ("a: hola {{ x }}\n", ("a",), None, "1:4"),
    ("a: hola {{ x }}\n", ("a",), 5, "1:9"),
    ("a: hola {{ x }}\n", ("a",), 0, "1:4"),
    ("a: 👋👋 {{ x }}\n", ("a",), 3, "1:7"),
    ("é: 👋\nb: ñ{{\n", ("b",), 1, "2:5"),
    ("a: uno\n  dos\n\n  tres\n", ("a",), 4, "2:3"),
    ("a: uno\n  dos\n\n  tres\n", ("a",), 8, "4:3"),
    ("a: 'it''s {{ x }}'\n", ("a",), 5, "1:11"),
    ("a: 'uno\n  dos {{'\n", ("a",), 8, "2:7"),
    ('a: "hola {{ x }}"\n', ("a",), 5, "1:10"),
    ('a: "\\u00e9\\n{{ x }}"\n', ("a",), 2, "1:13"),
    ('a: "\\U0001f44b\\"{{ x }}"\n', ("a",), 2, "1:17"),
    ('a: "uno\\\n   dos{{ x }}"\n', ("a",), 6, "2:7"),
    ('a: "uno\n\n  dos {{ x }}"\n', ("a",), 8, "3:7"),
    ('a: "x\\t\\ {{ x }}"\n', ("a",), 3, "1:10"),
    ("a: |\n  uno\n  dos {{ x }}\n", ("a",), 8, "3:7"),
    ("a: |\n\n\n  uno {{ x }}\n", ("a",), 6, "4:7"),
    ("a: |2\n    uno\n  {{ x }}\n", ("a",), 6, "3:3"),
    ("a: |-\n  uno\n\n  {{ x }}\n\n", ("a",), 5, "4:3"),
    ("a: |+\n  {{ x }}\n\n", ("a",), 0, "2:3"),
    ("a: |  # said {{ so }}\n  {{ x }}\n", ("a",), 0, "2:3"),
    ("a: >\n  uno\n  dos {{ x }}\n", ("a",), 8, "3:7"),
    ("a: >-\n  uno\n\n  dos {{ x }}\n", ("a",), 8, "4:7"),
    ("a: >\n  uno\n    más {{ x }}\n  dos\n", ("a",), 10, "3:9"),
    ("a: |\r\n  uno\r\n  dos {{ x }}\r\nb: 1\r\n", ("a",), 8, "3:7"),
    ("a: uno\r\nb: dos {{ x }}\r\n", ("b",), 4, "2:8"),
    ("a: |\n  👋 {{ x }}\n", ("a",), 2, "2:5"),
    ("a:\n  - b: |\n      uno\n      {{ x }}\n", ("a", 0, "b"), 4, "4:7"),
    ("a: [uno, 'tres {{']\n", ("a", 1), 5, "1:16"),
    ("a: {b: {c: x}}\n", ("a", "b", "c"), None, "1:12"),
    ("a:\n- x\n- y\n", ("a", 1), None, "3:3"),
    ("a:\n  b: 1\n  c: 2\n", ("a",), None, "2:3"),
    ("a:\n  b: 1\n", ("a", "nope"), None, "2:3"),
    ("a:\n  b: 1\n", ("a", "b", "deeper", 3), None, "2:6"),
    ("a: 1\n", (), None, "1:1"),
    ("a:\nb: 1\n", ("a",), None, "1:3"),
    ("\ufeffa: x\n", ("a",), None, "1:4"),
    ("# note\n\n---\na: x\n", ("a",), None, "4:4"),
    ('{"e": "\\ud83d\\udc4b", "a": "\\ud83d\\udc4b x"}', ("a",), None, "1:28"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "route", "offset", "place"), PLACES)
def test_places_are_those_of_an_editor(text: str, route: Route, offset: int | None, place: str) -> None:
    """Every style of scalar: line and column of a value, or of a character within it, count code points from 1."""
    found = document(text)
    location = found.diagnose(Problem("code", "message", route, offset=offset, length=2)).location
    assert f"{location.line}:{location.column}" == place
    assert (location.line, location.column) <= (location.end_line, location.end_column)
    if offset is None:
        assert found.location(route) == location


def test_an_offset_past_the_end_falls_back_to_the_value() -> None:
    """An offset that the value does not have names the whole value."""
    location = document("a: uno\n").diagnose(Problem("c", "m", ("a",), offset=99)).location
    assert (location.line, location.column, location.end_column) == (1, 4, 7)


def test_a_problem_can_stand_at_the_key() -> None:
    """A key that should not be there is pointed at itself; a list's entry has no key and is pointed at."""
    found = document("a:\n  bad: [x]\n")
    at_key = found.diagnose(Problem("c", "m", ("a", "bad"), at_key=True))
    assert (at_key.location.line, at_key.location.column, at_key.location.end_column) == (2, 3, 6)
    entry = found.diagnose(Problem("c", "m", ("a", "bad", 0), at_key=True))
    assert (entry.location.line, entry.location.column) == (2, 9)


def test_a_diagnostic_carries_its_line() -> None:
    """The excerpt is the source line, without the line's end, whatever ends it."""
    for end in ("\n", "\r\n"):
        found = document(f"a: x{end}b: ñandú{end}").diagnose(Problem("c", "m", ("b",), "hint", link="l"))
        assert (found.excerpt, found.hint, found.link, found.location.path) == ("b: ñandú", "hint", "l", "f.yaml")


@pytest.mark.parametrize("written", ["'{{ ''a'' }}, b'", '"{{ \\"a\\" }}, b"', "\"{{ 'a'\\\n  }}, b\""])
def test_a_part_of_a_value_ends_where_it_ends_in_the_file(written: str) -> None:
    """What is written as two characters counts as two; what is on two lines ends on the second."""
    its = document(f"a: {written}\n")
    value = its.data["a"]
    at = its.diagnose(Problem("c", "m", ("a",), offset=0, length=value.index("}}") + 2)).location
    lines = its.text.splitlines()
    assert its.text[its.text.index("{{") :].startswith(lines[0][at.column - 1 :])
    assert lines[at.end_line - 1][: at.end_column - 1].endswith("}}")


def test_the_limit_is_on_bytes() -> None:
    """A file of exactly the limit is read, one byte more is not."""
    head = b'a: "'
    whole = head + b"x" * (MAX_BYTES - len(head) - 1) + b'"'
    assert document(whole).data == {"a": "x" * (MAX_BYTES - 5)}
    found, (diagnostic,) = read(whole + b"\n", "f.yaml")
    assert found is None
    assert (diagnostic.code, diagnostic.message) == (
        "too-large",
        "the file has 1,048,577 bytes, at most 1,048,576 are read",
    )


def test_deep_json_is_read_like_any_other() -> None:
    """What is nested up to the limit is data."""
    nested: object = "x"
    for _ in range(63):
        nested = [nested]
    assert document(json.dumps(nested)).data == nested


def test_reading_a_file_says_what_is_wrong_with_it(tmp_path) -> None:
    """No file, a folder, a pipe's like and a file that is too large each have their sentence; nothing is raised."""
    import os

    good = tmp_path / "good.yaml"
    good.write_bytes(b"a: 1\n")
    assert read_bytes(good) == (b"a: 1\n", None)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, code, part in [
        (tmp_path / "none.yaml", "unreadable", "does not exist"),
        (tmp_path, "unreadable", "is a folder"),
        (pipe, "unreadable", "is not a file"),
    ]:
        content, diagnostic = read_bytes(path)
        assert content == b""
        assert diagnostic is not None
        assert (diagnostic.code, diagnostic.location.path) == (code, str(path))
        assert part in diagnostic.message
        assert diagnostic.hint
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    content, diagnostic = read_bytes(large)
    assert diagnostic is not None
    assert (content, diagnostic.code) == (b"", "too-large")
