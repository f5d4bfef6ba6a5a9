"""Text is what the author typed: through YAML, variables, expressions and JSON, to the wire."""

import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.engine import Given, Prepared, given_file, given_text
from flowrunner.flow import load_text
from flowrunner.model import Recipient
from flowrunner.numbers import exact

PLAIN = """
No
no
yes
on
y
true
True
FALSE
0
-0
0123
00
1e3
1E+3
.5
5.
-33.40
+5215512345678
1013859600285441
12345678901234567890
1.10
1_000
0x1F
0o17
0b1
12:30
12:30:45
2024-01-01
2024-01-01T10:00:00Z
.inf
.nan
=
--
-x
1.2.3
50%
A&B
a#b
👋
👨‍👩‍👧
🇲🇽
مرحبا
שלום עולם
日本語
e\u0301
a\u00a0b
a\u200bb
""".strip().splitlines()
"""What stands unquoted in YAML without being special to it."""
QUOTED = [*PLAIN, "", "-", " ", "a ", " a", "# no", "a #b", "a: b", "{a}", "[b]", "*bold*",
          "&x", "!x", "@x", "'", '"', "\\",
          "%", "a\nb", "\ta", "null ", "- a", "? a", "|", ">", "a\r\nb", "\\n", "{ {"]  # fmt: skip


def content(flow: str, **given: Given) -> str:
    """The text of the flow's one message, as it is on the wire."""
    loaded = load_text(flow, "f.yaml")
    assert loaded.flow is not None, [(each.message, str(each.location)) for each in loaded.diagnostics]
    rendering, diagnostics = Prepared(loaded).render(Recipient("c"), given, "2026-03-01T10:00:00-06:00", examples=True)
    assert rendering is not None, diagnostics
    (message,) = rendering.messages
    sent = json.loads(message.wire)
    assert sent == message.body
    text = sent["content"]
    assert isinstance(text, str)
    return text[1:-1] if text.startswith("<") else text


SHOWN = 'name: t\ninputs:\n  v: {type: string}\nsteps:\n  - message: "<{{ v }}>"\n'


@pytest.mark.parametrize("text", PLAIN)
def test_unquoted_text_is_sent_as_it_was_typed(text: str) -> None:
    """Short form, long form, in a list, as a default, an example and a choice."""
    for flow in (
        f"name: t\nsteps:\n  - message: {text}\n",
        f"name: t\nsteps:\n  - message: {{message_type: text, content: {text} }}\n",
        f"name: t\nsteps:\n  - message:\n      content: {text}\n",
        f"name: t\ninputs:\n  v: {{type: string, default: {text} }}\nsteps:\n  - message: '{{{{ v }}}}'\n",
        f"name: t\ninputs:\n  v: {{type: string, example: {text} }}\nsteps:\n  - message: '{{{{ v }}}}'\n",
        f"name: t\ninputs:\n  v: {{enum: [{text}, other], default: {text} }}\nsteps:\n  - message: '{{{{ v }}}}'\n",
        f"name: t\ninputs:\n  v: {{type: array, default: [{text}]}}\nsteps:\n  - message: '{{{{ v[0] }}}}'\n",
        f"name: t\ninputs:\n  v: {{default: {{k: {text} }}}}\nsteps:\n  - message: '{{{{ v.k }}}}'\n",
    ):
        assert content(flow) == text, flow


@pytest.mark.parametrize("text", QUOTED)
def test_quoted_text_is_sent_as_it_was_typed(text: str) -> None:
    """In double quotes and in a block, through an expression and without."""
    written = json.dumps(text, ensure_ascii=False)
    assert content(SHOWN.replace("{type: string}", f"{{type: string, default: {written}}}")) == text
    if text.strip():
        assert content(f"name: t\nsteps:\n  - message: {written}\n") == text
        single = text.replace("'", "''")
        if "\n" not in text:
            assert content(f"name: t\nsteps:\n  - message: '{single}'\n") == text


@pytest.mark.parametrize("text", QUOTED)
def test_variables_are_what_was_given(text: str, tmp_path: Path) -> None:
    """On the command line, in a YAML file and in a JSON file with escapes and without."""
    assert content(SHOWN, v=given_text("v", text)) == text
    for name, written in [
        ("quoted.yaml", f"v: {json.dumps(text, ensure_ascii=False)}\n"),
        ("plain.json", json.dumps({"v": text}, ensure_ascii=False, indent=2)),
        ("escaped.json", json.dumps({"v": text, "w": {"👋": "👋"}})),
        *([("plain.yaml", f"v: {text}\n")] if text in PLAIN else []),
    ]:
        file = tmp_path / name
        file.write_bytes(written.encode())
        given, diagnostics = given_file(file)
        assert not diagnostics
        assert content(SHOWN, v=given["v"]) == text, name


NOTHING = ["null", "Null", "NULL", "~", ""]
WHERE = [
    "message: {content: @ }",
    "message: @",
    "{id: @ , message: x}",
    "{when: @ , message: x}",
    "message: {message_type: image, media_url: 'https://e.org/a.jpg', caption: @ }",
    "message: {message_type: template, template_name: a, template_language: es, template_params: [x, @ ]}",
    "message: {message_type: template, template_name: a, template_language: es, template_params: {name: @ }}",
    "message: {message_type: interactive, interactive_type: button, body_text: b, buttons: [{id: a, title: @ }]}",
    "message: {message_type: contacts, contacts: [{first_name: @ }]}",
    "message: {message_type: location, latitude: 1, longitude: 2, location_name: @ }",
]


@pytest.mark.parametrize("nothing", NOTHING)
@pytest.mark.parametrize("where", WHERE)
def test_nothing_is_no_text(where: str, nothing: str) -> None:
    """An error at its place, and never sent as the word; in quotes it is one."""
    if "[x, @" in where and not nothing:
        nothing = "~"  # [x, ] is a list of one
    flow = f"name: t\nsteps:\n  - {where}\n"
    loaded = load_text(flow.replace("@", nothing), "f.yaml")
    assert [(each.code, each.is_error) for each in loaded.diagnostics] in (
        [("wrong-type", True)],
        [("blank-text", True)],
    )
    quoted = load_text(flow.replace("@", f"'{nothing or 'null'}'"), "f.yaml")
    assert quoted.flow is not None or "id: @" in where or "when: @" in where


@pytest.mark.parametrize("nothing", NOTHING)
def test_nothing_is_no_text_of_a_variable_but_a_word_of_a_command_line_is(nothing: str, tmp_path: Path) -> None:
    """A file of variables can say that there is none; a person may be called Null."""
    file = tmp_path / "v.yaml"
    file.write_text(f"v: {nothing}\n")
    bound, [problem] = Prepared(load_text(SHOWN, "f")).inputs.bind(given_file(file)[0])
    assert (bound, problem.code) == (None, "bad-variable")
    assert "must be text, not nothing" in problem.message
    assert content(SHOWN, v=given_text("v", nothing)) == nothing
    for declared in (
        "string, default: @",
        "string, example: @",
        "array, items: {type: string}, default: [@]",
    ):
        written = f"name: t\ninputs:\n  v: {{type: {declared}}}\nsteps: [{{message: '{{{{ v }}}}'}}]\n"
        assert load_text(written.replace("@", nothing or "~"), "f").flow is None


def test_an_input_may_be_nothing_where_it_says_so(tmp_path: Path) -> None:
    """The type null is a word of the declaration."""
    loaded = load_text(
        "name: t\ninputs: {v: {type: [string, null], default: null}}\nsteps: [{message: \"{{ v or 'x' }}\"}]\n", "f"
    )
    bound, problems = Prepared(loaded).inputs.bind({})
    assert bound is not None, problems
    assert bound.values == {"v": None}


def test_an_input_without_a_type_keeps_the_text(tmp_path: Path) -> None:
    """What nobody has given a type is text."""
    flow = SHOWN.replace("{type: string}", "{}")
    assert content(flow, v=given_text("v", "0123")) == "0123"
    file = tmp_path / "v.json"
    file.write_text('{"v": 1e3}')
    assert content(flow, **given_file(file)[0]) == "1e3"


def test_json_numbers_for_text_inputs_keep_their_characters(tmp_path: Path) -> None:
    """A long id or a price in a JSON file is not rounded."""
    for number in ("12345678901234567890123", "1.10", "1e3", "-0", "0.1000000000000000055511151231257827"):
        file = tmp_path / "v.json"
        file.write_text(f'{{"v": {number}}}')
        assert content(SHOWN, **given_file(file)[0]) == number


LOCATION = """name: t
inputs:
  x: {type: number, default: 1}
  s: {type: string, default: "2.50"}
steps:
  - message: {message_type: location, latitude: LATITUDE, longitude: 1, location_name: 007}
"""


@pytest.mark.parametrize(
    ("latitude", "given", "sent"),
    [
        ("-33.40", {}, -33.4),
        ("1e1", {}, 10.0),
        ("7", {}, 7),
        ('"{{ x }}"', {}, 1),
        ('"{{ x }}"', {"x": "-33.40"}, -33.4),
        ('"{{ x / 4 }}"', {}, 0.25),
        ('"{{ s }}"', {}, 2.5),
        ('"{{ s }}"', {"s": "007"}, 7),
        ('"-{{ x }}.5"', {}, -1.5),
        ('"{% if x %}4{% endif %}"', {}, 4),
        ('" {{ x }} "', {}, 1),
    ],
)
def test_a_number_field_is_a_number(latitude: str, given: dict[str, str], sent: float) -> None:
    """Literal, as an expression, from the command line: a number on the wire, beside text that stays text."""
    loaded = load_text(LOCATION.replace("LATITUDE", latitude), "f")
    rendering, diagnostics = Prepared(loaded).render(
        Recipient("c"), {name: given_text(name, text) for name, text in given.items()}, "2026-03-01T10:00:00Z"
    )
    assert rendering is not None, diagnostics
    body: dict[str, Any] = json.loads(rendering.messages[0].wire)
    assert (body["latitude"], type(body["latitude"])) == (sent, type(sent))
    assert body["location_name"] == "007"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "12", 12), ("integer", "0123", 123), ("number", ".5", 0.5), ("number", "1e3", 1000.0),
        ("boolean", "true", True), ("string", "true", "true"), ("null", "~", None), ("[integer, string]", "12", "12"),
        ("array", "[a, No, 012]", ["a", "No", "012"]), ("object", "{a: 1, b: [x]}", {"a": "1", "b": ["x"]}),
    ],
)  # fmt: skip
def test_a_variable_has_the_type_its_input_declares(kind: str, text: str, value: object) -> None:
    """The declaration decides, never the looks of the value; lists and objects may be written as YAML."""
    loaded = load_text(f"name: t\ninputs:\n  v: {{type: {kind}}}\nsteps: [{{message: x}}]\n", "f")
    bound, problems = Prepared(loaded).inputs.bind({"v": given_text("v", text)})
    assert bound is not None, problems
    assert bound.values == {"v": value}
    assert type(exact(bound.values["v"])) is type(value)
