"""A plan is known from a flow by how its file begins; whoever only asks that waits for nothing of the rest."""

from pathlib import Path
from typing import Final

MARK: Final = "flowrunner_plan"
"""The first key of the file's first line; its value is the version."""
_BEGINNING: Final = f'{{"{MARK}":'
_ENOUGH: Final = 4 * len(_BEGINNING)


def begins_plan(content: bytes) -> bool:
    """Whether a file that begins with this says that it is a plan; also as an editor of Windows saved it anew."""
    start = content[:_ENOUGH]
    return any(start.decode(each, errors="replace").startswith(_BEGINNING) for each in ("utf-8-sig", "utf-16"))


def is_plan(path: Path) -> bool:
    """Whether a file says that it is a plan; one that cannot be read, or is none such as a pipe, does not."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return begins_plan(file.read(_ENOUGH))
    except OSError:
        return False
