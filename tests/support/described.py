"""The published description of v1, made fit for a judge: ``tests/data/openapi-v1.yaml`` as it was published."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PATH = Path(__file__).parents[1] / "data" / "openapi-v1.yaml"


def description() -> dict[str, Any]:
    """The description, with its one contradiction taken out.

    ``message_type_data`` is said to be *one of* ten objects of optional fields, and every object is all ten of them.
    """
    return deepcopy(_described())


@cache
def _described() -> dict[str, Any]:
    described: dict[str, Any] = yaml.load(PATH.read_text(encoding="utf-8"), yaml.CSafeLoader)
    data = described["components"]["schemas"]["WhatsappMessage"]["properties"]["message_type_data"]
    data["anyOf"] = data.pop("oneOf")
    return described


def strict(name: str) -> dict[str, Any]:
    """The JSON Schema of one of its objects, which may have no other field."""
    schema: dict[str, Any] = deepcopy(_described()["components"]["schemas"][name])
    return {**schema, "additionalProperties": False}
