"""What a value of Meta's object may be, said in small pieces that are put together; whatever is not said is refused.

Meta refuses a member that it does not know with error 100, one that is missing with 131008 and a wrong value with
131009: https://developers.facebook.com/documentation/business-messaging/whatsapp/error-codes.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from urllib.parse import urlsplit

from flowrunner.emulator.api.errors import ApiError, invalid
from flowrunner.model import Json

Shape = Callable[[Json, str], None]
"""Raises ApiError where the value is not right; the text says where it stands, for the details."""


def wrong(details: str) -> ApiError:
    """A value is not right."""
    return invalid(131009, "Parameter value is not valid", details)


def missing(details: str) -> ApiError:
    """Something that must be there is not."""
    return invalid(131008, "Required parameter is missing", details)


def unknown(name: str, where: str) -> ApiError:
    """A member that has no meaning there."""
    return invalid(100, "Invalid parameter", f'Unexpected key "{name}" on param "{where}".')


def text(low: int = 1, high: int | None = None, pattern: str = "") -> Shape:
    """A text of so many characters, counted as Unicode code points."""
    form = re.compile(pattern) if pattern else None

    def check(value: Json, where: str) -> None:
        if not isinstance(value, str):
            raise wrong(f"{where} must be a string")
        if len(value) < low or (high is not None and len(value) > high):
            most = f", Max length: {high}" if high is not None else ""
            raise wrong(f"{where} length invalid. Min length: {low}{most}")
        if form and not form.fullmatch(value):
            raise wrong(f"{where} has the wrong form")

    return check


def number(low: float, high: float) -> Shape:
    """A number, or a text that is one: Meta's own examples have both."""

    def check(value: Json, where: str) -> None:
        try:
            found = math.nan if isinstance(value, bool) else float(value)
        except (ValueError, TypeError, OverflowError):
            found = math.nan
        if not low <= found <= high:
            raise wrong(f"{where} must be a number from {low:g} to {high:g}")

    return check


def whole(low: int, high: int) -> Shape:
    """A whole number; with texts of digits, as Meta's examples have an index."""
    bounded = number(low, high)

    def check(value: Json, where: str) -> None:
        bounded(value, where)
        if not str(value).isdigit():
            raise wrong(f"{where} must be a whole number")

    return check


def flag(value: Json, where: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise wrong(f"{where} must be true or false")


def word(*choices: str) -> Shape:
    """One of these words."""

    def check(value: Json, where: str) -> None:
        if value not in choices:
            raise wrong(f"{where} must be one of {{{', '.join(choices)}}}")

    return check


def link(value: Json, where: str) -> None:
    """The address of something in the web."""
    text()(value, where)
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise wrong(f"{where} must be a URL that begins with http:// or https://")


def anything(value: Json, where: str) -> None:
    """What is passed on as it is."""


def any_object(value: Json, where: str) -> None:
    """An object with whatever members."""
    if not isinstance(value, Mapping):
        raise wrong(f"{where} must be an object")


def listed(item: Shape, low: int, high: int) -> Shape:
    """A list of so many."""

    def check(value: Json, where: str) -> None:
        if not isinstance(value, list):
            raise wrong(f"{where} must be an array")
        if not low <= len(value) <= high:
            raise wrong(f"{where} count invalid. Min: {low}, Max: {high}")
        for index, each in enumerate(value):
            item(each, f"{where}[{index}]")

    return check


def members(
    needed: Mapping[str, Shape], allowed: Mapping[str, Shape] | None = None, *, one_of: Collection[str] = ()
) -> Shape:
    """An object with members.

    Args:
        needed: What must be there.
        allowed: What may.
        one_of: Of these exactly one must be there; they stand among the allowed.
    """
    known = {**needed, **(allowed or {})}

    def check(value: Json, where: str) -> None:
        any_object(value, where)
        for name, inner in value.items():
            if name not in known:
                raise unknown(name, where)
            known[name](inner, f"{where}['{name}']")
        for name in needed:
            if name not in value:
                raise missing(f"The parameter {where}['{name}'] is required.")
        if one_of and sum(name in value for name in one_of) != 1:
            raise missing(f"{where} must have exactly one of {', '.join(one_of)}")

    return check


def chosen(key: str, shapes: Mapping[str, Shape], *, fold: bool = False) -> Shape:
    """An object whose member ``key`` says of which shape it is; with ``fold`` in upper or lower case."""

    def check(value: Json, where: str) -> None:
        any_object(value, where)
        if key not in value:
            raise missing(f"The parameter {where}['{key}'] is required.")
        said = value[key].lower() if fold and isinstance(value[key], str) else value[key]
        word(*shapes)(said, f"{where}['{key}']")
        shapes[said](value, where)

    return check


def file(**more: Shape) -> Shape:
    """A file, by the id of an upload or by its address, with what else may be said of it."""
    return members({}, {"id": text(), "link": link, **more}, one_of=("id", "link"))


LOCATION = members({"latitude": number(-90, 90), "longitude": number(-180, 180)}, {"name": text(0), "address": text(0)})
"""A place."""


def unique(values: Sequence[str], what: str) -> None:
    """Raise ApiError where one stands there twice."""
    if len(set(values)) < len(values):
        raise wrong(f"{what} must be unique")
