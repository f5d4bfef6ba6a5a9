"""``inputs``: each one a JSON Schema fragment with an optional default and example."""

from collections.abc import Mapping
from typing import Any

from flowrunner.diagnostics import Problem
from flowrunner.flow.names import GIVEN
from flowrunner.model import Input
from flowrunner.spec import check_input, typed_input


def read_inputs(data: Any) -> tuple[dict[str, Input], list[Problem]]:
    """The declared inputs, also those with a problem, so that their names are known."""
    inputs: dict[str, Input] = {}
    problems: list[Problem] = []
    if not isinstance(data, Mapping):
        return inputs, problems  # the shape's check has said so
    for name, written in data.items():
        fragment = typed_input({} if written == "" else written)
        found = [each.under(("inputs", name)) for each in check_input(name, fragment)]
        if name in GIVEN:
            message = f"{name} is a name that every run gives"
            found = [Problem("name-taken", message, ("inputs", name), "choose another name", at_key=True)]
        problems += found
        if not isinstance(fragment, Mapping):
            fragment = {}
        schema = {key: value for key, value in fragment.items() if key not in ("default", "example")}
        inputs[name] = Input(
            name,
            {} if found else schema,
            has_default="default" in fragment,
            default=fragment.get("default"),
            has_example="example" in fragment,
            example=fragment.get("example"),
        )
    return inputs, problems
