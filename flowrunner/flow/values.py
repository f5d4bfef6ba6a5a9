"""What is known of the value of each name, before there is one."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any, Final

from flowrunner.expressions import expression, holds_expression
from flowrunner.expressions.shapes import ANYTHING, MOMENT, NUMBER, TEXT, Shape, either
from flowrunner.flow.names import Form
from flowrunner.model.plain import NOTHING
from flowrunner.source import Plain
from flowrunner.spec import kinds

_BY_KIND: Final = {"string": TEXT, "integer": NUMBER, "number": NUMBER, "boolean": NUMBER}
_READ_AS: Final = {
    **dict.fromkeys(("choice", "text", "email", "phone"), TEXT),
    **dict.fromkeys(("number", "integer", "yes_no"), NUMBER),
    **dict.fromkeys(("date", "time"), MOMENT),
}
"""What an answer's value is, by ``expect``."""
ANSWER: Final = {
    "answered": NUMBER, "answer": TEXT, "text": TEXT, "value": ANYTHING, "choice": TEXT, "button": TEXT, "row": TEXT,
    "title": TEXT, "at": MOMENT, "message_id": TEXT,
    "media": Shape("object", dict.fromkeys(("type", "id", "url", "filename", "mime_type", "caption"), TEXT)),
    "location": Shape("object", {"latitude": NUMBER, "longitude": NUMBER, "name": TEXT, "address": TEXT}),
    "form": ANYTHING, "contacts": ANYTHING,
}  # fmt: skip
"""What a question has for the steps after it, beside what every message has."""
GIVEN_SHAPES: Final[Mapping[str, Shape]] = {
    "now": MOMENT,
    "recipient": Shape("object", {"phone": TEXT, "user_id": TEXT}),
    "conversation": Shape("object", {"id": TEXT, "open": NUMBER}),
}
"""The names that every run gives."""
TURN: Final = Shape(
    "object", dict.fromkeys(("index", "index0", "first", "last", "length", "revindex", "revindex0"), NUMBER)
)
"""What ``loop`` is in the steps of a ``for_each``."""
_ADDED: Final = ("message_type", "content", "template_language", "media_url", "filename", "media_id")
"""Fields that a message may have though its author has not written them."""


def of_step(forms: Iterable[Form]) -> Shape:
    """What is known of a step that is written in one of these ways."""
    return reduce(either, map(_of_form, forms))


def of_schema(schema: Mapping[str, Any]) -> Shape:
    """What is known of an input, by its declaration."""
    wanted = [each for each in kinds(schema) if each != "null"]
    if wanted == ["array"]:
        items = schema.get("items")
        return Shape("list", each=of_schema(items) if isinstance(items, Mapping) else None)
    if wanted == ["object"]:
        properties = schema.get("properties", NOTHING)
        parts = {name: of_schema(its) if isinstance(its, Mapping) else ANYTHING for name, its in properties.items()}
        return Shape("object", parts, is_closed=schema.get("additionalProperties") is False)
    return reduce(either, (_BY_KIND.get(each, ANYTHING) for each in wanted)) if wanted else ANYTHING


def of_value(value: Any) -> Shape:
    """What is known of a value that is written in a flow."""
    if isinstance(value, str):
        return ANYTHING if isinstance(value, Plain) or holds_expression(value) else TEXT
    if isinstance(value, Mapping):
        return Shape("object", {str(name): of_value(its) for name, its in value.items()})
    if isinstance(value, list):
        return Shape("list", each=reduce(either, map(of_value, value)) if value else None)
    return NUMBER if isinstance(value, (int, float)) else ANYTHING


def of_items(items: Any, known: Callable[[str], Shape]) -> Shape:
    """What is known of an item of a list that a ``for_each`` goes through; ``known`` tells what is of a name."""
    its = of_value(items)
    if isinstance(items, str) and (written := expression(items)).is_whole and not written.faults:
        from flowrunner.expressions.lacking import shape_of  # few flows have loops

        its = shape_of(items, known)
    return its.each if its.kind == "list" and its.each is not None else ANYTHING


def _of_form(form: Form) -> Shape:
    body = of_value(form.message)
    body = body._replace(parts={**dict.fromkeys(_ADDED, TEXT), **body.parts}) if form.message else ANYTHING
    parts = {"message": body, "skipped": NUMBER}
    if form.reply is None:
        return Shape("object", parts)
    value = _READ_AS.get(str(form.reply.get("expect")), ANYTHING)
    return Shape("object", {**ANSWER, **parts, "value": value})
