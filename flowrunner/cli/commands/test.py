"""``flowrunner test``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import BUG, DONE, WRONG_INPUT, colour, complain, give, open_in_browser, refuse, say, tell
from flowrunner.cli.coverage_options import Covers, covering, covers
from flowrunner.cli.coverage_options import told as told_covering
from flowrunner.cli.explore import Explores, explored, explores
from flowrunner.cli.options import PATH, formats, output_option
from flowrunner.spec.words import listed

if TYPE_CHECKING:
    from flowrunner.app.testing.coverage import Covering
    from flowrunner.app.testing.run import Selection, Tested
    from flowrunner.testing.outcomes import Outcome

_JOBS = 64


@click.command(
    help="Play the tests of flows (*.test.yaml): nothing is sent, and nobody waits. PATH is a test file, a flow with"
    " tests beside it, or a folder; the current one where none is named."
)
@click.argument("paths", type=PATH, nargs=-1, metavar="[PATH]...")
@formats("text", "json", "junit", "github", "tap", "html")
@click.option(
    "-k", "words", multiple=True, metavar="TEXT", help="Only tests with this in their name or path; repeatable."
)
@click.option("-x", "--exitfirst", "first", is_flag=True, help="End with the first test that fails.")
@click.option("--shuffle", type=int, metavar="SEED", help="Play them in an order that this number gives.")
@click.option("--jobs", type=click.IntRange(0, _JOBS), default=1, show_default=True,
              help="In how many processes; 0 for one on each core.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Name each test that passes, too.")
@click.option("--chat", is_flag=True, help="Show all of the chat up to a failure.")
@click.option("--real-crash", is_flag=True, help="Let a process be killed where a test says crash.")
@covers
@explores
@click.option("--update", is_flag=True, help="First write the texts of messages, and golden chats, as they are sent.")
@click.option("--accept", is_flag=True, help="With --update: also add and drop turns of the flow.")
@output_option("Write the result to FILE")
@click.option("--open", "opened", is_flag=True, help="Show what failed on the emulator's page, until Ctrl-C.")
def test(
    paths: tuple[Path, ...],
    form: str,
    words: tuple[str, ...],
    first: bool,
    shuffle: int | None,
    jobs: int,
    verbose: bool,
    chat: bool,
    real_crash: bool,
    update: bool,
    accept: bool,
    output: Path | None,
    opened: bool,
    covered: Covers,
    exploring: Explores,
) -> int:
    """Find, read and play; 0 all passed, 1 one failed or a file is wrong, 70 flowrunner itself went wrong."""
    from flowrunner.app.testing.run import Selection, run_tests
    from flowrunner.engine.parallel import usable_cores
    from flowrunner.views.tests.text import closing, told

    if output is not None and form == "text":
        raise click.UsageError("--output is for the other formats.")
    cores = jobs or usable_cores()
    if exploring.explore:
        return explored(paths or (Path(),), exploring, form, cores, output)
    if accept and not update:
        raise click.UsageError("--accept needs --update.")
    texts: dict[str, str] = {}

    def each(outcome: "Outcome") -> None:
        if drawn := told(outcome, _text(outcome, texts), colour=colour(), named=verbose, whole_chat=chat):
            say(drawn if outcome.verdict == "passed" else f"{drawn}\n")

    selection = Selection(words, first, shuffle, cores, real_crash)
    if update:
        _update(paths or (Path(),), selection, accept=accept)
    tested = run_tests(paths or (Path(),), selection, each if form == "text" else lambda _outcome: None)
    its = covering(tested, covered)
    is_empty = bool(words) and not tested.outcomes and not tested.diagnostics
    if is_empty:
        refuse(f"no test has {listed(words)} in its name or path")
    if form == "text":
        complain(tested.diagnostics)
        say(closing(tested.outcomes, tested.left, tested.took, colour=colour()))
    else:
        give(_drawn(form, tested, its), output)
    is_too_little = is_empty or (its is not None and told_covering(its, covered, form))
    if opened:
        _show(tested)
    return WRONG_INPUT if is_too_little and _code(tested) == DONE else _code(tested)


def _update(paths: Sequence[Path], selection: "Selection", *, accept: bool) -> None:
    from flowrunner.app.testing.update import update_tests

    for its in update_tests(paths, selection, accept=accept):
        counts = ((its.texts, "text", "texts"), (its.turns, "turn", "turns"))
        said = [f"{many} {one if many == 1 else several}" for many, one, several in counts if many]
        if said:
            tell(f"updated {its.path}: {listed(said, 'and')}")
        for file in its.golden:
            tell(f"updated {file}")


def _text(outcome: "Outcome", known: dict[str, str]) -> str:
    """The text of the outcome's test file, which is read again: few tests fail."""
    path = outcome.case.at.path
    if path not in known:
        known[path] = Path(path).read_text(encoding="utf-8-sig")
    return known[path]


def _drawn(form: str, tested: "Tested", covering: "Covering | None" = None) -> str:
    if form == "json":
        from flowrunner.views.tests.json import as_json

        flows = covering.flows if covering is not None else ()
        return as_json(tested.outcomes, tested.diagnostics, tested.left, tested.took, flows)
    if form == "junit":
        from flowrunner.views.tests.junit import as_junit

        return as_junit(tested.outcomes, tested.diagnostics)
    if form == "github":
        from flowrunner.views.tests.github import as_github

        return as_github(tested.outcomes, tested.diagnostics)
    if form == "tap":
        from flowrunner.views.tests.tap import as_tap

        return as_tap(tested.outcomes, tested.diagnostics, tested.left)
    from flowrunner.views.tests.html import as_html

    return as_html(tested.outcomes, tested.diagnostics, tested.texts, tested.left, tested.took)


def _show(tested: "Tested") -> None:
    """Show on the emulator's page what failed, until Ctrl-C."""
    from flowrunner.app.testing.show import MOST, show_tests, tests_to_show

    if not (many := tests_to_show(tested)):
        return

    def ready(address: str) -> None:
        which = f"the first {MOST} of {many:,} tests" if many > MOST else f"{many:,} test{'s' if many > 1 else ''}"
        tell(f"{which} on {address}; Ctrl-C ends it")
        open_in_browser(address)

    show_tests(tested, ready)


def _code(tested: "Tested") -> int:
    if any(outcome.verdict == "internal" for outcome in tested.outcomes):
        return BUG
    is_wrong = any(each.is_error for each in tested.diagnostics)
    return WRONG_INPUT if is_wrong or any(outcome.verdict != "passed" for outcome in tested.outcomes) else DONE
