"""Which files are meant when files and folders are named."""

import os
from collections.abc import Iterable
from pathlib import Path

from flowrunner.diagnostics import Diagnostic, Location

_SKIPPED = frozenset(["node_modules", "__pycache__", "venv"])


def find_flows(paths: Iterable[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The flow files among ``paths``: a file as it is named, a folder as every ``*.yaml`` and ``*.yml`` below it.

    Hidden folders and those of other tools are passed over. Each file comes once, folders' files sorted by name.

    Returns:
        The files; and a Diagnostic for each path that does not exist or holds none.
    """
    found: dict[Path, Path] = {}
    diagnostics: list[Diagnostic] = []
    for path in paths:
        if not path.is_dir():
            found.setdefault(path.absolute(), path)  # one that does not exist is reported by its reader
            continue
        inside = list(_below(path))
        for file in inside:
            found.setdefault(file.absolute(), file)
        if not inside:
            message = "the folder holds no *.yaml or *.yml file"
            diagnostics.append(
                Diagnostic("no-flows", message, Location(str(path)), hint="name a folder with flow files")
            )
    return list(found.values()), diagnostics


def _below(folder: Path) -> Iterable[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(here) / name
