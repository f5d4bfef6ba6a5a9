"""What an expression can be refused for. Imports nothing, so that whoever catches it pays nothing."""


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


class UnsureError(Exception):
    """The short way does not know this value; the long one has to be asked."""
