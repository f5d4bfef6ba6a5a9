"""What a message lets its reader choose from: reply buttons, the rows of a list, a template's quick replies."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from flowrunner.diagnostics import Route
from flowrunner.model import Json
from flowrunner.model.templates import Template
from flowrunner.spec.raw import flat_fields


class Choice(NamedTuple):
    """One thing to tap that is answered with.

    Attributes:
        kind: What it is called in a flow.
        id: What the answer names it by; empty where that is not known.
        title: What the reader sees.
        route: Where it stands in the message.
    """

    kind: Literal["button", "row"]
    id: str
    title: str
    route: Route


def choices_of(body: Mapping[str, Json], template: Template | None = None) -> tuple[Choice, ...] | None:
    """All that a message lets choose from, in order; None where that is not known.

    Args:
        body: A message; what in it is not known yet may be any text.
        template: The one that it names, where it is known.
    """
    if body.get("message_type") == "template":
        return _of_template(body, template)
    if body.get("message_type") == "raw":
        raw = body.get("raw")
        its = raw.get("interactive") if isinstance(raw, Mapping) else None
        flat = {"message_type": "interactive", **flat_fields("interactive", its)} if isinstance(its, Mapping) else {}
        found = choices_of(flat) if flat.get("interactive_type") in ("button", "list") else ()
        return None if found is None else tuple(each._replace(route=("raw",)) for each in found)
    match body.get("interactive_type"):
        case "button":
            return _all("button", _items(body, (), "buttons"))
        case "list":
            return _all("row", _below(body, "sections", "rows"))
        case "carousel":
            return _all("button", _below(body, "cards", "buttons"))
    return ()


def _all(kind: Literal["button", "row"], found: Iterator[tuple[Route, Any]]) -> tuple[Choice, ...] | None:
    choices = []
    for route, each in found:
        if not isinstance(each, Mapping):
            return None
        choices.append(Choice(kind, str(each.get("id", "")), str(each.get("title", "")), route))
    return tuple(choices)


def _items(data: Mapping[str, Any], at: Route, name: str) -> Iterator[tuple[Route, Any]]:
    """The items of a list; what is no list is one that nobody knows."""
    several = data.get(name, [])
    if not isinstance(several, Sequence) or isinstance(several, str):
        yield (*at, name), several
        return
    for index, each in enumerate(several):
        yield (*at, name, index), each


def _below(body: Mapping[str, Any], outer: str, inner: str) -> Iterator[tuple[Route, Any]]:
    for route, each in _items(body, (), outer):
        if isinstance(each, Mapping):
            yield from _items(each, route, inner)
        else:
            yield route, each


def _of_template(body: Mapping[str, Json], template: Template | None) -> tuple[Choice, ...] | None:
    """Its quick replies: each is answered with the value that the message gives it, else with its text."""
    if template is None:
        return None
    params = body.get("button_params", [])
    if not isinstance(params, Sequence) or isinstance(params, str):
        return None
    values: dict[Any, tuple[str, Route]] = {}
    for place, each in enumerate(params):
        if not isinstance(each, Mapping):
            return None
        values[each.get("index")] = str(each.get("value", "")), ("button_params", place)
    choices = []
    for index, button in enumerate(template.buttons):
        if button.get("type") == "QUICK_REPLY":
            title = str(button.get("text", ""))
            payload, route = values.get(index, (title, ("template_name",)))
            choices.append(Choice("button", payload, title, route))
    return tuple(choices)
