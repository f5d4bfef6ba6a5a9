"""``flowrunner diff``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, complain, refuse, say, width
from flowrunner.cli.options import given, variables

if TYPE_CHECKING:
    from flowrunner.difference import Comparison

DIFFERENT: Final = 2
"""What ``--detailed-exitcode`` says of a difference."""


class _Rows(click.ParamType[Any]):
    """``3``, ``1-5``, ``1,4-6``."""

    name = "ROWS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[range, ...]:
        if isinstance(value, tuple):
            return value
        found = []
        for part in str(value).split(","):
            first, dash, last = part.strip().partition("-")
            if not first.isdecimal() or (dash and not last.isdecimal()) or not 0 < int(first) <= int(last or first):
                self.fail(f"{value!r} names no rows; write 3, 1-5 or 1,4-6", param, ctx)
            found.append(range(int(first), int(last or first) + 1))
        return tuple(found)


@click.command(help="Compare what customers see: A and B are files, folders, or either in a git revision (main:flows).")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@variables
@click.option("--audience", type=click.Path(path_type=Path), metavar="FILE", help="Compare for everybody in it.")
@click.option("--rows", type=_Rows(), default=(), metavar="ROWS", help="Only these of them, as 3, 1-5 or 1,4-6.")
@click.option("--region", default="", metavar="CC", help="Country of phone numbers written without one, as MX.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--detailed-exitcode", is_flag=True, help="2 when customers see a difference, 0 when they see none.")
def diff(
    a: str,
    b: str,
    pairs: tuple[tuple[str, str], ...],
    files: tuple[Path, ...],
    audience: Path | None,
    rows: tuple[range, ...],
    region: str,
    form: str,
    detailed_exitcode: bool,
) -> int:
    """Both sides are rendered with the same values at the same moment; nothing is sent."""
    from flowrunner.comparing import People, SideError, compare, read_side, unknown_values
    from flowrunner.rendering import moment

    values, diagnostics = given(pairs, files)
    try:
        before, after = read_side(a), read_side(b)
        diagnostics += unknown_values(values, [*before.flows.values(), *after.flows.values()])
        if any(each.is_error for each in diagnostics):
            complain(diagnostics)
            return WRONG_INPUT
        found = compare(before, after, People(values, audience, rows, region), moment())
    except SideError as error:
        refuse(error.message, error.hint)
        return WRONG_INPUT
    complain([*diagnostics, *found.problems])
    say(_drawn(form, found))
    if found.problems:
        return WRONG_INPUT
    return DIFFERENT if detailed_exitcode and found.differs else DONE


def _drawn(form: str, found: "Comparison") -> str:
    if form == "json":
        from flowrunner.views.diff_json import as_json

        return as_json(found)
    if form == "markdown":
        from flowrunner.views.diff_markdown import as_markdown

        return as_markdown(found)
    from flowrunner.views.diff_text import as_text

    return as_text(found, width=width(), colour=colour())
