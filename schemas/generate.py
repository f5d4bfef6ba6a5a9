"""Make `message.json` and `flow.json` from the files in `message/`. Run me after every change there.

`message.json` is one rendered message for any JSON Schema validator, with no file beside it. `flow.json` is a whole
flow file for an editor: the same rules, held back where an expression stands. The annotations that begin with ``x-``
are flowrunner's own and are left out of both, since strict validators refuse keywords they do not know.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DRAFT = "https://json-schema.org/draft/2020-12/schema"
TYPES = (
    "text",
    "image",
    "video",
    "audio",
    "document",
    "template",
    "location",
    "interactive",
    "reaction",
    "contacts",
)
EXPRESSION = r"\{[{%#]"

_TEXT_LIMITS = ("minLength", "maxLength", "pattern", "enum", "not")
_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"

Schema = dict[str, Any]


def build() -> dict[str, str]:
    """The text of every generated file, by file name."""
    sources = {name: _plain(json.loads((HERE / "message" / f"{name}.json").read_text("utf-8"))) for name in TYPES}
    made = {"message.json": _message(sources), "flow.json": _flow(sources)}
    return {name: json.dumps(schema, ensure_ascii=False, indent=1) + "\n" for name, schema in made.items()}


def _plain(schema: Any) -> Any:
    """A schema without annotations of our own, and without the names it has as a file."""
    if isinstance(schema, dict):
        return {
            key: _plain(value) for key, value in schema.items() if key[:2] != "x-" and key not in {"$id", "$schema"}
        }
    return [_plain(each) for each in schema] if isinstance(schema, list) else schema


def _message(sources: dict[str, Schema]) -> Schema:
    return {
        "$schema": DRAFT,
        "title": "WhatsApp message",
        "description": "One message as it is posted to Kapso. The rules are those of its message_type.",
        **_chosen_by_type(),
        "$defs": sources,
    }


def _chosen_by_type() -> Schema:
    """The rules of the type that message_type names; without one, of a text message."""
    rules: list[Schema] = [
        {"if": {"type": "object", "not": {"required": ["message_type"]}}, "then": {"$ref": "#/$defs/text"}}
    ]
    for name in TYPES:
        named = {"type": "object", "properties": {"message_type": {"const": name}}, "required": ["message_type"]}
        rules.append({"if": named, "then": {"$ref": f"#/$defs/{name}"}})
    kind = {"description": "The kind of message; text when left out. Never an expression.", "enum": list(TYPES)}
    return {"type": "object", "properties": {"message_type": kind}, "allOf": rules}


def _flow(sources: dict[str, Schema]) -> Schema:
    message = _chosen_by_type()
    message["type"] = ["string", "object", "number", "boolean"]
    message["description"] = "A text to send, or the message's fields as Kapso's API names them."
    message |= _unless_expression({"minLength": 1, "maxLength": 4096, "pattern": r"\S"})
    pause = r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$"
    step = {
        "description": "One thing to do: send a message, or pause.",
        "type": "object",
        "properties": {
            "id": _field("A name for the step, for reports and for resuming.", "ask-name", "^[A-Za-z_][A-Za-z0-9_-]*$"),
            "when": {
                "description": "An expression that gives true or false; the step is left out when it is false.",
                "type": ["string", "boolean"],
                "examples": ['plan == "pro"'],
            },
            "message": {"$ref": "#/$defs/message"},
            "pause": _field("How long to wait before the next step: ms, s, m, h or d.", "2s", pause),
            "until": {
                "description": "How far the message must have come before the next step begins.",
                "enum": ["accepted", "sent", "delivered", "read"],
            },
        },
        "additionalProperties": False,
        "anyOf": [{"required": ["message"]}, {"required": ["pause"]}],
        "not": {"required": ["message", "pause"]},
        "dependentRequired": {"until": ["message"]},
    }
    return {
        "$schema": DRAFT,
        "title": "flowrunner flow",
        "description": "WhatsApp messages, sent in order to one conversation.",
        "type": "object",
        "properties": {
            "name": {
                "description": "What the flow is called.",
                "type": ["string", "number", "boolean"],
                "minLength": 1,
            },
            "description": {"description": "What the flow is for.", "type": ["string", "number", "boolean"]},
            "inputs": {
                "description": "The values a run needs, by name; each one is a small JSON Schema.",
                "type": ["object", "null"],
                "propertyNames": {"pattern": _NAME},
                "additionalProperties": {"$ref": "#/$defs/input"},
            },
            "steps": {
                "description": "What is done, in this order.",
                "type": "array",
                "minItems": 1,
                "items": {"$ref": "#/$defs/step"},
            },
        },
        "required": ["name", "steps"],
        "additionalProperties": False,
        "$defs": {
            "step": step,
            "message": message,
            "input": _fragment(is_input=True),
            "fragment": _fragment(is_input=False),
            **{name: _with_expressions(source, is_fixed=True) for name, source in sources.items()},
        },
    }


def _field(description: str, example: str, pattern: str) -> Schema:
    return {"description": description, "type": "string", "pattern": pattern, "examples": [example]}


def _unless_expression(limits: Schema) -> Schema:
    """Limits that hold for text without an expression in it."""
    return {"if": {"not": {"type": "string", "pattern": EXPRESSION}}, "then": limits}


def _with_expressions(schema: Schema, *, is_fixed: bool = False) -> Schema:
    """The schema for the same value before expressions are filled in; a fixed one is itself never an expression."""
    lax = {key: value for key, value in schema.items() if key not in {"allOf", "if", "then"}}
    for key in ("items", "additionalProperties"):
        if isinstance(lax.get(key), dict):
            lax[key] = _with_expressions(lax[key])
    if "properties" in lax:
        lax["properties"] = {name: _property(name, below) for name, below in lax["properties"].items()}
    rules: list[Schema] = [_conditional(rule) for rule in (*schema.get("allOf", ()), schema) if "if" in rule]
    if not is_fixed:
        rules += _loosened(lax)
    if rules:
        lax |= rules[0] if len(rules) == 1 else {"allOf": rules}
    return lax


def _property(name: str, schema: Any) -> Any:
    is_literal = name in {"message_type", "interactive_type"} or not isinstance(schema, dict)
    return schema if is_literal else _with_expressions(schema)


def _conditional(rule: Schema) -> Schema:
    return {"if": rule["if"], "then": _with_expressions(rule["then"], is_fixed=True)}


def _loosened(lax: Schema) -> list[Schema]:
    """Take out of `lax` the limits and types that an expression, or a number typed as text, may pass by."""
    rules = []
    kinds = [lax["type"]] if isinstance(lax.get("type"), str) else lax.get("type", [])
    about_text = [key for key in _TEXT_LIMITS if key in lax and (key != "not" or "pattern" in lax["not"])]
    if about_text:
        rules.append(_unless_expression({key: lax.pop(key) for key in about_text}))
    if "string" in kinds:
        lax["type"] = [*kinds, *(kind for kind in ("number", "boolean") if kind not in kinds)]
    elif kinds:
        lax["type"] = [*kinds, "string"]
        rules.append({"if": {"type": "string"}, "then": {"pattern": EXPRESSION}})
    return rules


def _fragment(*, is_input: bool) -> Schema:
    """The declaration of an input, or of a part of one: the keywords of JSON Schema that flowrunner takes."""
    kinds = {"enum": ["string", "number", "integer", "boolean", "array", "object", "null"]}
    count, number = {"type": "integer", "minimum": 0}, {"type": "number"}
    below = {"$ref": "#/$defs/fragment"}
    keywords: dict[str, Schema] = {
        "type": {"anyOf": [kinds, {"type": "array", "items": kinds, "minItems": 1, "uniqueItems": True}]},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "enum": {"type": "array", "minItems": 1},
        "const": {},
        "minLength": count,
        "maxLength": count,
        "pattern": {"type": "string", "format": "regex"},
        "format": {"enum": ["date", "date-time", "time", "email", "uri"]},
        "minimum": number,
        "maximum": number,
        "exclusiveMinimum": number,
        "exclusiveMaximum": number,
        "multipleOf": {"type": "number", "exclusiveMinimum": 0},
        "items": below,
        "minItems": count,
        "maxItems": count,
        "uniqueItems": {"type": "boolean"},
        "properties": {"type": "object", "additionalProperties": below},
        "required": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "additionalProperties": {"anyOf": [{"type": "boolean"}, below]},
    }
    if is_input:
        keywords |= {"default": {}, "example": {}}
    described = {name: {"description": _KEYWORDS[name], **schema} for name, schema in keywords.items()}
    return {
        "description": "What values the input takes.",
        "type": "object",
        "properties": described,
        "additionalProperties": False,
    }


_KEYWORDS = {
    "type": "The kind of value: string, number, integer, boolean, array, object or null.",
    "title": "A short name for people.",
    "description": "What the value is for.",
    "enum": "The only values allowed.",
    "const": "The one value allowed.",
    "minLength": "The fewest characters a text may have.",
    "maxLength": "The most characters a text may have.",
    "pattern": "A regular expression that the text must match.",
    "format": "What the text is: date, date-time, time, email or uri.",
    "minimum": "The least number allowed.",
    "maximum": "The greatest number allowed.",
    "exclusiveMinimum": "The number must be greater than this.",
    "exclusiveMaximum": "The number must be less than this.",
    "multipleOf": "The number must be a multiple of this.",
    "items": "What each item of a list must be.",
    "minItems": "The fewest items a list may have.",
    "maxItems": "The most items a list may have.",
    "uniqueItems": "Whether all items must differ.",
    "properties": "What the value of each named field must be.",
    "required": "The fields that must be there.",
    "additionalProperties": "Whether other fields are allowed, or what they must be.",
    "default": "The value when none is given.",
    "example": "A value to preview and check with.",
}


if __name__ == "__main__":
    for file_name, text in build().items():
        (HERE / file_name).write_text(text, "utf-8")
        print(f"wrote {file_name}")
