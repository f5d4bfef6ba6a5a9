"""Two versions of flows -> what a customer will see differently."""

from flowrunner.diff.flows import compare
from flowrunner.diff.people import People, unknown_values
from flowrunner.diff.sides import Side, SideError, read_side
from flowrunner.diff.steps import compare_actions

__all__ = ["People", "Side", "SideError", "compare", "compare_actions", "read_side", "unknown_values"]
