"""``flowrunner test --explore``: every way through a flow, without a test file."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, complain, say
from flowrunner.cli.options import with_options

if TYPE_CHECKING:
    from flowrunner.app.exploring import ExploredFlows

_MOST: Final = 100_000
_OPTIONS: Final = (
    click.option("--explore", is_flag=True,
                 help="Go through each flow by itself instead, in every way that it has, without a test file."),
    click.option("--ways", type=click.IntRange(1, _MOST), metavar="N",
                 help="With --explore: how many ways of each flow at most, 200 by default."),
    click.option("--seed", type=int, metavar="N", help="With --explore: which ways, where there are more."),
)  # fmt: skip


class Explores(NamedTuple):
    """What is asked; the numbers are None where nobody says them."""

    explore: bool
    ways: int | None
    seed: int | None


def explores(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options; they arrive as one ``exploring``."""

    @wraps(command)
    def wrapper(explore: bool, ways: int | None, seed: int | None, **options: Any) -> Any:
        stray = next((name for name, value in (("--ways", ways), ("--seed", seed)) if value is not None), "")
        if stray and not explore:
            raise click.UsageError(f"{stray} needs --explore.")
        return command(**options, exploring=Explores(explore, ways, seed))

    return with_options(_OPTIONS, wrapper)


def explored(paths: Iterable[Path], asked: Explores, form: str) -> int:
    """Go through the flows, and say what was found; 0 nothing is wrong, 1 something is."""
    from flowrunner.app.exploring import explore_flows
    from flowrunner.testing.exploring.explore import WAYS

    if form not in ("text", "json", "github"):
        raise click.UsageError("--explore has the formats text, json and github.")
    found = explore_flows(paths, ways=asked.ways or WAYS, seed=asked.seed or 0)
    if form == "text":
        complain(found.diagnostics)
        _tell(found)
    else:
        _write(found, form)
    return WRONG_INPUT if any(each.is_error for each in found.diagnostics) else DONE


def _tell(found: "ExploredFlows") -> None:
    from flowrunner.views.tests.coverage import counts
    from flowrunner.views.visible import visible

    for path, its in found.flows:
        left = f", {its.left} more are there: --ways {its.walked + its.left} goes them, too" if its.left else ""
        say(f"{visible(path)}: {its.walked} ways, {counts(its.coverage)}{left}")


def _write(found: "ExploredFlows", form: str) -> None:
    if form == "json":
        from flowrunner.views.problems.json import as_json

        say(as_json(found.diagnostics, [each.path for each in found.flows], 0))
        return
    from flowrunner.views.problems.github import as_github

    if drawn := as_github(found.diagnostics):
        say(drawn)
