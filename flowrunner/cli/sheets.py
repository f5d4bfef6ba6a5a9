"""A flow and those it is previewed for, read and rendered: the path of a run, stopped before the transport."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.cli.console import read_input
from flowrunner.cli.options import given
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.model import EXAMPLE_RECIPIENT, Recipient
from flowrunner.reading import Reading
from flowrunner.views.preview import Preview

if TYPE_CHECKING:
    from flowrunner.engine import Given
    from flowrunner.flow import Loaded
    from flowrunner.model import Rendering


_IS_NAME = re.compile("name|nombre|nome", re.IGNORECASE)
"""An input that says what somebody is called, in the languages that most flows are written in."""


class Wish(NamedTuple):
    """What is to be previewed.

    Attributes:
        flow: The file, or ``-`` for standard input.
        pairs: Variables by name and text.
        files: Files of variables.
        audience: Who it is for; None for the example recipient.
        rows: Which people of the audience, counted from 1, rising.
        how: How the audience is to be read.
    """

    flow: Path
    pairs: tuple[tuple[str, str], ...]
    files: tuple[Path, ...]
    audience: Path | None
    rows: tuple[int, ...]
    how: Reading

    @property
    def sources(self) -> list[Path]:
        """Every file it is read from."""
        return [self.flow, *self.files, *([self.audience] if self.audience else [])]


class Person(NamedTuple):
    """One recipient with the values that the audience gives, and what is wrong with them.

    Attributes:
        lacking: What says that a row has no value for an input; None where nobody's row is previewed.
    """

    label: str
    recipient: Recipient
    values: "Mapping[str, Given]"
    found: tuple[Diagnostic, ...] = ()
    lacking: "Callable[[str], Diagnostic] | None" = None


def read_sheets(wish: Wish) -> list[Preview]:
    """A sheet for each recipient, at least one; without a rendering where an error is in the way."""
    from flowrunner.engine import moment
    from flowrunner.flow import load_file, load_text

    values, diagnostics = given(wish.pairs, wish.files)
    loaded = load_text(read_input(), "<stdin>") if str(wish.flow) == "-" else load_file(wish.flow)
    diagnostics += loaded.diagnostics
    people = [Person(EXAMPLE_RECIPIENT.phone, EXAMPLE_RECIPIENT, {})]
    if loaded.flow is not None and wish.audience is not None:
        people, found = _people(loaded, wish.audience, wish.rows, wish.how)
        diagnostics += found
    if not people or any(each.is_error for each in diagnostics):
        return [Preview(str(wish.flow), None, diagnostics)]
    now = moment()
    return [_sheet(loaded, person, values, diagnostics, now) for person in people]


def _sheet(
    loaded: "Loaded", person: Person, values: "Mapping[str, Given]", common: Sequence[Diagnostic], now: str
) -> Preview:
    from flowrunner.engine import bind, render

    if any(each.is_error for each in person.found):
        return Preview(person.label, None, [*common, *person.found])
    # A row is somebody real, who will not be sent an example.
    bound, diagnostics = bind(
        loaded, {**person.values, **values}, examples=person.lacking is None, lacking=person.lacking
    )
    rendering = None
    if bound is not None:
        rendering, found = render(loaded, person.recipient, bound, now)
        diagnostics += found
    name = "" if rendering is None else _name(person, rendering)
    return Preview(person.label, rendering, [*common, *person.found, *diagnostics], name)


def _people(loaded: "Loaded", path: Path, rows: tuple[int, ...], how: Reading) -> tuple[list[Person], list[Diagnostic]]:
    """Who stands in these rows; a row that is not there is an error of its own."""
    from flowrunner.audience import read_audience

    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    audience, found = read_audience("-" if str(path) == "-" else path, inputs=loaded.flow.inputs, how=how)
    if audience is None:
        return [], found
    people: dict[int, Person] = {}
    with ExitStack() as stack:
        stack.enter_context(audience)
        for number, row in enumerate(audience, 1):
            if number in rows:
                whom = row.recipient
                values = audience.given(row) if row.problem is None else {}
                label = ": ".join(filter(None, (str(number), whom.phone or whom.conversation)))
                trouble = row.cells if row.problem is None else (row.problem, *row.cells)
                people[number] = Person(label, whom, values, trouble, audience.lacking(row))
            if number >= rows[-1]:
                break
    return [people.get(number) or _nobody(path, number) for number in rows], found


def _name(person: Person, rendering: "Rendering") -> str:
    """What the audience says somebody is called."""
    given = (each for each in rendering.variables if each.name in person.values and isinstance(each.value, str))
    return next((str(each.value) for each in given if _IS_NAME.search(each.name)), "")


def _nobody(path: Path, number: int) -> Person:
    problem = Diagnostic("bad-audience", f"there is no row {number}", Location(str(path)), hint="give a smaller number")
    return Person(str(number), EXAMPLE_RECIPIENT, {}, (problem,))
