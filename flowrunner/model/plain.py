"""What JSON can hold, as Python has it."""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

Json = Any
"""Plain data: dict, list, str, int, float, bool or None."""

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""The object without a key."""

compact: Final[Callable[[Json], str]] = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":")
).encode
"""A value as JSON text without spaces."""
