"""Reading what an API wrote: JSON that may be none, sentences and codes wherever they stand, moments in any form."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from flowrunner.model import Json

MASK: Final = "***"
"""What stands where the API key stood."""
_LONGEST: Final = 300
_LATEST: Final = 1e11  # so many seconds are over in the year 5138
_DEEPEST: Final = 8
_SENTENCES: Final = ("error", "title", "message", "error_message", "detail", "details", "error_data", "errors")


_decode: Final = json.JSONDecoder(parse_constant=lambda _: None).decode


def parsed(text: str) -> Json:
    """The JSON value in ``text``, or None where there is none. NaN and halves of characters are not taken over."""
    try:
        value = _decode(text)
        return _whole(value) if re.search(r"\\u[dD][89a-fA-F]", text) else value
    except (ValueError, RecursionError):  # nested too deep to read is not JSON that an API writes
        return None


def _whole(value: Json) -> Json:
    """A value whose texts can be written as UTF-8: half of a surrogate pair becomes U+FFFD."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, Mapping):
        return {_whole(name): _whole(item) for name, item in value.items()}
    return value


def plain(text: str) -> str:
    """``text`` on one line, without control characters, cut to a readable length."""
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def sentences(data: Json) -> str:
    """Every sentence of an error body in one line, the most general first, none of them twice."""
    kept: list[str] = []
    for word in _words(data):
        if word and not any(word in other for other in kept):
            kept.append(word)
    return plain(": ".join(kept))


def _words(data: Json, deep: int = _DEEPEST) -> Iterator[str]:
    if isinstance(data, str):
        yield data.strip()
    elif isinstance(data, list) and deep:
        for item in data:
            yield from _words(item, deep - 1)
    elif isinstance(data, Mapping) and deep:
        for name in _SENTENCES:
            yield from _words(data.get(name), deep - 1)
        errors = data.get("errors")
        if isinstance(errors, Mapping):  # Rails: {"errors": {"content": ["can't be blank"]}}
            for name in (name for name in errors if name not in _SENTENCES):
                yield from (f"{name} {word}" for word in _words(errors[name], deep - 1))


def codes(data: Json, deep: int = _DEEPEST) -> Iterator[str]:
    """Every code of an error body, that of the innermost error first."""
    if isinstance(data, list) and deep:
        for item in data:
            yield from codes(item, deep - 1)
    elif isinstance(data, Mapping) and deep:
        yield from codes(data.get("error"), deep - 1)
        yield from codes(data.get("errors"), deep - 1)
        code = data.get("code")
        if isinstance(code, str) and code.strip():
            yield code.strip()
        elif isinstance(code, int) and not isinstance(code, bool):
            yield str(code)


def epoch(value: Json) -> float:
    """Seconds since the epoch, from ISO 8601 or a number of them, of milliseconds, or of less; 0.0 where it is none."""
    try:
        if isinstance(value, str) and not re.fullmatch(r"[0-9]{9,19}(\.[0-9]+)?", value):
            date = datetime.fromisoformat(value)
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return next((number / part for part in (1, 1e3, 1e6, 1e9) if 0 < number / part < _LATEST), 0.0)


def text_of(data: Mapping[str, Json], name: str) -> str:
    """What stands under a name, as text: a number is one, too; empty where it is anything else."""
    value = data.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def id_of(data: Mapping[str, Json], name: str) -> str:
    """An id; empty where there is none, or none that can be kept: too long, not plain ASCII, or with the key in it."""
    value = text_of(data, name)
    return value if re.fullmatch(r"[\x21-\x7e]{1,512}", value) and MASK not in value else ""
