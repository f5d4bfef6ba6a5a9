"""The message spec as it stands in `schemas/message/`, and the walk along it."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, Literal

from flowrunner.data import schemas

Schema = Mapping[str, Any]
"""One JSON Schema object, parsed. Nobody changes it."""

MESSAGE_TYPES: Final = (
    "text", "image", "video", "audio", "document", "template", "location", "interactive", "reaction", "contacts",
    "sticker", "read", "raw",
)  # fmt: skip
"""Every value `message_type` can have (https://docs.kapso.ai/api-reference/whatsapp-messages/send-a-new-whatsapp-message,
and what only Meta's own shape has)."""
_INTERACTIVE: Final = (
    "cta_url", "location_request", "contact_request", "flow", "product", "product_list", "catalog", "carousel"
)  # fmt: skip
"""Every value of `interactive_type` that has a schema of its own; the others share that of ``interactive``."""
KINDS: Final = (*MESSAGE_TYPES, *(f"interactive_{each}" for each in _INTERACTIVE))
"""Every kind of message: the name of its schema."""


def kind_of(body: Mapping[str, Any]) -> str:
    """The kind of a message, one of `KINDS`; what its author wrote as ``message_type`` where that is none."""
    named = body.get("message_type", "text")
    kind = f"interactive_{body.get('interactive_type')}" if named == "interactive" else named
    return kind if kind in KINDS else str(named)


@cache
def message_schema(kind: str) -> Schema:
    """The schema of one kind of message, parsed once. The caller must not change it.

    Raises:
        KeyError: `kind` is none of `KINDS`.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    schema: Schema = json.loads((schemas() / "message" / f"{kind}.json").read_bytes())
    return schema


def key_schemas(of: str) -> Mapping[str, Schema]:
    """The keys of one kind of object of a flow file, as an editor is told.

    Of a flow, of every step (``step``), of a verb, of what stands below one (``reply``, ``answer``), of an input's
    declaration; or what a time is (``duration``).

    The caller must not change them.
    """
    return _all_keys()[of]


@cache
def _all_keys() -> Mapping[str, Mapping[str, Schema]]:
    found: dict[str, Mapping[str, Schema]] = json.loads((schemas() / "keys.json").read_bytes())
    return found


def schema_text(name: Literal["flow", "message", "config", "translation", "test"]) -> str:
    """A whole schema file: for editors, or, of `message`, for one rendered message under any validator."""
    return (schemas() / f"{name}.json").read_bytes().decode()


def child(schema: Schema, key: str | int) -> Schema:
    """The schema of one property (a name) or item (an index); empty where `schema` says nothing or allows none.

    An author's declaration may be malformed; what is malformed says nothing. Below what is ``x-plain`` all is.
    """
    if "x-plain" in schema:
        return schema
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
    """Each top-level field of any message, and the kinds of message that take it."""
    fields: dict[str, list[str]] = {}
    for kind in KINDS:
        for name in message_schema(kind)["properties"]:
            fields.setdefault(name, []).append(kind)
    return {name: tuple(several) for name, several in fields.items()}


def called(kinds: Iterable[str]) -> list[str]:
    """What people call kinds of message: an interactive one by its ``interactive_type``, all of them interactive."""
    several = list(kinds)
    if "interactive" in several:
        several = [each for each in several if each in MESSAGE_TYPES]
    return [each.removeprefix("interactive_") for each in several]
