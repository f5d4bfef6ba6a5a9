"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics; and what comes next."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrunner.engine.given import Given
    from flowrunner.engine.inputs import Bound, given_file, given_text
    from flowrunner.engine.moments import moment
    from flowrunner.engine.render import Prepared
    from flowrunner.engine.scope import Scope, StepProblems

__all__ = ["Bound", "Given", "Prepared", "Scope", "StepProblems", "given_file", "given_text", "moment"]

_FILES = {
    "Bound": "inputs",
    "Given": "given",
    "given_file": "inputs",
    "given_text": "inputs",
    "moment": "moments",
}
"""Where a name lives that is not the renderer's."""


def __getattr__(name: str) -> object:
    """Who only reads what became of runs needs nothing that renders."""
    if name not in __all__:
        raise AttributeError(name)
    file = _FILES.get(name, "render")
    return getattr(import_module(f"flowrunner.engine.{file}"), name)
