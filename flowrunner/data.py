"""Where the schemas and the example flows stand: inside the package when it was built, beside it in a checkout."""

from pathlib import Path
from typing import Literal

_HERE = Path(__file__).parent


def folder(name: Literal["schemas", "flows"]) -> Path:
    """The folder of that name."""
    built = _HERE / name
    return built if built.is_dir() else _HERE.parent / name
