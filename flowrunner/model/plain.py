"""What JSON can hold, as Python has it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

Json = Any
"""Plain data: dict, list, str, int, float, bool or None."""

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
"""The object without a key."""
