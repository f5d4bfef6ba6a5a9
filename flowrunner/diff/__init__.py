"""Two versions of flows -> what a customer will see differently."""

from flowrunner.diff.flows import compare
from flowrunner.diff.recipients import Recipients, unknown_values
from flowrunner.diff.sides import Side, read_side
from flowrunner.diff.steps import compare_actions

__all__ = ["Recipients", "Side", "compare", "compare_actions", "read_side", "unknown_values"]
