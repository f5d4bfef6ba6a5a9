"""Where ``templates.json`` is: beside the flow, or in a folder above it."""

import os
from pathlib import Path
from typing import Final

from flowrunner.source.above import find_above

NAME: Final = "templates.json"


def find_templates(folder: Path) -> Path | None:
    """The file that is nearest to a folder, as one would name it from here; None for none. See `find_above`."""
    found = find_above(NAME, folder)
    return found if found is None or folder.is_absolute() else Path(os.path.relpath(found))
