"""Expressions: what stands between braces in a flow, and in ``when``. The only room that knows Jinja.

Importing the package is cheap; Jinja is imported when the first expression is read.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from flowrunner.expressions.errors import ExpressionError

if TYPE_CHECKING:
    from flowrunner.expressions.compiled import Expression

__all__ = ["ExpressionError", "expression", "holds_expression"]


def holds_expression(text: str) -> bool:
    """Whether a text has anything to evaluate."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


@lru_cache(maxsize=4096)
def expression(text: str, *, bare: bool = False) -> "Expression":
    """The text, parsed; a text that stands in many places is parsed once."""
    from flowrunner.expressions.compiled import Expression

    return Expression(text, bare=bare)
