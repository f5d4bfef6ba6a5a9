"""`schemas/flow.json` in an editor: the real yaml-language-server completes, documents and underlines."""

# ruff: noqa: E501  # a table's row is read as one line

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowrunner.cli.group import commands
from flowrunner.flow import find_flows, load_text
from flowrunner.spec import KINDS, MESSAGE_TYPES, message_schema
from flowrunner.spec.files import key_schemas
from support.editor import CURSOR, CURSOR_DOCUMENT, Editor, Problem, editor

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "flow.json"
MODELINE = "# yaml-language-server: $schema=../schemas/flow.json\n"
PROPERTY = 10  # CompletionItemKind.Property of the protocol
INTERACTIVE = "message_type: interactive, interactive_type: "
BUTTON = f"{INTERACTIVE}button, body_text: b"
LIST = f"{INTERACTIVE}list, body_text: b, list_button_text: l"
TEMPLATE = "message_type: template, template_name: a_b, template_language: es"
IMAGE = "message_type: image, media_url: https://example.com/a.jpg"
SUBTYPES = (
    "button",
    "list",
    "cta_url",
    "location_request",
    "contact_request",
    "flow",
    "product",
    "product_list",
    "catalog",
    "carousel",
)
VERBS = "message, pause, choose, for_each, include or end"
ASKED = "message: hi, reply: {within: 1d, no_reply: continue"
HEADERS = ("text", "image", "video", "document", "location")


EXPECT = tuple(key_schemas("reply")["expect"]["enum"])
MEDIA = tuple(key_schemas("answer")["media"]["anyOf"][0]["enum"])


@pytest.fixture(scope="module")
def server() -> Iterator[Editor]:
    """One server for all tests; documents called by-settings-* get the schema from the settings, not from a line."""
    command = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")
    command = command or shutil.which("yaml-language-server", path=str(ROOT / "node_modules" / ".bin"))
    if not command:
        pytest.skip("no yaml-language-server: install it from npm, or name it in YAML_LANGUAGE_SERVER")
    if not shutil.which("node"):
        pytest.skip("no node to run yaml-language-server with")
    # The documents stand where a flow would, so that the line with ../schemas leads to the schema.
    with editor([command], ROOT / "flows", {SCHEMA.as_uri(): ["by-settings-*.yaml", CURSOR_DOCUMENT]}) as client:
        yield client


def flow(*steps: str) -> str:
    """A flow with these steps in YAML's flow style, one a line, the first in line 3."""
    return "\n".join(["name: f", "steps:", *(f"  - {step}" for step in steps)]) + "\n"


def message(fields: str) -> str:
    return flow(f"message: {{{fields}}}")


def valid(values: Iterable[str]) -> str:
    """What is said of a value that is none of these."""
    return f"Value is not accepted. Valid values: {', '.join(f'{chr(34)}{each}{chr(34)}' for each in values)}."


ACCEPTED = {
    "numbers and words typed as text": "name: No\ndescription: 2026\n" + flow("message: 5", "message: true").removeprefix("name: f\n"),
    "when is true": flow("{message: hi, when: true}", "{message: hi, when: x == 1}"),
    "text with an expression": message('content: "{{ x }}"'),
    "expressions may be long": message(f'content: "{{{{ x }}}}{"y" * 5000}"'),
    "buttons from an expression": message(f'{BUTTON}, buttons: "{{{{ buttons }}}}"'),
    "one button from an expression": message(f'{BUTTON}, buttons: ["{{{{ button }}}}", {{id: b, title: B}}]'),
    "titles that are no text in YAML": message(f"{BUTTON}, buttons: [{{id: 1, title: No}}, {{id: 2, title: true}}, {{id: 3, title: 123}}]"),
    "a title of 20 emoji": message(f"{BUTTON}, buttons: [{{id: a, title: {'👋' * 20}}}]"),
    "a place from expressions": message('message_type: location, latitude: "{{ lat }}", longitude: "{{ lon }}"'),
    "a media id typed as a number": message("message_type: image, media_id: 1013859600285441"),
    "params by name, by number, from an expression": flow(*(f"message: {{{TEMPLATE}, template_params: {params}}}" for params in ("[5, a]", "{name: Ana}", '"{{ x }}"'))),
    "a header's type from an expression": message(f'{TEMPLATE}, header_type: "{{{{ kind }}}}", header_params: x'),
    "an input that takes anything": "inputs: {a: , b: {type: [string, 'null'], default: null, example: 5}}\n" + flow("message: hi"),
}  # fmt: skip
FAULTS: dict[str, tuple[str, list[tuple[int, str, str]]]] = {
    "key of the flow": ("descripton: d\n" + flow("message: hi"), [(1, "descripton", "Property descripton is not allowed.")]),
    "name missing": ("steps: [{message: hi}]\n", [(1, "s", 'Missing property "name".')]),
    "key of a step": (flow("{message: hi, untill: read}"), [(3, "untill", "Property untill is not allowed.")]),
    "step without a verb": (flow("{id: a}"), [(3, "{", f"a step needs {VERBS}")]),
    "two verbs": (flow("{message: hi, pause: 2s}"), [(3, "pause", "a step has message or pause, not both; make two steps of it")]),
    "until beside pause": (flow("{pause: 2s, until: read}"), [(3, "until", "until does not belong to a pause, choose, for_each, include or end step; remove it, or move it to a message step")]),
    "until": (flow("{message: hi, until: arrived}"), [(3, "arrived", 'Value is not accepted. Valid values: "accepted", "sent", "delivered", "read".')]),
    "pause": (flow("pause: 2w"), [(3, "2w", "write a number and its unit, for example 500ms, 2s, 5m, 1h or 1d")]),
    "id": (flow("{id: 1a, message: hi}"), [(3, "1a", "id may hold only letters without accents, digits and _, and does not begin with a digit")]),
    "message is a list": (flow("message: [hi]"), [(3, "[hi]", "message must be text, or the fields of a message")]),
    "message is blank": (flow('message: " "'), [(3, '" "', "message must not be blank")]),
    "message is too long": (flow(f"message: {'x' * 4097}"), [(3, "x" * 4097, "message has more than 4096 characters")]),
    "message_type": (message("message_type: imagen"), [(3, "imagen", valid(MESSAGE_TYPES))]),
    "field misspelt": (message(f"{IMAGE}, captoin: c"), [(3, "captoin", "Property captoin is not allowed.")]),
    "foreign field": (message("content: hi, caption: c"), [(3, "caption", "Property caption is not allowed.")]),
    "required field missing": (message("message_type: location, latitude: 1"), [(3, "message", 'Missing property "longitude".')]),
    "number too great": (message("message_type: location, latitude: 91, longitude: 1"), [(3, "91", "Value is above the maximum of 90.")]),
    "number in quotes": (message("message_type: location, latitude: '9', longitude: 1"), [(3, "'9'", "latitude must be a number, or an expression")]),
    "no address": (message("message_type: image, media_url: a.jpg"), [(3, "a.jpg", "media_url is not a web address; write the whole address, starting with https://")]),
    "two sources": (message(f"{IMAGE}, media_id: '1'"), [(3, "media_id", "media_url and media_id are both given, only one is allowed; remove media_id (or media_url)")]),
    "no source": (message("message_type: image, caption: c"), [(3, "message", "an image message needs media_url or media_id; add media_url, for example: media_url: https://cdn.example.com/welcome.jpg")]),
    "title too long": (message(f"{BUTTON}, buttons: [{{id: a, title: {'👋' * 21}}}]"), [(3, "👋" * 21, "title has more than 20 characters")]),
    "four buttons": (message(f"{BUTTON}, buttons: [{', '.join(f'{{id: {i}, title: {i}}}' for i in 'abcd')}]"), [(3, "[{id: a, title: a}, {id: b, title: b}, {id: c, title: c}, {id: d, title: d}]", "Array has too many items. Expected 3 or fewer.")]),
    "buttons are text": (message(f"{BUTTON}, buttons: two"), [(3, "two", "buttons must be a list, or an expression")]),
    "text is a list": (message(f"{INTERACTIVE}button, body_text: [b], buttons: [{{id: a, title: A}}]"), [(3, "[b]", "body_text must be text")]),
    "interactive_type": (message(f"{INTERACTIVE}buton, body_text: b"), [(3, "buton", valid(SUBTYPES))]),
    "field of a list": (message(f"{BUTTON}, buttons: [{{id: a, title: A}}], sections: []"), [(3, "sections", "sections does not belong to a button message; remove sections, or write interactive_type: list")]),
    "section without a title": (message(f"{LIST}, sections: [{{title: s, rows: [{{id: a, title: A}}]}}, {{rows: [{{id: b, title: B}}]}}]"), [(3, "{", "a section has no title; with more than one section, each needs one; add a title, for example: title: This week")]),
    "language": (message("message_type: template, template_name: a, template_language: es-MX"), [(3, "es-MX", "template_language is not a WhatsApp language code; write it like es or es_MX: an underscore, the country in capitals")]),
    "param with a tab": (message(f'{TEMPLATE}, template_params: ["a\\tb"]'), [(3, '"a\\tb"', "the value has a line break, a tab or more than four spaces in a row; put the text on one line, with single spaces")]),
    "header_params alone": (message(f"{TEMPLATE}, header_params: x"), [(3, "header_params", "header_params is given without header_type; add header_type: text, image, video or document")]),
    "header_type": (message(f"{TEMPLATE}, header_type: picture, header_params: https://example.com"), [(3, "picture", valid(HEADERS))]),
    "contact without a name": (message("message_type: contacts, contacts: [{last_name: P}]"), [(3, "{", "a contact needs formatted_name or first_name; add formatted_name, for example: formatted_name: Ana Pérez")]),
    "name of an input": ("inputs: {1a: {}}\n" + flow("message: hi"), [(1, "1a", "the name of an input may hold only letters without accents, digits and _, and does not begin with a digit")]),
    "keyword of an input": ("inputs: {a: {typ: string}}\n" + flow("message: hi"), [(1, "typ", "Property typ is not allowed.")]),
    "type of an input": ("inputs: {a: {type: strin}}\n" + flow("message: hi"), [(1, "strin", 'Value is not accepted. Valid values: "string", "number", "integer", "boolean", "array", "object", "null".')]),
    "reply without within": (flow("{message: hi, reply: {no_reply: continue}}"), [(3, "reply", 'Missing property "within".')]),
    "time of a reply": (flow("{message: hi, reply: {within: 2w, no_reply: continue}}"), [(3, "2w", "write a number and its unit, for example 500ms, 2s, 5m, 1h or 1d")]),
    "key of a reply": (flow(f"{{{ASKED}, expct: text}}}}"), [(3, "expct", "Property expct is not allowed.")]),
    "expect": (flow(f"{{{ASKED}, expect: int}}}}"), [(3, "int", valid(EXPECT))]),
    "answer without a match": (flow(f"{{{ASKED}, otherwise: continue, answers: [{{steps: []}}]}}}}"), [(3, "{", "say what is answered: button, row, text, words, matches, number, media or when")]),
    "media of an answer": (flow(f"{{{ASKED}, otherwise: continue, answers: [{{media: photo}}]}}}}"), [(3, "photo", valid(MEDIA))]),
    "branch without steps": (flow("choose: [{when: now.hour < 12}]"), [(3, "{", 'Missing property "steps".')]),
    "for_each without in": (flow("{for_each: item, steps: [{message: hi}]}"), [(3, "{", "a for_each step needs in")]),
    "end": (flow("end: opt_out"), [(3, "opt_out", valid(("finished", "opted_out", "handed_over")))]),
    "anytime without end": ("anytime: [{words: [stop]}]\n" + flow("message: hi"), [(1, "{", 'Missing property "end".')]),
    "two mistakes": (flow("message: hi", "mesage: hi", "{message: hi, untill: read}"), [(4, "m", f"a step needs {VERBS}"), (4, "mesage", "Property mesage is not allowed."), (5, "untill", "Property untill is not allowed.")]),
}  # fmt: skip


@pytest.fixture(scope="module")
def underlined(server: Editor) -> dict[str, list[Problem]]:
    """What the server finds in each faulty document, all open at once: it waits a moment before it looks at one."""
    found = server.problems({f"by-settings-{index}.yaml": text for index, (text, _) in enumerate(FAULTS.values())})
    return dict(zip(FAULTS, found.values(), strict=True))


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_underlined_where_it_stands(underlined: dict[str, list[Problem]], name: str) -> None:
    """A mistake is marked in its own line, on its own key or value, in a sentence that says what is allowed."""
    assert [(each.line, each.marked, each.message) for each in underlined[name]] == FAULTS[name][1]


def test_nothing_is_underlined_in_a_right_file(server: Editor) -> None:
    """The flows that come with flowrunner, every valid conformance case and what YAML types oddly: no problem at all."""
    valid = [*(ROOT / "tests" / "conformance").glob("*/valid/*.yaml")]
    texts = {path.name: path.read_text("utf-8") for path in find_flows([ROOT / "flows"])[0]}
    texts |= {f"by-settings-{path.parts[-3]}-{path.name}": path.read_text("utf-8") for path in valid}
    texts |= {f"by-settings-{name}.yaml": text for name, text in ACCEPTED.items()}
    found = server.problems(texts)
    # A bare null is the text "null" to flowrunner; no schema can tell an editor so and still have it mark an empty field.
    wrong = {name: [each for each in problems if each.marked not in {"~", "null"}] for name, problems in found.items()}
    assert {name: problems for name, problems in wrong.items() if problems} == {}


@pytest.mark.parametrize(
    ("name", "first_line", "found"),
    [("modeline.yaml", MODELINE, 1), ("by-settings-.yaml", "# no line\n", 1), ("neither.yaml", "# no line\n", 0)],
)
def test_schema_comes_from_a_line_or_from_the_settings(server: Editor, name: str, first_line: str, found: int) -> None:
    """The line that the example flows begin with is enough, and so is an association in the editor's settings."""
    assert len(server.problems({name: f"{first_line}nmae: x\n" + flow("message: hi")})[name]) == found


STEP = "name: f\nsteps:\n  - "
FIELDS = f"{STEP}message:\n      "
STEP_KEYS = {
    "id", "when", "message", "pause", "choose", "for_each", "include", "end",
    "until", "timeout", "on_timeout", "reply", "otherwise", "in", "steps", "with", "reason",
}  # fmt: skip
REPLY = f"{STEP}message: hi\n    reply:\n      "
MATCHES = {"button", "row", "text", "words", "matches", "number", "media"}
MEDIA_HEADER = {"header_type", "header_media_url", "header_media_id", "header_media_file", "header_filename"}
KEYS = {
    "of a flow": (CURSOR, {"name", "description", "opens", "languages", "inputs", "defaults", "steps", "anytime"}),
    "of the defaults": (f"defaults:\n  {CURSOR}", {"until", "timeout", "on_timeout"}),
    "of a step": (f"{STEP}{CURSOR}", STEP_KEYS),
    "of a step begun": (f"{STEP}id: a\n    {CURSOR}", STEP_KEYS - {"id"}),
    "of a reply": (f"{REPLY}{CURSOR}", {"within", "remind", "expect", "answers", "otherwise", "no_reply", "settle", "late", "typed"}),
    "of a reminder": (f"{REPLY}remind:\n        - {CURSOR}", {"after", "message"}),
    "of an answer": (f"{REPLY}answers:\n        - {CURSOR}", {*MATCHES, "when", "steps"}),
    "of a number": (f"{REPLY}answers:\n        - number:\n            {CURSOR}", {"min", "max"}),
    "of a step of an answer": (f"{REPLY}answers:\n        - button: a\n          steps:\n            - {CURSOR}", STEP_KEYS),
    "of what is said again": (f"{REPLY}otherwise:\n        {CURSOR}", {"again", "times", "then"}),
    "of a branch": (f"{STEP}choose:\n      - {CURSOR}", {"when", "steps"}),
    "of what is looked at anytime": (f"anytime:\n  - {CURSOR}", {*MATCHES, "steps", "end"}),
    "of a message without a type": (f"{FIELDS}{CURSOR}", {"message_type", "content", "preview_url", "reply_to"}),
    "of a button message": (f"{FIELDS}message_type: interactive\n      interactive_type: button\n      {CURSOR}", {"body_text", "header_text", "footer_text", "buttons", "content", "reply_to", *MEDIA_HEADER}),
    "of a list message": (f"{FIELDS}message_type: interactive\n      interactive_type: list\n      {CURSOR}", {"body_text", "header_text", "footer_text", "list_button_text", "sections", "content", "reply_to"}),
    "of a button": (f"{FIELDS}message_type: interactive\n      interactive_type: button\n      buttons:\n        - {CURSOR}", {"id", "title"}),
    "of a row": (f"{FIELDS}message_type: interactive\n      interactive_type: list\n      sections:\n        - rows:\n            - id: a\n              {CURSOR}", {"title", "description"}),
    "of a phone": (f"{FIELDS}message_type: contacts\n      contacts:\n        - phones:\n            - {CURSOR}", {"phone", "type", "wa_id"}),
}  # fmt: skip
VALUES = {
    "message_type": (f"{FIELDS}message_type: {CURSOR}", set(MESSAGE_TYPES)),
    "interactive_type": (f"{FIELDS}message_type: interactive\n      interactive_type: {CURSOR}", set(SUBTYPES)),
    "header_type": (f"{FIELDS}message_type: template\n      header_type: {CURSOR}", set(HEADERS)),
    "header_type of buttons": (f"{FIELDS}message_type: interactive\n      interactive_type: button\n      header_type: {CURSOR}", set(HEADERS) - {"location"}),
    "until": (f"{STEP}message: hi\n    until: {CURSOR}", {"accepted", "sent", "delivered", "read"}),
    "on_timeout": (f"{STEP}message: hi\n    on_timeout: {CURSOR}", {"continue", "stop"}),
    "expect": (f"{REPLY}expect: {CURSOR}", set(EXPECT)),
    "media of an answer": (f"{REPLY}answers:\n        - media: {CURSOR}", set(MEDIA)),
    "late": (f"{REPLY}late: {CURSOR}", {"ignore", "accept"}),
    "end": (f"{STEP}end: {CURSOR}", {"finished", "opted_out", "handed_over"}),
    "type of an input": (f"inputs:\n  a:\n    type: {CURSOR}", {"string", "number", "integer", "boolean", "array", "object", '"null"'}),
    "format of an input": (f"inputs:\n  a:\n    format: {CURSOR}", {"date", "date-time", "time", "email", "uri"}),
}  # fmt: skip


def keys(items: dict[str, dict[str, Any]]) -> set[str]:
    return {label for label, item in items.items() if item["kind"] == PROPERTY}


@pytest.mark.parametrize("name", KEYS)
def test_keys_are_completed_with_their_documentation(server: Editor, name: str) -> None:
    """Exactly the keys that belong where the cursor stands and are not there yet, each with what it is for."""
    text, expected = KEYS[name]
    items = server.complete(text)
    assert keys(items) == expected
    assert [key for key in expected if not items[key]["documentation"]] == []


def named(kind: str) -> dict[str, str]:
    """The fields that make a message one of this kind."""
    if kind in MESSAGE_TYPES:
        return {"message_type": kind}
    return {"message_type": "interactive", "interactive_type": kind.removeprefix("interactive_")}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "interactive"])
def test_fields_of_a_message_are_those_of_its_type(server: Editor, kind: str) -> None:
    """After what names its kind exactly that kind's fields are offered, each with the description from its schema."""
    fields = {key: each for key, each in message_schema(kind)["properties"].items() if key not in named(kind)}
    items = server.complete(FIELDS + "".join(f"{key}: {value}\n      " for key, value in named(kind).items()) + CURSOR)
    assert keys(items) == set(fields)
    for key, each in fields.items():
        assert each["description"] in plain(items[key]["documentation"])


@pytest.mark.parametrize("name", VALUES)
def test_values_are_completed(server: Editor, name: str) -> None:
    """Where only a few words are allowed, exactly those are offered."""
    text, expected = VALUES[name]
    assert set(server.complete(text)) == expected


def test_languages_of_templates_are_offered(server: Editor) -> None:
    """Every language that Meta lists can be chosen."""
    known = message_schema("template")["properties"]["template_language"]["x-known"]["values"]
    items = server.complete(f"{FIELDS}message_type: template\n      template_language: {CURSOR}")
    assert set(known) <= {label.strip('"') for label in items}


def test_keywords_of_an_input_are_completed(server: Editor) -> None:
    """Every keyword is offered, and one that takes any value is inserted with its colon."""
    items = server.complete(f"inputs:\n  a:\n    {CURSOR}")
    assert {"type", "enum", "default", "example", "minLength", "pattern", "items", "required"} <= keys(items)
    assert [label for label in keys(items) if ":" not in items[label]["insertText"]] == []


def test_each_ready_made_step_is_a_right_one(server: Editor) -> None:
    """A new step can be a whole message of each kind; as inserted, flowrunner and the editor find nothing wrong."""
    items = server.complete(f"{STEP}{CURSOR}")
    inserted = {label: item["insertText"] for label, item in items.items() if item["kind"] != PROPERTY}
    assert set(inserted) == {
        *MESSAGE_TYPES,
        "buttons",
        "list",
        "link",
        "form",
        "ask for a place",
        "carousel",
        "products",
        "question",
        "number question",
        "branches",
        "list of things",
        "end of the run",
    } - {"interactive"}
    # An editor indents what it inserts as the line with the cursor is.
    texts = {f"by-settings-{label}.yaml": STEP + text.replace("\n", "\n  ") for label, text in inserted.items()}
    assert {name: problems for name, problems in server.problems(texts).items() if problems} == {}
    for name, text in texts.items():
        assert [each for each in load_text(text.encode(), name).diagnostics if each.is_error] == []


def test_ready_made_steps_stay_away_from_a_message(server: Editor) -> None:
    """A step that has its message is offered no other, and neither are the fields of a message."""
    assert keys(server.complete(f"{STEP}message: hi\n    {CURSOR}")) == STEP_KEYS - {"message"}
    assert "message" not in server.complete(f"{STEP}message: hi\n    {CURSOR}")
    assert "buttons" not in server.complete(f"{FIELDS}message_type: image\n      {CURSOR}")


def plain(documentation: Any) -> str:
    """A text without Markdown's backslashes."""
    text = documentation["value"] if isinstance(documentation, dict) else documentation
    return re.sub(r"\\(.)", r"\1", text)


def fields() -> Iterator[tuple[str, str, str]]:
    """Each field of a message with a document that has the cursor in it, and the description in its schema."""
    for kind in KINDS:
        for name, each in message_schema(kind)["properties"].items():
            subtype = "list" if name in {"list_button_text", "sections"} else "button"
            fields = named(kind) | ({"interactive_type": subtype} if kind == "interactive" else {})
            lines = [f"{key}: {value}" for key, value in ({name: "x"} | fields).items()]
            text = FIELDS + "\n      ".join(lines)
            description = each["description"]
            if name == "message_type":
                description = message_schema(fields["message_type"])["description"]
            elif name == "interactive_type":  # to choose from, all of them are named
                description = message_schema("interactive")["properties"][name]["description"]
            yield f"{kind}: {name}", text.replace(f"{name}:", f"{name[:2]}{CURSOR}{name[2:]}:", 1), description


@pytest.mark.parametrize(("text", "description"), [pytest.param(*rest, id=name) for name, *rest in fields()])
def test_hover_shows_what_a_field_is_and_its_limit(server: Editor, text: str, description: str) -> None:
    """Over a field's name stands the description from its type's schema, which says the limit."""
    assert description in plain(server.hover(text))


@pytest.mark.parametrize(
    ("text", "title", "said"),
    [
        (f"{STEP}pause: 2{CURSOR}s", "Step", "How long to wait before the next step"),
        (f"{STEP}unt{CURSOR}il: read", "Step", "How far the message must have come"),
        (f"{STEP}mes{CURSOR}sage: {{{IMAGE}}}", "Message", "An image from a web address or an upload"),
        (f"{STEP}message: {{{BUTTON}, buttons: [{{ti{CURSOR}tle: x}}]}}", "One reply button", "1 to 20 characters, unique in the message"),
        (f"{STEP}message: {{{BUTTON}, but{CURSOR}tons: []}}", "Interactive message", '[{id: "yes", title: "Yes"}, {id: "no", title: "No"}]'),
        (f"{STEP}message: {{{LIST}, sections: [{{rows: [{{descri{CURSOR}ption: x}}]}}]}}", "One choice of the list", "at most 72 characters"),
        (f"{STEP}rep{CURSOR}ly: {{within: 1d}}", "Reply", "What may be answered to this message"),
        (f"{REPLY}wit{CURSOR}hin: 1d", "Reply", "at most 30d"),
        (f"{REPLY}answers: [{{wor{CURSOR}ds: [a]}}]", "Answer", "Case, accents and emoji do not count"),
        (f"{STEP}choose: [{{whe{CURSOR}n: a}}]", "Branch", "An expression that gives true or false."),
        (f"anytime: [{{en{CURSOR}d: opted_out}}]", "At any time", "nothing is ever sent to this person again"),
        (f"inputs:\n  a: {{minLe{CURSOR}ngth: 5}}", "Input", "The fewest characters a text may have."),
    ],
)  # fmt: skip
def test_hover_below_the_top(server: Editor, text: str, title: str, said: str) -> None:
    """Steps, inputs and what stands inside a message are documented as well, under a title that says what it is in."""
    shown = plain(server.hover(text))
    assert shown.startswith(f"#### {title}\n")
    assert said in shown


@pytest.mark.parametrize(("options", "name"), [([], "flow.json"), (["--message"], "message.json")])
def test_schema_command_prints_the_file(options: list[str], name: str) -> None:
    """What it prints can be saved where an editor looks for it: the same bytes."""
    result = CliRunner().invoke(commands, ["schema", *options], standalone_mode=False)
    assert result.return_value == 0
    assert result.stdout_bytes == (ROOT / "schemas" / name).read_bytes()
