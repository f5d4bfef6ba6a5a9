"""Text is what the author typed: an unquoted scalar becomes text or its value, as the schema wants."""

from typing import Any, Final

from flowrunner.schema.files import Schema, child, kinds
from flowrunner.source import Plain

_ANYTHING: Final[Schema] = {}


def is_nothing(value: Any) -> bool:
    """Whether a value was left out, or written as ``null`` or ``~``."""
    return value is None or (isinstance(value, Plain) and value.value is None)


def as_typed(data: Any, schema: Schema) -> Any:
    """The same tree without a `Plain` in it.

    A Plain becomes its text where `schema` allows a string or names no type, else its value; nothing becomes None where
    the schema names a type. What the schema does not know keeps its text.
    """
    if isinstance(data, Plain):
        allowed = kinds(schema)
        if is_nothing(data) and allowed:
            return None  # nothing is no text, whether it was written as null, ~ or not at all
        return str(data) if not allowed or "string" in allowed else data.value
    if isinstance(data, dict):
        return {str(key): as_typed(value, child(schema, key) or _ANYTHING) for key, value in data.items()}
    if isinstance(data, list):
        each = child(schema, 0) or _ANYTHING
        return [as_typed(item, each) for item in data]
    return data
