"""What a step is rendered with, and what there is to say of it."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.inputs import Given
from flowrunner.expressions import Names
from flowrunner.model import Action, Recipient


class Scope(NamedTuple):
    """What the expressions of a step may read.

    Attributes:
        values: By name: the inputs, what every run gives, and the earlier steps that some expression refers to.
        given: What was given for an input, for those of which that is known.
        recipient: Whom it is for.
        seed: What chance depends on, together with the step: when the run began, and for which conversation.
    """

    values: Names
    given: Mapping[str, Given]
    recipient: Recipient
    seed: str


def with_window(scope: Scope, is_open: bool) -> Scope:
    """The same, with what is known of the recipient's 24 hours: ``conversation.open``."""
    return scope._replace(values=Names(scope.values, conversation={**scope.values["conversation"], "open": is_open}))


class StepProblems(Exception):  # noqa: N818  # warnings, too
    """There is something to say of a step with these values that reading the flow did not say.

    Attributes:
        diagnostics: What there is to say; at least one, in no order.
        action: What became of the step all the same; it may be sent where no diagnostic is an error.
    """

    def __init__(self, diagnostics: list[Diagnostic], action: Action) -> None:
        super().__init__(diagnostics[0].message)
        self.diagnostics, self.action = diagnostics, action
