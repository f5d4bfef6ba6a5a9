"""A flow and a recipient's variables -> exactly the messages that are posted, or diagnostics."""

from flowrunner.rendering.inputs import Bound, Given, bind, given_file, given_text
from flowrunner.rendering.messages import moment, render

__all__ = ["Bound", "Given", "bind", "given_file", "given_text", "moment", "render"]
