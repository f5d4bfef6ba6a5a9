"""One walk along data and its schema: unknown keys, what JSON cannot carry, and a copy that validators can take.

Validators are given the copy, so one mistake gives one error: a misspelt field has its right name there, an unknown
one is left out, and what an expression has yet to fill holds a value that fits.
"""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from flowrunner.diagnostics import HOLE, Problem, Route
from flowrunner.numbers import exact
from flowrunner.spec.files import Schema, called, child, kinds, message_schema, takers
from flowrunner.spec.notes import certain_notes, decided, list_notes, text_notes
from flowrunner.spec.words import counted, field, fits, for_example, link_to, listed, meant, nest, printable, written

_CONTROL: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]"
_UNDECODED: Final = "[\udc80-\udcff]"
"""A byte of an argument that is not UTF-8, as Python keeps it: https://peps.python.org/pep-0383/."""
_STAND_INS: Final = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": [], "object": {}, "null": None}


class Walk:
    """One walk over one value.

    Attributes:
        problems: What was found; routes are those of the data that was given.
        copy: What a validator is given.
        held: The held routes, as they are in `copy`.
    """

    def __init__(
        self,
        data: Any,
        schema: Schema,
        *,
        held: Collection[Route],
        label: str,
        kind: str = "",
        unknown_code: str = "unknown-field",
    ) -> None:
        """Walk `data` along `schema`; `kind` is set where `data` is the body of a message."""
        self.problems: list[Problem] = []
        self.held: set[Route] = set()
        self._root = schema
        self._held = held
        self._label = label
        self._kind = kind
        self._unknown_code = unknown_code
        self._renamed: dict[Route, Route] = {}
        self.copy = self._value(data, schema, (), ())

    def origin(self, route: Route) -> Route:
        """The route in the data for a route in `copy`."""
        for length in range(len(route), 0, -1):
            if route[:length] in self._renamed:
                return self._renamed[route[:length]] + route[length:]
        return route

    def is_renamed(self, route: Route) -> bool:
        """Whether the value at a route of `copy` stands under a misspelt name."""
        return route in self._renamed

    def _value(self, value: Any, schema: Schema, route: Route, mended: Route) -> Any:
        if self._held and route in self._held:
            self.held.add(mended)
            if isinstance(value, str):
                self._check_known_part(value, schema, route)
            return stand_in(schema)
        if value and "array" in kinds(schema) and (meant := self._titled(value, schema, route, mended)):
            self.held.add(mended)  # what else is wrong with it is seen when it is written so
            return meant
        if isinstance(value, str):
            if self._report_unsendable(value, route):
                return stand_in(schema)
            self.problems += text_notes(value, schema, route, self._root, self._label)
            return value
        if isinstance(value, dict):
            return self._object(value, schema, route, mended)
        if isinstance(value, list):
            each = child(schema, 0)
            items = [self._value(item, each, (*route, i), (*mended, i)) for i, item in enumerate(value)]
            self.problems += list_notes(value, schema, route, self._root, self._held)
            return items
        if isinstance(value, float) and not math.isfinite(value):
            message = f"{field(route, self._label)} is {value}, which is not a number that can be sent"
            self._report(Problem("out-of-range", message, route, "use a finite number"))
            return stand_in(schema)
        return exact(value)

    def _titled(self, value: Any, schema: Schema, route: Route, mended: Route) -> list[dict[str, str]] | None:
        """The objects that are meant by titles alone, once that was reported."""
        if isinstance(value, list) and isinstance(value[0], Mapping) and "id" in value[0]:
            return None  # as nearly everybody writes it
        if mended in self._renamed:
            return None  # the list's own name is wrong, which was said
        from flowrunner.spec.titled import titled

        meant = titled(value, schema)
        if meant is not None and any(is_unsendable(text) for each in meant for text in each.values()):
            return None
        if meant is not None:
            message = f"each of {field(route, self._label)} must be an object with an id and a title"
            self._report(Problem("wrong-type", message, route, f"write {written(meant)}"))
        return meant

    def _object(self, value: Mapping[Any, Any], schema: Schema, route: Route, mended: Route) -> dict[str, Any]:
        closed = schema.get("additionalProperties") is False and "properties" in schema
        copy: dict[str, Any] = {}
        for raw_key, below in value.items():
            key = raw_key if isinstance(raw_key, str) else str(raw_key)
            here = (*route, key)
            if closed and key not in schema["properties"]:
                taken = value.keys() | copy.keys()
                owner = nest(key, schema, value) if not self._kind or key not in takers() else ""
                name = self._unknown(here, below, schema, taken, owner)
                if owner and not name:
                    self._renamed[*mended, owner, 0, key] = here
                    item = child(child(schema, owner), 0)
                    walked = self._value(below, child(item, key), here, (*mended, owner, 0, key))
                    copy.setdefault(owner, [{}])[0][key] = walked
                elif name:
                    self._renamed[*mended, name] = here
                    copy[name] = self._value(below, child(schema, name), here, (*mended, name))
            elif not key.isascii() and has_lone_surrogate(key):
                self._report_unsendable(key, here, at_key=True)
            else:
                copy[key] = self._value(below, decided(child(schema, key), value), here, (*mended, key))
        return copy

    def _unknown(self, route: Route, value: Any, schema: Schema, taken: Collection[Any], owner: str) -> str:
        """Report a key the schema does not take; the field it stands for, empty where that is anybody's guess.

        Where its place is below the list `owner`, that is said.
        """
        key = str(route[-1])
        owners = self._owners(key, schema) if len(route) == 1 else []
        name = meant(key, schema, by_spelling=not owners)
        if name in taken:
            name = ""
        known = child(schema, name)
        example = "" if fits(known, value) else for_example(known, name).replace(", for", " For")
        hint = f"did you mean {name}?{example}" if name else "remove it"
        if owners:
            code = "foreign-field"
            [kind] = called([self._kind])
            message = f"{printable(key)} does not belong to {'an' if kind[0] in 'aeiou' else 'a'} {kind} message"
            hint += f"; {printable(key)} goes with {listed(owners, 'and')} messages"
        else:
            code = self._unknown_code
            noun = code.removeprefix("unknown-")
            message = f"unknown {noun} {printable(key)}"
            if owner and not name:
                hint = f"write {owner}: and put it below, after a dash"
            elif not name:
                hint += f"; the {noun}s here are {listed(schema['properties'], 'and')}"
        self._report(Problem(code, message, route, hint, at_key=True))
        return name

    def _owners(self, key: str, schema: Schema) -> list[str]:
        """The messages that have the field; none where it is another name for one that is here."""
        owners = takers().get(key, ()) if self._kind else ()
        newer = all("x-dialects" in {**message_schema(each), **child(message_schema(each), key)} for each in owners)
        return [] if newer and meant(key, schema, by_spelling=False) else called(owners)

    def _check_known_part(self, text: str, schema: Schema, route: Route) -> None:
        """What no expression can mend any more: the letters that are there already."""
        limit = schema.get("maxLength")
        length = len(text.replace(HOLE, ""))
        if limit is not None and length > limit and "string" in kinds(schema):
            message = f"{field(route, self._label)} has at least {counted(length, 'character')}"
            message += f" before its expressions are filled in, at most {limit} are allowed"
            hint = f"shorten it by {counted(length - limit, 'character')} or more"
            self._report(Problem("too-long", message, route, hint))
        if not self._report_unsendable(text, route):
            self.problems += certain_notes(text, schema, route, self._root, self._label)

    def _report_unsendable(self, text: str, route: Route, *, at_key: bool = False) -> bool:
        """Whether a character stands in a text, or in a key, that cannot be sent."""
        if text.isprintable() or not is_unsendable(text):
            return False
        code, what = "lone-surrogate", "half of a character (a lone surrogate)"
        hint = "write the character itself, or both halves of its \\u escape"
        if undecoded := re.search(_UNDECODED, text):
            what = f"the byte 0x{ord(undecoded.group()) - 0xDC00:02X} that is not UTF-8"
            hint = "set the terminal to UTF-8, or write the value into a file: --vars FILE"
        if not has_lone_surrogate(text):
            sign = ord(re.findall(_CONTROL, text)[0])
            code, what, hint = "control-character", f"the control character U+{sign:04X}", "remove it"
        message = f"{field(route, self._label)} holds {what}, which cannot be sent"
        self._report(Problem(code, message, route, hint, at_key=at_key))
        return True

    def _report(self, problem: Problem) -> None:
        self.problems.append(problem._replace(link=link_to(self._root, problem.route)))


def has_lone_surrogate(text: str) -> bool:
    """Whether UTF-8 cannot carry the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def is_unsendable(text: str) -> bool:
    """Whether a character stands in it that a message cannot carry: half of one, or one that controls a terminal."""
    return re.search(_CONTROL, text) is not None or has_lone_surrogate(text)


def stand_in(schema: Schema) -> Any:
    """A value that `schema` accepts, for one that is not known yet: its constant, its first choice or its example."""
    if "const" in schema:
        return schema["const"]
    for several in ("enum", "examples"):
        if schema.get(several):
            return schema[several][0]
    allowed = kinds(schema)
    return next((value for kind, value in _STAND_INS.items() if not allowed or kind in allowed), "")
