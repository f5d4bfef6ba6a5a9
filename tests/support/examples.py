"""The example flows: those that talk past their reader, and those that listen."""

from pathlib import Path

from flowrunner.flow import load_file

ROOT = Path(__file__).parents[2]
EVERY = sorted((ROOT / "flows").glob("*.yaml"))
LISTENING = [path for path in EVERY if (flow := load_file(path).flow) is not None and flow.listens]
TALKING = [path for path in EVERY if path not in LISTENING]
