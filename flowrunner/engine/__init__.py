"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics."""

from collections.abc import Callable, Mapping

from flowrunner.diagnostics import Diagnostic
from flowrunner.engine.inputs import Bound, Given, given_file, given_text
from flowrunner.engine.render import Prepared, Scope, StepProblems, moment
from flowrunner.flow import Loaded
from flowrunner.model import Recipient, Rendering

__all__ = [
    "Bound",
    "Given",
    "Prepared",
    "Scope",
    "StepProblems",
    "bind",
    "given_file",
    "given_text",
    "moment",
    "render",
]


def bind(
    loaded: Loaded,
    given: Mapping[str, Given],
    *,
    examples: bool,
    lacking: Callable[[str], Diagnostic] | None = None,
) -> tuple[Bound | None, list[Diagnostic]]:
    """As `Prepared.inputs`, for one time."""
    return Prepared(loaded).inputs(given, examples=examples, lacking=lacking)


def render(loaded: Loaded, recipient: Recipient, bound: Bound, now: str) -> tuple[Rendering | None, list[Diagnostic]]:
    """As `Prepared.render`, for one time."""
    return Prepared(loaded).render(recipient, bound, now)
