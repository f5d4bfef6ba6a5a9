"""What comes of a test goes from one process to another: what pickle must be told of for that."""

import copyreg
from types import MappingProxyType
from typing import Any

from flowrunner.source import Plain


def learn() -> None:
    """Let this process, and those that it forks, pickle what outcomes hold."""
    copyreg.pickle(MappingProxyType, lambda view: (_viewed, (dict(view),)))
    copyreg.pickle(Plain, lambda typed: (Plain, (str(typed), typed.value)))


def _viewed(data: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """A view of data; the type itself is called what nobody can import it by."""
    return MappingProxyType(data)
