"""Start-up: what a user waits for before anything happens, as a ratio to a bare interpreter start.

And a page: what a user waits for who wants to look at a long flow, as a ratio to its bare messages.
"""

import compileall
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import flowrunner
from bench.data import write_flows
from bench.rounds import process, table, take_turns

ROUNDS = 15
# Five steps, as the design shows a flow: its expressions are names, a filter and a comparison.
FLOW = Path(__file__).with_name("first.yaml")
# Expressions of every kind.
RICH = Path(__file__).parents[1] / "flows" / "appointment_reminder.yaml"
BOUNDS = {"flowrunner --help": 5.0, "flowrunner validate FLOW": 11.5, "flowrunner preview FLOW": 12.5}


JSON, PAGE, CHAT = (f"preview --format {form}" for form in ("json", "html", "chat"))
PAGE_STEPS = 50
PAGE_TIMES = 3.0
PAGE_BYTES = 400_000


def main() -> bool:
    """Print the tables; answer whether the bounds were kept."""
    program = str(Path(sys.executable).with_name("flowrunner"))
    # As an installed one is; a checkout where Python may not write has none, or old ones.
    compileall.compile_dir(Path(flowrunner.__file__).parent, quiet=1)
    return all([_starts(program), _page(program)])


def _starts(program: str) -> bool:
    figures = take_turns(
        {
            "python -c pass": process(sys.executable, "-c", "pass"),
            "flowrunner --help": process(program, "--help"),
            "flowrunner validate FLOW": process(program, "validate", str(FLOW)),
            "flowrunner preview FLOW": process(program, "preview", str(FLOW)),
            "validate, expressions of every kind": process(program, "validate", str(RICH)),
            "preview, expressions of every kind": process(program, "preview", str(RICH)),
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


def _page(program: str) -> bool:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_flows(folder, 1, PAGE_STEPS)
        (flow,) = folder.iterdir()
        page = folder / "page.html"
        figures = take_turns(
            {
                JSON: process(program, "preview", str(flow), "--format", "json"),
                PAGE: process(program, "preview", str(flow), "--format", "html", "--output", str(page)),
                CHAT: process(program, "preview", str(flow)),
            },
            JSON,
            ROUNDS,
        )
        size = page.stat().st_size
    title = f"preview of {PAGE_STEPS} steps, whole process; the page has {size:,} bytes, at most {PAGE_BYTES:,}"
    print(table(title, figures, {PAGE: f"at most {PAGE_TIMES:g}"}, "ms", 1000))
    return figures[PAGE].ratio <= PAGE_TIMES and size <= PAGE_BYTES
