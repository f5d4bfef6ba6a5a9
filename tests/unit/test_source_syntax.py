"""What is wrong with a YAML file: code, place, and words that mend it."""

from unittest.mock import ANY

import pytest

from flowrunner.source import MAX_BYTES, read


def seen(text: str | bytes) -> list[str]:
    _, diagnostics = read(text, "f")
    for each in diagnostics:
        assert each.message
        assert each.hint, each.code
        assert "NoneType" not in each.message
        assert "expected <" not in each.message
    return [f"{each.location.line}:{each.location.column} {each.code}" for each in diagnostics]


FAULTS: list[tuple[str | bytes, str]] = [
    # keys
    ("a: 1\nb: 2\na: 3\n", "3:1 duplicate-key"),
    ("a: {b: 1, b: 2}\n", "1:11 duplicate-key"),
    ('1: a\n"1": b\n', "2:1 duplicate-key"),
    ("a: 1\r\nb: 2\r\na: 3\r\n", "3:1 duplicate-key"),
    (b"\xef\xbb\xbfa: 1\na: 2\n", "2:1 duplicate-key"),
    ("a: &x {b: 1}\nc:\n  <<: *x\n", "3:3 merge-key"),
    ("? [a]\n: b\n", "1:3 yaml-syntax"),
    ("{a: 1}: b\n", "1:1 yaml-syntax"),
    ("a: 1\nb\n", "2:1 yaml-syntax"),
    # expressions without quotes
    ("a: {{ name }}\n", "1:4 unquoted-expression"),
    ("a: {{name}}, hola\n", "1:4 unquoted-expression"),
    ("steps:\n  - {{ x }}\n", "2:5 unquoted-expression"),
    ("- message: {{ x }} and more\n", "1:12 unquoted-expression"),
    ("a: [{{ x }}, b]\n", "1:5 unquoted-expression"),
    ("{message: {{ name }}}\n", "1:11 unquoted-expression"),
    ("a: {% if b %}x{% endif %}\n", "1:4 unquoted-expression"),
    ("a: {# c #} x\n", "1:4 unquoted-expression"),
    # text that begins with a sign of YAML's
    ("a: *bold* text\n", "1:4 yaml-syntax"),
    ("- *Hola* Ana\n", "1:3 yaml-syntax"),
    ("message:\n  *Hola* Ana\n", "2:3 yaml-syntax"),
    ("message: * uno\n", "1:10 yaml-syntax"),
    ("a: @juan\n", "1:4 yaml-syntax"),
    ("a: `x`\n", "1:4 yaml-syntax"),
    ("a: %x\n", "1:4 yaml-syntax"),
    ("a: -\n", "1:4 yaml-syntax"),
    ("a: - b\n", "1:4 yaml-syntax"),
    ("a: ? b\n", "1:4 yaml-syntax"),
    ("a: & b\n", "1:4 yaml-syntax"),
    ("a: > hola\n", "1:4 yaml-syntax"),
    ("a: | hola\n", "1:4 yaml-syntax"),
    ("a: !hola\n", "1:4 yaml-tag"),
    ("a: !!int 3\n", "1:4 yaml-tag"),
    ("a: !!python/object/apply:os.system [x]\n", "1:4 yaml-tag"),
    ("%TAG ! tag:x,2000:\n---\na: !x 1\n", "3:4 yaml-tag"),
    # colons, quotes, brackets
    ("a: b: c\n", "1:5 yaml-syntax"),
    ("a: Hola {{ n }}: x\n", "1:16 yaml-syntax"),
    ("a: 'it's'\n", "1:7 yaml-syntax"),
    ('a: "x" y\n', "1:8 yaml-syntax"),
    ('a: "x\nb: 1\n', "1:4 yaml-syntax"),
    ('a: "\\q"\n', "1:5 yaml-syntax"),
    ("a: [1, 2\nb: 3\n", "1:4 yaml-syntax"),
    ("{a: 1\n", "1:1 yaml-syntax"),
    ("a: {id: si, title: Sí, ahí estaré}\n", "1:24 yaml-syntax"),
    ("a: [{x: 1, y}]\n", "1:12 yaml-syntax"),
    # indentation
    ("a:\n\tb: 1\n", "2:1 yaml-syntax"),
    ("a:\n  - b\n\t- c\n", "3:1 yaml-syntax"),
    ("a: 1\n b: 2\n", "2:3 yaml-syntax"),
    ("- message: Hola\n    until: read\n", "2:10 yaml-syntax"),
    ("a:\n  b: 1\n c: 2\n", "3:2 yaml-syntax"),
    ("- a\nb: 1\n", "2:1 yaml-syntax"),
    ("a:\n  - x\n  y: 1\n", "3:3 yaml-syntax"),
    # comments that cut
    ("a: Price #1 now\n", "1:10 comment-cuts-text"),
    ("- Price #1 now\n", "1:9 comment-cuts-text"),
    ("a: uno\n  dos #3 tres\n", "2:7 comment-cuts-text"),
    # words without a colon within braces
    ("a: {enum: [], free}\n", "1:15 yaml-syntax"),
    ("a: {in: {b: c}, d}\n", "1:17 yaml-syntax"),
    ("a: {enum: [x], free}\n", "1:16 yaml-syntax"),
    ("a: {enum: , free}\n", "1:13 yaml-syntax"),
    # aliases
    ("a: *nope\n", "1:4 unknown-alias"),
    ("a: &x [*x]\n", "1:8 unknown-alias"),
    # characters and encodings
    ('a: "x\x07y"\n', "1:6 control-character"),
    ("b: 1\na: x\x00\n", "2:5 control-character"),
    ("a: x\x7fy\n", "1:5 control-character"),
    ("a: x\ufffey\n", "1:5 control-character"),
    ("a: x\x85y\n", "1:5 control-character"),
    ('a: "x\u2028y"\n', "1:6 control-character"),
    ("a: 1 # x\u2029y\n", "1:9 control-character"),
    ('b: 1\na: "\\ud800"\n', "2:7 lone-surrogate"),
    ("a: \ud800\n", "1:4 lone-surrogate"),
    ('{"a": "\\ud83d"}', "1:10 lone-surrogate"),
    ("a: 1\nb: México\n".encode("latin-1"), "2:5 not-utf8"),
    (b"a: \xed\xa0\x80\n", "1:4 not-utf8"),
    (b"a: \xc3", "1:4 not-utf8"),
    ("a: 1".encode("utf-16"), "1:1 not-utf8"),
    # documents and bounds
    ("", "1:1 empty-file"),
    (b"\xef\xbb\xbf", "1:1 empty-file"),
    ("# only this\n\n", "1:1 empty-file"),
    ("a: 1\n---\nb: 2\n", "2:1 second-document"),
    ("%YAML 3.0\n---\na: 1\n", "1:1 yaml-syntax"),
    ("[" * 100_000, "1:65 too-deep"),
    ("a: " + "[" * 100_000 + "]" * 100_000, "1:67 too-deep"),
    ("{a: " * 100_000, "1:257 too-deep"),
    ("- " * 100_000 + "x", "1:129 too-deep"),
    ("b: 1\na: [" + "{x: [" * 2_000, "2:160 too-deep"),
    ("a: 'é'\nb: " + "[" * 5_000, "2:67 too-deep"),
    ('{"a": ' * 3_000, "1:385 too-deep"),
    ("x" * (MAX_BYTES + 1), "1:1 too-large"),
    ("- x\n" * 50_001, "50000:3 too-many-values"),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS, ids=[f"{i}-{e.split()[1]}" for i, (_, e) in enumerate(FAULTS)])
def test_one_mistake_gives_one_diagnostic_at_its_place(text: str | bytes, expected: str) -> None:
    """Each mistake has its code, its line and its column, and a hint."""
    assert seen(text) == [expected]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: {{ name }}\n", "put the whole value in quotes"),
        ("a: *bold* text\n", "put the whole value in double quotes"),
        ("a: !hola\n", "put the whole value in quotes"),
        ("a: b: c\n", "put the whole value in double quotes"),
        ("a:\n\tb: 1\n", "indent with spaces"),
        ("a: 'it's'\n", "put the whole value in double quotes instead"),
        ('a: "\\q"\n', "put the value in single quotes instead"),
        ("a: 1\n b: 2\n", "indent it like them"),
        ("a: 1\na: 2\n", "remove one of the two"),
        ("a: [Uno #1, dos]\n", "put the whole value in double quotes if the # belongs to it"),
        ('a: "x\n', "close it"),
        ("a: [1\n", "close it: write ] at the end of the line"),
    ],
)
def test_the_hint_names_the_remedy(text: str, hint: str) -> None:
    """The hint says what to write, in the words of the mistake."""
    _, diagnostics = read(text, "f")
    assert hint in diagnostics[0].hint


@pytest.mark.parametrize(
    ("text", "lost", "is_sure"),
    [
        ("Price #1 now", "#1 now", True),
        ("Our shop #best in town", "#best in town", True),
        ("Our shop\t#1", "#1", True),
        ("#1 in town", "#1 in town", True),
        ("Price #one", "#one", False),
        ("5s #five", "#five", False),
        ("12 #1", "#1", False),
        ("true #1", "#1", False),
        ("Our shop # 1 in town", "# 1 in town", False),
    ],
)
def test_text_that_a_comment_cuts_is_told(text: str, lost: str, is_sure: bool) -> None:
    """The rest of the file is read; it is an error where no comment can be meant, else a warning."""
    for written, value in ((f"a: {text}\nb: x\n", {"a": ANY, "b": "x"}), (f"- {text}\n- x\n", [ANY, "x"])):
        document, (found,) = read(written, "f")
        assert document is not None
        assert document.data == value
        assert found.is_error is is_sure
        assert f"before {lost}:" in found.message
        assert written.split("\n")[0][found.location.column - 1 :] == lost


def test_a_comment_that_cuts_nothing_is_nobodys_mistake() -> None:
    """A # with a space behind it, in quotes, in a block, in a word; lines of signs; what the program itself reads."""
    for fine in (
        "a: 5s # 5 is enough\n",
        "a: x y # note\n",
        "a: x ## y\n",
        "a: x #---\n",
        "a: x y #=====\n",
        "a: x #flowrunner: ignore[b]\n",
    ):
        assert seen(fine) == [], fine
    for fine in ("a: x # note\n", 'a: "x #1"\n', "a: |\n  x #1\n", "a: x#1\n", "#x\na: 1\n", "a: 'x' #y\n"):
        assert seen(fine) == [], fine


def test_all_double_keys_of_a_file_are_reported_and_the_first_value_stays() -> None:
    """Reading goes on after a fault that leaves the rest readable."""
    document, diagnostics = read("a: 1\na: 2\nb: {c: 1, c: 2}\nd: !x 1\n", "f")
    assert [each.code for each in diagnostics] == ["duplicate-key", "duplicate-key", "yaml-tag"]
    assert document is not None
    assert document.data["a"] == "1"
    assert document.data["b"] == {"c": "1"}
    assert "line 1" in diagnostics[0].message


def test_an_alias_bomb_ends_early() -> None:
    """Ten lists of ten aliases each are ten thousand million values; fifty thousand are built at most."""
    text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    text += "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    assert seen(text) == ["5:22 too-many-values"]


@pytest.mark.parametrize(
    "text",
    [
        "\\", "\x00", "---", "...", "- - - -", "? ? ?", ": : :", "&a", "*a", "!!", "%", "@", "`", "{", "}", "[", "]",
        "|", ">", "|9", ">-+", '"', "'", "a:\n- b\n c", "{a, b: , : c}", "!<", "&a &b c", "*a *b", "a: |\n b\nc",
        "\ufeff\ufeff", "a: \"\\x\"", "--- |", "--- >-\n", "# \ud800", "a\tb: c", "\t", "-\tx", "?\t-", "a: : b",
        "[a: b: c]", "{? a}", '{"a":1}', "a: {b: c}}", "'a':b", "<<: x", "<<: [*x]", "- <<", "!!map {}", "&x [*x, *x]",
        ": : : :" * 5_000, "a: " + "'x' y " * 20_000, "{#" * 400, "x: " + "!" * 9_000, "a: [" + "'," * 9_000,
    ],
)  # fmt: skip
def test_whatever_the_text_is_it_gives_data_or_diagnostics(text: str) -> None:
    """No input ends in an exception or in nothing at all."""
    document, diagnostics = read(text, "f")
    assert document is not None or any(each.is_error for each in diagnostics)
    for each in diagnostics:
        assert each.location.line >= 1
        assert each.location.column >= 1


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("steps: [", "1:8", "]"),
        ("name: f\nsteps: [\n", "2:8", "]"),
        ("name: f\nsteps: [{message: a},\n", "2:8", "]"),
        ("name: f\nsteps: [{message: a, when: \n", "2:9", "}]"),
        ("steps:\n  - {message: \n", "2:5", "}"),
        ("steps:\n  - {\n", "2:5", "}"),
        ("inputs: {\nsteps:\n  - message: a\n", "1:9", "}"),
        ("steps:\n  - message: [\n  - message: b\n", "2:14", "]"),
    ],
)
def test_a_bracket_is_told_while_it_is_being_written(text: str, place: str, hint: str) -> None:
    """An editor, or a preview that is watched, sees each line half written."""
    _, [problem] = read(text.encode(), "t.yaml")
    assert f"{problem.location.line}:{problem.location.column}" == place
    assert problem.hint == f"close it: write {hint} at the end of the line"


FLOW = 'name: f\nsteps:\n  - message: "Hi"\n'


@pytest.mark.parametrize(
    ("mark", "place", "hint"),
    [
        ("+", "1:1", "remove the + before each line"),
        ("> ", "1:1", "remove the > before each line"),
        ("{number} ", "1:1", "remove the number before each line"),
        ("{number}. ", "1:1", "remove the number before each line"),
        ("     {number}\t", "1:6", "remove the number before each line"),
    ],
)
def test_what_a_program_wrote_before_each_line_is_one_mistake(mark: str, place: str, hint: str) -> None:
    """A diff, an answer to a message, a listing; without it the lines are a flow."""
    marked = "".join(f"{mark.format(number=at)}{line}\n" for at, line in enumerate(FLOW.splitlines(), 1))
    document, [problem] = read(marked, "f.yaml")
    assert document is None
    assert (problem.code, f"{problem.location.line}:{problem.location.column}", problem.hint) == (
        "yaml-syntax",
        place,
        hint,
    )


@pytest.mark.parametrize("text", ["1: a\n2: b\n", "+5: a\n", "1.5", ">\n  Hi\n", " a: 1\n b: 2\n", "2026: a\nb: 1\n"])
def test_what_only_begins_like_it_is_read(text: str) -> None:
    """Keys that are numbers, a folded text, a file that is indented."""
    document, found = read(text, "f.yaml")
    assert document is not None
    assert found == []
