"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics; and what comes next."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrunner.engine.render import Prepared
    from flowrunner.engine.rendering.scope import Scope, StepProblems
    from flowrunner.engine.values.given import Given
    from flowrunner.engine.values.inputs import Bound, given_file, given_text
    from flowrunner.engine.values.moments import moment

__all__ = ["Bound", "Given", "Prepared", "Scope", "StepProblems", "given_file", "given_text", "moment"]

_FILES = {
    "Bound": "values.inputs",
    "Given": "values.given",
    "given_file": "values.inputs",
    "given_text": "values.inputs",
    "moment": "values.moments",
}
"""Where a name lives that is not the renderer's."""


def __getattr__(name: str) -> object:
    """Who only reads what became of runs needs nothing that renders."""
    if name not in __all__:
        raise AttributeError(name)
    file = _FILES.get(name, "render")
    return getattr(import_module(f"flowrunner.engine.{file}"), name)
