"""The texts of a message that its customer reads, as its author wrote them, each by the names of a translation."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from flowrunner.diagnostics import Route
from flowrunner.flow.fields import LITERAL
from flowrunner.model import Json
from flowrunner.spec import KINDS, child, is_nothing, kind_of, message_schema
from flowrunner.spec.files import Schema

_NOT_TEXT: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|https?://\S+", re.DOTALL)
_SAME_FOR_ALL: Final = frozenset(["id", "reply_to", "message_id", "reacted_to_message_id"])
"""Fields by which the program and the API tell things apart."""
_NAMES: Final = frozenset(["contacts", "location", "header_location"])
"""Messages, and parts of them, whose texts are names: they may be translated, and need not be."""
_TEXTS_OF_RAW: Final = frozenset(["text", "body", "caption", "title", "description", "display_text"])
"""Fields of Meta's own shape that a customer reads."""


class Text(NamedTuple):
    """One text.

    Attributes:
        names: What leads to it in a translation, below the step's id: ``("buttons", "now", "title")``.
        route: Where it stands, from the step's entry: ``("message", "buttons", 0, "title")``.
        written: The text in the flow's own language.
        is_needed: Whether a translation must have it: a customer reads words in it.
        longest: How many characters it may have at most; 0 where nobody says it.
        also: Where else the same text stands, for which it has the same names.
    """

    names: tuple[str | int, ...]
    route: Route
    written: str
    is_needed: bool
    longest: int = 0
    also: tuple[Route, ...] = ()

    def under(self, prefix: Route) -> "Text":
        """The same text, its route seen from further up."""
        return self._replace(route=prefix + self.route)


def words_of(text: str) -> list[str]:
    """The words of a text, without those of expressions and web addresses."""
    return re.findall(r"[^\W\d_]+", _NOT_TEXT.sub(" ", text))


def message_texts(written: Any, route: Route, names: tuple[str | int, ...] = ()) -> Iterator[Text]:
    """Every text of a message.

    Args:
        written: The message as its author wrote it: a text, or its fields.
        route: Where it stands, from the step's entry.
        names: What leads to the message in a translation.
    """
    if isinstance(written, str):
        content = child(message_schema("text"), "content")
        if not is_nothing(written):
            yield Text((*names, "content"), route, str(written), bool(words_of(written)), _longest(content))
        return
    if not isinstance(written, Mapping):
        return
    kind = kind_of({key: str(written[key]) for key in LITERAL if key in written})
    schema = message_schema(kind) if kind in KINDS else {}
    for key, value in written.items():
        if key not in LITERAL:
            yield from _below(value, child(schema, key), (*route, key), (*names, key), is_name=kind in _NAMES)


def _below(data: Json, schema: Schema, route: Route, names: tuple[str | int, ...], *, is_name: bool) -> Iterator[Text]:
    if isinstance(data, str):
        if names[-1] not in _SAME_FOR_ALL and not schema.keys() & {"enum", "const"} and not is_nothing(data):
            is_read = "shown" in schema.get("x-check", ()) or ("x-plain" in schema and names[-1] in _TEXTS_OF_RAW)
            is_needed = is_read and not is_name and bool(words_of(data))
            yield Text(names, route, str(data), is_needed, _longest(schema))
        return
    if isinstance(data, list):
        ids = [each.get("id") if isinstance(each, Mapping) else None for each in data]
        by_id = all(isinstance(each, str) and each for each in ids) and len({*ids}) == len(ids)
        for index, (its, each) in enumerate(zip(ids, data, strict=True)):
            name = str(its) if by_id else index
            yield from _below(each, child(schema, index), (*route, index), (*names, name), is_name=is_name)
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from _below(value, child(schema, key), (*route, key), (*names, key), is_name=is_name or key in _NAMES)


def _longest(schema: Schema) -> int:
    most = schema.get("maxLength")
    return most if isinstance(most, int) else 0
