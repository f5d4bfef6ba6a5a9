"""The clock of flowrunner's tests of flows, which its own tests go by, too."""

from flowrunner.testing.virtual import VirtualClock

__all__ = ["VirtualClock"]
