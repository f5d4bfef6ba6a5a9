"""Data -> Problems, by the message spec in `schemas/message/`.

The only room that knows JSON Schema. Routes in problems are relative to the value that was given.
"""

from flowrunner.spec.files import KINDS, MESSAGE_TYPES, child, kind_of, kinds, message_schema, schema_text
from flowrunner.spec.inputs import check_input, check_value, typed_input
from flowrunner.spec.message import check_message
from flowrunner.spec.typed import as_typed, is_nothing

__all__ = [
    "KINDS",
    "MESSAGE_TYPES",
    "as_typed",
    "check_input",
    "check_message",
    "check_value",
    "child",
    "is_nothing",
    "kind_of",
    "kinds",
    "message_schema",
    "schema_text",
    "typed_input",
]
