"""Paths -> flows and diagnostics. The only reader of flow files."""

from flowrunner.flow.flows import Field, Loaded, load_file, load_text
from flowrunner.flow.folders import find_flows, holds_flow

__all__ = ["Field", "Loaded", "find_flows", "holds_flow", "load_file", "load_text"]
