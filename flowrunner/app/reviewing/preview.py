"""A flow is read and rendered for those it is previewed for; nothing is sent."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.app.flows import read_flow, read_values
from flowrunner.app.reviewing.chosen_answers import Answers, check_taken, meant
from flowrunner.app.reviewing.pictures import pictures_of
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.engine import Given, Prepared, moment
from flowrunner.flow.translations.languages import LANGUAGE
from flowrunner.model import EXAMPLE_RECIPIENT, Reading, Recipient
from flowrunner.model.plain import NOTHING
from flowrunner.views.preview import Preview

if TYPE_CHECKING:
    from flowrunner.audience import Audience, Row
    from flowrunner.flow import Loaded
    from flowrunner.model import Rendering

EVERY_LANGUAGE: Final = "all"
"""What stands for all languages of a flow, where one of them may be named."""
_IS_NAME = "(?i)name|nombre|nome"
"""An input that says what somebody is called, in the languages that most flows are written in."""


class PreviewRequest(NamedTuple):
    """What is to be previewed.

    Attributes:
        flow: The file, or ``-`` for standard input.
        pairs: Variables by name and text.
        files: Files of variables.
        audience: Who it is for; None for one recipient.
        rows: Which people of the audience, counted from 1, rising.
        reading: How the audience is to be read.
        recipient: Who it is for where there is no audience.
        dialect: How the messages are written; empty for the first dialect that has all of them.
        is_open: What ``conversation.open`` is taken for: whether they wrote within the last 24 hours.
        language: The code of the one it is shown in, or ``all`` for each of a flow's, one after the other; empty for
            the recipient's.
        answers: What is answered on the one path that is shown; none for every branch.
    """

    flow: Path
    pairs: tuple[tuple[str, str], ...]
    files: tuple[Path, ...]
    audience: Path | None
    rows: tuple[int, ...]
    reading: Reading
    recipient: Recipient = EXAMPLE_RECIPIENT
    dialect: str = ""
    is_open: bool = True
    language: str = ""
    answers: Answers = NOTHING

    @property
    def sources(self) -> list[Path]:
        """Every file it is read from."""
        return [self.flow, *self.files, *([self.audience] if self.audience else [])]


def preview(rendering: "Rendering", *, width: int = 80, colour: bool = False) -> str:
    """The conversation as text, as the customer will see it; of a flow that listens with every branch."""
    from flowrunner.views.terminal.chat import conversation
    from flowrunner.views.terminal.tree import branches

    return (branches if rendering.acts else conversation)(rendering, width=width, colour=colour)


def read_previews(request: PreviewRequest) -> list[Preview]:
    """A preview for each recipient, at least one; without a rendering where an error is in the way.

    Raises:
        ValueError: What is to be answered cannot be.
    """
    values, diagnostics = read_values(request.pairs, request.files)
    if request.language not in ("", EVERY_LANGUAGE):
        values[LANGUAGE] = _in_language(request.language)
    loaded = read_flow(request.flow)._replace(dialect=request.dialect)
    diagnostics += loaded.diagnostics
    if loaded.flow is not None and request.audience is not None:
        return _previews_of_rows(loaded, request, request.audience, values, diagnostics)
    if loaded.flow is None or any(each.is_error for each in diagnostics):
        return [Preview(str(request.flow), None, diagnostics)]
    whom, now = request.recipient, moment(SYSTEM.now())
    if request.language == EVERY_LANGUAGE and len(loaded.flow.languages) > 1:
        every = {code: {**values, LANGUAGE: _in_language(code)} for code in loaded.flow.languages}
    else:
        every = {whom.label: values}
    return [_preview(loaded, label, whom, its, now, diagnostics, request) for label, its in every.items()]


def _in_language(code: str) -> "Given":
    return Given(code, Location(f"--language {code}"), notation="text")


def _previews_of_rows(
    loaded: "Loaded", request: PreviewRequest, path: Path, values: "Mapping[str, Given]", common: list[Diagnostic]
) -> list[Preview]:
    """A preview for each row that is asked for; a row that is not there is an error of its own."""
    from flowrunner.audience import read_audience

    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    audience, found = read_audience(path, inputs=loaded.flow.inputs, reading=request.reading)
    common = [*common, *found]
    if audience is None or any(each.is_error for each in common):
        return [Preview(str(request.flow), None, common)]
    now = moment(SYSTEM.now())
    previews: dict[int, Preview] = {}
    with audience:
        for number, row in enumerate(audience, 1):
            if number in request.rows:
                previews[number] = _preview_of_row(loaded, audience, row, number, values, now, common, request)
            if number >= request.rows[-1]:
                break
    return [previews.get(number) or _nobody(path, number, common) for number in request.rows]


def _preview_of_row(
    loaded: "Loaded",
    audience: "Audience",
    row: "Row",
    number: int,
    values: "Mapping[str, Given]",
    now: str,
    common: Sequence[Diagnostic],
    request: PreviewRequest,
) -> Preview:
    label = ": ".join(filter(None, (str(number), row.recipient.label)))
    found = row.cells if row.problem is None else (row.problem, *row.cells)
    if any(each.is_error for each in found):
        return Preview(label, None, [*common, *found])
    own = audience.given(row)
    lacking = audience.lacking(row)
    its = _preview(loaded, label, row.recipient, {**own, **values}, now, [*common, *found], request, lacking)
    given = its.rendering.variables if its.rendering is not None else ()
    named = (each.value for each in given if each.name in own and re.search(_IS_NAME, each.name))
    return its._replace(name=next((value for value in named if isinstance(value, str)), ""))


def _preview(
    loaded: "Loaded",
    label: str,
    recipient: Recipient,
    values: "Mapping[str, Given]",
    now: str,
    common: Sequence[Diagnostic],
    request: PreviewRequest,
    lacking: "Callable[[str], Diagnostic] | None" = None,
) -> Preview:
    """One recipient's; ``lacking`` says that a row has no value for an input: nobody real is sent an example."""
    prepared, is_open = Prepared(loaded), request.is_open
    render = partial(
        prepared.render, recipient, values, now, examples=lacking is None, lacking=lacking, is_open=is_open
    )
    rendering, diagnostics = render()
    if request.answers and rendering is not None:
        rendering, diagnostics = render(answers=meant(rendering, request.answers))
        if rendering is not None:
            check_taken(rendering, request.answers)
    window = ("within 24 hours" if is_open else "after 24 hours") if prepared.asks else ""
    drawn = Preview(label, rendering, [*common, *diagnostics], pictures=pictures_of(loaded), window=window)
    return drawn._replace(is_path=bool(request.answers))


def _nobody(path: Path, number: int, common: Sequence[Diagnostic]) -> Preview:
    hint = "add people below its header" if number == 1 else "give a smaller number"
    problem = Diagnostic("bad-audience", f"there is no row {number}", Location(str(path)), hint=hint)
    return Preview(str(number), None, [*common, problem])
