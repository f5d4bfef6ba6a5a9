"""Many machines: units of a campaign's work, and whatever gives each to one worker after another."""

from flowrunner.cluster.units import Executor, Unit

__all__ = ["Executor", "Unit"]
