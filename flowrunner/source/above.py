"""Files that are looked for from a flow's folder upwards."""

import os
from pathlib import Path
from stat import S_ISVTX, S_IWOTH


def find_above(name: str, *near: Path) -> Path | None:
    """The file of that name that is nearest to the first of these places which has one; None where none has.

    From each place it is looked for upwards, as far as the root of a repository or the home folder. A folder that
    everybody may write to, such as ``/tmp``, is not looked into from below: somebody else could put a file there.
    """
    for each in near:
        start = each.resolve()
        start = start if start.is_dir() else start.parent
        home = Path(os.path.expanduser("~"))  # noqa: PTH111  # where there is none, it says so by itself
        for folder in (start, *start.parents):
            if folder != start and _is_shared(folder):
                break
            if os.path.isfile(folder / name):  # noqa: PTH113  # what cannot be looked at is not there
                return folder / name
            if folder == home or os.path.lexists(folder / ".git"):
                break
    return None


def _is_shared(folder: Path) -> bool:
    try:
        mode = folder.stat().st_mode
    except OSError:
        return True
    return bool(mode & S_ISVTX and mode & S_IWOTH)
