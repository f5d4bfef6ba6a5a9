"""The options of ``flowrunner test`` that say what of the flows their tests do, and what comes of them."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from flowrunner.cli.console import colour, say, tell
from flowrunner.cli.options import Number, file_option, no_stream, with_options

if TYPE_CHECKING:
    from flowrunner.app.testing.coverage import Covering
    from flowrunner.app.testing.run import Tested

_OPTIONS: Final = (
    click.option("--cover", type=Number(0, 100), metavar="PERCENT",
                 help="Show what of the flows no test does, and fail where less than PERCENT is done; 0 never fails."),
    file_option("--cover-html", "Write FILE with the text of each flow, and what no test does of it.",
                callback=no_stream),
    click.option("--cover-since", default="", metavar="REV",
                 help="List only lines that have changed since this git revision: --cover-since origin/main."),
)  # fmt: skip


class Covers(NamedTuple):
    """What is asked.

    Attributes:
        least: How much must be done, in percent; None where nobody asks.
        html: Where the page goes; None for nowhere.
        since: The revision; empty for none.
    """

    least: float | None
    html: Path | None
    since: str

    @property
    def is_wanted(self) -> bool:
        """Whether anything is asked."""
        return self.least is not None or self.html is not None or bool(self.since)


def covers(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options; they arrive as one ``covered``."""

    @wraps(command)
    def wrapper(cover: float | None, cover_html: Path | None, cover_since: str, **options: Any) -> Any:
        return command(**options, covered=Covers(cover, cover_html, cover_since))

    return with_options(_OPTIONS, wrapper)


def covering(tested: "Tested", covered: Covers) -> "Covering | None":
    """What the tests have done; None where nobody asks.

    Raises:
        RefusedError: Git does not know the revision.
    """
    if not covered.is_wanted:
        return None
    from flowrunner.app.testing.coverage import covering_of

    return covering_of(tested.suites, tested.outcomes, covered.since)


def told(its: "Covering", covered: Covers, form: str) -> bool:
    """Say what was found; whether less is done than must be."""
    if covered.html is not None:
        _write(its, covered.html)
    if covered.least is not None or covered.since:
        _show(its, form)
    if covered.least is None or its.percent >= covered.least:
        return False
    tell(f"the tests do {its.percent:.1f} % of what the flows can; at least {covered.least:g} % is wanted")
    return True


def _show(its: "Covering", form: str) -> None:
    from flowrunner.views.tests.coverage import as_diagnostics, as_text

    if form == "github":
        from flowrunner.views.problems.github import as_github

        if drawn := as_github(as_diagnostics(its.missing)):
            say(drawn)
    elif form == "text":
        say(as_text(its.flows, its.missing, colour=colour()))
    elif form != "json":  # it has them itself
        tell(as_text(its.flows, its.missing, colour=False))


def _write(its: "Covering", path: Path) -> None:
    from flowrunner.app.output_files import write_whole
    from flowrunner.app.testing.coverage import texts_of
    from flowrunner.views.tests.coverage_html import as_html

    page = as_html(its.flows, texts_of(its.flows), its.percent)
    write_whole(path, [page], hint="name another file with --cover-html")
    tell(f"written to {path}")
