"""``flowrunner preview``."""

from pathlib import Path

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, complain, read_input, say, width
from flowrunner.cli.options import given, variables


@click.command(
    help="Show the conversation of FLOW (- is standard input); inputs without a value use their default, then example."
)
@click.argument("flow", type=click.Path(path_type=Path), metavar="FLOW")
@variables
@click.option("--format", "form", type=click.Choice(["chat", "json"]), default="chat", show_default=True)
def preview(flow: Path, pairs: tuple[tuple[str, str], ...], files: tuple[Path, ...], form: str) -> int:
    """The path of a run, stopped before the transport."""
    from flowrunner.loading import load_file, load_text
    from flowrunner.model import EXAMPLE_RECIPIENT
    from flowrunner.rendering import bind, moment, render

    values, diagnostics = given(pairs, files)
    loaded = load_text(read_input(), "<stdin>") if str(flow) == "-" else load_file(flow)
    diagnostics += loaded.diagnostics
    rendering = None
    if loaded.flow is not None:
        bound, found = bind(loaded, values, examples=True)
        diagnostics += found
        if bound is not None:
            rendering, found = render(loaded, EXAMPLE_RECIPIENT, bound, moment())
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
