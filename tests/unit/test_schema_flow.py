"""Typing, inputs, the shape of a flow, and the examples that explain the codes."""

# ruff: noqa: E501  # a table's row is read as one line

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest
from test_schema import ONE_MISTAKE, WARNED

from flowrunner.diagnostics import Problem
from flowrunner.flow import check_flow_shape, load_text
from flowrunner.source import Plain, read
from flowrunner.spec import (
    MESSAGE_TYPES,
    as_typed,
    check_input,
    check_message,
    check_value,
    child,
    kinds,
    message_schema,
    typed_input,
)


def plain(text: str) -> Any:
    values = {"No": None, "5": 5, "-33.4": -33.4, "true": True, "null": None, "0123": 123}
    return Plain(text, values[text])


@pytest.mark.parametrize(
    ("message_type", "data", "typed"),
    [
        ("text", {"content": plain("true")}, {"content": "true"}),
        ("location", {"latitude": plain("-33.4")}, {"latitude": -33.4}),
        ("location", {"latitude": plain("null")}, {"latitude": None}),
        ("location", {"location_name": plain("0123")}, {"location_name": "0123"}),
        ("interactive", {"buttons": [{"id": plain("5"), "title": plain("true")}]}, {"buttons": [{"id": "5", "title": "true"}]}),
        ("interactive", {"buttons": plain("5")}, {"buttons": 5}),
        ("template", {"template_params": [plain("5")]}, {"template_params": ["5"]}),
        ("template", {"template_params": {"a": plain("5")}}, {"template_params": {"a": "5"}}),
        ("template", {"template_params": {"body": {"a": plain("5")}}}, {"template_params": {"body": {"a": "5"}}}),
        ("template", {"template_params": {"header": plain("5")}}, {"template_params": {"header": "5"}}),
        ("text", {"unknown": [plain("5"), {"x": plain("null")}]}, {"unknown": ["5", {"x": "null"}]}),
        ("text", {"content": "-33.4"}, {"content": "-33.4"}),
    ],
)  # fmt: skip
def test_text_is_what_was_typed(message_type: str, data: Any, typed: Any) -> None:
    """An unquoted scalar is its characters where text is wanted, its value where not."""
    found = as_typed(data, message_schema(message_type))
    assert found == typed
    assert "Plain" not in {type(each).__name__ for each in leaves(found)}


def leaves(data: Any) -> list[Any]:
    if isinstance(data, Mapping):
        return [leaf for value in data.values() for leaf in leaves(value)]
    return [leaf for value in data for leaf in leaves(value)] if isinstance(data, list) else [data]


def test_schema_can_be_walked() -> None:
    """`child` follows fields and items, `kinds` tells the types; both say nothing where the schema does."""
    schema = message_schema("interactive")
    buttons = child(schema, "buttons")
    title = child(child(buttons, 2), "title")
    assert (kinds(buttons), kinds(title), kinds({})) == ({"array"}, {"string"}, frozenset())
    assert kinds(child(message_schema("template"), "template_params")) == {"array", "object"}
    assert child(schema, "unknown") == child(title, 0) == {}
    with pytest.raises(KeyError):
        message_schema("poll")


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ({"type": "string", "default": plain("5"), "minLength": plain("5")}, {"type": "string", "default": "5", "minLength": 5}),
        ({"type": "integer", "default": plain("5"), "enum": [plain("5")]}, {"type": "integer", "default": 5, "enum": [5]}),
        ({"enum": [plain("true")], "example": plain("5")}, {"enum": ["true"], "example": "5"}),
        ({"type": "array", "items": {"type": "number", "const": plain("5")}, "default": [plain("5")]}, {"type": "array", "items": {"type": "number", "const": 5}, "default": [5]}),
        ({"properties": {"a": {"type": "boolean"}}, "default": {"a": plain("true")}}, {"properties": {"a": {"type": "boolean"}}, "default": {"a": True}}),
        ({"additionalProperties": plain("true"), "uniqueItems": plain("true")}, {"additionalProperties": True, "uniqueItems": True}),
        (plain("5"), 5),
    ],
)  # fmt: skip
def test_declaration_is_typed_by_itself(written: Any, typed: Any) -> None:
    """Keywords have the type they need, values the type that is declared."""
    assert typed_input(written) == typed


@pytest.mark.parametrize(
    ("fragment", "code", "route", "hint"),
    [
        ("text", "wrong-type", (), "type: string"),
        ("Ana", "wrong-type", (), "default: Ana"),
        (5, "wrong-type", (), "object"),
        ({"typ": "string"}, "unknown-key", ("typ",), "did you mean type?"),
        ({"type": "strin"}, "bad-value", ("type",), "did you mean string?"),
        ({"type": ["string", "nul"]}, "bad-value", ("type", 1), "did you mean null?"),
        ({"minLenght": 3}, "unknown-key", ("minLenght",), "did you mean minLength?"),
        ({"minLength": "3"}, "wrong-type", ("minLength",), "whole number"),
        ({"minLength": -1}, "out-of-range", ("minLength",), "0 or more"),
        ({"choices": ["a"]}, "unknown-key", ("choices",), "did you mean enum?"),
        ({"enum": []}, "too-few-items", ("enum",), "add 1 item"),
        ({"pattern": "(a"}, "bad-input", ("pattern",), "regular expression"),
        ({"format": "ipv4"}, "bad-value", ("format",), "write date"),
        ({"items": {"default": 1}}, "unknown-key", ("items", "default"), "remove it"),
        ({"properties": {"a": {"type": "x"}}}, "bad-value", ("properties", "a", "type"), "write string"),
        ({"properties": {"a": {"pattern": "["}}}, "bad-input", ("properties", "a", "pattern"), "regular"),
        ({"required": ["a", "a"]}, "duplicate-value", ("required",), "remove one of the two"),
        (
            {"type": "string", "enum": ["free", "pro"], "default": "fre"},
            "bad-value",
            ("default",),
            "did you mean free?",
        ),
        ({"type": "integer", "example": "x"}, "wrong-type", ("example",), "whole number"),
        ({"minLength": 5, "default": "ab"}, "too-short", ("default",), "add 3 characters"),
    ],
)
def test_wrong_declaration_gets_one_error(fragment: Any, code: str, route: Any, hint: str) -> None:
    """Each fault of an input's declaration is found at its place, with a remedy."""
    [problem] = check_input("plan", fragment)
    assert (problem.code, problem.route) == (code, route)
    assert hint in problem.hint


VALUES = [
    ({"type": "string", "minLength": 3}, "abc", None, ""),
    ({"type": "string", "minLength": 3}, "ab", "too-short", "the value has 2 characters, at least 3 are required"),
    ({"type": "string", "maxLength": 3}, "ab👍x", "too-long", "the value has 4 characters, at most 3 are allowed"),
    ({"pattern": "^a+$"}, "aa", None, ""),
    ({"pattern": "^a+$"}, "aa\n", "bad-format", 'the value "aa\\n" does not match ^a+$'),
    ({"format": "date"}, "2024-02-29", None, ""),
    ({"format": "date"}, "2023-02-29", "bad-format", 'the value "2023-02-29" is not a date'),
    ({"format": "date-time"}, "2024-01-01", "bad-format", 'the value "2024-01-01" is not a date with a time'),
    ({"format": "time"}, "25:00:00Z", "bad-format", 'the value "25:00:00Z" is not a time with its zone'),
    ({"format": "email"}, "ana", "bad-format", 'the value "ana" is not an e-mail address'),
    ({"format": "uri"}, "no address", "bad-format", 'the value "no address" is not a web address'),
    ({"type": "integer"}, 1.5, "wrong-type", "the value must be a whole number, not a number"),
    ({"type": "boolean"}, "yes", "wrong-type", "the value must be true or false, not text"),
    ({"minimum": 1}, 0, "out-of-range", "the value is 0, at least 1 is allowed"),
    ({"maximum": 1}, 2, "out-of-range", "the value is 2, at most 1 is allowed"),
    ({"exclusiveMinimum": 1}, 1, "out-of-range", "the value is 1, it must be more than 1"),
    ({"exclusiveMaximum": 1}, 1, "out-of-range", "the value is 1, it must be less than 1"),
    ({"multipleOf": 0.1}, 0.3, None, ""),
    ({"multipleOf": 0.1}, 0.35, "out-of-range", "the value is 0.35, not a multiple of 0.1"),
    ({"const": "a"}, "b", "bad-value", 'the value "b" is not the value allowed'),
    ({"const": []}, "b", "bad-value", 'the value "b" is not the value allowed'),
    ({"items": {"type": "string"}}, ["a", 1], "wrong-type", "item 2 of the value must be text, not a number"),
    ({"minItems": 1}, [], "too-few-items", "the value has 0 items, at least 1 is required"),
    ({"maxItems": 1}, [1, 2], "too-many-items", "the value has 2 items, at most 1 is allowed"),
    ({"uniqueItems": True}, [1, 1], "duplicate-value", "the value holds the same value twice"),
    ({"required": ["a"]}, {}, "missing-field", "a is missing"),
    ({"properties": {"name": {}}, "additionalProperties": False}, {"nam": 1}, "unknown-field", "unknown field nam"),
    ({"additionalProperties": False}, {"a": 1}, "unknown-field", "unknown field a"),
    ({"type": "string"}, "\udc00", "lone-surrogate", "the value holds half of a character (a lone surrogate), which cannot be sent"),
    ({}, float("inf"), "out-of-range", "the value is inf, which is not a number that can be sent"),
]  # fmt: skip


@pytest.mark.parametrize(("fragment", "value", "code", "message"), VALUES, ids=lambda each: str(each)[:40])
def test_value_is_judged_by_its_declaration(fragment: Any, value: Any, code: str | None, message: str) -> None:
    """A value that does not satisfy its input is told as a message's field is."""
    assert check_input("plan", fragment) == []
    problems = check_value(fragment, value)
    assert [(each.code, each.message) for each in problems] == ([(code, message)] if code else [])


@pytest.mark.parametrize("pattern", [r"^(a+)+$", r"^(?=(a|a)*c)(a|a)*\1$", r"^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_hostile_pattern_ends(pattern: str) -> None:
    """A pattern that would keep Python's own `re` busy for years is answered."""
    assert check_input("x", {"pattern": pattern}) == []
    assert [each.code for each in check_value({"pattern": pattern}, "a" * 5000 + "!")] == ["bad-format"]


def flow(*steps: Any, **keys: Any) -> dict[str, Any]:
    return {"name": "f", "steps": list(steps), **keys}


SHAPES: list[tuple[Any, str, tuple[str | int, ...], str]] = [
    ([], "wrong-type", (), "start with: name"),
    ({"steps": [{"message": "hi"}]}, "missing-field", (), "name: my-flow"),
    ({"name": "f"}, "missing-field", (), "add steps"),
    ({"nam": "f", "steps": [{"message": "hi"}]}, "unknown-key", ("nam",), "did you mean name?"),
    ({"name": "f", "messages": [{"message": "hi"}]}, "unknown-key", ("messages",), "did you mean steps?"),
    (
        flow({"message": "hi"}, extra=1),
        "unknown-key",
        ("extra",),
        "name, description, opens, languages, inputs, defaults, steps and anytime",
    ),
    ({"name": " ", "steps": [{"message": "hi"}]}, "blank-text", ("name",), "write some text"),
    ({"name": [], "steps": [{"message": "hi"}]}, "wrong-type", ("name",), "one text"),
    (flow(), "too-few-items", ("steps",), "add a step"),
    ({"name": "f", "steps": {"message": "hi"}}, "wrong-type", ("steps",), "dash"),
    ({"name": "f", "steps": Plain("", None)}, "wrong-type", ("steps",), "dash"),
    (flow("hi"), "wrong-type", ("steps", 0), "message:"),
    (flow({}), "one-verb", ("steps", 0), "add one"),
    (flow({"id": "a"}), "one-verb", ("steps", 0), "add one"),
    (flow({"message": "hi", "pause": "2s"}), "one-verb", ("steps", 0, "pause"), "two steps"),
    (flow({"message_type": "text", "content": "hi"}), "one-verb", ("steps", 0), "message:"),
    (flow({"mesage": "hi"}), "unknown-key", ("steps", 0, "mesage"), "did you mean message?"),
    (flow({"wait": "2s"}), "unknown-key", ("steps", 0, "wait"), "did you mean pause?"),
    (flow({"message": "hi", "if": "x"}), "unknown-key", ("steps", 0, "if"), "did you mean when?"),
    (flow({"message": ["hi"]}), "wrong-type", ("steps", 0, "message"), "write the text"),
    (flow({"message": "hi", "id": "1a"}), "bad-format", ("steps", 0, "id"), "write _1a"),
    (flow({"message": "hi", "when": ["x"]}), "wrong-type", ("steps", 0, "when"), "write x"),
    (flow({"message": "hi", "when": ""}), "blank-text", ("steps", 0, "when"), "write some text"),
    (flow({"message": "hi", "until": "deliverd"}), "bad-value", ("steps", 0, "until"), "did you mean delivered?"),
    (flow({"pause": "2s", "until": "read"}), "foreign-field", ("steps", 0, "until"), "message step"),
    (flow({"pause": "2s", "timeout": "2s"}), "foreign-field", ("steps", 0, "timeout"), "message step"),
    (flow({"message": "hi", "timeout": "2"}), "bad-pause", ("steps", 0, "timeout"), "2s"),
    (flow({"message": "hi", "on_timeout": "stopp"}), "bad-value", ("steps", 0, "on_timeout"), "did you mean stop?"),
    ({**flow({"message": "hi"}), "opens": "now"}, "bad-value", ("opens",), "conversation"),
    ({**flow({"message": "hi"}), "defaults": ["x"]}, "wrong-type", ("defaults",), "until"),
    ({**flow({"message": "hi"}), "defaults": {"untl": "read"}}, "unknown-key", ("defaults", "untl"), "until"),
    ({**flow({"message": "hi"}), "defaults": {"until": "red"}}, "bad-value", ("defaults", "until"), "read"),
    (flow({"pause": Plain("2", 2)}), "bad-pause", ("steps", 0, "pause"), "write 2s"),
    (flow({"pause": "two seconds"}), "bad-pause", ("steps", 0, "pause"), "2s or 1.5m"),
    (flow({"pause": ["2s"]}), "bad-pause", ("steps", 0, "pause"), "2s or 1.5m"),
    (flow({"message": "hi"}, inputs={"niño": {}}), "bad-format", ("inputs", "niño"), "write nino"),
    (flow({"message": "hi"}, inputs={"1a": {}}), "bad-format", ("inputs", "1a"), "write _1a"),
    (flow({"message": "hi"}, inputs=["a"]), "wrong-type", ("inputs",), "name: {type: string}"),
]


@pytest.mark.parametrize(("data", "code", "route", "hint"), SHAPES, ids=lambda each: str(each)[:50])
def test_wrong_shape_gets_one_error(data: Any, code: str, route: Any, hint: str) -> None:
    """Each fault in a flow's shape is found at its place, once."""
    [problem] = check_flow_shape(data)
    assert (problem.code, problem.route) == (code, route)
    assert hint in problem.hint


def test_good_shape_gets_nothing() -> None:
    """Every key and verb of a flow is known, and plain scalars are text where text is wanted."""
    steps = [
        {"id": "hello_1_a", "when": Plain("true", True), "message": Plain("5", 5), "until": "accepted"},
        *[{"pause": each} for each in ("500ms", "2s", "1.5m", "2h", "3d")],
        {"message": {"anything": "goes"}},
    ]
    assert check_flow_shape(flow(*steps, description=Plain("", None), inputs=Plain("", None))) == []


def problems_of_file(text: str) -> list[Problem]:
    """What this room says about a flow file without expressions in its messages."""
    document, faults = read(text, "flow.yaml")
    assert document is not None
    assert faults == []
    found = check_flow_shape(document.data)
    for name, written in document.data.get("inputs", {}).items():
        found += check_input(name, written)
    for step in document.data["steps"]:
        message = step.get("message", {"content": "-"})
        body = {"content": message} if isinstance(message, str) else message
        known = body.get("message_type") if body.get("message_type") in MESSAGE_TYPES else "text"
        found += check_message(as_typed(body, message_schema(known)))
    return found


_TABLES = (ONE_MISTAKE, WARNED, SHAPES)
# Only an expression can make a lone surrogate, and this room renders none.
SAID_HERE = sorted({row[1] for table in _TABLES for row in table} - {"lone-surrogate"} | {"bad-input", "too-short"})


@pytest.mark.parametrize("code", SAID_HERE)
def test_examples_of_a_code_are_wrong_and_right(code: str) -> None:
    """`explain` shows a flow that gets this code and no other, and the same flow mended."""
    entry = tomllib.loads(files("flowrunner.diagnostics").joinpath("codes.toml").read_text("utf-8"))[code]
    assert set(entry) - {"pages"} == {"severity", "what", "why", "wrong", "right"}
    wrong = problems_of_file(entry["wrong"])
    assert [(each.code, each.severity) for each in wrong] == [(code, entry["severity"])]
    assert problems_of_file(entry["right"]) == []


URL = "https://cdn.example.com/a.jpg"


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ({"image": URL}, f"write message: {{message_type: image, media_url: {URL}}}"),
        ({"photo": URL}, f"write message: {{message_type: image, media_url: {URL}}}"),
        ({"Image": URL}, f"write message: {{message_type: image, media_url: {URL}}}"),
        ({"pdf": URL}, f"write message: {{message_type: document, media_url: {URL}}}"),
        ({"video": URL, "until": "read"}, f"write message: {{message_type: video, media_url: {URL}}}"),
        ({"audio": "{{ url }}"}, 'write message: {message_type: audio, media_url: "{{ url }}"}'),
        ({"document": "https://a.org/a,b.pdf"}, 'write message: {message_type: document, media_url: "https://a.org/a,b.pdf"}'),
        ({"image": URL, "caption": "x"}, f"write message: {{message_type: image, media_url: {URL}}}"),
        ({"image": {"url": URL}}, "write message: with message_type: image and its other fields below it, further to the right"),
        ({"location": {"latitude": 1}}, "write message: with message_type: location and its other fields below it, further to the right"),
        ({"template": "order_ready"}, "write message: with message_type: template and its other fields below it, further to the right"),
        ({"list": ["a"]}, "write message: with message_type: interactive and its other fields below it, further to the right"),
    ],
)  # fmt: skip
def test_a_type_as_a_verb_is_a_message(step: dict[str, Any], hint: str) -> None:
    """Its address is not to be sent as text."""
    [problem] = check_flow_shape({"name": "f", "steps": [step]})
    assert (problem.code, problem.route, problem.hint, problem.at_key) == (
        "one-verb",
        ("steps", 0, next(iter(step))),
        hint,
        True,
    )


@pytest.mark.parametrize(("key", "meant"), [("text", "message"), ("msg", ""), ("mesage", "message"), ("wait", "pause")])
def test_other_words_for_a_verb_are_known(key: str, meant: str) -> None:
    """A text is the message itself."""
    problems = check_flow_shape({"name": "f", "steps": [{key: "Hello"}]})
    assert any(f"did you mean {meant}?" == each.hint for each in problems) is bool(meant)


@pytest.mark.parametrize(
    ("step", "hint"),
    [
        ({"message": Plain("", None), "message_type": "text", "content": "hi"}, "indent message_type and content by two more spaces"),
        ({"id": "a", "message": None, "content": "hi"}, "indent it by two more spaces"),
        ({"message": Plain("~", None), "message_type": "image", "media_url": URL, "caption": "c"}, "indent message_type, media_url and caption by two more spaces"),
        ({"message": "hi", "media_url": URL}, "write message: alone on its line, and below it, further to the right, all its fields"),
        ({"message": {"content": "hi"}, "message_type": "text"}, "move it below message:, in line with the fields there"),
    ],
)  # fmt: skip
def test_fields_beside_message_are_not_to_be_removed(step: dict[str, Any], hint: str) -> None:
    """One error, at the first of them."""
    [problem] = check_flow_shape({"name": "f", "steps": [step]})
    assert problem.hint == hint
    assert problem.at_key


def test_fields_beside_message_are_one_mistake() -> None:
    """Indented as the hint says, it is right."""
    text = "name: t\nsteps:\n  - message:\n    message_type: text\n    content: hi\n"
    [problem] = load_text(text, "f").diagnostics
    assert (problem.code, problem.location.line, problem.location.column) == ("one-verb", 4, 5)
    assert (
        load_text(
            text.replace("    message_type", "      message_type").replace("    content", "      content"), "f"
        ).flow
        is not None
    )


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("string", "write name: {type: string}"), ("String", "write name: {type: string}"), ("text", "write name: {type: string}"), ("int", "write name: {type: integer}"),
        ("number", "write name: {type: number}"), ("float", "write name: {type: number}"), ("bool", "write name: {type: boolean}"), ("list", "write name: {type: array}"),
        ("Ana", 'write name: {type: string, default: Ana}'), ("it's", 'write name: {type: string, default: "it\'s"}'),
    ],
)  # fmt: skip
def test_a_word_in_place_of_a_declaration_is_its_type_or_its_value(written: str, hint: str) -> None:
    """Followed, the hint is a declaration."""
    [problem] = check_input("name", written)
    assert (problem.code, problem.hint) == ("wrong-type", hint)
    declared = hint.removeprefix("write ")
    step = "{{ name | join }}" if "array" in hint else "{{ name }}"
    assert load_text(f"name: t\ninputs:\n  {declared}\nsteps: [{{message: '{step}'}}]\n", "f").flow is not None


def test_parts_without_a_name_of_their_own_are_told_of_in_the_order_of_the_data() -> None:
    """The library goes through a set of their names, whose order is another one in each process."""
    names = ["zeta", "alpha", "mu", "beta", "omega", "gamma", "kappa", "delta"]
    found = check_value({"type": "object", "additionalProperties": {"type": "integer"}}, dict.fromkeys(names, "x"))
    assert [each.route for each in found] == [(name,) for name in names]
