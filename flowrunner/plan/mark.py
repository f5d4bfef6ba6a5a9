"""How a plan's file is told from a flow's."""

from pathlib import Path
from typing import Final

VERSIONS: Final = (1, 2)
"""What is read, and written: 2 where the flow includes other files."""
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
