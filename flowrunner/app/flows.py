"""A flow is read, values are read for it, and it is rendered for one recipient."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.diagnostics.errors import FlowError
from flowrunner.engine import Given, Prepared, given_file, given_text, moment
from flowrunner.flow import Loaded, load_file, load_text
from flowrunner.flow.carried import not_in
from flowrunner.model import EXAMPLE_RECIPIENT, Recipient, Rendering
from flowrunner.source import MAX_BYTES


def load(path: Path | str) -> Loaded:
    """Read and check one flow file.

    Raises:
        FlowError: It has errors.
    """
    return sound(load_file(Path(path)))


def for_dialect(loaded: Loaded, dialect: str) -> Loaded:
    """The same, for messages that are written in one dialect.

    Raises:
        FlowError: The dialect cannot write all of them.
    """
    if lacking := not_in(loaded, dialect):
        raise FlowError(lacking)
    return loaded._replace(dialect=dialect)


def sound(loaded: Loaded) -> Loaded:
    """The same; raises as `load` does."""
    if loaded.flow is None:
        raise FlowError(loaded.diagnostics)
    return loaded


def render(
    loaded: Loaded,
    variables: Mapping[str, Any] | None = None,
    *,
    recipient: Recipient = EXAMPLE_RECIPIENT,
    examples: bool = False,
    now: datetime | None = None,
) -> Rendering:
    """Render and check every step.

    Args:
        loaded: What `load` gave.
        variables: A value for each input without a default.
        recipient: Whom it is for.
        examples: Whether the example of an input may stand in for a missing value.
        now: The moment that ``now`` is in expressions; by default, this one.

    Raises:
        FlowError: A value is missing or wrong, or a message breaks a rule.
    """
    at = moment(now.timestamp() if now else SYSTEM.now())
    return rendered(Prepared(loaded), given(variables or {}), recipient, at, examples=examples)


def rendered(
    prepared: Prepared, values: Mapping[str, Given], recipient: Recipient, now: str, *, examples: bool = False
) -> Rendering:
    """What a prepared flow comes to; for errors see `render`."""
    rendering, diagnostics = prepared.render(recipient, values, now, examples=examples)
    if rendering is None:
        raise FlowError(diagnostics)
    return rendering


def given(variables: Mapping[str, Any]) -> dict[str, Given]:
    """The values with their origin, where they have none yet."""
    return {
        name: value if isinstance(value, Given) else Given(value, Location(f"variable {name}"))
        for name, value in variables.items()
    }


def read_flow(path: Path) -> Loaded:
    """The flow in a file; ``-`` is standard input, read as far as a flow may be long and one byte more.

    What is read from there names its files from the current folder.
    """
    if str(path) != "-":
        return load_file(path)
    return load_text(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>", folder=Path())


def read_for(
    path: Path,
    pairs: Iterable[tuple[str, str]],
    files: Iterable[Path],
    warn: Callable[[Sequence[Diagnostic]], None],
) -> tuple[Loaded, dict[str, Given]]:
    """A flow and the values for it, as `read_values` reads them; raises as `load` does, for a wrong value, too."""
    values, problems = read_values(pairs, files)
    loaded = load_file(path)
    found = [*problems, *loaded.diagnostics]
    if loaded.flow is None or any(each.is_error for each in problems):
        raise FlowError(found)
    warn(found)
    return loaded, values


def read_values(pairs: Iterable[tuple[str, str]], files: Iterable[Path]) -> tuple[dict[str, Given], list[Diagnostic]]:
    """What ``--var`` and ``--vars`` give, each value with its origin; pairs win over files."""
    values: dict[str, Given] = {}
    diagnostics: list[Diagnostic] = []
    for file in files:
        found, problems = given_file(file)
        values.update(found)
        diagnostics += problems
    values.update({name: given_text(name, text) for name, text in pairs})
    return values, diagnostics
