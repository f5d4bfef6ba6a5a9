"""``inputs``: each one a JSON Schema fragment with an optional default and example."""

from collections.abc import Mapping
from typing import Any

from flowrunner.diagnostics import Problem
from flowrunner.flow.names import GIVEN
from flowrunner.model import Input
from flowrunner.spec import check_input, typed_input
from flowrunner.spec.files import key_schemas
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import meant


def read_inputs(flow: Mapping[Any, Any]) -> tuple[dict[str, Input], list[Problem]]:
    """The inputs that a flow declares, also those with a problem, so that their names are known."""
    inputs: dict[str, Input] = {}
    problems: list[Problem] = []
    key = _key(flow)
    data = flow.get(key)
    if is_empty(flow, key):
        data = {name: flow[name] for name in inputs_beside(flow)}  # the shape's check has said where they belong
    if isinstance(data, list):  # the shape's check has said that it is none; the names in it are meant all the same
        named = (next(iter(each), "") if isinstance(each, Mapping) else each for each in data)
        return {name: Input(name, {}) for name in named if isinstance(name, str)}, problems
    if not isinstance(data, Mapping):
        return inputs, problems
    empty = next((name for name in data if is_empty(data, name)), "")
    strays = [name for name, its in data.items() if name in key_schemas("input") and not isinstance(its, Mapping)]
    if empty and strays:
        problems.append(beside(str(empty), strays, (key,), "wrong-type"))
        data = {name: its for name, its in data.items() if name not in strays}
    for name, written in data.items():
        fragment = typed_input({} if written == "" else written)
        found = [each.under((key, name)) for each in check_input(name, fragment)]
        if name in GIVEN:
            message = f"{name} is a name that every run gives"
            found = [Problem("name-taken", message, (key, name), "choose another name", at_key=True)]
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


def inputs_beside(flow: Mapping[Any, Any]) -> list[str]:
    """The keys of a flow that are inputs, by what stands below them."""
    known, own = key_schemas("flow"), key_schemas("input").keys()
    return [str(key) for key, its in flow.items() if key not in known and isinstance(its, Mapping) and own & its.keys()]


def _key(flow: Mapping[Any, Any]) -> str:
    """Under which key the inputs stand: where there is none of that name, one that was meant for it."""
    if "inputs" in flow:
        return "inputs"
    known = key_schemas("flow")
    others = (str(key) for key in flow if key not in known)
    return next((key for key in others if meant(key, {"properties": known}) == "inputs"), "")
