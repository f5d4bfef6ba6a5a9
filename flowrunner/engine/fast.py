"""One flow for very many recipients: what does not vary is made and checked once, the rest by the shortest way.

What comes out is what `flowrunner.engine.render` gives, to the byte. Where that would have anything to say about the
values, nothing comes out, and the caller asks `render` to say it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flowrunner.diagnostics import Route
from flowrunner.engine.messages import is_unread, number_of, structured, typed_text, wire_text
from flowrunner.expressions import ExpressionError, Simple, UnsureError, expression
from flowrunner.expressions.direct import direct_text, direct_value
from flowrunner.flow import Field, Loaded
from flowrunner.model import Action, Json, Message, MessageStep, Pause, PauseStep, Recipient, Skipped, Step
from flowrunner.spec import check_message
from flowrunner.spec.texts import is_calm, is_plain
from flowrunner.spec.varying import message_check

_Compute = Callable[[Mapping[str, Any], str], Any]
"""From values by name, and the run's seed, to one value."""
_Fill = Callable[[Sequence[Json]], Any]

_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _SlowWayError(Exception):
    """There is something to say, and `render` knows what."""


class Renderer:
    """A flow without errors, made ready to be rendered often. It keeps nothing of what it has rendered."""

    def __init__(self, loaded: Loaded) -> None:
        assert loaded.flow is not None, "a Renderer needs a flow without errors"  # noqa: S101
        read = {use.name for fields in loaded.fields.values() for each in fields for use in each.expression.uses}
        named = [(step.id if step.id in read else "", step, loaded.fields[step.address]) for step in loaded.flow.steps]
        self._steps = [(name, _step(step, fields, frozenset())) for name, step, fields in named]
        calm = frozenset([*loaded.flow.inputs, "recipient", "conversation"])
        self._calm_steps = [(name, _step(step, fields, calm)) for name, step, fields in named]

    def render(self, recipient: Recipient, values: Mapping[str, Json], now: str) -> tuple[Action, ...] | None:
        """One action for each step, in order.

        Actions that are alike for all recipients are one object; nobody may change what is in them.

        Args:
            recipient: Whom it is for.
            values: A value for each input, as `flowrunner.engine.bind` or `Typer.bind` gives them.
            now: What `flowrunner.engine.moment` gave when the run began.

        Returns:
            What `flowrunner.engine.render` gives as `Rendering.actions`; or None, where `render` finds an error, or
            warns of something that reading the flow did not warn of.
        """
        known = {
            **values,
            "now": datetime.fromisoformat(now),
            "recipient": {"phone": recipient.phone} if recipient.phone else {},
            "conversation": {"id": recipient.conversation} if recipient.conversation else {},
        }
        seed = f"{now}\0{recipient.conversation}\0"
        actions = []
        try:
            for name, act in self._calm_steps if all(map(is_calm, values.values())) else self._steps:
                action = act(known, seed)
                actions.append(action)
                if name:
                    _remember(known, name, action)
        except (ExpressionError, UnicodeEncodeError, _SlowWayError):  # the second one: half of a character
            return None
        return tuple(actions)


def _remember(known: dict[str, Any], name: str, action: Action) -> None:
    """What later steps see of a step."""
    if isinstance(action, Message):
        known[name] = {"skipped": False, "message": action.body}
    elif isinstance(action, Skipped):
        known[name] = {"skipped": True}


def _step(step: Step, fields: Sequence[Field], calm: frozenset[str]) -> Callable[[Mapping[str, Any], str], Action]:
    """What makes one step's action, where the values of `calm` names are calm (`flowrunner.spec.texts.is_calm`)."""
    placed = [each for each in fields if each.route]
    act: Callable[[Mapping[str, Any], str], Action]
    if isinstance(step, PauseStep):
        act = _always(Pause(step, step.seconds))
    elif placed:
        act = _message(step, placed, calm)
    else:
        act = _always(Message(step, step.message, wire_text(step.message)))
    if step.when is None or step.when is True:
        return act
    if step.when is False:
        return _always(Skipped(step, "when is false"))
    skipped, applies = Skipped(step, f"{step.when} is false"), _value(step.when, step, bare=True)

    def act_if(values: Mapping[str, Any], seed: str) -> Action:
        answer = applies(values, seed)
        if answer is True:
            return act(values, seed)
        if answer is not False:
            raise _SlowWayError
        return skipped

    return act_if


def _always(action: Action) -> Callable[[Mapping[str, Any], str], Action]:
    return lambda _values, _seed: action


def _message(
    step: MessageStep, fields: Sequence[Field], calm: frozenset[str]
) -> Callable[[Mapping[str, Any], str], Message]:
    """What makes the message of a step that holds expressions."""
    computes = [_field(each, step) for each in fields]
    places = {each.route: index for index, each in enumerate(fields)}
    fill = _filler(step.message, places, ())
    assert fill is not None  # noqa: S101  # there are fields
    pieces = _pieces(step.message, places)
    literals = {each.route: each.expression.literal for each in fields}
    only = [each.route for each in fields if _shows_only(each, calm) and is_plain(literals[each.route])]
    accepts = message_check(step.message, literals, only) or _nothing_to_say

    def message(values: Mapping[str, Any], seed: str) -> Message:
        found = [compute(values, seed) for compute in computes]
        body = fill(found)
        text = pieces.copy()
        text[1::2] = map(_encode, found)
        wire = "".join(text)
        if not wire.isascii():
            wire.encode()
        if not accepts(body):
            raise _SlowWayError
        return Message(step, body, wire)

    return message


def _shows_only(field: Field, names: frozenset[str]) -> bool:
    """Whether what a field shows beside its literal text are values of these names alone."""
    return isinstance(field.expression, Simple) and names.issuperset(use.name for use in field.expression.uses)


def _nothing_to_say(body: Mapping[str, Json]) -> bool:
    return not check_message(body)


def _field(field: Field, step: Step) -> _Compute:
    schema = field.schema
    if field.wants_structure:
        value = _value(field.expression.text, step, bare=False)
        return lambda values, seed: structured(value(values, seed), schema)
    text = _text(field.expression.text, step)
    if typed_text("0", schema) == "0":
        return text
    whole = _value(field.expression.text, step, bare=False) if field.expression.is_whole else None

    def typed(values: Mapping[str, Any], seed: str) -> Json:
        found = typed_text(text(values, seed), schema)
        return found if whole is None or not is_unread(found, field) else number_of(whole(values, seed), found)

    return typed


def _text(text: str, step: Step) -> _Compute:
    direct, address, render = direct_text(text), step.address, expression(text).render
    if direct is None:
        return lambda values, seed: render(values, seed + address)

    def shown(values: Mapping[str, Any], seed: str) -> str:
        try:
            return direct(values)
        except UnsureError:
            return render(values, seed + address)

    return shown


def _value(text: str, step: Step, *, bare: bool) -> _Compute:
    direct, address, evaluate = direct_value(text, bare=bare), step.address, expression(text, bare=bare).evaluate
    if direct is None:
        return lambda values, seed: evaluate(values, seed + address)

    def value(values: Mapping[str, Any], seed: str) -> Any:
        try:
            return direct(values)
        except UnsureError:
            return evaluate(values, seed + address)

    return value


def _filler(data: Json, places: Mapping[Route, int], route: Route) -> _Fill | None:
    """What puts values where they belong and shares all else; None where nothing varies."""
    if route in places:
        index = places[route]
        return lambda found: found[index]
    if isinstance(data, dict):
        below: list[tuple[Any, _Fill | None]] = [(key, _filler(data[key], places, (*route, key))) for key in data]
    elif isinstance(data, list):
        below = [(index, _filler(item, places, (*route, index))) for index, item in enumerate(data)]
    else:
        return None
    fills = [(key, fill) for key, fill in below if fill is not None]
    if not fills:
        return None

    def filled(found: Sequence[Json]) -> Json:
        copy = data.copy()
        for key, fill in fills:
            copy[key] = fill(found)
        return copy

    return filled


def _pieces(data: Json, places: Mapping[Route, int]) -> list[str]:
    """The wire text, cut where values go: what stands before each of them, an empty text for it, and the rest."""
    pieces = [""]

    def write(data: Json, route: Route) -> None:
        if route in places:
            pieces.extend(("", ""))
        elif isinstance(data, dict):
            for count, (key, value) in enumerate(data.items()):
                pieces[-1] += ("," if count else "{") + wire_text(key) + ":"
                write(value, (*route, key))
            pieces[-1] += "}" if data else "{}"
        elif isinstance(data, list):
            for index, value in enumerate(data):
                pieces[-1] += "," if index else "["
                write(value, (*route, index))
            pieces[-1] += "]" if data else "[]"
        else:
            pieces[-1] += wire_text(data)

    write(data, ())
    return pieces
