"""A flow, read and checked."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.model.plain import Json
from flowrunner.model.steps import Step


class Input(NamedTuple):
    """One declared input of a flow: a JSON Schema fragment with an optional default and example."""

    name: str
    schema: Mapping[str, Json]
    has_default: bool = False
    default: Json = None
    has_example: bool = False
    example: Json = None


class Flow(NamedTuple):
    """One flow file, checked.

    Attributes:
        path: The file as it was named.
        text: The file's whole text; a run keeps it, so that `resume` does not depend on the file.
        digest: SHA-256 of ``text`` in hexadecimal.
    """

    path: str
    text: str
    digest: str
    name: str
    description: str
    inputs: Mapping[str, Input]
    steps: tuple[Step, ...]
