"""The values that an expression compares others with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression


def literals(its: "Expression") -> Iterator[str]:
    """The texts and numbers in an expression, as a person would write them; with each number its neighbours."""
    from flowrunner.expressions.syntax import tokens  # few flows ask

    for token in tokens(its.text, its.is_bare):
        if token.kind == "string":
            yield token.value[1:-1]
        elif token.kind == "integer":
            number = int(token.value.replace("_", ""), 0)
            yield from (str(number), str(number - 1), str(number + 1))
        elif token.kind == "float":
            yield token.value.replace("_", "")
