"""Which ``flowrunner.toml`` is meant: looked for from a flow's folder upwards."""

import os
from pathlib import Path
from stat import S_ISVTX, S_IWOTH
from typing import Final

NAME: Final = "flowrunner.toml"
"""What the file is called where it is looked for."""


def find_config(*near: Path) -> Path | None:
    """The ``flowrunner.toml`` that is nearest to the first of these places which has one; None where none has.

    From each place it is looked for upwards, as far as the root of a repository or the home folder. A folder that
    everybody may write to, such as ``/tmp``, is not looked into from below: somebody else could name there where a key
    is sent.
    """
    for each in near:
        start = each.resolve()
        start = start if start.is_dir() else start.parent
        home = Path(os.path.expanduser("~"))  # noqa: PTH111  # where there is none, it says so by itself
        for folder in (start, *start.parents):
            if folder != start and _is_shared(folder):
                break
            if os.path.isfile(folder / NAME):  # noqa: PTH113  # what cannot be looked at is not there
                return folder / NAME
            if folder == home or os.path.lexists(folder / ".git"):
                break
    return None


def _is_shared(folder: Path) -> bool:
    try:
        mode = folder.stat().st_mode
    except OSError:
        return True
    return bool(mode & S_ISVTX and mode & S_IWOTH)
