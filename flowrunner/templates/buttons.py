"""Whether each button of the template gets the value that it takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route
from flowrunner.model import Json
from flowrunner.model.templates import TEMPLATE_PLACE
from flowrunner.templates.sent import Sent

_LINK: Final = "https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/components"
_TYPES: Final[Mapping[str, str]] = {
    "URL": "url", "OTP": "url", "QUICK_REPLY": "quick_reply", "COPY_CODE": "copy_code", "FLOW": "flow",
}  # fmt: skip
"""The type of value that each sort of button takes."""
_WHERE: Final = ("button_params",)
_VALUE: Final = {"url": "the end of the address", "copy_code": "the code"}


def button_problems(sent: Sent) -> Iterator[Problem]:
    """What is wrong with ``button_params``."""
    params = sent.body.get("button_params", [])
    if not sent.knows("button_params") or not isinstance(params, list):
        return
    name, buttons = sent.template.name, sent.template.buttons
    if params and not any(_takes(each) for each in buttons):
        yield _problem(f"{name} has no button that takes a value", "remove button_params", _WHERE)
        return
    given: dict[int, int] = {}
    for place, each in enumerate(params):
        index = each.get("index") if isinstance(each, Mapping) else None
        if not isinstance(index, int):
            return  # an expression: which button it is for shows with the values
        at: Route = (*_WHERE, place)
        if index >= len(buttons):
            last = len(buttons) - 1
            hint = f"write an index from 0 to {last}" if last else "write index: 0"
            message = f"{name} has {len(buttons)} button{'s' if last else ''}, none at index {index}"
            yield _problem(message, hint, (*at, "index"))
        elif given.setdefault(index, place) != place:
            yield _problem(f"the button at index {index} has a value already", "remove one of the two", at)
        else:
            yield from _misfit(sent, index, each, at)
    missing = [index for index, button in enumerate(buttons) if _needs(button) and index not in given]
    if missing:
        entries = ", ".join(f"{{index: {each}, type: {_takes(buttons[each])}, value: ...}}" for each in missing)
        hint = f"add {entries} to button_params" if params else f"add button_params: [{entries}]"
        what = "; ".join(f"{_called(buttons[each], each)} takes {_VALUE[_takes(buttons[each])]}" for each in missing)
        yield _problem(f"{name} lacks a value: {what}", hint, _WHERE if params else ("template_name",))


def _misfit(sent: Sent, index: int, given: Mapping[str, Any], at: Route) -> Iterator[Problem]:
    button = sent.template.buttons[index]
    wanted = _takes(button)
    if not wanted:
        why = "its address is fixed: it" if button["type"] == "URL" else "it"
        yield _problem(f"{_called(button, index)}: {why} takes no value", "remove this entry of button_params", at)
    elif (*at, "type") not in sent.held and given.get("type") != wanted:
        message = f"{_called(button, index)} takes a value of type {wanted}, not {given.get('type')}"
        yield _problem(message, f"write type: {wanted}", (*at, "type"))


def _takes(button: Mapping[str, Json]) -> str:
    """The type of value that a button takes; empty for none."""
    if button["type"] == "URL" and not re.search(TEMPLATE_PLACE, str(button.get("url", ""))):
        return ""
    return _TYPES.get(str(button["type"]), "")


def _needs(button: Mapping[str, Json]) -> bool:
    """Whether a message without its value is refused."""
    return _takes(button) in _VALUE


def _called(button: Mapping[str, Json], index: int) -> str:
    return f"the button at index {index} ({button['text']})" if button.get("text") else f"the button at index {index}"


def _problem(message: str, hint: str, at: Route) -> Problem:
    return Problem("template-buttons", message, at, hint, link=_LINK)
