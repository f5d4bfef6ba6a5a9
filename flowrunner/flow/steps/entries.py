"""The shape of what stands in a list of steps: each entry's keys, its one verb, and objects below it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.flow.keys import COMMON_KEYS, Key, kind
from flowrunner.flow.steps.verb import VERBS, step_keys
from flowrunner.spec import is_nothing
from flowrunner.spec.words import listed, meant, printable, shown

WAYS_ON: Final = ("continue", "end")
"""The words that may stand in place of steps: nothing is done, and the flow goes on; the run ends."""


def unknown_keys(
    data: Mapping[Any, Any], known: Mapping[str, Key], route: Route, misspelt: set[str]
) -> Iterator[Problem]:
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
        for verb in VERBS.values():
            hint = verb.remedy(name, data, is_misspelt=bool(near)) or hint
        yield Problem("unknown-key", f"unknown key {printable(name)}", (*route, key), hint, at_key=True)


def key_values(data: Mapping[Any, Any], keys: Mapping[str, Key], route: Route) -> Iterator[Problem]:
    """What is wrong with the values of the keys that are there."""
    for name, key in keys.items():
        if name in data:
            yield from key.problems(data[name], (*route, name))


def object_problems(
    value: Any, route: Route, keys: Mapping[str, Key], required: Mapping[str, str], example: str
) -> Iterator[Problem]:
    """What is wrong with an object below a step.

    Args:
        value: What stands there.
        route: Where.
        keys: The keys that it may have.
        required: Those of them that it must have, each with how to write it.
        example: How to write the whole.
    """
    if not isinstance(value, Mapping):
        name = route[-1] if isinstance(route[-1], str) else f"each of {route[-2]}"
        yield Problem("wrong-type", f"{name} must be an object, not {kind(value)}", route, f"write {example}")
        return
    misspelt: set[str] = set()
    yield from unknown_keys(value, keys, route, misspelt)
    yield from _missing(value, required, route, misspelt)
    yield from key_values(value, keys, route)


def _missing(
    data: Mapping[Any, Any], required: Mapping[str, str], route: Route, misspelt: Collection[str]
) -> Iterator[Problem]:
    for name, how in required.items():
        if name not in data and name not in misspelt:
            yield Problem("missing-field", f"{name} is missing", route, f"add {how}")


def check_steps(steps: Any, route: Route, *, may_be_none: bool = False) -> Iterator[Problem]:
    """What is wrong with the shape of a list of steps; ``may_be_none`` says that it may be empty."""
    if not isinstance(steps, list):
        message = f"steps must be a list, not {kind(steps)}"
        hint = 'start each step with a dash, for example: - message: "Hello"'
        sign = str(next(iter(steps), ""))[:1] if isinstance(steps, Mapping) else ""
        if sign in {*"–—−－•‣▪*+"}:
            hint = f"write a hyphen and a space for {sign} (U+{ord(sign):04X})"
        elif may_be_none and (steps == "" or is_nothing(steps)):
            hint = "write [] for no steps"
        yield Problem("wrong-type", message, route, hint)
        return
    if not steps and not may_be_none:
        message = "steps has 0 items, at least 1 is required"
        yield Problem("too-few-items", message, route, 'add a step, for example: - message: "Hello"')
    for index, step in enumerate(steps):
        yield from _step(step, (*route, index))


def no_steps_or_more(steps: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with the shape of a list of steps that may be empty."""
    yield from check_steps(steps, route, may_be_none=True)


def ways_on(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with steps, or a word in their place."""
    if isinstance(value, list):
        yield from check_steps(value, route, may_be_none=True)
    elif value not in WAYS_ON:
        near = nearest(value, [*WAYS_ON]) if isinstance(value, str) else ""
        what = shown(value) if isinstance(value, str) and value and not is_nothing(value) else kind(value)
        hint = f"did you mean {near}?" if near else "write continue, or steps: [{message: ...}, {end: finished}]"
        if isinstance(value, str) and value in _ENDS:
            hint = f"write [{{end: {value}}}]"
        message = f"{route[-1]} must be a list of steps or continue, not {what}"
        yield Problem("wrong-type", message, route, hint.replace("steps: ", "a list of steps: "))


_ENDS: Final = ("finished", "opted_out", "handed_over")


def _step(step: Any, route: Route) -> Iterator[Problem]:
    known = step_keys(VERBS)
    if not isinstance(step, Mapping):
        yield _no_step(step, route, known)
        return
    verbs = [name for name in VERBS if name in step]
    for verb in VERBS.values():
        if (problem := verb.misplaced(step, route, has_verb=bool(verbs))) is not None:
            yield problem
            return
    misspelt: set[str] = set()
    yield from unknown_keys(step, known, route, misspelt)
    if len(verbs) > 1:
        first, second, *_ = (key for key in step if key in VERBS)
        message = f"a step does one thing; this one has {first} and {second}"
        hint = f"make it two steps: write a dash before {second}"
        yield Problem("one-verb", message, (*route, second), hint, at_key=True)
    elif not verbs and misspelt.isdisjoint(VERBS):
        message = f"the step does nothing: it has neither {listed(VERBS, 'nor')}"
        yield Problem("one-verb", message, route, 'add one, for example: message: "Hello"')
    yield from key_values(step, COMMON_KEYS, route)
    for verb in VERBS.values():
        if not verbs or verb.name in verbs:
            yield from key_values(step, verb.keys, route)
            if verb.name in step:
                yield from _missing(step, verb.required, route, misspelt)
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
