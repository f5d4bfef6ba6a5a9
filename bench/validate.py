"""Checking a thousand flow files, as a ratio to `check-jsonschema` on the same files with the same schema."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.data import STEPS, write_flows
from bench.rounds import process, table, take_turns

FILES = 1000
ROUNDS = 3
PEER = "check-jsonschema"
OURS = "flowrunner validate"
AT_LEAST = 6.0


def main() -> bool:
    """Print the table; answer whether the bound was kept."""
    binaries = Path(sys.executable).parent
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_flows(folder, FILES)
        files = [str(file) for file in sorted(folder.iterdir())]
        schema = folder / "flow.schema"
        schema.write_bytes((Path(__file__).parents[1] / "schemas" / "flow.json").read_bytes())
        figures = take_turns(
            {
                PEER: process(str(binaries / PEER), "--schemafile", str(schema), *files),
                OURS: process(str(binaries / "flowrunner"), "validate", str(folder)),
            },
            PEER,
            ROUNDS,
            warm_up=False,
        )
    times = 1 / figures[OURS].ratio
    title = f"checking {FILES} files of {STEPS} steps, whole process: flowrunner is {times:.1f} times as fast"
    print(table(title, figures, {OURS: f"at most {1 / AT_LEAST:.3f}"}, "ms", 1000))
    return times >= AT_LEAST
