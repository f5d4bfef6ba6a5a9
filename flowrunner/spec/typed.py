"""Text is what the author typed: an unquoted scalar becomes text or its value, as the schema wants."""

from typing import Any

from flowrunner.numbers import as_written
from flowrunner.source import Plain
from flowrunner.spec.files import Schema, child, kinds


def is_nothing(value: Any) -> bool:
    """Whether a value was left out, or written as ``null`` or ``~``."""
    return value is None or (isinstance(value, Plain) and value.value is None)


def as_typed(data: Any, schema: Schema, *, written: bool = False) -> Any:
    """The same tree without a `Plain` in it.

    A Plain becomes its text where `schema` allows a string or names no type, else its value; nothing becomes None where
    the schema names a type. Below ``x-plain`` it becomes its value. What the schema does not know keeps its text. With
    ``written``, a number is shown in texts as it was typed: see `flowrunner.numbers`.
    """
    if isinstance(data, Plain):
        if "x-plain" in schema:
            return as_written(data.value, str(data)) if written else data.value
        allowed = kinds(schema)
        if is_nothing(data) and allowed:
            return None  # nothing is no text, whether it was written as null, ~ or not at all
        if not allowed or "string" in allowed:
            return str(data)
        return as_written(data.value, str(data)) if written else data.value
    if isinstance(data, dict):
        return {str(key): as_typed(value, child(schema, key), written=written) for key, value in data.items()}
    if isinstance(data, list):
        return [as_typed(item, child(schema, 0), written=written) for item in data]
    return data
