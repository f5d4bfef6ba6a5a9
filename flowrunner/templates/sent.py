"""A template message beside the template it names: what each reads of the other."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from flowrunner.diagnostics import HOLE, Route
from flowrunner.model import Json
from flowrunner.model.templates import TEMPLATE_PLACE, Template

Part = Literal["HEADER", "BODY"]


class Held(NamedTuple):
    """What is known of a value with expressions, before it has any.

    Attributes:
        longest: How many characters its expressions give at most; None where nothing bounds them.
        names: The inputs that they show.
        choices: All that the value can be, where it is that of one input with an ``enum``; else empty.
    """

    longest: int | None
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()


class Value(NamedTuple):
    """A value for a place of the template: where it stands in the message; its text, a `HOLE` for each expression."""

    route: Route
    text: str


class Sent(NamedTuple):
    """A template message, and the template.

    Attributes:
        body: The message, of the right form; texts with expressions have a `HOLE` for each.
        held: What is known of these, by their routes.
    """

    body: Mapping[str, Json]
    held: Mapping[Route, Held]
    template: Template

    @property
    def params(self) -> Any:
        """``template_params``."""
        return self.body.get("template_params")

    @property
    def are_apart(self) -> bool:
        """Whether the values of header and body stand in an object each."""
        return isinstance(self.params, Mapping) and any(isinstance(each, Mapping) for each in self.params.values())

    @property
    def is_named(self) -> bool:
        """Whether the template's places have names, not numbers."""
        return any(not name.isdigit() for part in PARTS for name in self.template.places(part))

    def knows(self, name: str) -> bool:
        """Whether a field of the message, where it is there, is not an expression as a whole."""
        return (name,) not in self.held

    def values(self, part: Part) -> dict[str, Value]:
        """The values of a part by the names of their places, as far as the message has them."""
        text = self.body.get("header_params")
        if part == "HEADER" and text is not None and not self.is_named:
            return {"1": Value(("header_params",), str(text))}
        if isinstance(self.params, list) and part == "BODY":
            return {str(number): self._value(number - 1) for number in range(1, len(self.params) + 1)}
        if not isinstance(self.params, Mapping):
            return {}
        if self.are_apart:
            own = self.params.get(part.lower())
            return {name: self._value(part.lower(), name) for name in own} if isinstance(own, Mapping) else {}
        return {name: self._value(name) for name in self.params} if part == "BODY" else {}

    def _value(self, *place: str | int) -> Value:
        value: Any = self.params
        for each in place:
            value = value[each]
        return Value(("template_params", *place), str(value))

    def lengths(self, part: Part) -> tuple[int, int | None]:
        """How long the text of a part is with its values: at least, and at most, None where nobody knows."""
        text, values = str(self.template.part(part).get("text", "")), self.values(part)
        least, longest = len(re.sub(TEMPLATE_PLACE, "", text)), 0
        unknown = False
        for place in re.finditer(TEMPLATE_PLACE, text):
            value = values.get(place[1])
            if value is None:
                continue
            least += len(value.text.replace(HOLE, ""))
            if value.route in self.held:
                more = self.held[value.route].longest
                longest, unknown = longest + (more or 0), unknown or more is None
        return least, None if unknown else least + longest

    def shown_by(self, part: Part) -> Iterator[str]:
        """The inputs that the values of a part show."""
        for value in self.values(part).values():
            yield from self.held[value.route].names if value.route in self.held else ()


PARTS: tuple[Part, ...] = ("HEADER", "BODY")
"""The parts whose text takes values."""
