"""Paths -> flows and diagnostics. The only reader of flow files."""

from flowrunner.flow.fields import Field
from flowrunner.flow.flows import Loaded, load_bundle, load_file, load_text
from flowrunner.flow.folders import find_flows, holds_flow
from flowrunner.flow.shape import check_flow_shape

__all__ = ["Field", "Loaded", "check_flow_shape", "find_flows", "holds_flow", "load_bundle", "load_file", "load_text"]
