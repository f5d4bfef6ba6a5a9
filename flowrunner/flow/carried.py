"""Which dialects can write all messages of a flow."""

from flowrunner.diagnostics import Diagnostic
from flowrunner.dialects import DIALECTS, Dialect, dialect_of
from flowrunner.flow.flows import Loaded
from flowrunner.flow.steps import walk_flow
from flowrunner.model import MessageStep
from flowrunner.spec.carried import not_carried


def not_in(loaded: Loaded, dialect: str) -> list[Diagnostic]:
    """What one dialect cannot write of a flow; of one with errors, nothing."""
    if loaded.flow is None or loaded.document is None:
        return []
    steps = [step for step in walk_flow(loaded.flow) if isinstance(step, MessageStep)]
    return [
        loaded.document_of(step.address).diagnose(problem.under((*step.route, step.key)))
        for step in steps
        for problem in not_carried(step.message, dialect)
    ]


def dialect_for(loaded: Loaded) -> Dialect:
    """How a flow's messages are written where nothing else is said: what it is for, or the first that has them all."""
    return dialect_of(loaded.dialect or next(iter(carriers(loaded)), DIALECTS[0]))


def carriers(loaded: Loaded) -> tuple[str, ...]:
    """The dialects that can write all of a flow, in the order of `DIALECTS`."""
    return tuple(name for name in DIALECTS if not not_in(loaded, name))
