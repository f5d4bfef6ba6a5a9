"""Flow files are checked, with everybody of an audience if there is one; nothing is sent."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from flowrunner.app.flows import read_flow
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics import Diagnostic
from flowrunner.dialects import DIALECTS
from flowrunner.flow import Loaded, find_flows
from flowrunner.flow.carried import carriers, not_in
from flowrunner.flow.folders import below, holds_flow, is_test
from flowrunner.model import EXAMPLE_RECIPIENT, Reading

if TYPE_CHECKING:
    from flowrunner.campaign import Schedule

_PLAIN: Final = Reading()


class CheckResult(NamedTuple):
    """What checking gave.

    Attributes:
        diagnostics: Every problem; of an audience as many as were asked for.
        flows: The files, as they were named.
        people: How many rows of the audience were checked, for the last flow.
        more: How many problems of the audience are not among the diagnostics.
        notes: What could not be checked, and what only one dialect can send; a sentence each.
        tests: The test files, as they were named.
    """

    diagnostics: list[Diagnostic]
    flows: list[str]
    people: int = 0
    more: int = 0
    notes: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


def check(paths: Iterable[Path | str]) -> list[Diagnostic]:
    """Every problem of every flow file among ``paths`` (files and folders); an empty list means none."""
    return check_flows(paths).diagnostics


def check_flows(
    paths: Iterable[Path | str],
    audience: Path | None = None,
    reading: Reading = _PLAIN,
    schedule: "Schedule | None" = None,
    show: int | None = None,
    dialect: str = "",
    *,
    online: bool = False,
) -> CheckResult:
    """Check everything that can be checked before any value is known; with an audience, its values too.

    Test files are read and held against their flows, and not played.

    Args:
        paths: Files and folders; ``-`` is standard input.
        audience: A file of people, each of whom every flow is rendered for; ``-`` is standard input.
        reading: How it is to be read.
        schedule: When they would be written to; by default at any time.
        show: How many problems of the audience to keep; None keeps all.
        dialect: What the flows must be sent with; empty where any that has all of a flow will do.
        online: Ask the web addresses of files what is there.
    """
    named = [str(path) for path in paths]
    tests, rest = _tests_among([Path(name) for name in named if name != "-"])
    files, diagnostics = find_flows(rest)
    flows = [read_flow(file) for file in ([Path("-")] if "-" in named else []) + files]
    people = more = 0
    notes = dict.fromkeys(note for loaded in flows for note in loaded.notes)
    included = _included(flows)
    for loaded in flows:
        # What is wrong with the templates is said once, not for each flow.
        diagnostics += [
            each
            for each in loaded.diagnostics
            if (each.location.path == loaded.path or each not in diagnostics)
            and not (each.code == "no-way-out" and Path(loaded.path) in included)
        ]
        able = carriers(loaded)
        lacking = not_in(loaded, dialect or next(iter(able), DIALECTS[0]))
        diagnostics += lacking
        if not dialect and len(able) == 1:
            notes[f"{loaded.path} can be sent with the dialect {able[0]} only"] = None
        if loaded.flow is None or lacking:
            continue
        of_dialect = loaded._replace(dialect=dialect)
        if audience is not None:
            found, people, hidden = _check_people(of_dialect, audience, reading, schedule, show)
            diagnostics += found
            more += hidden
        elif loaded.flow.is_branched:
            found, unknown = _check_branches(of_dialect)
            diagnostics += found
            notes |= dict.fromkeys(unknown)
    if online:
        from flowrunner.app.reviewing.web_addresses import online_problems

        diagnostics += online_problems(flows)
    if tests:
        diagnostics += _check_tests(tests)
    return CheckResult(
        diagnostics, [loaded.path for loaded in flows], people, more, tuple(notes), tuple(map(str, tests))
    )


def _included(flows: Iterable[Loaded]) -> set[Path]:
    """The files that are part of others: whoever is asked there says in those that they want no more messages."""
    bundles = [each.flow.bundle for each in flows if each.flow is not None]
    return {Path(bundle.path).parent / name for bundle in bundles for name in [*bundle.files][1:]}


def _tests_among(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The test files, named or in a folder; and the paths that flows are looked for in."""
    named = [path for path in paths if is_test(path)]
    inside = {path: list(below(path, is_test)) for path in paths if path.is_dir()}
    # A folder that has tests alone is no folder without flows.
    alone = [path for path, tests in inside.items() if tests and not any(True for _ in below(path, holds_flow))]
    tests = dict.fromkeys([*named, *(file for its in inside.values() for file in its)])
    return list(tests), [path for path in paths if path not in named and path not in alone]


def _check_tests(tests: Iterable[Path]) -> Iterator[Diagnostic]:
    """What is wrong with test files; what is wrong with their flows is said where those are checked."""
    from flowrunner.testing.reading import read_suite  # few folders have any

    for path in tests:
        its = read_suite(path)
        yield from (each for each in its.diagnostics if each.location.path == its.path)


def _check_branches(loaded: Loaded) -> tuple[list[Diagnostic], list[str]]:
    """What is wrong in a flow's branches, examples standing in for values; and what could not be checked."""
    from flowrunner.engine import Prepared, moment

    prepared, now = Prepared(loaded), moment(SYSTEM.now())
    every = [
        prepared.render(EXAMPLE_RECIPIENT, given, now, examples=True)[1] for given in prepared.inputs.in_each_language
    ]
    found = [*dict.fromkeys(each for its in every for each in its)]
    lacking = [each.message.partition(" ")[0] for each in found if each.code == "missing-variable"]
    note = f"the branches of {loaded.path} are not checked: give {' and '.join(lacking)} an example"
    return [each for each in found if each.code != "missing-variable"], [note] if lacking else []


def _check_people(
    loaded: Loaded, path: Path, reading: Reading, schedule: "Schedule | None", show: int | None
) -> tuple[list[Diagnostic], int, int]:
    """What is wrong with an audience: the first ``show`` problems; how many people it has; how many more problems."""
    from flowrunner.audience import read_audience
    from flowrunner.campaign import Schedule, Selection, check_unsent
    from flowrunner.engine import moment

    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    audience, found = read_audience(path, inputs=loaded.flow.inputs, reading=reading)
    if audience is None:
        return found, 0, 0
    with audience:
        selection = Selection(schedule=schedule or Schedule(since=SYSTEM.now()), checks_names=True)
        each = found.append if show is None else None
        checked = check_unsent(
            loaded, audience, moment(SYSTEM.now()), selection, clock=SYSTEM, show=show or 0, each=each
        )
    found += [*checked.shown, *checked.odd]
    more = checked.faults + checked.oddities - len(checked.shown) - len(checked.odd)
    return found, checked.rows, more if show else 0
