"""What is so before the first turn."""

import re
from collections.abc import Mapping
from typing import Any

from flowrunner.diagnostics import Route
from flowrunner.flow.keys import kind
from flowrunner.model.plain import Json
from flowrunner.model.recipients import EXAMPLE_RECIPIENT, USER_ID, Recipient
from flowrunner.phones.numbers import Phones, Refused
from flowrunner.phones.zones import named_zone, near_zone
from flowrunner.spec import is_nothing
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import meant, shown
from flowrunner.testing.literal import as_said
from flowrunner.testing.reading.reader import Reader, keys_of
from flowrunner.testing.reading.times import moment
from flowrunner.testing.values import Given


def read_given(reader: Reader, data: Any, route: Route, before: Given) -> Given:
    """What is given here, beside what was given ``before``."""
    if isinstance(data, Mapping) and is_empty(data, "vars"):
        known = {"properties": keys_of("given")}
        strays = [str(key) for key in data if key not in keys_of("given") and not meant(str(key), known)]
        if strays:
            reader.problems.append(beside("vars", strays, route, "unknown-key"))
            return before
    its = reader.object(data, route, "given", "vars: {name: Ana} below given:")
    given = before
    for key, value in (its or {}).items():
        given = _with(reader, given, key, value, (*route, key))
    return given


def _with(reader: Reader, given: Given, key: str, value: Any, route: Route) -> Given:
    match key:
        case "vars":
            found = _variables(reader, value, route)
            places = {name: reader.at((*route, name)) for name in found}
            return given._replace(vars={**given.vars, **found}, places={**given.places, **places})
        case "recipient":
            return _of_recipient(reader, given, value, route)
        case "now":
            text = reader.text(value, route)
            begins = moment(text) if text is not None else given.now
            if isinstance(begins, tuple):
                reader.wrong("bad-moment", f"now must be a date and a time: {begins[0]}", route, begins[1])
                return given
            return given._replace(now=begins)
        case "language":
            text = reader.text(value, route)
            if text is None:
                return given
            return given._replace(language=text, places={**given.places, "": reader.at(route)})
    word = reader.word(value, route, keys_of("given")[key]["enum"])
    if word is None:
        return given
    return given._replace(dialect=word) if key == "dialect" else given._replace(window=word == "open")


def _variables(reader: Reader, data: Any, route: Route) -> Mapping[str, Json]:
    if is_nothing(data):
        return {}
    if not isinstance(data, Mapping):
        reader.wrong(
            "wrong-type", f"vars must be an object, not {kind(data)}", route, "write name: value lines below it"
        )
        return {}
    return {str(name): None if is_nothing(value) else as_said(value) for name, value in data.items()}


def _of_recipient(reader: Reader, given: Given, data: Any, route: Route) -> Given:
    if isinstance(data, str) and not is_nothing(data):
        phone = _phone(reader, data, route)
        return given if phone is None else given._replace(recipient=Recipient("", phone))
    its = reader.object(data, route, "recipient", "a phone number, or {phone: +5215512345678}")
    if its is None:
        return given
    phone = _phone(reader, its["phone"], (*route, "phone")) if "phone" in its else ""
    user_id = reader.text(its["user_id"], (*route, "user_id")) if "user_id" in its else ""
    if user_id and not re.fullmatch(USER_ID, user_id):
        hint = f"write it like {EXAMPLE_RECIPIENT.user_id}"
        reader.wrong("bad-recipient", f"{shown(user_id)} is not a user id of WhatsApp", (*route, "user_id"), hint)
        user_id = None
    if phone or user_id:
        given = given._replace(recipient=Recipient("", phone or "", user_id or ""))
    timezone = reader.text(its["timezone"], (*route, "timezone")) if "timezone" in its else None
    if timezone is not None and named_zone(timezone) is None:
        near = near_zone(timezone, given.recipient)
        hint = f"did you mean {near}?" if near else "write a name like America/Mexico_City"
        reader.wrong("unknown-time-zone", f"{shown(timezone)} is not a time zone", (*route, "timezone"), hint)
        timezone = None
    return given if timezone is None else given._replace(timezone=timezone)


def _phone(reader: Reader, data: Any, route: Route) -> str | None:
    text = reader.text(data, route)
    found = Phones().read(text) if text is not None else None
    if isinstance(found, Refused):
        reader.wrong("bad-recipient", found.message, route, found.hint.replace(", or say which country: --region", ""))
        return None
    return found
