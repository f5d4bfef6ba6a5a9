"""The files that the messages of a flow are sent with: looked at on disk, or known from a bundle."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath

from flowrunner.diagnostics import Problem
from flowrunner.expressions import holds_expression
from flowrunner.flow.steps import walk_file
from flowrunner.model import MessageStep, Step
from flowrunner.model.media import MediaFile, files_named, name_in_bundle


def media_of(
    steps: Iterable[Step], others: Mapping[str, str], folder: Path | None, path: str
) -> tuple[dict[str, str], list[Problem]]:
    """All that goes with a flow's own text, each file as what stands for it in a bundle; and what is wrong with them.

    Args:
        steps: Those of one of its files, in which files are named from the flow's folder.
        others: What is known already.
        folder: Where the files are looked at; None where they are not.
        path: What the flow's own file is called.
    """
    known, problems = dict(others), list[Problem]()
    if folder is None:
        return known, problems
    named = (
        (step, *each)
        for step in walk_file(steps)
        if isinstance(step, MessageStep)
        for each in files_named(step.message)
    )
    for step, route, kind, written in named:
        if not holds_expression(written):  # that it must not is said elsewhere
            found, more = _look(folder, written, kind, path)
            problems += [each._replace(route=(*step.route, step.key, *route)) for each in more]
            if found is not None:
                known[name_in_bundle(written)] = found.pointer
    return known, problems


def _look(folder: Path, written: str, kind: str, path: str) -> tuple[MediaFile | None, list[Problem]]:
    if name_in_bundle(written) == PurePath(path).name:
        return None, [Problem("media-file", f"{written} is the flow itself", hint="name another file")]
    from flowrunner.media.checking import look  # few flows have files

    return look(folder, written, kind)
