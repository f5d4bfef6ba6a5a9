"""Where ``templates.json`` is: beside the flow, or in a folder above it, up to the repository's root."""

import os
from pathlib import Path
from typing import Final

NAME: Final = "templates.json"


def find_above(folder: Path, name: str = NAME) -> Path | None:
    """The file of that name in a folder or the nearest one above it, as one would name it from here; None for none.

    The root of a repository (it has ``.git``) and the home folder are searched last.
    """
    start = folder.absolute()
    for here in (start, *start.parents):
        if (here / name).is_file():
            found = here / name
            return found if folder.is_absolute() else Path(os.path.relpath(found))
        if (here / ".git").exists() or here == Path.home():
            return None
    return None
