"""``flowrunner preview``."""

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, complain, read_input, say, width
from flowrunner.cli.options import given, variables

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic
    from flowrunner.loading import Loaded
    from flowrunner.model import Recipient
    from flowrunner.rendering import Given


@click.command(
    help="Show the conversation of FLOW (- is standard input); inputs without a value use their default, then example."
)
@click.argument("flow", type=click.Path(path_type=Path), metavar="FLOW")
@variables
@click.option("--audience", type=click.Path(path_type=Path), metavar="FILE", help="As one person of it will see it.")
@click.option("--row", type=click.IntRange(1), default=1, show_default=True, help="Which person, counted from 1.")
@click.option("--region", default="", metavar="CC", help="Country of phone numbers written without one, as MX.")
@click.option("--format", "form", type=click.Choice(["chat", "json"]), default="chat", show_default=True)
def preview(
    flow: Path,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    audience: Path | None,
    row: int,
    region: str,
    form: str,
) -> int:
    """The path of a run, stopped before the transport."""
    from flowrunner.loading import load_file, load_text
    from flowrunner.model import EXAMPLE_RECIPIENT
    from flowrunner.rendering import bind, moment, render

    values, diagnostics = given(pairs, files)
    loaded = load_text(read_input(), "<stdin>") if str(flow) == "-" else load_file(flow)
    diagnostics += loaded.diagnostics
    rendering, recipient = None, EXAMPLE_RECIPIENT
    if loaded.flow is not None and audience is not None:
        recipient, one, found = _person(loaded, audience, row, region)
        values = {**one, **values}
        diagnostics += found
    if loaded.flow is not None and not any(each.is_error for each in diagnostics):
        bound, found = bind(loaded, values, examples=True)
        diagnostics += found
        if bound is not None:
            rendering, found = render(loaded, recipient, bound, moment())
            diagnostics += [each for each in found if each not in loaded.diagnostics]
    complain(diagnostics)
    if rendering is None or any(each.is_error for each in diagnostics):
        return WRONG_INPUT
    if form == "json":
        from flowrunner.views.wire import message_list

        say(message_list(rendering))
    else:
        from flowrunner.views.chat import conversation

        say(conversation(rendering, width=width(), colour=colour()))
    return DONE


def _person(
    loaded: "Loaded", path: Path, number: int, region: str
) -> "tuple[Recipient, dict[str, Given], list[Diagnostic]]":
    """Who stands in the row with that number, with their values; or what is wrong with it."""
    from flowrunner.audience import read_audience
    from flowrunner.diagnostics import Diagnostic, Location
    from flowrunner.model import EXAMPLE_RECIPIENT

    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    audience, found = read_audience("-" if str(path) == "-" else path, inputs=loaded.flow.inputs, region=region)
    if audience is None:
        return EXAMPLE_RECIPIENT, {}, found
    with audience:
        row = next(islice(audience, number - 1, None), None)
        if row is not None and row.problem is None:
            return row.recipient, audience.given(row), found
        problem = Diagnostic(
            "bad-audience", f"there is no row {number}", Location(str(path)), hint="name a smaller one"
        )
        return EXAMPLE_RECIPIENT, {}, [*found, row.problem if row is not None and row.problem else problem]
