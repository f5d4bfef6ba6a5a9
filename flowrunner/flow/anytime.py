"""``anytime``: what is looked at whenever a person writes while a run is open."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.flow.keys import Key, kind
from flowrunner.flow.names import Names
from flowrunner.flow.steps.end import ENDS, end_problems
from flowrunner.flow.steps.entries import each_of, no_steps_or_more, object_problems
from flowrunner.flow.steps.matches import MATCH_KEYS, read_matches
from flowrunner.flow.steps.verb import Reader
from flowrunner.model import Anytime, Input
from flowrunner.spec.files import key_schemas
from flowrunner.spec.layout import Entry
from flowrunner.spec.words import listed

_SCHEMAS: Final = key_schemas("anytime")
_KEYS: Final = {
    **MATCH_KEYS,
    "steps": Key(_SCHEMAS["steps"], no_steps_or_more),
    "end": Key(_SCHEMAS["end"], end_problems),
}
_EXAMPLE: Final = "it like {words: [stop], end: opted_out}"


def anytime_problems(value: Any, route: Route) -> Iterator[Problem]:
    """What is wrong with the shape of a flow's ``anytime``."""
    if not isinstance(value, list):
        hint = "write a list, for example: - {words: [stop], end: opted_out}"
        yield Problem("wrong-type", f"anytime must be a list, not {kind(value)}", route, hint)
        return
    if not value:
        yield Problem("too-few-items", "anytime has 0 items, at least 1 is required", route, "remove anytime")
    required = {"end": "end: opted_out, end: handed_over or end: finished"}

    def problems(each: Any, at: Route) -> Iterator[Problem]:
        yield from object_problems(each, at, _KEYS, required, _EXAMPLE, "anytime")
        if isinstance(each, Mapping) and each.keys() <= _KEYS.keys() and each.keys().isdisjoint(MATCH_KEYS):
            message = f"the entry says nothing of what is written: it has neither {listed(MATCH_KEYS, 'nor')}"
            yield Problem("missing-field", message, at, "add words, for example words: [stop]")

    entry = Entry(_KEYS, lambda keys: "end" not in keys or not any(key in MATCH_KEYS for key in keys))
    yield from each_of(value, route, entry, "missing-field", problems)


def read_anytime(
    data: Any, reader: Reader, inputs: Mapping[str, Input], elsewhere: frozenset[str]
) -> tuple[Anytime, ...]:
    """What a flow looks at; its steps see the inputs alone, since nobody knows what was sent before.

    ``elsewhere`` are the ids of the flow's steps.
    """
    found = []
    for index, each in enumerate(data if isinstance(data, list) else ()):
        if not isinstance(each, Mapping):
            continue
        address, route = f"@{index + 1}", ("anytime", index)
        steps = reader.steps(each.get("steps"), (*route, "steps"), Names(inputs, elsewhere), f"{address}.")
        end = each.get("end")
        found.append(Anytime(address, route, read_matches(each, route), steps, end if end in ENDS else "finished"))
    return tuple(found)
