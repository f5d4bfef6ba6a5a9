"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics; and what comes next."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrunner.engine.inputs import Bound, Given, given_file, given_text
    from flowrunner.engine.render import Prepared, moment
    from flowrunner.engine.scope import Scope, StepProblems

__all__ = ["Bound", "Given", "Prepared", "Scope", "StepProblems", "given_file", "given_text", "moment"]


def __getattr__(name: str) -> object:
    """Who only reads what became of runs needs nothing that renders."""
    if name not in __all__:
        raise AttributeError(name)
    file = "inputs" if name in ("Bound", "Given", "given_file", "given_text") else "render"
    return getattr(import_module(f"flowrunner.engine.{file}"), name)
