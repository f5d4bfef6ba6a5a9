"""The files of tests/conformance/, with what each expects and the messages in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowrunner.source import read
from flowrunner.spec import KINDS, as_typed, kind_of, message_schema

FOLDER = Path(__file__).parents[1] / "conformance"
PATHS = sorted(FOLDER.glob("*/*/*.yaml"))
FOLDERS = sorted({path.parent for path in PATHS})
"""Of each kind the valid ones and the invalid."""
_EXPECT = "# expect: "


def expected(path: Path) -> list[str]:
    """What the first lines of a case expect: ``line:column code``, or ``line:column warning code``."""
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return [line.removeprefix(_EXPECT) for line in lines if line.startswith(_EXPECT)]


def expected_codes(path: Path) -> set[str]:
    """The codes among what a case expects."""
    return {each.split()[-1] for each in expected(path)}


def messages(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Kind and body of every message of a case, as the message spec types it; expressions stay as written."""
    document, _ = read(path.read_bytes(), str(path))
    data = document.data if document is not None and isinstance(document.data, Mapping) else {}
    steps = data.get("steps")
    for step in steps if isinstance(steps, list) else ():
        written = step.get("message") if isinstance(step, Mapping) else None
        body = {"content": written} if isinstance(written, str) else written
        if not isinstance(body, Mapping):
            continue
        kind = kind_of({key: str(body[key]) for key in ("message_type", "interactive_type") if key in body})
        if kind in KINDS:
            yield kind, as_typed(body, message_schema(kind))
