"""Values given for a flow's inputs: typed by the input, checked, and never parted from where they came from."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Problem, nearest
from flowrunner.engine.values.given import Given
from flowrunner.engine.values.texts import misread, reader
from flowrunner.flow import Loaded
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import NOBODY, Flow, Input, Json, Recipient, Variable
from flowrunner.numbers import as_shown
from flowrunner.source import plain, read, read_bytes
from flowrunner.spec import as_typed, check_value, is_nothing, kinds
from flowrunner.spec.accepting import values_acceptor
from flowrunner.spec.inputs import is_no_zone


class Bound(NamedTuple):
    """A value for every input, and where each came from."""

    values: Mapping[str, Json]
    given: Mapping[str, Given]

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The values, each with its origin in words."""
        return tuple(
            Variable(name, value, self.given[name].stands_in or str(self.given[name].origin))
            for name, value in self.values.items()
        )


def given_text(name: str, text: str) -> Given:
    """What ``--var name=text`` gives."""
    return Given(plain(text), Location(f"--var {name}"), notation="text")


def given_file(path: Path) -> tuple[dict[str, Given], list[Diagnostic]]:
    """What a file of variables gives: YAML or JSON, one key for each variable."""
    content, problem = read_bytes(path)
    if problem is not None:
        return {}, [problem]
    document, found = read(content, str(path))
    if document is None or any(each.is_error for each in found):
        hint = "write one name: value per line"
        return {}, [each._replace(hint=hint) if each.code == "empty-file" else each for each in found]
    if not isinstance(document.data, Mapping):
        message = "the file of variables is not a list of name: value"
        return {}, [
            Diagnostic("bad-variables", message, Location(str(path), 1, 1), hint="write one name: value per line")
        ]
    lines = document.text.split("\n")
    given = {}
    for name, value in document.data.items():
        origin = document.location((name,))
        given[name] = Given(None if is_nothing(value) else value, origin, lines[origin.line - 1].rstrip("\r"))
    return given, found


class Inputs:
    """The inputs of a flow without errors, made ready for many recipients. It keeps nothing of what it was given."""

    def __init__(self, loaded: Loaded) -> None:
        assert loaded.flow is not None and loaded.document is not None, "only a flow without errors takes values"  # noqa: S101, PT018
        self._flow, self._document = loaded.flow, loaded.document
        self._typers = {name: _typer(each) for name, each in loaded.flow.inputs.items()}
        self._accepts = values_acceptor({name: each.schema for name, each in loaded.flow.inputs.items()})
        self._zones = [name for name, each in loaded.flow.inputs.items() if "x-zone" in each.schema]
        self._defaults = self._own("default")
        self._examples = {**self._own("example"), **self._defaults}

    def _own(self, key: Literal["default", "example"]) -> dict[str, Given]:
        """What the flow itself says of its inputs."""
        return {
            name: Given(getattr(each, key), partial(self._document.location, ("inputs", name, key)), stands_in=key)
            for name, each in self._flow.inputs.items()
            if getattr(each, f"has_{key}")
        }

    @property
    def in_each_language(self) -> list[Mapping[str, Given]]:
        """The one value that says a language, for each of the flow's; a single empty one where it is in one."""
        languages = self._flow.languages
        place = Location("language")
        return [{LANGUAGE: Given(code, place)} for code in languages] if len(languages) > 1 else [{}]

    def bind(
        self,
        given: Mapping[str, Given],
        recipient: Recipient = NOBODY,
        *,
        examples: bool = False,
        lacking: Callable[[str], Diagnostic] | None = None,
    ) -> tuple[Bound | None, list[Diagnostic]]:
        """Give every input its value: what was given, else its default, else (only with ``examples``) its example.

        Of a flow that says its languages, the recipient's phone gives ``language`` and ``timezone`` where nothing else
        does.

        Args:
            given: Values by name.
            recipient: Whom they are for.
            examples: Whether an example may stand in; for previews only.
            lacking: What says that an input has no value, where the values come from a row.

        Returns:
            All values, or None; and a Diagnostic for each value that is missing, unknown or does not fit.
        """
        stand_ins = self._examples if examples else self._defaults
        if self._flow.languages:
            from flowrunner.engine.values.language import with_reader  # few flows say their languages

            given = with_reader(given, recipient, self._flow, self._document.location)
        values: dict[str, Json] = {}
        typed: dict[str, Json] = {}
        used: dict[str, Given] = {}
        for name, typer in self._typers.items():
            if name in given:
                used[name] = given[name]
                values[name] = typed[name] = typer(used[name])
            elif name in stand_ins:
                used[name] = stand_ins[name]
                values[name] = used[name].value
        found: list[Diagnostic] = []
        if (
            len(values) < len(self._typers)
            or len(typed) < len(given)
            or not self._accepts(typed)
            or self._has_no_zone(typed)
        ):
            found = list(self._explained(given, typed, stand_ins, lacking, examples=examples))
        return (None if found else Bound(values, used)), found

    def _has_no_zone(self, typed: Mapping[str, Json]) -> bool:
        """Whether the clock that is named for the reader is none, which no schema can say."""
        return any(is_no_zone(typed[name]) for name in self._zones if name in typed)

    def _explained(
        self,
        given: Mapping[str, Given],
        typed: Mapping[str, Json],
        stand_ins: Mapping[str, Given],
        lacking: Callable[[str], Diagnostic] | None,
        *,
        examples: bool,
    ) -> Iterator[Diagnostic]:
        meant: set[str] = set()  # inputs whose name was misspelt: that they have no value is the same mistake
        for name in given:
            if name not in typed:
                close = nearest(name, list(self._flow.inputs))
                yield _unknown(name, given[name], self._flow, close)
                meant.add(close)
        for name, declared in self._flow.inputs.items():
            if name in typed:
                yield from _misfit(declared, given[name], typed[name])
            elif name not in stand_ins and name not in meant:
                yield lacking(name) if lacking else self._document.diagnose(_missing(name, examples=examples))


def _typer(declared: Input) -> Callable[[Given], Json]:
    """What makes a value as the input wants it, unchecked, of one that was given."""
    schema, wanted = declared.schema, kinds(declared.schema)
    is_text, is_structure = "string" in wanted, bool(wanted) and wanted <= {"array", "object"}
    by_notation = {"comma": reader(schema, comma=True), "data": reader(schema) if is_structure else None}
    otherwise = reader(schema)

    def typed(given: Given) -> Json:
        value = given.value
        if isinstance(value, str):
            read_text = by_notation.get(given.notation, otherwise)
            if read_text is not None and (value or given.notation != "data"):  # among data an empty text is one
                return read_text(str(value))
            if is_text:
                return str(value)  # a word of a command line is text, whatever YAML takes it for
        return as_typed(value, schema, written=True)

    return typed


def _misfit(declared: Input, given: Given, value: Json) -> Iterator[Diagnostic]:
    """The first thing that is wrong with a value, if anything is."""
    for problem in check_value(declared.schema, value)[:1]:
        where = ".".join(str(part) for part in problem.route)
        message = f"{declared.name}{f' at {where}' if where else ''}: {problem.message}"
        hint = problem.hint
        if given.notation != "data" and problem.code == "wrong-type" and not where:
            told = misread(str(as_shown(value)), declared.schema, given.notation)
            message, hint = (f"{declared.name}: {told[0]}", told[1]) if told is not None else (message, hint)
        code = problem.code if problem.code == "unknown-time-zone" else "bad-variable"
        yield Diagnostic(code, message, given.origin, hint=hint, link=problem.link, excerpt=given.excerpt)


def _unknown(name: str, given: Given, flow: Flow, close: str) -> Diagnostic:
    from flowrunner.flow.translations.languages import LANGUAGE  # for who is told of it

    known = f"its inputs are {', '.join(flow.inputs)}" if flow.inputs else "the flow declares no inputs"
    if name == LANGUAGE:
        known = "leave it out: the flow has one language; several are named at its top, as in languages: [en, es]"
    hint = f"did you mean {close}?" if close else known
    message = f"{name} is not an input of {flow.name}"
    return Diagnostic("unknown-variable", message, given.origin, hint=hint, excerpt=given.excerpt)


def _missing(name: str, *, examples: bool) -> Problem:
    more = ", or write an example: beside it" if examples else ""
    hint = f"give --var {name}=..., or write a default: beside it{more}"
    return Problem("missing-variable", f"{name} has no value", ("inputs", name), hint, at_key=True)
