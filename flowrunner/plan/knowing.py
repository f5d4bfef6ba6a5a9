"""A plan is known from a flow by how its file begins; whoever only asks that waits for nothing of the rest."""

from pathlib import Path
from typing import Final

MARK: Final = "flowrunner_plan"
"""The first key of the file's first line; its value is the version."""


def is_plan(path: Path) -> bool:
    """Whether a file says that it is a plan; a file that cannot be read is none."""
    mark = f'{{"{MARK}":'.encode()
    try:
        with path.open("rb") as file:
            return file.read(len(mark)) == mark
    except OSError:
        return False
