"""What the program reads of its own: the schemas and the example flows, and tables that stand beside the code."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

_HERE = Path(__file__).parent


def folder(name: Literal["schemas", "flows"]) -> Path:
    """The folder of that name: inside the package when it was built, beside it in a checkout."""
    built = _HERE / name
    return built if built.is_dir() else _HERE.parent / name


@cache
def table(path: str) -> Any:
    """A JSON or TOML file of the package, read when it is first needed: ``audience/words.json``. Nobody changes it."""
    text = (_HERE / path).read_text(encoding="utf-8")
    if path.endswith(".toml"):
        import tomllib

        return tomllib.loads(text)
    import json

    return json.loads(text)
