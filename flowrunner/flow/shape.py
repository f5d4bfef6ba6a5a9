"""The shape of a flow file: its keys, its steps and the verb of each."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from unicodedata import normalize

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.keys import COMMON_KEYS, NAME, Key, kind, one_of, text_problems
from flowrunner.flow.steps import VERBS
from flowrunner.flow.steps.message import MESSAGE
from flowrunner.flow.steps.verb import step_keys
from flowrunner.flow.translations.languages import languages_problems
from flowrunner.spec.files import key_schemas
from flowrunner.spec.words import listed, meant, printable, shown


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
    misspelt: set[str] = set()
    yield from _unknown(data, FLOW_KEYS, (), misspelt)
    for key, example in (("name", "my-flow"), ("steps", '[{message: "Hello"}]')):
        if key not in data and key not in misspelt:
            yield Problem("missing-field", f"{key} is missing", (), f"add {key}, for example: {key}: {example}")
    yield from _values(data, FLOW_KEYS, ())


def _unknown(data: Mapping[Any, Any], known: Mapping[str, Key], route: Route, misspelt: set[str]) -> Iterator[Problem]:
    """The keys that are not known; what they were meant to be goes to `misspelt`."""
    for key in data:
        if key in known:
            continue
        name = str(key)
        near = meant(name, {"properties": {each: known[each].schema for each in known}})
        if near in data or near in misspelt:
            near = ""
        misspelt.add(near)
        hint = f"did you mean {near}?" if near else f"remove it; the keys here are {listed(known, 'and')}"
        hint = MESSAGE.remedy(name, data, is_misspelt=bool(near)) or hint
        yield Problem("unknown-key", f"unknown key {printable(name)}", (*route, key), hint, at_key=True)


def _values(data: Mapping[Any, Any], keys: Mapping[str, Key], route: Route) -> Iterator[Problem]:
    for name, key in keys.items():
        if name in data:
            yield from key.problems(data[name], (*route, name))


def _inputs(inputs: Any, _route: Route) -> Iterator[Problem]:
    if isinstance(inputs, str) and not inputs:
        return  # `inputs:` with nothing below it declares none
    if not isinstance(inputs, Mapping):
        hint = "write name: {type: string} lines below it"
        yield Problem("wrong-type", f"inputs must be an object, not {kind(inputs)}", ("inputs",), hint)
        return
    for name in inputs:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            message = f"the input name {shown(str(name))} may hold only letters without accents, digits and _"
            message += ", and may not start with a digit"
            unaccented = normalize("NFKD", str(name)).encode("ascii", "ignore").decode()
            suggestion = re.sub(r"[^A-Za-z0-9_]", "_", unaccented)
            suggestion = suggestion if NAME.fullmatch(suggestion) else f"_{suggestion}"
            yield Problem("bad-format", message, ("inputs", name), f"write {suggestion}", at_key=True)


def _defaults(defaults: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(defaults, Mapping):
        hint = "write until: delivered below it"
        yield Problem("wrong-type", f"defaults must be an object, not {kind(defaults)}", route, hint)
        return
    keys = default_keys()
    yield from _unknown(defaults, keys, route, set())
    yield from _values(defaults, keys, route)


def check_steps(steps: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with the shape of a list of steps."""
    if not isinstance(steps, list):
        message = f"steps must be a list, not {kind(steps)}"
        hint = 'start each step with a dash, for example: - message: "Hello"'
        sign = str(next(iter(steps), ""))[:1] if isinstance(steps, Mapping) else ""
        if sign in {*"–—−－•‣▪*+"}:
            hint = f"write a hyphen and a space for {sign} (U+{ord(sign):04X})"
        yield Problem("wrong-type", message, route, hint)
        return
    if not steps:
        message = "steps has 0 items, at least 1 is required"
        yield Problem("too-few-items", message, route, 'add a step, for example: - message: "Hello"')
    for index, step in enumerate(steps):
        yield from _step(step, (*route, index))


def _step(step: Any, route: Route) -> Iterator[Problem]:
    known = step_keys(VERBS)
    if not isinstance(step, Mapping):
        yield _no_step(step, route, known)
        return
    verbs = [name for name in VERBS if name in step]
    if (problem := MESSAGE.misplaced(step, route, has_verb=bool(verbs))) is not None:
        yield problem
        return
    misspelt: set[str] = set()
    yield from _unknown(step, known, route, misspelt)
    if len(verbs) > 1:
        first, second, *_ = (key for key in step if key in VERBS)
        message = f"a step does one thing; this one has {first} and {second}"
        hint = f"make it two steps: write a dash before {second}"
        yield Problem("one-verb", message, (*route, second), hint, at_key=True)
    elif not verbs and misspelt.isdisjoint(VERBS):
        neither = " nor ".join(VERBS) if len(VERBS) == 2 else listed(VERBS)
        message = f"the step does nothing: it has neither {neither}"
        yield Problem("one-verb", message, route, 'add one, for example: message: "Hello"')
    yield from _values(step, COMMON_KEYS, route)
    for verb in VERBS.values():
        if not verbs or verb.name in verbs:
            yield from _values(step, verb.keys, route)
            continue
        for key in verb.keys:
            if key in step:
                message = f"{key} does not belong to a {verbs[0]} step"
                hint = f"remove it, or move it to a {verb.name} step"
                yield Problem("foreign-field", message, (*route, key), hint, at_key=True)


def _no_step(step: Any, route: Route, known: Collection[str]) -> Problem:
    """An entry that is no object."""
    if isinstance(step, str) and step:
        glued = re.match(r"([a-z_]+):\S", step)
        is_key = glued is not None and glued[1] in known
        hint = "write a space after the colon" if is_key else "write message: before the text"
        wide = re.match(r"([a-z_]+)\s*([：﹕])", step)
        if wide is not None and wide[1] in known:
            hint = f"write : and a space for {wide[2]} (U+{ord(wide[2]):04X})"
    else:
        hint = f"write {listed([f'{verb}:' for verb in VERBS])} after the dash"
    return Problem("wrong-type", f"a step must be an object with {listed(VERBS)}, not {kind(step)}", route, hint)


_CHECKS: Final = {
    "name": text_problems,
    "description": text_problems,
    "opens": one_of(key_schemas("flow")["opens"]).problems,
    "inputs": _inputs,
    "languages": languages_problems,
    "defaults": _defaults,
    "steps": check_steps,
}
FLOW_KEYS: Final = {name: Key(schema, _CHECKS[name]) for name, schema in key_schemas("flow").items()}
"""The keys of a flow."""
