"""Fields written as Meta's API nests them, and how they are written here: flat."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem
from flowrunner.spec.files import kinds, message_schema
from flowrunner.spec.words import written

NESTS: Final = frozenset(
    "interactive action parameters text image video audio document sticker location reaction template".split()
)
"""What holds the others at Meta, and is no field here."""
_INTERACTIVE: Final = frozenset(["interactive", "action", "parameters"])
"""Those of them that one kind of message has."""
_FLAT: Final[Mapping[tuple[str, str], str]] = {
    ("interactive", "type"): "interactive_type",
    ("header", "text"): "header_text",
    ("body", "text"): "body_text",
    ("footer", "text"): "footer_text",
    ("action", "button"): "list_button_text",
    ("action", "catalog_id"): "catalog_id",
    ("action", "product_retailer_id"): "product_retailer_id",
    **{
        ("parameters", name): name
        for name in ("display_text", "url", "flow_id", "flow_name", "flow_cta", "flow_token", "flow_action")
    },
    ("parameters", "mode"): "flow_mode",
    ("flow_action_payload", "screen"): "flow_screen",
    ("flow_action_payload", "data"): "flow_data",
    ("parameters", "thumbnail_product_retailer_id"): "thumbnail_product_retailer_id",
}
"""The last two names of a value at Meta -> its name here."""
_TYPES: Final = {
    "location_request_message": "location_request",
    "request_contact_info": "contact_request",
    "catalog_message": "catalog",
}


def nested(body: Mapping[Any, Any]) -> list[Problem]:
    """The parts of a message that stand as Meta nests them, each with the flat fields to write instead."""
    return [_problem(key, body[key], body) for key in sorted(NESTS) if isinstance(body.get(key), Mapping)]


def _problem(key: str, value: Mapping[Any, Any], body: Mapping[Any, Any]) -> Problem:
    message = f"{key} is how Meta's API nests the fields; here they stand flat, beside message_type"
    from flowrunner.spec.raw import flat_fields  # few messages are nested

    flat = dict(_flat(value, key)) if key in _INTERACTIVE else _typed(key, flat_fields(key, value))
    if "message_type" in flat and (key == "text" or "message_type" in body):
        del flat["message_type"]
    listed = ", ".join(f"{name}: {written(each)}" for name, each in flat.items())
    instead = f"write {listed} instead" if flat else "write its fields without it"
    hint = f"{instead}; or the whole object as raw: of a raw message"
    return Problem("unknown-field", message, (key,), hint, at_key=True)


def _typed(kind: str, flat: Mapping[str, Any]) -> dict[str, Any]:
    """Flat fields in their own types: what nobody knew the type of was read as text."""
    known = message_schema(kind)["properties"]
    words = {"true": True, "false": False}
    return {
        name: words.get(str(each), each) if kinds(known[name]) == {"boolean"} else each for name, each in flat.items()
    }


def _flat(value: Mapping[Any, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, each in value.items():
        name = _FLAT.get((above, str(key)))
        if name is not None:
            yield name, _TYPES.get(each, each) if name == "interactive_type" and isinstance(each, str) else each
        elif isinstance(each, Mapping):
            yield from _flat(each, str(key))
        elif key == "buttons" and isinstance(each, list):
            yield "buttons", [one.get("reply", one) if isinstance(one, Mapping) else one for one in each]
        elif key == "sections":
            yield "sections", each
