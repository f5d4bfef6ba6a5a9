"""The shape of a flow file: its keys, its steps and the verb of each."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from unicodedata import normalize

from flowrunner.diagnostics import Problem, Route, nearest
from flowrunner.spec.files import MESSAGE_TYPES, message_schema, takers
from flowrunner.spec.type_words import type_meant
from flowrunner.spec.typed import is_nothing
from flowrunner.spec.words import kind_of, kind_words, listed, printable, shown, written

FLOW_KEYS: Final = ("name", "description", "opens", "inputs", "defaults", "steps")
STEP_KEYS: Final = ("id", "when", "message", "pause", "until", "timeout", "on_timeout")
VERBS: Final = ("message", "pause")
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "opens": ("conversation",),
    "until": ("accepted", "sent", "delivered", "read"),
    "on_timeout": ("continue", "stop"),
}
"""The keys that take one of a few words."""
WAITING: Final = ("until", "timeout", "on_timeout")
"""What belongs to a message step, or to the flow's `defaults` for all of them."""

_MEANT: Final = {"seen": "read", "received": "delivered", "arrived": "delivered", "abort": "stop", "go": "continue"}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PAUSE: Final = re.compile(r"[0-9]+(\.[0-9]+)?(ms|s|m|h|d)")
_ALSO: Final = {
    "title": "name",
    "vars": "inputs",
    "variables": "inputs",
    "params": "inputs",
    "messages": "steps",
    "flow": "steps",
    "if": "when",
    "condition": "when",
    "wait": "pause",
    "delay": "pause",
    "sleep": "pause",
    "name": "id",
    "send": "message",
    "text": "message",
    "wait_until": "until",
    "wait_for": "until",
    "default": "defaults",
}


def check_flow_shape(data: Any) -> list[Problem]:
    """Every problem in the shape of a flow file, its routes from the document's top.

    What stands under a `message` and under each input is not looked at (`check_message`, `check_input`).
    """
    if not isinstance(data, Mapping):
        message = f"a flow is an object with name and steps, not {_kind(data)}"
        return [Problem("wrong-type", message, (), "start with: name: my-flow")]
    return list(_flow(data))


def _flow(data: Mapping[Any, Any]) -> Iterator[Problem]:
    misspelt: set[str] = set()
    yield from _unknown(data, FLOW_KEYS, (), misspelt)
    for key, example in (("name", "my-flow"), ("steps", '[{message: "Hello"}]')):
        if key not in data and key not in misspelt:
            yield Problem("missing-field", f"{key} is missing", (), f"add {key}, for example: {key}: {example}")
    for key in ("name", "description"):
        if key in data:
            yield from _text(data[key], (key,))
    if "opens" in data:
        yield from _choice(data["opens"], ("opens",))
    yield from _inputs(data.get("inputs", {}))
    if "defaults" in data:
        yield from _defaults(data["defaults"])
    if "steps" in data:
        yield from _steps(data["steps"])


def _unknown(data: Mapping[Any, Any], known: tuple[str, ...], route: Route, misspelt: set[str]) -> Iterator[Problem]:
    """The keys that are not known; what they were meant to be goes to `misspelt`."""
    for key in data:
        if key in known:
            continue
        name = str(key)
        also = _ALSO.get(name.casefold(), "")
        near = also if also in known else nearest(name, list(known))
        if near in data or near in misspelt:
            near = ""
        misspelt.add(near)
        below = data.get("message")
        if name in takers() and isinstance(below, Mapping) and name not in below:
            hint = "move it below message:, in line with the fields there"
        elif name in takers() and "message" in data and not near:
            hint = "write message: alone on its line, and below it, further to the right, all its fields"
        else:
            hint = f"did you mean {near}?" if near else f"remove it; the keys here are {listed(known, 'and')}"
        yield Problem("unknown-key", f"unknown key {printable(name)}", (*route, key), hint, at_key=True)


def _beside(step: Mapping[Any, Any]) -> list[str]:
    """The fields of the step's message that stand beside an empty ``message:``, not below it."""
    if "message" not in step or not is_nothing(step["message"]):
        return []
    return [key for key in step if key in takers() and key not in STEP_KEYS]


_LIKE: Final = "write it like 2s or 1.5m"
_UNITS: Final = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "seg", "segs", "segundo", "segundos"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuto", "minutos"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hora", "horas"), "h"),
    **dict.fromkeys(("d", "day", "days", "dia", "día", "dias", "días"), "d"),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds"), "ms"),
}
"""What people write for a unit of time."""


def _text(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, str) or (value and is_nothing(value)):
        message = f"{route[-1]} must be text, not {_kind(value)}"
        yield Problem("wrong-type", message, route, "write one text, in quotes if it has special characters")
    elif route[-1] != "description" and not value.strip():
        yield Problem("blank-text", f"{route[-1]} is blank, text is required", route, "write some text")


def _inputs(inputs: Any) -> Iterator[Problem]:
    if isinstance(inputs, str) and not inputs:
        return  # `inputs:` with nothing below it declares none
    if not isinstance(inputs, Mapping):
        hint = "write name: {type: string} lines below it"
        yield Problem("wrong-type", f"inputs must be an object, not {_kind(inputs)}", ("inputs",), hint)
        return
    for name in inputs:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            message = f"the input name {shown(str(name))} may hold only letters without accents, digits and _"
            message += ", and may not start with a digit"
            unaccented = normalize("NFKD", str(name)).encode("ascii", "ignore").decode()
            suggestion = re.sub(r"[^A-Za-z0-9_]", "_", unaccented)
            suggestion = suggestion if _NAME.fullmatch(suggestion) else f"_{suggestion}"
            yield Problem("bad-format", message, ("inputs", name), f"write {suggestion}", at_key=True)


def _defaults(defaults: Any) -> Iterator[Problem]:
    if not isinstance(defaults, Mapping):
        hint = "write until: delivered below it"
        yield Problem("wrong-type", f"defaults must be an object, not {_kind(defaults)}", ("defaults",), hint)
        return
    yield from _unknown(defaults, WAITING, ("defaults",), set())
    yield from _waiting(defaults, ("defaults",))


def _steps(steps: Any) -> Iterator[Problem]:
    if not isinstance(steps, list):
        message = f"steps must be a list, not {_kind(steps)}"
        hint = 'start each step with a dash, for example: - message: "Hello"'
        sign = str(next(iter(steps), ""))[:1] if isinstance(steps, Mapping) else ""
        if sign in {*"–—−－•‣▪*+"}:
            hint = f"write a hyphen and a space for {sign} (U+{ord(sign):04X})"
        yield Problem("wrong-type", message, ("steps",), hint)
        return
    if not steps:
        message = "steps has 0 items, at least 1 is required"
        yield Problem("too-few-items", message, ("steps",), 'add a step, for example: - message: "Hello"')
    for index, step in enumerate(steps):
        yield from _step(step, ("steps", index))


def _step(step: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(step, Mapping):
        if isinstance(step, str) and step:
            glued = re.match(r"([a-z_]+):\S", step)
            is_key = glued is not None and glued[1] in STEP_KEYS
            hint = "write a space after the colon" if is_key else "write message: before the text"
            wide = re.match(r"([a-z_]+)\s*([：﹕])", step)
            if wide is not None and wide[1] in STEP_KEYS:
                hint = f"write : and a space for {wide[2]} (U+{ord(wide[2]):04X})"
        else:
            hint = "write message: or pause: after the dash"
        yield Problem("wrong-type", f"a step must be an object with message or pause, not {_kind(step)}", route, hint)
        return
    has_verb = any(verb in step for verb in VERBS)
    kind = next((key for key in step if not has_verb and _is_type(key)), None)
    if kind is not None:
        message, hint = f"{printable(kind)} is not a key of a step", _as_message(kind, step[kind])
        yield Problem("one-verb", message, (*route, kind), hint, at_key=True)
        return
    beside = _beside(step)
    if beside:
        message = f"{beside[0]} is beside message: and belongs below it"
        hint = (
            "indent it by two more spaces" if len(beside) == 1 else f"indent {listed(beside, 'and')} by two more spaces"
        )
        yield Problem("one-verb", message, (*route, beside[0]), hint, at_key=True)
        return
    fields = [key for key in step if key in takers()] if not has_verb else []
    if fields:
        message = f"the step has no message:, and {printable(fields[0])} belongs under one"
        yield Problem("one-verb", message, route, "write message: and put the fields below it, further to the right")
        return
    misspelt: set[str] = set()
    yield from _unknown(step, STEP_KEYS, route, misspelt)
    verbs = [verb for verb in VERBS if verb in step]
    if len(verbs) > 1:
        first, second = (key for key in step if key in VERBS)
        message = f"a step does one thing; this one has {first} and {second}"
        hint = f"make it two steps: write a dash before {second}"
        yield Problem("one-verb", message, (*route, second), hint, at_key=True)
    elif not verbs and misspelt.isdisjoint(VERBS):
        message = "the step does nothing: it has neither message nor pause"
        yield Problem("one-verb", message, route, 'add one, for example: message: "Hello"')
    yield from _step_fields(step, route)


def _step_fields(step: Mapping[Any, Any], route: Route) -> Iterator[Problem]:
    if "id" in step:
        yield from _id(step["id"], (*route, "id"))
    if "when" in step:
        yield from _text(step["when"], (*route, "when"))
    if "message" in step and (not isinstance(step["message"], (str, Mapping)) or is_nothing(step["message"])):
        message = f"message must be text or an object of fields, not {_kind(step['message'])}"
        yield Problem("wrong-type", message, (*route, "message"), "write the text, or name: value lines below message:")
    if "pause" in step:
        yield from _duration(step["pause"], (*route, "pause"))
    if "pause" in step and "message" not in step:
        for key in WAITING:
            if key in step:
                message = f"{key} does not belong to a pause step"
                hint = "remove it, or move it to a message step"
                yield Problem("foreign-field", message, (*route, key), hint, at_key=True)
    else:
        yield from _waiting(step, route)


def _id(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, str) or is_nothing(value):
        yield from _text(value, route)
    elif not _NAME.fullmatch(value):
        message = f"id {shown(value)} may hold only letters without accents, digits and _, not a digit first"
        yield Problem("bad-format", message, route, "write it like ask_name")


def _waiting(owner: Mapping[Any, Any], route: Route) -> Iterator[Problem]:
    for key in ("until", "on_timeout"):
        if key in owner:
            yield from _choice(owner[key], (*route, key))
    if "timeout" in owner:
        yield from _duration(owner["timeout"], (*route, "timeout"))


def _duration(value: Any, route: Route) -> Iterator[Problem]:
    if not isinstance(value, str) or not _PAUSE.fullmatch(value):
        what = shown(value) if isinstance(value, str) else _kind(value)
        message = f"{route[-1]} must be a number with ms, s, m, h or d, not {what}"
        yield Problem("bad-pause", message, route, _as_duration(value) if isinstance(value, str) else _LIKE)


def _as_duration(text: str) -> str:
    """How to write a duration that is written in another way."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return f"write {text}s for seconds"
    words = re.fullmatch(r"([0-9]+)[.,]?([0-9]*)\s*([a-zíé]+)\.?", text.strip().lower())
    if words is not None and words[3] in _UNITS:
        return f"write {words[1]}{'.' if words[2] else ''}{words[2]}{_UNITS[words[3]]}"
    parts = re.fullmatch(r"([0-9]+)\s*([hm])[a-z]*\s*([0-9]+)\s*([ms])[a-z]*", text.strip().lower())
    if parts is not None and parts[2] != parts[4]:
        return f"write {int(parts[1]) * 60 + int(parts[3])}{parts[4]}" if parts[2] + parts[4] != "hs" else _LIKE
    return _LIKE


def _choice(value: Any, route: Route) -> Iterator[Problem]:
    allowed = CHOICES[str(route[-1])]
    if not isinstance(value, str):
        yield from _text(value, route)
    elif value not in allowed:
        near = _MEANT.get(value.casefold(), "") or nearest(value, list(allowed))
        near = near if near in allowed else ""
        hint = f"did you mean {near}?" if near else f"write {listed(allowed)}"
        yield Problem("bad-value", f"{route[-1]} {shown(value)} is not one of the values allowed", route, hint)


def _kind(value: Any) -> str:
    """What a value is, in plain words."""
    return "nothing" if value == "" or is_nothing(value) else kind_words([kind_of(value)])


def _is_type(key: Any) -> bool:
    """Whether a key of a step is a type of message, as in ``- image: https://...``; ``text`` is the message itself."""
    name = str(key)
    return name not in _ALSO and name not in takers() and type_meant(name, by_spelling=False) not in {"", "text"}


def _as_message(key: str, value: Any) -> str:
    """How to write ``key: value`` as a message."""
    kind = type_meant(key)
    if kind in MESSAGE_TYPES and "media_url" in message_schema(kind)["properties"] and isinstance(value, str) and value:
        return f"write message: {written({'message_type': kind, 'media_url': value})}"
    return f"write message: with message_type: {kind} and its other fields below it, further to the right"
