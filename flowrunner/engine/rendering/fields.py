"""What varies in a message: the value of each field that holds expressions, and the JSON text around them."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Route
from flowrunner.flow import Field
from flowrunner.flow.fields import filled
from flowrunner.model import Json, compact
from flowrunner.numbers import exact, is_number
from flowrunner.source import Plain, plain
from flowrunner.spec import child, kinds

_NUMBERS: Final = frozenset(["number", "integer"])


def value_of(field: Field) -> Callable[[Mapping[str, Any], str], Json]:
    """What gives the field's value, from values by name and a seed for chance; it raises `ExpressionError`."""
    expression, schema = field.expression, field.schema
    if field.wants_structure:
        return lambda values, seed: _structured(expression.evaluate(values, seed), schema)
    if field.keeps_type:

        def own(values: Mapping[str, Any], seed: str) -> Json:
            value = expression.evaluate(values, seed)
            is_text = not isinstance(value, (Mapping, list, tuple, bool)) and not is_number(value)
            return expression.render(values, seed) if is_text else _structured(value, schema)

        return own
    wanted = kinds(schema)
    if not wanted or "string" in wanted:
        return expression.render

    def typed(values: Mapping[str, Any], seed: str) -> Json:
        text = expression.render(values, seed)
        found = plain(text.strip())
        if isinstance(found, Plain) and found.value is not None:
            return found.value
        if expression.is_whole and not wanted.isdisjoint(_NUMBERS):
            value = expression.evaluate(values, seed)  # a number, however it is shown (12,5)
            return exact(value) if is_number(value) else text
        return text

    return typed


def _structured(value: Any, schema: Mapping[str, Any]) -> Json:
    """What an expression gave as plain data, its numbers as text where the spec wants text."""
    if isinstance(value, Mapping):
        return {str(key): _structured(item, child(schema, str(key))) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_structured(item, child(schema, 0)) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)) and "string" not in kinds(schema):
        return exact(value)
    return str(value)


def text_of(body: Mapping[str, Json], routes: Collection[Route]) -> Callable[[Mapping[Route, Json]], str]:
    """What gives a message as JSON text, as `compact` writes it, from the values at all of the routes, in order.

    What does not vary is encoded once.
    """
    marks = [f"\0{number}" for number in range(len(routes))]  # no message holds a control character
    rest = compact(filled(body, dict(zip(routes, marks, strict=True))))
    pieces = []
    for mark in marks:
        before, _, rest = rest.partition(compact(mark))
        pieces += [before, ""]
    pieces.append(rest)

    def text(values: Mapping[Route, Json]) -> str:
        texts = pieces.copy()
        texts[1::2] = map(compact, values.values())
        return "".join(texts)

    return text
