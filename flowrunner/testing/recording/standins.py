"""What may stand for a value of a run: the first that lets the flow go the same way is taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from flowrunner.engine.answers.matching import NUMBER
from flowrunner.engine.answers.typed import typed
from flowrunner.flow import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.flow.translations.languages import LANGUAGE, TIMEZONE
from flowrunner.model import Flow, Input, Json, MessageStep
from flowrunner.phones.examples import example_like
from flowrunner.spec.plainly import plainly, says
from flowrunner.testing.exploring.compared import compared_with
from flowrunner.testing.exploring.inputs import sets_of
from flowrunner.testing.recording.patterns import alike, found_in

EMAIL = "person@example.com"
PLACE = [19.4326, -99.1332]
"""The main square of Mexico City, as in the docs."""
SMALL: Final = 10_000
"""A number below says nothing of a person."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def for_input(name: str, value: Json, flow: Loaded) -> list[Json]:
    """For an input's value; nothing where it may stay: what the flow lists, its default, its example, yes and no."""
    its = flow.flow.inputs.get(name) if flow.flow is not None else None
    if isinstance(value, bool) or value is None or name in (LANGUAGE, TIMEZONE) or _is_the_flows(its, value):
        return []
    compared = compared_with(flow, name)
    made = [each[name] for each in sets_of(flow.flow, {name: compared}) if name in each] if flow.flow else []
    return others_than(value, [*made[:1], *for_any(name, value), *made[1:]])


def _is_the_flows(its: Input | None, value: Json) -> bool:
    if its is None:
        return False
    is_written = (its.has_default and its.default == value) or (its.has_example and its.example == value)
    return "enum" in its.schema or is_written


def for_answer(label: str, text: str, value: Json, flow: Loaded) -> list[Json]:
    """For what was written; nothing where it may stay: a word of the flow, a short number, no word at all.

    Args:
        label: What the question is called.
        text: What was written.
        value: What the question has read of it; None for nothing.
        flow: The flow.
    """
    words = _words(flow.flow) if flow.flow is not None else {}
    is_plain = (not re.search(r"[^\W\d_]|\d{5}", text) and not found_in(text)) or bool(NUMBER.fullmatch(plainly(text)))
    if typed("yes_no", text, datetime.min) is not None or plainly(text) in words or is_plain:
        return []
    within = [word for word in words.values() if says(text, word)]
    return others_than(text, [*within, *for_any(label, text), *_read_alike(value), *compared_with(flow, label)])


def for_file(name: str) -> list[Json]:
    """For the name of a file: others of its kind."""
    kind = PurePath(name).suffix
    return [f"{each}{kind}" for each in ("example", "another_example", "one_more_example")]


def for_field(label: str, name: str, value: Json, flow: Loaded) -> list[Json]:
    """For a value within others, such as a field of the form that answers ``label``; nothing where it may stay."""
    if not isinstance(value, str):
        return list(for_any(name, value))
    if value in compared_with(flow, label):
        return []
    return [each for each in for_answer(name, value, None, flow) if each != value]


def _read_alike(value: Json) -> Iterator[Json]:
    """Texts that a question reads as it has read another one."""
    if isinstance(value, int | float):
        yield from (str(each) for each in ([value] if abs(value) < SMALL else for_any("", value)))
    elif isinstance(value, str):
        if re.fullmatch(r"\d\d:\d\d(:\d\d)?", value):
            yield value  # an hour says nothing of a person
        elif re.fullmatch(r"\+\d{7,}", value):
            yield from (example_like(value), example_like(example_like(value)))


def for_any(name: str, value: Json) -> Iterator[Json]:
    """For a value of that name: something that is plainly an example first, last what has the same shape."""
    if isinstance(value, str):
        if re.fullmatch(r"[\w.+-]+@[\w.-]+", value):
            yield from (EMAIL, "other@example.com", "third@example.com")
        elif re.fullmatch(r"\+?[\d ().-]{7,}", value) and not _DAY.fullmatch(value):
            first = example_like(value if value.startswith("+") else f"+{value}")
            yield from (first, example_like(first))
        elif value.startswith(("http://", "https://")):
            yield "https://example.com/page"
        elif _MOMENT.match(value):  # the hour says nothing of a person
            yield from (f"{day}{value[len(day) :]}" for day in ("2026-01-15", "2026-02-20"))
        elif re.search(r"[^\W\d_]", value):
            is_named = name and not name.replace(".", "").isdigit()
            called = f"Example {name}" if is_named else "Example answer"
            yield from (called, "Example", f"Another {called.lower()}", "One more example")
        if len(value) > 1:
            yield alike(value)
        yield from (EMAIL, "2026-01-15")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        size = 10 ** max(len(str(abs(int(value)))) - 1, 0)
        yield from (size + 1, size * 2, size, value + 1, value - 1)
    elif value is not None and not isinstance(value, bool):
        yield hidden(value)


def hidden(value: Json) -> Any:
    """Data with other texts and numbers in the same places; the same for the same."""
    given: dict[str, Json] = {}
    for path, leaf in leaves(value):
        name = next((each for each in reversed(path) if isinstance(each, str)), "")
        found = [each for each in others_than(leaf, list(for_any(name, leaf))) if each not in given.values()]
        if (its := given.get(str(leaf), next(iter(found), None))) is not None:
            given[str(leaf)] = its
            value = with_leaf(value, path, its)
    return value


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Each text and number within data, by where it stands."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))
    elif value not in ("", None) and not isinstance(value, bool):
        yield path, value


def with_leaf(value: Json, path: Sequence[str | int], new: Json) -> Any:
    """The same data with another value in one place."""
    if not path:
        return new
    if isinstance(value, Mapping):
        return {name: with_leaf(each, path[1:], new) if name == path[0] else each for name, each in value.items()}
    return [with_leaf(each, path[1:], new) if place == path[0] else each for place, each in enumerate(value)]


def others_than(value: Json, found: Sequence[Json]) -> list[Json]:
    """Those that are not it, and do not have it in them, each once."""
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
