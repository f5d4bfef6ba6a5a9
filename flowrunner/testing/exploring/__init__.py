"""Exploring a flow without a test file: every branch is gone down once, and what comes of it is told."""

from flowrunner.testing.exploring.explore import explore

__all__ = ["explore"]
