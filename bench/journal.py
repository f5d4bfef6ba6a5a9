"""What durability costs: messages a second of 200 conversations at once, with a durable journal and without."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.data import rendered, texts
from bench.rounds import table, take_turns
from bench.servers import served, taker
from flowrunner.client import Transport, open_transport
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate, carry_out, new_run
from flowrunner.journal import Claim, Journal
from flowrunner.journal.sqlite.file import open_file
from flowrunner.model import Event, EventKind, Rendering, Run

CONVERSATIONS = 200
STEPS = 5
SECONDS = 0.05
ROUNDS = 9
AT_LEAST = 0.85
# The bound is the issue's: the same run without durability, which is the same journal without its syncs. What a run
# costs that writes nothing at all stands beside it.
LOOSE, DURABLE, NONE = "journal, synchronous=OFF", "journal, synchronous=FULL", "no journal, events in memory"


class _Memory(Journal):
    """A journal that keeps events in a list: what a run costs without any file."""

    def __init__(self) -> None:
        self._events: list[Event] = []

    def close(self) -> None:
        self._events.clear()

    async def begin(self, run: Run, *, again: bool = False) -> None:
        pass

    def had_elsewhere(self, run: Run) -> bool:  # noqa: ARG002
        return False

    async def append_many(self, events: Sequence[Event], claim: Claim | None = None) -> None:  # noqa: ARG002
        self._events += events

    async def claim(self, conversation: str, owner: str, lease: float = 30.0, *, ended: str = "") -> Claim:  # noqa: ARG002
        return Claim(conversation, owner, 1, SYSTEM.up() + lease)

    async def release(self, claim: Claim) -> None:
        pass

    def events(self, run_id: str) -> list[Event]:  # noqa: ARG002
        return []


def main() -> bool:
    """Print the table; answer whether the bound was kept."""
    flows = rendered(texts(STEPS), CONVERSATIONS)
    # Beside the default journal, not in /tmp, which may be memory and sync for nothing.
    with (
        TemporaryDirectory(dir=".", prefix=".bench-") as temporary,
        served(taker, SECONDS) as url,
        asyncio.Runner() as runner,
    ):
        folder = Path(temporary)
        transport = open_transport(url, "bench")

        def measured(opened: Callable[[Path], Journal]) -> float:
            with closing(opened(folder / f"{time.monotonic_ns()}.db")) as journal:
                return runner.run(_sent(flows, transport, journal))

        figures = take_turns(
            {
                LOOSE: partial(measured, _loose),
                DURABLE: partial(measured, Journal.open),
                NONE: partial(measured, lambda _: _Memory()),
            },
            LOOSE,
            ROUNDS,
        )
        runner.run(transport.aclose())
    title = f"{CONVERSATIONS} conversations of {STEPS} messages at once, each answered after {SECONDS * 1000:g} ms"
    print(table(title, figures, {DURABLE: f"at least {AT_LEAST:g}"}, "messages/s", 1))
    return figures[DURABLE].ratio >= AT_LEAST


def _loose(path: Path) -> Journal:
    file, pen = open_file(path, 10.0, SYSTEM)
    pen.db.execute("PRAGMA synchronous = OFF")
    return Journal(file, SYSTEM, pen)


async def _sent(flows: Sequence[Rendering], transport: Transport, journal: Journal) -> float:
    """Messages a second."""
    pace = Pace(Rate(1_000_000, 1.0))
    stop = asyncio.Event()

    async def one(run: Run, rendering: Rendering) -> bool:
        kinds = [event.kind async for event in carry_out(run, rendering, transport, journal, stop=stop, pace=pace)]
        return kinds[-1] is EventKind.FINISHED

    runs = [new_run(each.flow, each.recipient, {}, each.now, "bench") for each in flows]
    for run in runs:
        await journal.begin(run)
    begun = time.perf_counter()
    ended = await asyncio.gather(*map(one, runs, flows))
    taken = time.perf_counter() - begun
    if not all(ended):
        raise RuntimeError("a run did not reach its end")
    return len(flows) * STEPS / taken
