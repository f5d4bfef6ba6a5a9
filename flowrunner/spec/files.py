"""The message spec as it stands in `schemas/message/`, and the walk along it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal

from flowrunner.data import folder

Schema = Mapping[str, Any]
"""One JSON Schema object, parsed. Nobody changes it."""

MESSAGE_TYPES: Final = (
    "text", "image", "video", "audio", "document", "template", "location", "interactive", "reaction", "contacts"
)  # fmt: skip
"""Every value `message_type` can have (https://docs.kapso.ai/api-reference/whatsapp-messages/send-a-new-whatsapp-message)."""


@cache
def message_schema(message_type: str) -> Schema:
    """The schema of one message type, parsed once. The caller must not change it.

    Raises:
        KeyError: `message_type` is none of `MESSAGE_TYPES`.
    """
    if message_type not in MESSAGE_TYPES:
        raise KeyError(message_type)
    schema: Schema = json.loads((folder("schemas") / "message" / f"{message_type}.json").read_bytes())
    return schema


@cache
def key_schemas(of: Literal["flow", "step", "message", "pause", "duration", "input"]) -> Mapping[str, Schema]:
    """The keys of a flow, of every step, of a verb, of an input's declaration, or what a time is, as an editor is told.

    The caller must not change them.
    """
    schemas: dict[str, Mapping[str, Schema]] = json.loads((folder("schemas") / "keys.json").read_bytes())
    return schemas[of]


def schema_text(name: Literal["flow", "message", "config"]) -> str:
    """A whole schema file: `flow` and `config` for editors, `message` for one rendered message under any validator."""
    return (folder("schemas") / f"{name}.json").read_bytes().decode()


def child(schema: Schema, key: str | int) -> Schema:
    """The schema of one property (a name) or item (an index); empty where `schema` says nothing or allows none.

    An author's declaration may be malformed; what is malformed says nothing.
    """
    if isinstance(key, int):
        found = schema.get("items")
    else:
        named = schema.get("properties")
        found = named.get(key) if isinstance(named, dict) else None
        if found is None:
            found = schema.get("additionalProperties")
    return found if isinstance(found, dict) else {}


def kinds(schema: Schema) -> frozenset[str]:
    """The JSON types that `schema` allows, by JSON Schema's names; empty when it allows all."""
    allowed = schema.get("type", ())
    several = allowed if isinstance(allowed, list) else [allowed]
    return frozenset(kind for kind in several if isinstance(kind, str))


@cache
def takers() -> Mapping[str, tuple[str, ...]]:
    """Each top-level field of any message, and the message types that take it."""
    fields: dict[str, list[str]] = {}
    for message_type in MESSAGE_TYPES:
        for name in message_schema(message_type)["properties"]:
            fields.setdefault(name, []).append(message_type)
    return {name: tuple(types) for name, types in fields.items()}
