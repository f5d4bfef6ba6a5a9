"""What may stand for a value of a run: the first that lets the flow go the same way is taken."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from flowrunner.flow import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.model import Flow, Input, Json, MessageStep
from flowrunner.phones.examples import example_like
from flowrunner.spec.plainly import plainly
from flowrunner.testing.exploring.compared import compared_with
from flowrunner.testing.exploring.inputs import sets_of
from flowrunner.testing.recording.patterns import alike, found_in

EMAIL = "person@example.com"
PLACE = [19.4326, -99.1332]
"""The main square of Mexico City, as in the docs."""


def for_input(name: str, value: Json, flow: Loaded) -> list[Json]:
    """For an input's value; nothing where it may stay: what the flow lists, its default, yes and no."""
    its = flow.flow.inputs.get(name) if flow.flow is not None else None
    if isinstance(value, bool) or value is None or _is_the_flows(its, value):
        return []
    compared = compared_with(flow, name)
    made = [each[name] for each in sets_of(flow.flow, {name: compared}) if name in each] if flow.flow else []
    return _others(value, [*made[:1], *for_any(name, value), *made[1:]])


def _is_the_flows(its: Input | None, value: Json) -> bool:
    return its is not None and ("enum" in its.schema or (its.has_default and its.default == value))


def for_text(label: str, text: str, flow: Loaded) -> list[Json]:
    """For what was written; nothing where it may stay: a word of the flow, a short number, no word at all."""
    words = _words(flow.flow) if flow.flow is not None else {}
    if plainly(text) in words or (not re.search(r"[^\W\d_]|\d{5}", text) and not found_in(text)):
        return []
    plain = f" {plainly(text)} "
    within = [word for its, word in words.items() if its and f" {its} " in plain]
    return _others(text, [*within, *for_any(label, text), *compared_with(flow, label)])


def for_any(name: str, value: Json) -> Iterator[Json]:
    """For a value of that name: something that is plainly an example first, last what has the same shape."""
    if isinstance(value, str):
        if re.fullmatch(r"[\w.+-]+@[\w.-]+", value):
            yield EMAIL
        elif re.fullmatch(r"\+?[\d ().-]{7,}", value):
            yield example_like(value if value.startswith("+") else f"+{value}")
        elif value.startswith(("http://", "https://")):
            yield "https://example.com/page"
        elif re.search(r"[^\W\d_]", value):
            yield f"Example {name}" if name and not name.replace(".", "").isdigit() else "Example answer"
            yield "Example"
        yield alike(value)
        yield EMAIL
        yield "2026-01-15"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        size = 10 ** max(len(str(abs(int(value)))) - 1, 0)
        yield from (size + 1, size * 2, size, value + 1, value - 1)
    else:
        yield hidden(value)


def hidden(value: Json) -> Any:
    """Data with other texts and numbers in the same places."""
    if isinstance(value, dict):
        return {name: hidden(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(each) for each in value]
    if isinstance(value, str) and value:
        return next(iter(_others(value, list(for_any("", value)))), "Example")
    return 1 if isinstance(value, int | float) and not isinstance(value, bool) and value != 1 else value


def _others(value: Json, found: Sequence[Json]) -> list[Json]:
    several: list[Json] = []
    for each in found:
        if each != value and each not in several and not _holds(each, value):
            several.append(each)
    return several


def _holds(one: Json, other: Json) -> bool:
    """Whether a text has the other in it, which shall not be there."""
    return isinstance(one, str) and isinstance(other, str) and len(other) > 2 and other.casefold() in one.casefold()


def _words(flow: Flow) -> dict[str, str]:
    """The words that the flow itself looks for, by how they are compared."""
    found: list[str] = []
    for step in walk_flow(flow):
        if isinstance(step, MessageStep):
            if step.reply is not None:
                matches = (match for answer in step.reply.answers for match in answer.matches)
                found += [word for match in matches for word in _said(match.value)]
            found += _titles(step.message)
    found += [word for each in flow.anytime for match in each.matches for word in _said(match.value)]
    return {plainly(each): each for each in found if "{{" not in each}


def _said(value: Json) -> Sequence[str]:
    return [value] if isinstance(value, str) else [each for each in value if isinstance(each, str)] if isinstance(
        value, list | tuple) else []  # fmt: skip


def _titles(data: Any) -> Iterator[str]:
    if isinstance(data, list | tuple):
        for each in data:
            yield from _titles(each)
    elif hasattr(data, "items"):
        for key, each in data.items():
            if key in ("title", "id") and isinstance(each, str):
                yield each
            elif key in ("buttons", "sections", "rows"):
                yield from _titles(each)
