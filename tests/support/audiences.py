"""Files of recipients as tests write and read them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowrunner.audience import Audience, read_audience
from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Input, Reading

SCHEMAS: dict[str, dict[str, Any]] = {
    "name": {"type": "string"},
    "plan": {"type": "string"},
    "age": {"type": "integer"},
    "vip": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "free": {},
    "note": {"type": ["string", "null"]},
}
INPUTS = {name: Input(name, schema) for name, schema in SCHEMAS.items()}
ANA, LUIS = "+525512345678", "+525512345679"


def opened(
    path: Path, content: bytes | str, *, inputs: Mapping[str, Input] = INPUTS, region: str = "", **how: Any
) -> tuple[Audience | None, list[Diagnostic]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_audience(path, inputs=inputs, reading=Reading(region, **how))


def rows_of(path: Path, content: bytes | str, **options: Any) -> list[tuple[int, str, dict[str, Any]]]:
    audience, found = opened(path, content, **options)
    assert audience is not None, found
    rows = list(audience)
    assert [row.problem for row in rows if row.problem] == []
    assert list(audience) == rows, "reading twice gives the same"
    return [(row.line, row.recipient.phone or row.recipient.conversation, dict(row.values)) for row in rows]


def said(diagnostic: Diagnostic) -> tuple[str, str]:
    place = diagnostic.location
    return f"{place.line}:{place.column} {diagnostic.code}", diagnostic.message


HEAD = "phone,name,age\n"
