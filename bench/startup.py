"""Start-up: what a user waits for before anything happens, as a ratio to a bare interpreter start."""

import sys
from pathlib import Path

from bench.rounds import process, table, take_turns

ROUNDS = 15
# Five steps, as the design shows a flow: its expressions are names, a filter and a comparison, and need no Jinja.
FLOW = Path(__file__).with_name("first.yaml")
# Expressions of every kind: Jinja is imported, which alone is three starts of the interpreter.
RICH = Path(__file__).parents[1] / "flows" / "appointment_reminder.yaml"
BOUNDS = {"flowrunner --help": 6.0, "flowrunner validate FLOW": 10.0, "flowrunner preview FLOW": 12.0}


def main() -> bool:
    """Print the table; answer whether the bounds were kept."""
    program = str(Path(sys.executable).with_name("flowrunner"))
    figures = take_turns(
        {
            "python -c pass": process(sys.executable, "-c", "pass"),
            "flowrunner --help": process(program, "--help"),
            "flowrunner validate FLOW": process(program, "validate", str(FLOW)),
            "flowrunner preview FLOW": process(program, "preview", str(FLOW)),
            "validate, expressions that need Jinja": process(program, "validate", str(RICH)),
            "preview, expressions that need Jinja": process(program, "preview", str(RICH)),
            "all five declared packages imported": process(
                sys.executable, "-c", "import click, httpx, jinja2, yaml, jsonschema"
            ),
        },
        "python -c pass",
        ROUNDS,
    )
    bounds = {name: f"at most {bound:g}" for name, bound in BOUNDS.items()}
    print(table("start-up, whole process", figures, bounds, "ms", 1000))
    return all(figures[name].ratio <= bound for name, bound in BOUNDS.items())
