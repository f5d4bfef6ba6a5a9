"""``flowrunner test --explore``: every way through a flow, without a test file."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, complain, give, say, width
from flowrunner.cli.live_line import EVERY, Live
from flowrunner.cli.options import with_options
from flowrunner.cli.recipient_options import misplaced
from flowrunner.clock import SYSTEM
from flowrunner.views.terminal.cells import head
from flowrunner.views.visible import visible

if TYPE_CHECKING:
    from flowrunner.app.testing.explore import ExploredFlows

_MOST: Final = 100_000
_OF_TESTS: Final = (
    "words", "first", "shuffle", "verbose", "chat", "real_crash", "cover", "cover_html", "cover_since", "update",
    "accept", "opened",
)  # fmt: skip
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


def explored(paths: Iterable[Path], asked: Explores, form: str, jobs: int, output: Path | None) -> int:
    """Go through the flows, and say what was found; 0 nothing is wrong, 1 something is."""
    from flowrunner.app.testing.explore import explore_flows
    from flowrunner.testing.exploring.explore import WAYS

    if stray := misplaced(*_OF_TESTS):
        raise click.UsageError(f"{stray} is for test files; --explore needs none.")
    if form == "html":
        raise click.UsageError("--explore has the formats text, json, junit, github and tap.")
    with _progress() as each:
        found = explore_flows(paths, ways=asked.ways or WAYS, seed=asked.seed or 0, jobs=jobs, each=each)
    if form == "text":
        complain(found.diagnostics)
        _tell(found)
    else:
        give(_drawn(found, form), output)
    return WRONG_INPUT if any(each.is_error for each in found.diagnostics) else DONE


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Within: what tells a terminal each second how many ways were walked, in whatever process."""
    line, drawn = "", SYSTEM.monotonic()
    with Live(lambda: head(line, width() - 1), by_timer=False) as live:

        def tell(path: str, walked: int, left: int) -> None:
            nonlocal line, drawn
            if (now := SYSTEM.monotonic()) - drawn >= EVERY:
                line, drawn = f"{walked:,} ways gone through, {left:,} to go: {visible(path)}", now
                live.draw()

        yield tell


def _tell(found: "ExploredFlows") -> None:
    from flowrunner.views.tests.coverage import ways

    for path, its in found.flows:
        say(f"{visible(path)}: {ways(its)}")


def _drawn(found: "ExploredFlows", form: str) -> str:
    paths = [each.path for each in found.flows]
    if form == "json":
        from flowrunner.views.problems.json import as_json
        from flowrunner.views.tests.json import explored_data

        return as_json(found.diagnostics, paths, flows=[explored_data(each.explored) for each in found.flows])
    if form == "junit":
        from flowrunner.views.problems.junit import as_junit

        return as_junit(found.diagnostics, paths, "test --explore")
    if form == "tap":
        from flowrunner.views.problems.tap import as_tap
        from flowrunner.views.tests.coverage import ways

        return as_tap(found.diagnostics, {path: ways(its) for path, its in found.flows})
    from flowrunner.views.problems.github import as_github

    return as_github(found.diagnostics)
