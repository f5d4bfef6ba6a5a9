"""What the program reads of its own: the schemas, and tables that stand beside the code."""

from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def schemas() -> Path:
    """The folder of the schemas: inside the package when it was built, beside it in a checkout."""
    built = _HERE / "schemas"
    return built if built.is_dir() else _HERE.parent / "schemas"


@cache
def table(path: str) -> Any:
    """A JSON or TOML file of the package, read when it is first needed: ``audience/words.json``. Nobody changes it."""
    text = (_HERE / path).read_text(encoding="utf-8")
    if path.endswith(".toml"):
        import tomllib

        return tomllib.loads(text)
    import json

    return json.loads(text)
