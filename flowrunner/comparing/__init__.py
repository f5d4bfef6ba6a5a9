"""Two versions of flows -> what a customer will see differently."""

from flowrunner.comparing.flows import compare
from flowrunner.comparing.people import People, unknown_values
from flowrunner.comparing.sides import Side, SideError, read_side
from flowrunner.comparing.steps import compare_actions

__all__ = ["People", "Side", "SideError", "compare", "compare_actions", "read_side", "unknown_values"]
