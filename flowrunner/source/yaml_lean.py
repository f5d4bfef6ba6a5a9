"""PyYAML as who parses with libyaml imports it: a pattern that only its own parser searches is most of its cost."""

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
        """Others, who compile in other threads meanwhile, get what they ask for."""
        asks = sys._getframe(1).f_globals.get("__name__")  # noqa: SLF001  # what `warnings` and `logging` do, too
        return _Later(pattern, flags) if asks == "yaml.reader" else _compile(pattern, flags)

    _re.compile = _compile_later
    try:
        import yaml
    finally:
        _re.compile = _compile
