"""Expressions: what stands between braces in a flow, and in ``when``. The only room that knows Jinja.

Importing the package is cheap; Jinja is imported when the first expression is read.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flowrunner.expressions.errors import ExpressionError, Known

if TYPE_CHECKING:
    from jinja2.runtime import Context

    from flowrunner.expressions.compiled import Expression

__all__ = ["ExpressionError", "Known", "Names", "expression", "holds_expression"]


class Names(dict[str, Any]):
    """Values by name that many expressions read: what Jinja needs of them is made once. Nobody changes them.

    Attributes:
        context: What Jinja needs, once it was made.
    """

    context: "Context | None" = None


def holds_expression(text: str) -> bool:
    """Whether a text has anything to evaluate."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


@lru_cache(maxsize=4096)
def expression(text: str, *, bare: bool = False) -> "Expression":
    """The text, parsed; a text that stands in many places is parsed once."""
    from flowrunner.expressions.compiled import Expression

    return Expression(text, bare=bare)
