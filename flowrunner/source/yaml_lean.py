"""PyYAML as who wants only the events of libyaml imports it: most of its cost are two patterns that others need.

They are made once somebody asks for them, by `Reader.NON_PRINTABLE` or `SafeConstructor.timestamp_regexp`.
"""

import re
import sys
from typing import Any

__all__ = ["yaml"]


class _Later:
    """What the class holds in the pattern's place until somebody asks for it; then it holds the pattern."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._pattern = pattern
        self._flags = flags

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner
        self._name = name

    def __get__(self, _instance: object, _owner: type) -> re.Pattern[str]:
        compiled = re.compile(self._pattern, self._flags)
        setattr(self._owner, self._name, compiled)
        return compiled


if "yaml" in sys.modules:
    import yaml
else:
    _re: Any = re
    _compile = re.compile

    def _compile_later(pattern: Any, flags: int = 0) -> Any:
        """What a class of theirs asks for while it is made; others, in whatever thread, get what they ask for."""
        asks = sys._getframe(1).f_locals.get("__module__")  # noqa: SLF001  # only the body of a class has one
        return _Later(pattern, flags) if asks in {"yaml.reader", "yaml.constructor"} else _compile(pattern, flags)

    _re.compile = _compile_later
    try:
        import yaml
    finally:
        _re.compile = _compile
