"""Diagnostics as GitHub's annotations."""

from collections.abc import Sequence

from flowrunner.diagnostics import Diagnostic
from flowrunner.views.problems.text import in_sentences, is_file
from flowrunner.views.visible import visible


def as_github(diagnostics: Sequence[Diagnostic]) -> str:
    """One workflow command a diagnostic, which GitHub shows at its line of a pull request.

    The form and its escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    return "\n".join(_command(diagnostic) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic) -> str:
    place = diagnostic.location
    properties: dict[str, str | int] = {}
    if is_file(place):
        properties["file"] = place.path
    if is_file(place) and place.line:
        properties |= {"line": place.line, "endLine": max(place.end_line, place.line)}
        # GitHub takes columns only where a place begins and ends on one line.
        if place.end_line == place.line:
            properties |= {"col": place.column, "endColumn": place.end_column}
    properties["title"] = diagnostic.code
    joined = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    said = in_sentences(diagnostic)
    return f"::{diagnostic.severity} {joined}::{_data(said if is_file(place) else f'{place}: {said}')}"


def _data(text: str) -> str:
    return visible(text, keep="\r\n").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
