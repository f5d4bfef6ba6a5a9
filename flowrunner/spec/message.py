"""All that is wrong with one message."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from flowrunner.diagnostics import Problem, Route, Severity, nearest
from flowrunner.spec.files import KINDS, MESSAGE_TYPES, called, kind_of, message_schema, takers
from flowrunner.spec.nested import NESTS, nested
from flowrunner.spec.validators import faults, message_validator
from flowrunner.spec.walk import Walk
from flowrunner.spec.words import json_kind, kind_words, listed, meant, shown

LABEL: Final = "the message"
"""What the top of a message is called."""


def check_message(body: Mapping[str, Any], held: Collection[Route] = ()) -> list[Problem]:
    """Every problem of one message, its routes relative to `body`; empty when WhatsApp will take its form.

    Without a usable `message_type` that alone is reported, since no other rule is known.

    Args:
        body: The object posted as ``message``, plain data as `as_typed` gives it.
        held: The routes of values that hold an expression and are not known yet. Such a
            string holds its literal text with a `HOLE` for what the expression gives: what that may still change is
            not reported, what it cannot fix is. With nothing held, nothing is held back.
    """
    if body.keys() & NESTS and (found := nested(body)):
        return found
    problem = _type_problem(body)
    if problem is not None:
        return [problem._replace(link=message_schema("text")["properties"]["message_type"]["x-link"])]
    kind = kind_of(body)
    schema = message_schema(kind)
    walk = Walk(body, schema, held=held, label=LABEL, kind=kind)
    found = faults(message_validator(kind), schema, walk, LABEL)
    if any(each.severity is Severity.ERROR for each in found):
        from flowrunner.spec.layout import misplaced  # few messages have an error

        places = list(misplaced(body, schema))
        following = {route for _, routes in places for route in routes}
        found = [*(each for each, _ in places), *(each for each in found if each.route not in following)]
    for each in found:
        if each.route == ("interactive_type",) and each.code == "bad-value":
            # What belongs to it is not known either.
            subtype = subtype_meant(str(body["interactive_type"]))
            return [each._replace(hint=f"did you mean {subtype}?") if subtype else each]
    if any(each.code == "foreign-field" and len(each.route) == 1 for each in walk.problems):
        # Fields of another type stand here: that the type's own are missing follows from it.
        return [each for each in found if each.route or each.code not in {"missing-field", "media-source"}]
    if kind == "raw" and not any(each.severity is Severity.ERROR for each in found):
        from flowrunner.spec.raw import check_raw  # few flows have one

        found = [*found, *check_raw(body, held, check_message)]
    return found


def _type_problem(body: Mapping[str, Any]) -> Problem | None:
    """What keeps the message's type from being known."""
    if "message_type" not in body:
        return _misspelt(body) or _left_out(body)
    value = body["message_type"]
    route = ("message_type",)
    if not isinstance(value, str):
        message = f"message_type must be text, not {kind_words([json_kind(value)])}"
        return Problem("wrong-type", message, route, f"write {listed(MESSAGE_TYPES)}")
    if value not in MESSAGE_TYPES:
        near = type_meant(value)
        hint = f"did you mean {near}?" if near else f"write {listed(MESSAGE_TYPES)}"
        if subtype := subtype_meant(value):
            hint = f"write message_type: interactive, and below it interactive_type: {subtype}"
        return Problem("bad-value", f"message_type {shown(value)} is not one of the values allowed", route, hint)
    return None


def _misspelt(body: Mapping[str, Any]) -> Problem | None:
    text = message_schema("text")
    for key, value in body.items():
        if key not in takers() and isinstance(value, str) and meant(str(key), text) == "message_type":
            hint = "did you mean message_type?"
            return Problem("unknown-field", f"unknown field {key}", (key,), hint, at_key=True)
    return None


def _left_out(body: Mapping[str, Any]) -> Problem | None:
    """Without message_type it is a text message, unless its fields say otherwise."""
    own = message_schema("text")["properties"]
    foreign = [key for key in body if key in takers() and key not in own]
    if not foreign:
        return None
    fitting = [each for each in KINDS if all(each in takers()[key] for key in foreign)]
    types = [each for each in fitting if each in MESSAGE_TYPES]
    message = f"message_type is missing, {foreign[0]} does not belong to a text message"
    hint = f"add message_type: {listed(types or MESSAGE_TYPES)}"
    if fitting and not types:
        hint = f"add message_type: interactive, and below it interactive_type: {listed(called(fitting))}"
    return Problem("missing-field", message, hint=hint)


def type_meant(word: str, *, by_spelling: bool = True) -> str:
    """The message type that a word was probably meant to be, or an empty string."""
    folded = word.strip().casefold()
    if folded in MESSAGE_TYPES:
        return folded
    if subtype_meant(folded):
        return "interactive"
    meant = (each for each in MESSAGE_TYPES if folded in message_schema(each).get("x-also", ()))
    return next(meant, "") or (nearest(folded, list(MESSAGE_TYPES)) if by_spelling else "")


def subtype_meant(word: str) -> str:
    """The ``interactive_type`` that a word stands for, or an empty string."""
    known = message_schema("interactive")["properties"]["interactive_type"]["x-words"]
    return next((subtype for subtype, words in known.items() if word.strip().casefold() in words), "")
