"""Numbers that are shown as they were written: 12.00 stays ``12.00`` in a text, and is 12 in arithmetic."""

from typing import Any, Final

from flowrunner.model import Json

_NUMBER: Final = "\0number"
"""The key of what stands for such a number in JSON; no file that people write has it."""


class WrittenInt(int):
    """A whole number that Python would show otherwise than it was written: ``007``, ``+5``."""

    written: str

    def __new__(cls, value: int, written: str) -> "WrittenInt":  # noqa: PYI034
        """Keep ``written`` beside the number."""
        self = super().__new__(cls, value)
        self.written = written
        return self

    def __str__(self) -> str:
        return self.written

    def __getnewargs__(self) -> tuple[int, str]:  # type: ignore[override]  # for pickle
        return int(self), self.written


class WrittenFloat(float):
    """A number that Python would show otherwise than it was written: ``12.00``, ``1e3``."""

    written: str

    def __new__(cls, value: float, written: str) -> "WrittenFloat":  # noqa: PYI034
        """Keep ``written`` beside the number."""
        self = super().__new__(cls, value)
        self.written = written
        return self

    def __str__(self) -> str:
        return self.written

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]  # for pickle
        return float(self), self.written


WRITTEN: Final = frozenset([WrittenInt, WrittenFloat])


def as_written(value: Json, written: str) -> Json:
    """The same number, shown as it was written; anything else is given back as it is."""
    kind = type(value)
    if kind is int:
        return value if str(value) == written else WrittenInt(value, written)
    if kind is float:
        return value if str(value) == written else WrittenFloat(value, written)
    return value


def exact(value: Json) -> Json:
    """The number alone, as JSON and validators know it; anything else is given back as it is."""
    if type(value) is WrittenFloat:
        return float(value)
    return int(value) if type(value) is WrittenInt else value


def as_shown(value: Json) -> str:
    """A value for people to read: text and numbers as they were written, all else as JSON."""
    import json

    if isinstance(value, str) or type(value) in WRITTEN:
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def packed(data: Json) -> Json:
    """The same data with an object in the place of each number that JSON would write otherwise; see `unpacked`."""
    kind = type(data)
    if kind in WRITTEN:
        return {_NUMBER: exact(data), "written": str(data)}
    if kind is list:
        return [packed(each) for each in data]
    if kind is dict:
        return {key: packed(value) for key, value in data.items()}
    return data


def unpacked(data: Json) -> Json:
    """What `packed` was given, from what it gave, though JSON went between."""
    if isinstance(data, list):
        return [unpacked(each) for each in data]
    if not isinstance(data, dict):
        return data
    if _NUMBER in data:
        return as_written(data[_NUMBER], str(data.get("written", "")))
    return {key: unpacked(value) for key, value in data.items()}


def is_number(value: Any) -> bool:
    """Whether it is a number, and not a truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
