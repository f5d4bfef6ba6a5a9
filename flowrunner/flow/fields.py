"""The parts of a step that hold expressions."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowrunner.diagnostics import Route
from flowrunner.model import Json
from flowrunner.spec import child, kinds
from flowrunner.spec.files import Schema

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression

LITERAL: Final = ("message_type", "interactive_type")
"""They choose the schema that says what type every other field has, so they are known before any value is."""


class Field(NamedTuple):
    """A part of a step that holds an expression.

    Attributes:
        place: Where it stands, from the step's route: ``("message", "body_text")``, ``("when",)``.
        route: Where its value goes in the message's body; empty for the condition.
        schema: What the message spec says of it.
    """

    place: Route
    route: Route
    expression: "Expression"
    schema: Schema

    @property
    def wants_structure(self) -> bool:
        """Whether the spec wants a list or an object, so that the value cannot come as text."""
        wanted = kinds(self.schema)
        return bool(wanted) and "string" not in wanted and bool(wanted & {"array", "object"})

    @property
    def keeps_type(self) -> bool:
        """Whether the value comes as it is, whatever it is: in an object of which the spec does not know the types."""
        return "x-plain" in self.schema and self.expression.is_whole

    @property
    def reads_window(self) -> bool:
        """Whether it reads ``conversation.open``, in whatever way it is written."""
        return "open" in self._words_of_conversation

    @property
    def reads_conversation(self) -> bool:
        """Whether it reads anything else of the conversation."""
        words = self._words_of_conversation
        return bool(words) and ("id" in words or "open" not in words)

    @property
    def _words_of_conversation(self) -> Collection[str]:
        """Every word of an expression that reads ``conversation``; nothing of any other."""
        use = next((each for each in self.expression.uses if each.name == "conversation"), None)
        if use is None:
            return ()
        from flowrunner.expressions.syntax import tokens  # few flows ask

        return {each.value.strip("'\"") for each in tokens(use.text, use.bare)}


def filled(body: Mapping[str, Json], values: Mapping[Route, Json]) -> dict[str, Json]:
    """A message with the values put where they belong: ``body`` is not changed, and shares what holds no value."""
    made = dict(body)
    copied: dict[Route, Any] = {}
    for route, value in values.items():
        parent: Any = made
        for length in range(1, len(route)):
            above = route[:length]
            if above not in copied:
                copied[above] = parent[above[-1]] = parent[above[-1]].copy()
            parent = copied[above]
        parent[route[-1]] = value
    return made


def texts_of(data: Json, schema: Schema, route: Route = ()) -> Iterator[tuple[Route, str, Schema]]:
    """Every text in a message, where it stands, and what the message spec says of it."""
    if isinstance(data, str):
        yield route, data, schema
    elif isinstance(data, (dict, list)):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from texts_of(value, child(schema, key), (*route, key))
