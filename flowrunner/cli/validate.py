"""``flowrunner validate``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowrunner.cli.console import DONE, WRONG_INPUT, colour, links, read_input, say
from flowrunner.diagnostics import Diagnostic

if TYPE_CHECKING:
    from flowrunner.loading import Loaded

_SHOWN = 20
"""Problems of an audience that are shown as text: nobody reads a hundred thousand."""
FORMATS = ("text", "json", "github", "sarif", "junit")


@click.command(help="Check flow files: PATH is a file, a folder (every *.yaml below it) or - for standard input.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option("--audience", type=click.Path(path_type=Path), metavar="FILE", help="Check everybody in it, too.")
@click.option("--region", default="", metavar="CC", help="Country of phone numbers written without one, as MX.")
def validate(paths: tuple[str, ...], form: str, strict: bool, audience: Path | None, region: str) -> int:
    """Check everything that can be checked before any value is known; with an audience, its values too."""
    from flowrunner.loading import find_flows, load_file, load_text

    files, diagnostics = find_flows(Path(path) for path in paths if path != "-")
    flows = [load_text(read_input(), "<stdin>")] if "-" in paths else []
    flows += map(load_file, files)
    people = more = 0
    for loaded in flows:
        diagnostics += loaded.diagnostics
        if audience is not None and loaded.flow is not None:
            found, people, hidden = _check_people(loaded, audience, region, _SHOWN if form == "text" else None)
            diagnostics += found
            more += hidden
    checked = [*(loaded.path for loaded in flows), *([] if audience is None else [str(audience)])]
    if text := _drawn(form, diagnostics, checked, people):
        say(text)
    if more:
        say(f"and {more:,} more in {audience}; --format json shows them all")
    if form == "text" and (people or not diagnostics):
        say(f"{_checked(len(flows), people)}{'' if diagnostics else ', no problems'}")
    return WRONG_INPUT if any(each.is_error or strict for each in diagnostics) else DONE


def _check_people(loaded: "Loaded", path: Path, region: str, show: int | None) -> tuple[list[Diagnostic], int, int]:
    """What is wrong with an audience: the first ``show`` problems; how many people it has; how many more problems."""
    from flowrunner.audience import read_audience
    from flowrunner.campaign import Wish, check_audience
    from flowrunner.rendering import moment

    assert loaded.flow is not None  # noqa: S101  # the caller has looked
    audience, found = read_audience("-" if str(path) == "-" else path, inputs=loaded.flow.inputs, region=region)
    if audience is None:
        return found, 0, 0
    with audience:
        checked = check_audience(
            loaded, audience, moment(), Wish(), book=None, target="",
            show=show or 0, each=found.append if show is None else None,
        )  # fmt: skip
    return [*found, *checked.shown], checked.rows, checked.faults - len(checked.shown) if show else 0


def _checked(flows: int, people: int) -> str:
    said = f"{flows} {'flow' if flows == 1 else 'flows'}"
    if people:
        said += f" and {people:,} {'person' if people == 1 else 'people'}"
    return f"{said} checked"


def _drawn(form: str, diagnostics: Sequence[Diagnostic], checked: Sequence[str], people: int) -> str:
    if form == "text":
        from flowrunner.views.problems import text

        return text(diagnostics, colour(), links=links())
    from flowrunner.views import formats

    if form == "sarif":
        from flowrunner.codes import rules

        return formats.as_sarif(diagnostics, {code: (rule.what, rule.why) for code, rule in rules().items()})
    if form == "junit":
        return formats.as_junit(diagnostics, checked)
    return formats.as_json(diagnostics, checked, people) if form == "json" else formats.as_github(diagnostics)
