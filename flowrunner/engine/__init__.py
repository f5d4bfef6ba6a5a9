"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics; and what comes next."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowrunner.engine.inputs import Bound, Given, bind, given_file, given_text
    from flowrunner.engine.messages import moment, render

__all__ = ["Bound", "Given", "bind", "given_file", "given_text", "moment", "render"]


def __getattr__(name: str) -> object:
    """Who only reads what became of runs needs nothing that renders."""
    if name not in __all__:
        raise AttributeError(name)
    file = "messages" if name in ("moment", "render") else "inputs"
    return getattr(import_module(f"flowrunner.engine.{file}"), name)
