"""What ends a use case before it has begun: the author's work is wrong, or something else is in the way."""

from collections.abc import Iterable

from flowrunner.diagnostics import Diagnostic


class FlowError(Exception):
    """A flow, or a value for it, is wrong. Nothing was sent.

    Attributes:
        diagnostics: Every problem, with its place and remedy.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        first = next((each for each in self.diagnostics if each.is_error), None)
        super().__init__(f"{first.location}: {first.message}" if first else "the flow is wrong")


class RefusedError(Exception):
    """What was asked for cannot be done, and no flow is at fault.

    Attributes:
        message: What is in the way.
        hint: What to do; empty where nobody knows.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}: {hint}" if hint else message)
        self.message, self.hint = message, hint
