"""What a run's answers came to, as a test asks for it in the end."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any, Final

from flowrunner.flow.steps import walk_flow
from flowrunner.model import Flow, Json, MessageStep

_ANSWERED_ANYHOW: Final = "any"


def answers_in(flow: Flow, read: Mapping[str, Json]) -> dict[str, Json]:
    """What is read of each answer that a later step could read, by the names of expressions: ``company.text``."""
    found: dict[str, Json] = {}
    for step in walk_flow(flow):
        view = read.get(step.id) if isinstance(step, MessageStep) and step.reply is not None and step.id else None
        if isinstance(view, Mapping) and "answered" in view:
            found.update((f"{step.id}.{name}", value) for name, value in _told(view))
    return found


def _told(view: Mapping[str, Any]) -> Iterator[tuple[str, Json]]:
    """What tells one answer from another. A branch without a name is called by its place, which changes."""
    name = str(view.get("answer", ""))
    if name and name != _ANSWERED_ANYHOW and not (name[0] == "a" and name[1:].isdigit()):
        yield "answer", name
    if view.get("text") and "choice" not in view and "form" not in view:
        yield "text", view["text"]
    value, is_file = view.get("value"), "media" in view  # whose id is another one each time
    is_told = value in (view.get("text"), view.get("choice"))
    if isinstance(value, bool | int | float | str | date | time) and not (is_told or is_file):
        yield "value", value.isoformat() if isinstance(value, date | time) else value
    place, form, media = view.get("location"), view.get("form"), view.get("media")
    if isinstance(place, Mapping):
        yield from ((f"location.{name}", place[name]) for name in ("latitude", "longitude") if name in place)
    if isinstance(form, Mapping):
        yield from _fields("form", form)
    if isinstance(media, Mapping):
        yield "media.type", media["type"]


def _fields(name: str, data: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The texts and numbers of a form; none whose name could be taken for two."""
    for key, value in data.items():
        if "." in key:
            continue
        if isinstance(value, Mapping):
            yield from _fields(f"{name}.{key}", value)
        elif isinstance(value, str | int | float):
            yield f"{name}.{key}", value
