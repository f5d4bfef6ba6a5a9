"""A test file becomes a `Suite`, or everything that is wrong with it."""

from flowrunner.testing.reading.suites import Read, read_suite, read_text

__all__ = ["Read", "read_suite", "read_text"]
