"""How the emulator misbehaves, as data: each fault has a kind, its parameters, and when it strikes."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from flowrunner.data import table
from flowrunner.diagnostics import nearest
from flowrunner.model import Json


class Parameter(NamedTuple):
    """One parameter of a fault.

    Attributes:
        default: Its value where none is given; every value is of its type.
        choices: The words that are allowed; empty where it is no choice.
        low: The least that a number may be.
        high: The most that it may be.
        words: What a person calls it.
    """

    default: Json
    choices: Sequence[str] = ()
    low: float = 0
    high: float = 10**9
    words: str = ""


def _parameter(name: str, data: Mapping[str, Json]) -> Parameter:
    default, bounds = data["default"], {"low": data.get("from", 0), "high": data.get("to", 10**9)}
    words = data.get("words", name.capitalize())
    if isinstance(default, list):
        return Parameter(default[0], default, words=words)
    return Parameter(default, **bounds, words=words)


_WRITTEN = table("emulator/api/faults.toml")
SAYS: Mapping[str, str] = {kind: entry["says"] for kind, entry in _WRITTEN.items()}
"""Every kind of fault, with what it does in a sentence."""
KINDS: Mapping[str, Mapping[str, Parameter]] = {
    kind: {name: _parameter(name, data) for name, data in entry.items() if name != "says"}
    for kind, entry in _WRITTEN.items()
}
"""The parameters that are particular to each kind."""
COMMON: Mapping[str, Parameter] = {
    "count": Parameter(1, low=1),
    "probability": Parameter(1.0, high=1),
    "seed": Parameter(0),
    "after": Parameter(0),
}
"""The parameters of every kind."""

_YES_NO: Mapping[str, bool] = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave.

    Attributes:
        kind: One of `KINDS`.
        parameters: Every parameter of the kind.
        count: How often it strikes at most; None for always.
        probability: How likely it strikes when it could, from 0 to 1.
        seed: Makes the same choices again.
        after: It spares this many posts of messages, counted from when it was set.
    """

    kind: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    after: int = 0

    def __getitem__(self, name: str) -> Json:
        return self.parameters[name]

    def data(self) -> dict[str, Json]:
        """The fault as plain data, the form `fault_from` reads."""
        when = {"count": self.count, "probability": self.probability, "seed": self.seed, "after": self.after}
        said = {key: value for key, value in when.items() if value is not None}
        return {"kind": self.kind, **self.parameters, **said}


def parse_fault(text: str) -> Fault:
    """The fault that ``kind:key=value,key=value`` names.

    Raises:
        ValueError: In one plain sentence, what is wrong with it.
    """
    kind, _, rest = text.partition(":")
    values: dict[str, Json] = {}
    for part in filter(None, (piece.strip() for piece in rest.split(","))):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f'fault {kind}: "{part}" is not of the form key=value')
        if key.strip() in values:
            raise ValueError(f'fault {kind}: "{key.strip()}" is given twice')
        values[key.strip()] = value.strip()
    return fault_from({"kind": kind.strip(), **values})


def fault_from(data: Mapping[str, Json]) -> Fault:
    """The fault that plain data describes: ``kind``, its parameters and ``count`` and the like, all in one object.

    Raises:
        ValueError: In one plain sentence, what is wrong with it.
    """
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        close = nearest(str(kind), list(KINDS))
        meant = f"; did you mean {close}?" if close else ""
        raise ValueError(f'there is no fault "{kind}"{meant} (there are: {", ".join(KINDS)})')
    known = {**KINDS[kind], **COMMON}
    values: dict[str, Json] = {}
    for key, value in data.items():
        if key == "kind":
            continue
        if key not in known:
            raise ValueError(f'fault {kind} has no "{key}" (it takes: {", ".join(known)})')
        values[key] = _value(kind, key, value, known[key])
    parameters = {key: values.get(key, each.default) for key, each in KINDS[kind].items()}
    when = {key: values[key] for key in COMMON if key in values}
    return Fault(kind, MappingProxyType(parameters), **when)


def _value(kind: str, key: str, value: Json, parameter: Parameter) -> Json:
    place, default = f"fault {kind}: {key} must be", parameter.default
    if parameter.choices:
        if value not in parameter.choices:
            raise ValueError(f'{place} one of {", ".join(parameter.choices)}, not "{value}"')
        return value
    if isinstance(default, str):
        if key == "retry_after" and not (str(value).isascii() and str(value).isprintable()):
            raise ValueError(f"{place} seconds or a date, as a header has it")
        return str(value)
    if isinstance(default, bool):
        if str(value).casefold() not in _YES_NO:
            raise ValueError(f'{place} yes or no, not "{value}"')
        return _YES_NO[str(value).casefold()]
    low, high = parameter.low, parameter.high
    whole = isinstance(default, int)
    try:
        number = int(str(value)) if whole else float(str(value))
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f'{place} a {"whole " if whole else ""}number from {low:g} to {high:g}, not "{value}"')
    return number


@dataclass(slots=True)
class _Entry:
    fault: Fault
    since: int
    dice: Random
    struck: int = 0

    def is_active(self, post: int) -> bool:
        spent = self.fault.count is not None and self.struck >= self.fault.count
        return not spent and post - self.since > self.fault.after


class FaultTable:
    """The faults that are active, and how often each has struck.

    Posts of messages are numbered from 1; a fault is asked with the number of the post it may spoil.

    Args:
        changed: Called after each fault that is set, taken away, or strikes.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._entries: dict[str, list[_Entry]] = {}
        self._posts = 0

    def add(self, fault: Fault) -> None:
        """Let ``fault`` stand from the next post on."""
        # The dice of an emulator are for repeating a run, not for secrets.
        entry = _Entry(fault, self._posts, Random(fault.seed))  # noqa: S311
        self._entries.setdefault(fault.kind, []).append(entry)
        self._changed()

    def replace(self, faults: Iterable[Fault]) -> None:
        """Let exactly ``faults`` stand."""
        self.clear()
        for fault in faults:
            self.add(fault)

    def clear(self, kind: str = "") -> None:
        """Behave; with ``kind``, as far as faults of this kind go."""
        self._entries = {each: entries for each, entries in self._entries.items() if kind and each != kind}
        self._changed()

    def posted(self) -> int:
        """Count one more post, and give its number."""
        self._posts += 1
        return self._posts

    @property
    def next_post(self) -> int:
        """The number the next post will have."""
        return self._posts + 1

    def active(self, kind: str) -> Fault | None:
        """The first fault of this kind that could strike at the next post; it is not counted as having struck."""
        return next((entry.fault for entry in self._entries.get(kind, ()) if entry.is_active(self.next_post)), None)

    def shift(self, post: int = 0) -> float:
        """By how many seconds the clock that it tells others is ahead of its own; at ``post``, else since the last."""
        stand = (entry.fault for entry in self._entries.get("clock", ()) if entry.is_active(post or self.next_post))
        return math.fsum(fault["seconds"] for fault in stand)

    def strike(self, kind: str, post: int, *, of: str = "all") -> Fault | None:
        """The first fault of this kind that strikes at ``post``, counted; None when none does.

        Args:
            kind: One of `KINDS`.
            post: What `posted` gave to the request, or `next_post`.
            of: What it would spoil; a fault whose ``of`` is something else is not asked.
        """
        for entry in self._entries.get(kind, ()):
            concerns = entry.fault.parameters.get("of", of) in {"all", of}
            if concerns and entry.is_active(post) and entry.dice.random() < entry.fault.probability:
                entry.struck += 1
                self._changed()
                return entry.fault
        return None

    def data(self) -> list[dict[str, Json]]:
        """The faults as plain data, each with how often it has ``struck``."""
        return [{**entry.fault.data(), "struck": entry.struck} for kind in self._entries.values() for entry in kind]
