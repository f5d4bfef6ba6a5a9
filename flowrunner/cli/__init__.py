"""Options in, exit code out. Each command parses, calls one function and turns its result into an exit code."""

from flowrunner.cli.group import main

__all__ = ["main"]
