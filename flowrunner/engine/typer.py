"""The values of very many recipients: typed and checked as `flowrunner.engine.bind` does it, by the shortest way."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from flowrunner.engine.inputs import typed_value
from flowrunner.flow import Loaded
from flowrunner.model import Input, Json
from flowrunner.numbers import WRITTEN, as_written, exact
from flowrunner.source import Plain
from flowrunner.spec import check_value, kinds
from flowrunner.spec.varying import values_check

_AS_IT_IS: Final = frozenset([str, int, float, bool, type(None), *WRITTEN])


class Typer:
    """The inputs of a flow without errors, made ready for many recipients. It keeps nothing of what it was given."""

    def __init__(self, loaded: Loaded) -> None:
        assert loaded.flow is not None, "a Typer needs a flow without errors"  # noqa: S101
        self._inputs = [_Input(each) for each in loaded.flow.inputs.values()]
        self._accepts = values_check({name: each.schema for name, each in loaded.flow.inputs.items()})

    def bind(self, given: Mapping[str, Any]) -> dict[str, Json] | None:
        """A value for each input: what was given, else its default.

        Args:
            given: By the input's name what `flowrunner.engine.Given` has for its value; for a cell of a table that
                is what `flowrunner.source.plain` makes of its text.

        Returns:
            What `flowrunner.engine.bind` gives as `Bound.values`; or None, where that has something to say.
        """
        values: dict[str, Json] = {}
        typed: dict[str, Json] = {}
        for each in self._inputs:
            name = each.name
            if name in given:
                value = each.typed(given[name])
                if not each.can_be_judged(value):
                    return None
                values[name] = value
                typed[name] = exact(value)
            elif each.declared.has_default:
                values[name] = each.declared.default
            else:
                return None
        return values if len(typed) == len(given) and self._accepts(typed) else None


class _Input:
    def __init__(self, declared: Input) -> None:
        self.name, self.declared = declared.name, declared
        wanted = kinds(declared.schema)
        self._is_text = not wanted or "string" in wanted
        self._is_scalar = not wanted or not wanted <= {"array", "object"}

    def typed(self, written: Any) -> Json:
        """As `typed_value` does it."""
        if self._is_scalar:
            kind = type(written)
            if kind is Plain:
                return str(written) if self._is_text else as_written(written.value, str(written))
            if kind in _AS_IT_IS:
                return written
        return typed_value(self.declared, written)

    def can_be_judged(self, value: Json) -> bool:
        """Whether the schema alone may judge the value. A list or an object is judged here, by all there is to say."""
        kind = type(value)
        if kind is str:
            if not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError:  # half of a character
                    return False
            return True
        if kind is float:
            return isfinite(value)
        return kind in {bool, int, *WRITTEN} or value is None or not check_value(self.declared.schema, value)
