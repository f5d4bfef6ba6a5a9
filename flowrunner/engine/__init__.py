"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics."""

from flowrunner.engine.inputs import Bound, Given, bind, given_file, given_text
from flowrunner.engine.messages import moment, render

__all__ = ["Bound", "Given", "bind", "given_file", "given_text", "moment", "render"]
