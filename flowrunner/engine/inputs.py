"""Values given for a flow's inputs: typed by the input, checked, and never parted from where they came from."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from flowrunner.diagnostics import Diagnostic, Location, Problem, nearest
from flowrunner.engine.texts import Manner, misread, reader
from flowrunner.flow import Loaded
from flowrunner.model import Flow, Input, Json, Variable
from flowrunner.numbers import as_shown
from flowrunner.source import Plain, plain, read, read_bytes
from flowrunner.spec import as_typed, check_value, is_nothing, kinds


class Given(NamedTuple):
    """A value as it was given, and where: ``--var name``, or a line of a file.

    Attributes:
        value: Plain data; unquoted scalars as `flowrunner.source.Plain`, so that their characters are not lost.
        excerpt: The line it is in, if it is in a file.
        manner: How it was given, for what is said of it.
    """

    value: Any
    origin: Location
    excerpt: str = ""
    manner: Manner = "data"


class Bound(NamedTuple):
    """The value of every input, and where it came from."""

    variables: tuple[Variable, ...]
    origins: Mapping[str, Location]

    @property
    def values(self) -> dict[str, Json]:
        """The values by name."""
        return {each.name: each.value for each in self.variables}


def given_text(name: str, text: str) -> Given:
    """What ``--var name=text`` gives."""
    return Given(plain(text), Location(f"--var {name}"), manner="text")


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


def bind(
    loaded: Loaded,
    given: Mapping[str, Given],
    *,
    examples: bool,
    lacking: Callable[[str], Diagnostic] | None = None,
) -> tuple[Bound | None, list[Diagnostic]]:
    """Give every input its value: what was given, else its default, else (only with ``examples``) its example.

    Args:
        loaded: A flow without errors.
        given: Values by name.
        examples: Whether an example may stand in; for previews only.
        lacking: What says that an input has no value, where the values come from a row.

    Returns:
        All values, or None; and a Diagnostic for each value that is missing, unknown or does not fit.
    """
    flow = loaded.flow
    assert flow is not None and loaded.document is not None, "bind() needs a flow without errors"  # noqa: S101, PT018
    diagnostics: list[Diagnostic] = []
    meant: set[str] = set()  # inputs whose name was misspelt: that they have no value is the same mistake
    for name, value in given.items():
        if name not in flow.inputs:
            close = nearest(name, list(flow.inputs))
            diagnostics.append(_unknown(name, value, flow, close))
            meant.add(close)
    variables: list[Variable] = []
    origins: dict[str, Location] = {}
    for name, declared in flow.inputs.items():
        if name in given:
            value, problem = _typed(declared, given[name])
            if problem is not None:
                diagnostics.append(problem)
                continue
            origins[name] = given[name].origin
            variables.append(Variable(name, value, str(given[name].origin)))
        elif declared.has_default:
            origins[name] = loaded.document.location(("inputs", name, "default"))
            variables.append(Variable(name, declared.default, "default"))
        elif examples and declared.has_example:
            origins[name] = loaded.document.location(("inputs", name, "example"))
            variables.append(Variable(name, declared.example, "example"))
        elif name not in meant:
            diagnostics.append(lacking(name) if lacking else _missing(declared, loaded, examples=examples))
    return (None if diagnostics else Bound(tuple(variables), origins)), diagnostics


def typed_value(declared: Input, written: Any) -> Json:
    """A value as the input wants it, unchecked; ``written`` is what `Given` has for its value."""
    wanted = kinds(declared.schema)
    if isinstance(written, str) and wanted and wanted <= {"array", "object"}:
        # On a command line a list can only come as text.
        document, found = read(str(written), declared.name)
        written = document.data if document is not None and not found else written
    if isinstance(written, Plain) and "string" in wanted:
        return str(written)  # a word of a command line is text, whatever YAML takes it for
    return as_typed(written, declared.schema, written=True)


def _typed(declared: Input, given: Given) -> tuple[Json, Diagnostic | None]:
    typed_as = given.value if given.manner != "data" and isinstance(given.value, str) else None
    read_text = reader(declared.schema, comma=given.manner == "comma") if typed_as is not None else None
    value = typed_value(declared, given.value) if read_text is None else read_text(str(typed_as))
    for problem in check_value(declared.schema, value):
        where = ".".join(str(part) for part in problem.route)
        message = f"{declared.name}{f' at {where}' if where else ''}: {problem.message}"
        hint = problem.hint
        if given.manner != "data" and problem.code == "wrong-type" and not where:
            told = misread(str(as_shown(value)), declared.schema, given.manner)
            message, hint = (f"{declared.name}: {told[0]}", told[1]) if told is not None else (message, hint)
        return value, Diagnostic(
            "bad-variable", message, given.origin, hint=hint, link=problem.link, excerpt=given.excerpt
        )
    return value, None


def _unknown(name: str, given: Given, flow: Flow, close: str) -> Diagnostic:
    hint = f"did you mean {close}?" if close else _known(flow)
    message = f"{name} is not an input of {flow.name}"
    return Diagnostic("unknown-variable", message, given.origin, hint=hint, excerpt=given.excerpt)


def _known(flow: Flow) -> str:
    return f"its inputs are {', '.join(flow.inputs)}" if flow.inputs else "the flow declares no inputs"


def _missing(declared: Input, loaded: Loaded, *, examples: bool) -> Diagnostic:
    assert loaded.document is not None  # noqa: S101  # bind() has said so
    more = ", or write an example: beside it" if examples else ""
    hint = f"give --var {declared.name}=..., or write a default: beside it{more}"
    problem = Problem("missing-variable", f"{declared.name} has no value", ("inputs", declared.name), hint, at_key=True)
    return loaded.document.diagnose(problem)
