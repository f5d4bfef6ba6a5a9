"""The parts of a step that hold expressions."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from flowrunner.diagnostics import Route
from flowrunner.spec import kinds

if TYPE_CHECKING:
    from flowrunner.expressions import Simple
    from flowrunner.expressions.compiled import Expression


class Field(NamedTuple):
    """A part of a step that holds an expression.

    Attributes:
        place: Where it stands, from the step's route: ``("message", "body_text")``, ``("when",)``.
        route: Where its value goes in the message's body; empty for the condition.
        schema: What the message spec says of it.
    """

    place: Route
    route: Route
    expression: "Expression | Simple"
    schema: Mapping[str, Any]

    @property
    def wants_structure(self) -> bool:
        """Whether the spec wants a list or an object, so that the value cannot come as text."""
        wanted = kinds(self.schema)
        return bool(wanted) and "string" not in wanted and bool(wanted & {"array", "object"})


def filled(data: Any, values: Mapping[Route, Any], route: Route = ()) -> Any:
    """``data`` with the values put where they belong; what ``data`` holds is not changed."""
    if route in values:
        return values[route]
    if isinstance(data, dict):
        return {key: filled(value, values, (*route, key)) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, values, (*route, index)) for index, value in enumerate(data)]
    return data
