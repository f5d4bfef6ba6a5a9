"""Which files are meant when files and folders are named."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePath

from flowrunner.diagnostics import Diagnostic, Location
from flowrunner.flow.translations.files import flow_of

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
        inside = list(_below(path))
        for file in inside:
            if flow_of(file) is None:
                found.setdefault(file.absolute(), file)
        if not inside:
            message = "the folder does not have any *.yaml or *.yml file"
            diagnostics.append(
                Diagnostic("no-flows", message, Location(str(path)), hint="name a folder with flow files")
            )
    return list(found.values()), diagnostics


def holds_flow(path: PurePath) -> bool:
    """Whether a file is taken for a flow when a folder is named that it stands in; ``path`` begins at that folder."""
    return (
        path.suffix in {".yaml", ".yml"} and not path.name.startswith(".") and all(map(_is_searched, path.parts[:-1]))
    )


def _is_searched(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _SKIPPED


def _below(folder: Path) -> Iterable[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(filter(_is_searched, folders))
        for name in sorted(files):
            if holds_flow(PurePath(name)):
                yield Path(here) / name
