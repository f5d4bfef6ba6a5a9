"""The shape of a flow file: its keys, and below them its steps."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.inputs import inputs_beside
from flowrunner.flow.keys import NAME, Key, kind, one_of, plain_name, text_problems
from flowrunner.flow.steps import VERBS
from flowrunner.flow.steps.entries import check_steps, key_values, unknown_keys
from flowrunner.flow.translations.languages import languages_problems
from flowrunner.spec.files import key_schemas
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import shown


def check_flow_shape(data: Any) -> list[Problem]:
    """Every problem in the shape of a flow file, its routes from the document's top.

    What stands under a `message` and under each input is not looked at (`check_message`, `check_input`).
    """
    if not isinstance(data, Mapping):
        message = f"a flow is an object with name and steps, not {kind(data)}"
        return [Problem("wrong-type", message, (), "start with: name: my-flow")]
    return list(_flow(data))


def default_keys() -> dict[str, Key]:
    """What the flow may say for all steps of a verb, under ``defaults``."""
    return {name: verb.keys[name] for verb in VERBS.values() for name in verb.defaults}


def _flow(data: Mapping[Any, Any]) -> Iterator[Problem]:
    waits = [each for each in default_keys() if each in data]
    for key, strays in (("inputs", inputs_beside(data)), ("defaults", waits)):
        if strays and is_empty(data, key):
            yield beside(key, strays, (), "unknown-key")
            data = {name: its for name, its in data.items() if name not in {key, *strays}}
    misspelt: set[str] = set()
    yield from unknown_keys(data, FLOW_KEYS, (), misspelt, "flow")
    for key, example in (("name", "my-flow"), ("steps", '[{message: "Hello"}]')):
        if key not in data and key not in misspelt:
            yield Problem("missing-field", f"{key} is missing", (), f"add {key}, for example: {key}: {example}")
    yield from key_values(data, FLOW_KEYS, ())


def _inputs(inputs: Any, _route: Route) -> Iterator[Problem]:
    if isinstance(inputs, str) and not inputs:
        return  # `inputs:` with nothing below it declares none
    if not isinstance(inputs, Mapping):
        hint = "write name: {type: string} lines below it"
        yield Problem("wrong-type", f"inputs must be an object, not {kind(inputs)}", ("inputs",), hint)
        return
    for name in inputs:
        if not isinstance(name, str) or not re.fullmatch(NAME, name):
            message = f"the input name {shown(str(name))} may hold only letters without accents, digits and _"
            message += ", and may not start with a digit"
            plain = plain_name(str(name))
            hint = f"write {plain}" if plain else "write it like first_name"
            yield Problem("bad-format", message, ("inputs", name), hint, at_key=True)


def _defaults(defaults: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(defaults, Mapping):
        hint = "write until: delivered below it"
        yield Problem("wrong-type", f"defaults must be an object, not {kind(defaults)}", route, hint)
        return
    keys = default_keys()
    yield from unknown_keys(defaults, keys, route, set())
    yield from key_values(defaults, keys, route)


def _anytime(value: Any, route: Route) -> Iterator[Problem]:
    from flowrunner.flow.anytime import anytime_problems  # few flows listen

    return anytime_problems(value, route)


_CHECKS: Final = {
    "name": text_problems,
    "description": text_problems,
    "opens": one_of(key_schemas("flow")["opens"]).problems,
    "inputs": _inputs,
    "languages": languages_problems,
    "defaults": _defaults,
    "steps": check_steps,
    "anytime": _anytime,
}
FLOW_KEYS: Final = {name: Key(schema, _CHECKS[name]) for name, schema in key_schemas("flow").items()}
"""The keys of a flow."""
