"""The shape of what stands in a list of steps: each entry's keys, its one verb, and objects below it."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from flowrunner.data import table
from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.flow.keys import COMMON_KEYS, Key, end_meant, kind
from flowrunner.flow.steps.verb import VERBS, step_entry, step_keys
from flowrunner.model.plain import NOTHING
from flowrunner.spec import is_nothing
from flowrunner.spec.layout import Entry, beside, is_empty, torn
from flowrunner.spec.words import listed, meant, printable, shown, written

WAYS_ON: Final = ("continue", "end")
"""The words that may stand in place of steps: nothing is done, and the flow goes on; the run ends."""


def unknown_keys(
    data: Mapping[Any, Any], known: Mapping[str, Key], route: Route, misspelt: set[str], what: str = ""
) -> Iterator[Problem]:
    """The keys that are not known; what they were meant to be goes to `misspelt`.

    Args:
        data: The object.
        known: The keys that it may have.
        route: Where it stands.
        misspelt: See above.
        what: The kind of object, for which ``meant.json`` knows words of other programs.
    """
    for key in data:
        if key in known:
            continue
        name = str(key)
        foreign = table("flow/meant.json")["keys"].get(what, {})
        near = meant(name, {"properties": {each: known[each].schema for each in known}})
        remedy = foreign.get(name.casefold().replace("-", "_"))
        if remedy is not None and (not near or remedy[0] not in data):
            misspelt.update(remedy[0].split())
            yield Problem("unknown-key", f"unknown key {printable(name)}", (*route, key), remedy[1], at_key=True)
            continue
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
    value: Any,
    route: Route,
    keys: Mapping[str, Key],
    required: Mapping[str, str],
    example: str,
    what: str,
    below: Mapping[str, tuple[Collection[str], bool]] = NOTHING,
) -> Iterator[Problem]:
    """What is wrong with an object below a step.

    Args:
        value: What stands there.
        route: Where.
        keys: The keys that it may have.
        required: Those of them that it must have, each with how to write it.
        example: How to write the whole.
        what: The kind of object, as `unknown_keys` takes it.
        below: What may stand below some of its keys, and whether in a list.
    """
    if not isinstance(value, Mapping):
        name = route[-1] if isinstance(route[-1], str) else f"each of {route[-2]}"
        yield Problem("wrong-type", f"{name} must be an object, not {kind(value)}", route, f"write {example}")
        return
    misspelt: set[str] = set()
    for key, (inner, is_list) in {**below, "steps": (step_keys(VERBS), True)}.items():
        strays = [name for name in value if name in inner and name not in keys]
        if strays and key in keys and is_empty(value, key):
            yield beside(key, strays, route, "missing-field", is_list=is_list)
            value = {name: its for name, its in value.items() if name not in {key, *strays}}
            misspelt.add(key)
    yield from unknown_keys(value, keys, route, misspelt, what)
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
        message = f"{route[-1]} must be a list, not {kind(steps)}"
        hint = 'start each step with a dash, for example: - message: "Hello"'
        if isinstance(steps, str) and steps and not is_nothing(steps):
            hint = _as_steps(steps)
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
    yield from each_of(steps, route, step_entry(), "one-verb", _step)


def each_of(
    items: Sequence[Any], route: Route, entry: Entry, code: str, problems: Callable[[Any, Route], Iterator[Problem]]
) -> Iterator[Problem]:
    """What is wrong with each entry of a list; of those that a dash tears in two, that alone, with ``code``."""
    halves: set[int] = set()
    for each in torn(items, entry, route, code):
        yield each
        index = int(each.route[len(route)])
        halves |= {index - 1, index}
    for index, item in enumerate(items):
        if index not in halves:
            yield from problems(item, (*route, index))


def _as_steps(text: str) -> str:
    """How to write a list of steps that is written as one text."""
    if text == "continue":
        return "write [] for no steps: the flow goes on"
    end = end_meant(text) or ("finished" if text == "end" else "")
    return f"write [{{end: {end}}}]" if end else f"write [{{message: {written(text)}}}]"


def no_steps_or_more(steps: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with the shape of a list of steps that may be empty."""
    yield from check_steps(steps, route, may_be_none=True)


def ways_on(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with steps, or a word in their place."""
    if isinstance(value, list):
        yield from check_steps(value, route, may_be_none=True)
    elif value not in WAYS_ON:
        is_text = isinstance(value, str) and bool(value) and not is_nothing(value)
        near = nearest(value, [*WAYS_ON]) if is_text else ""
        hint = "write continue, or a list of steps: [{message: ...}, {end: finished}]"
        if is_text and (end := end_meant(value)):
            hint = f"write [{{end: {end}}}]"
        elif near:
            hint = f"did you mean {near}?"
        elif is_text and " " in value:
            hint = f"write [{{message: {written(str(value))}}}]"
        elif isinstance(value, Mapping) and not value.keys().isdisjoint(VERBS):
            hint = "write a dash before each step: it is a list"
        what = shown(value) if is_text else kind(value)
        message = f"{route[-1]} must be a list of steps or continue, not {what}"
        yield Problem("wrong-type", message, route, hint)


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
    unknown = list(unknown_keys(step, known, route, misspelt, "step"))
    does_nothing = not verbs and misspelt.isdisjoint(VERBS)
    if does_nothing and unknown and unknown[0].hint.startswith("remove it;"):
        # It is there, by a word that nobody knows: without that the step would do nothing.
        unknown[0] = unknown[0]._replace(hint=f"write what the step does in its place: {listed(VERBS)}")
    yield from unknown
    if len(verbs) > 1:
        first, second, *_ = (key for key in step if key in VERBS)
        message = f"a step does one thing; this one has {first} and {second}"
        hint = f"make it two steps: write a dash before {second}"
        yield Problem("one-verb", message, (*route, second), hint, at_key=True)
    elif does_nothing and not unknown:
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
                hint = table("flow/meant.json")["keys"].get(verbs[0], {}).get(key, ("", hint))[1]
                yield Problem("foreign-field", message, (*route, key), hint, at_key=True)


def _no_step(step: Any, route: Route, known: Collection[str]) -> Problem:
    """An entry that is no object."""
    if isinstance(step, str) and step:
        glued = re.match(r"([a-z_]+):\S", step)
        is_key = glued is not None and glued[1] in known
        hint = "write a space after the colon" if is_key else "write message: before the text"
        if step == "end" or (step.islower() and end_meant(step)):
            hint = f"write end: {end_meant(step) or 'finished'}"
        wide = re.match(r"([a-z_]+)\s*([：﹕])", step)
        if wide is not None and wide[1] in known:
            hint = f"write : and a space for {wide[2]} (U+{ord(wide[2]):04X})"
    else:
        hint = f"write {listed([f'{verb}:' for verb in VERBS])} after the dash"
    return Problem("wrong-type", f"a step must be an object with {listed(VERBS)}, not {kind(step)}", route, hint)
