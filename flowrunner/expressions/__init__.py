"""Expressions: what stands between braces in a flow, and in ``when``. The only room that knows Jinja.

Importing the package is cheap; Jinja is imported when the first expression is read that is not a simple one.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from flowrunner.expressions.errors import ExpressionError, Habit, Known, UnsureError
from flowrunner.expressions.simple import Simple, recognised

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression

__all__ = ["ExpressionError", "Habit", "Known", "Simple", "UnsureError", "expression", "holds_expression"]


def holds_expression(text: str) -> bool:
    """Whether a text has anything to evaluate."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


@lru_cache(maxsize=4096)
def expression(text: str, *, bare: bool = False) -> "Expression | Simple":
    """The text, parsed; a text that stands in many places is parsed once."""
    simple = recognised(text, bare)
    if simple is not None:
        return simple
    from flowrunner.expressions.compiled import Expression

    return Expression(text, bare=bare)
