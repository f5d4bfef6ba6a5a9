"""The example flows: those that talk past their reader, and those that listen."""

from pathlib import Path

from flowrunner.flow import load_file
from flowrunner.flow.folders import find_flows

ROOT = Path(__file__).parents[2]
EVERY = find_flows([ROOT / "flows"])[0]
LISTENING = [path for path in EVERY if (flow := load_file(path).flow) is not None and flow.listens]
TALKING = [path for path in EVERY if path not in LISTENING]
