"""Which files are meant when files and folders are named."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Final

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.flow.translations.files import flow_of

TESTS: Final = (".test.yaml", ".test.yml")
"""How the name of a file ends that holds tests of a flow."""
_SKIPPED = frozenset(["node_modules", "__pycache__", "venv"])


def find_flows(paths: Iterable[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The flow files among ``paths``: a file as it is named, a folder as every ``*.yaml`` and ``*.yml`` below it.

    For a translation its flow is taken, which is read with it.

    Hidden folders and those of other tools are passed over. Each file comes once, folders' files sorted by name.

    Returns:
        The files; and a Diagnostic for each path that does not exist or holds none.
    """
    found: dict[Path, Path] = {}
    diagnostics: list[Diagnostic] = []
    for path in paths:
        if not path.is_dir():
            flow = flow_of(path) or path  # one that does not exist is reported by its reader
            found.setdefault(flow.absolute(), flow)
            continue
        inside = list(below(path, holds_flow))
        for file in inside:
            if flow_of(file) is None:
                found.setdefault(file.absolute(), file)
        if not inside:
            message = "the folder does not have any *.yaml or *.yml file"
            diagnostics.append(
                Diagnostic("no-flows", message, Location(str(path)), hint="name a folder with flow files")
            )
    return list(found.values()), diagnostics


def is_test(path: PurePath) -> bool:
    """Whether a file holds tests of a flow, by its name."""
    return path.name.endswith(TESTS) and not path.name.startswith(".")


def holds_flow(path: PurePath) -> bool:
    """Whether a file is taken for a flow when a folder is named that it stands in; ``path`` begins at that folder."""
    is_flow = path.suffix in {".yaml", ".yml"} and not path.name.startswith(".") and not is_test(path)
    return is_flow and all(map(_is_searched, path.parts[:-1]))


def below(folder: Path, wanted: Callable[[PurePath], bool]) -> Iterable[Path]:
    """The files below a folder that are ``wanted`` by their names, sorted; folders of other tools are passed over."""
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(filter(_is_searched, folders))
        for name in sorted(files):
            if wanted(PurePath(name)):
                yield Path(here) / name


def _is_searched(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _SKIPPED
