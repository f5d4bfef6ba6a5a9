"""What all parts of a test file are read with: places, known keys, texts and words, and the problems found so far."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from flowrunner.data import schemas, table
from flowrunner.diagnostics import Diagnostic, Location, Problem, Route, nearest
from flowrunner.flow.keys import kind
from flowrunner.source import Document, Plain
from flowrunner.spec import is_nothing
from flowrunner.spec.layout import beside, is_empty
from flowrunner.spec.words import listed, meant, printable, shown
from flowrunner.testing.literal import as_said, has_column

Schema = Mapping[str, Any]

_OWN: Final = (
    "write the text as it is sent, and {{ in it as {{ '{{' }}; only a test with a table, each:, fills its columns in"
)
_BELOW: Final = {"chat": ("turn", True), "given": ("given", False), "recipient": ("recipient", False)}
"""What stands below some keys, and whether in a list."""


@cache
def keys_of(what: str) -> Mapping[str, Schema]:
    """The keys of one kind of object of a test file, as an editor is told. The caller must not change them."""
    found: dict[str, Mapping[str, Schema]] = json.loads((schemas() / "test_keys.json").read_bytes())
    return found[what]


class Reader:
    """Reads the values of one test file.

    Attributes:
        problems: What is wrong with it, so far.
        found: The same, of what has its place already.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lines = document.text.split("\n")
        self.problems: list[Problem] = []
        self.found: list[Diagnostic] = []

    def at(self, route: Route) -> Location:
        """The place of a value."""
        return self._document.location(route)

    def at_key(self, route: Route) -> Location:
        """The place of a value's key."""
        return self._document.diagnose(Problem("", "", route, at_key=True)).location

    def wrong(self, code: str, message: str, route: Route, hint: str, *, at_key: bool = False) -> None:
        """Note a problem."""
        self.problems.append(Problem(code, message, route, hint, at_key=at_key))

    def diagnostic(self, code: str, message: str, at: Location, hint: str) -> Diagnostic:
        """A problem at a place of the file."""
        return Diagnostic(code, message, at, hint=hint, excerpt=self.line(at))

    def wrong_at(self, code: str, message: str, at: Location, hint: str) -> None:
        """Note a problem at a place of the file."""
        self.found.append(self.diagnostic(code, message, at, hint))

    def line(self, at: Location) -> str:
        """The line of the file in which a place begins."""
        return self._lines[at.line - 1].rstrip("\r")

    def object(self, data: Any, route: Route, what: str, example: str) -> Mapping[str, Any] | None:
        """An object's known keys with their values; those that are not known are reported.

        Args:
            data: What stands there.
            route: Where.
            what: The kind of object, as `keys_of` takes it.
            example: How to write one.
        """
        if not isinstance(data, Mapping):
            self.wrong("wrong-type", f"{name_of(route)} must be an object, not {kind(data)}", route, f"write {example}")
            return None
        known = keys_of(what)
        for name, (inner, is_list) in _BELOW.items():
            strays = [key for key in data if key in keys_of(inner) and key not in known]
            if name in known and strays and is_empty(data, name):
                self.problems.append(beside(name, strays, route, "unknown-key", is_list=is_list))
                return None
        for key in data:
            if key not in known:
                near = meant(str(key), {"properties": known})
                near = "" if near in data else near
                hint = f"did you mean {near}?" if near else f"remove it; the keys here are {listed(known, 'and')}"
                self.wrong("unknown-key", f"unknown key {printable(str(key))}", (*route, key), hint, at_key=True)
        return {str(key): value for key, value in data.items() if key in known}

    def lacks(self, data: Mapping[str, Any], written: Any, key: str, what: str) -> bool:
        """Whether a key is missing, and was not misspelt either: then its absence is a problem of its own."""
        known = {"properties": keys_of(what)}
        others = [each for each in written if each not in keys_of(what)] if isinstance(written, Mapping) else []
        return key not in data and not any(meant(str(each), known) == key for each in others)

    def text(self, data: Any, route: Route, *, may_be_blank: bool = False, is_final: bool = True) -> str | None:
        """A text as it was typed; None, and a problem, for what is none.

        Args:
            data: What stands there.
            route: Where.
            may_be_blank: Whether nothing but white space may be in it.
            is_final: Whether it is held against what is sent, so that nothing is filled into it.
        """
        if not isinstance(data, str) or (is_nothing(data) and not may_be_blank):
            hint = "write one text, in quotes if it has special characters"
            self.wrong("wrong-type", f"{name_of(route)} must be text, not {kind(data)}", route, hint)
            return None
        if not may_be_blank and not data.strip():
            self.wrong("blank-text", f"{name_of(route)} is blank, text is required", route, "write some text")
            return None
        if is_final and has_column(data):
            self.wrong("expression-not-allowed", f"{name_of(route)} holds an expression", route, _OWN)
            return None
        return str(as_said(data)) if is_final else str(data)

    def word(self, data: Any, route: Route, words: Sequence[str]) -> str | None:
        """One of some words; None, and a problem, for anything else."""
        if isinstance(data, str) and data in words:
            return str(data)
        what = shown(str(data)) if isinstance(data, str) and not is_nothing(data) else kind(data)
        folded = str(data).casefold().replace(" ", "_").replace("-", "_")
        folded = table("flow/meant.json")["values"].get(folded, folded)
        near = folded if folded in words else nearest(str(data), [*words])
        hint = f"did you mean {near}?" if near else f"write {listed(words)}"
        self.wrong("bad-value", f"{name_of(route)} {what} is not one of the values allowed", route, hint)
        return None

    def number(self, data: Any, route: Route, *, least: float | None = None, whole: bool = False) -> float | None:
        """A number, of at least ``least``; None, and a problem, for anything else."""
        value = data.value if isinstance(data, Plain) else data
        is_one = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if is_one and value is not None and (least is None or value >= least):
            return value
        what = shown(str(data)) if isinstance(data, str) and not is_nothing(data) else kind(data)
        wanted = f"a {'whole ' if whole else ''}number{f' of at least {least:g}' if least is not None else ''}"
        self.wrong("wrong-type", f"{name_of(route)} must be {wanted}, not {what}", route, f"write {wanted}")
        return None

    def several(self, data: Any, route: Route, example: str) -> Iterator[tuple[Route, Any]]:
        """The items of a list with their routes; none, and a problem, for what is no list."""
        if not isinstance(data, list):
            self.wrong("wrong-type", f"{name_of(route)} must be a list, not {kind(data)}", route, f"write {example}")
            return
        for index, each in enumerate(data):
            yield (*route, index), each


def name_of(route: Route) -> str:
    """What a person calls the value at a route."""
    if not route:
        return "a test file"
    last = route[-1]
    return f"item {last + 1} of {name_of(route[:-1])}" if isinstance(last, int) else printable(str(last))
