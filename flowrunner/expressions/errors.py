"""What can be said of an expression. Imports nothing heavy, so that whoever reads it pays nothing."""

from typing import NamedTuple

from flowrunner.diagnostics import Problem, Route


class ExpressionError(Exception):
    """An expression is wrong, or cannot be computed with the values at hand.

    Attributes:
        code: The diagnostic's code.
        message: What is wrong, in words for the author.
        hint: The remedy.
        offset: Where in the text, in code points.
        length: How many code points.
        name: The variable that is to blame, if one is known.
    """

    def __init__(self, code: str, message: str, hint: str, offset: int, length: int, name: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
        self.offset, self.length, self.name = offset, length, name

    def at(self, route: Route) -> Problem:
        """The problem of the value at ``route`` in which it stands."""
        return Problem(self.code, self.message, route, self.hint, offset=self.offset, length=self.length)

    def further(self, by: int) -> "ExpressionError":
        """The same, found in a text that begins ``by`` code points further up."""
        return ExpressionError(self.code, self.message, self.hint, self.offset + by, self.length, self.name)


class UnfitError(TypeError):
    """A value cannot be shown, or be what a filter takes; says why, and the remedy."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)


class Known(NamedTuple):
    """What is known of a name that always has a value.

    Attributes:
        what: ``an input``, or what else it is.
        is_text: Its value may be text, and so be empty.
        may_be_null: Its value may be null.
    """

    what: str
    is_text: bool
    may_be_null: bool
