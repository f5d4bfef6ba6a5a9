"""The schema of test files, `test.json`, from `test_keys.json` and the message types; `generate.py` writes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowrunner.spec.words import listed

HERE = Path(__file__).parent
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{1,2}:[0-9]{2}(:[0-9]{2})? *(Z|[+-][0-9]{2}:?[0-9]{2})?)?$"
_ONE = r"[0-9]{1,9}(\.[0-9]{1,3})?(ms|s|m|h|d)"

Schema = dict[str, Any]


def schema_of_tests(messages: Mapping[str, Schema], events: tuple[str, ...]) -> Schema:
    """The schema, in the keywords of the YAML language server.

    Args:
        messages: The schema of each kind of message: a turn may ask for any of its fields.
        events: The words for what can happen in a run.
    """
    keys = json.loads((HERE / "test_keys.json").read_text("utf-8"))
    return {
        "$schema": DRAFT,
        "title": "flowrunner test",
        "description": "Tests of a flow: what is promised to a customer, turn by turn.",
        **_object(keys["file"], required=["tests"]),
        "$defs": {
            "given": {"title": "Given", **_object(keys["given"])},
            "recipient": {"title": "Recipient", **_object(keys["recipient"])},
            "test": {"title": "Test", **_object(keys["test"], required=["name", "chat"])},
            "golden": {"title": "Golden chat", **_object(keys["golden"], required=["golden"])},
            "turn": _turn(keys["turn"]),
            "bot": _bot(keys["predicate"], messages),
            "customer": _customer(keys["customer"]),
            "status": {"title": "Status", **_object(keys["status"], required=["is"])},
            "crash": {"title": "Crash", **_object(keys["crash"]), "minProperties": 1, "maxProperties": 1},
            "sent": {"title": "Sent", **_object(keys["sent"]), "minProperties": 1},
            "wanted": _wanted(keys["predicate"]),
            "duration": {
                "type": "string",
                "pattern": rf"^{_ONE}( *{_ONE})*$",
                "patternErrorMessage": "write a time such as 3h, 2h 59m or 1d",
            },
            "moment": {
                "type": "string",
                "pattern": _MOMENT,
                "patternErrorMessage": "write a date and a time, such as 2026-11-23 10:00",
                "examples": ["2026-11-23 10:00"],
            },
            "event": {"enum": list(events)},
        },
    }


def _object(keys: Mapping[str, Schema], **more: Any) -> Schema:
    return {"type": "object", "properties": dict(keys), **more, "additionalProperties": False}


def _turn(keys: Mapping[str, Schema]) -> Schema:
    told = f"a turn is one of {listed(keys)}"
    one = {**_object(keys), "minProperties": 1, "maxProperties": 1, "errorMessage": told}
    return {"title": "Turn", "anyOf": [one, {"const": "crash"}]}


def _bot(predicates: Mapping[str, Schema], messages: Mapping[str, Schema]) -> Schema:
    fields: Schema = {
        "text": {"description": "What is read of it: its content, body_text or caption.", "$ref": "#/$defs/wanted"},
        "count": {
            "description": "So many messages, whatever they are.",
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
        },
        **predicates,
    }
    for schema in messages.values():
        for name, field in schema["properties"].items():
            if isinstance(field, dict) and "description" in field:
                fields.setdefault(name, {"description": field["description"], "$ref": "#/$defs/wanted"})
    fields["message_type"] = {"description": "The kind of message.", "$ref": "#/$defs/wanted"}
    return {
        "title": "Message",
        "anyOf": [{"type": ["string", "number", "boolean"]}, {**_object(fields), "minProperties": 1}],
    }


def _customer(keys: Mapping[str, Schema]) -> Schema:
    one = {"anyOf": [{"type": ["string", "number", "boolean"]}, {**_object(keys), "minProperties": 1}]}
    several = {"type": "array", "minItems": 1, "items": one}
    return {"title": "What the customer does", "anyOf": [*one["anyOf"], several]}


def _wanted(predicates: Mapping[str, Schema]) -> Schema:
    """A value, what is asked of one, or either for each part of it."""
    parts = {"type": "object", "minProperties": 1, "properties": dict(predicates), "additionalProperties": True}
    return {"anyOf": [{"type": ["string", "number", "boolean", "array"]}, parts]}
