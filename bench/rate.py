"""How much of a rate limit a long run uses, and how often it is refused for going too fast."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.data import rendered, source, texts
from bench.servers import emulator, served
from flowrunner.client import open_client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace, Rate, begin, deliver, new_run
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Event, EventKind, Rendering

AT_LEAST = 0.95
MOST_REFUSED = 1.0


@dataclass(frozen=True, slots=True)
class _Case:
    """A limit, and how much is sent under it."""

    limit: str
    conversations: int
    steps: int


# Real windows of 60 s and of 1 s, nothing is scaled: three whole bursts of the one, 25 of the other.
CASES = (_Case("100/min", 20, 15), _Case("80/s", 100, 20))


@dataclass(slots=True)
class _Seen:
    taken: list[float] = field(default_factory=list)
    refused: int = 0


def main() -> bool:
    """Print the table; answer whether the bounds were kept."""
    print("the share of a rate limit that a long run uses, on real windows of the emulator's")
    print(f"  {'limit':10} {'messages':>9} {'seconds':>8} {'used':>7} {'bound':>13} {'429 a minute':>13} {'bound':>10}")
    kept = [_measure(case) for case in CASES]
    print("  (used: what was taken after the first window's worth, of what the time since the first message allows)\n")
    return all(kept)


def _measure(case: _Case) -> bool:
    rate = Rate.parse(case.limit)
    flows = rendered(texts(case.steps), case.conversations)
    with served(emulator, case.conversations, rate.count, rate.seconds) as url, TemporaryDirectory() as temporary:
        seen = asyncio.run(_send(flows, url, Path(temporary) / "journal.db", rate))
    seconds = max(seen.taken) - min(seen.taken)
    used = (len(seen.taken) - rate.count) / (rate.count * seconds / rate.seconds)
    refused = seen.refused / max(seconds / 60, 1)
    print(
        f"  {case.limit:10} {len(seen.taken):>9} {seconds:>8.1f} {used:>7.1%} {f'at least {AT_LEAST:.0%}':>13}"
        f" {refused:>13.2f} {f'at most {MOST_REFUSED:g}':>10}"
    )
    return used >= AT_LEAST and refused <= MOST_REFUSED and len(seen.taken) == case.conversations * case.steps


async def _send(flows: Sequence[Rendering], url: str, path: Path, rate: Rate) -> _Seen:
    seen = _Seen()
    pace = Pace(rate, rate.seconds, clock=SYSTEM)
    stop = asyncio.Event()
    transport = open_client(url, "bench", clock=SYSTEM)

    async def one(rendering: Rendering, journal: Journal) -> None:
        recipient = rendering.recipient
        run = new_run(rendering.flow, recipient, {}, rendering.now, url, clock=SYSTEM)
        await begin(run, journal, clock=SYSTEM)
        async for event in deliver(run, *source(rendering), transport, journal, stop=stop, pace=pace, max_wait=300.0):
            _count(event, seen)

    async with open_journal(path, clock=SYSTEM) as journal:
        await asyncio.gather(*(one(each, journal) for each in flows))
        await transport.aclose()
    return seen


def _count(event: Event, seen: _Seen) -> None:
    if event.kind is EventKind.ACCEPTED:
        seen.taken.append(time.monotonic())
    elif event.kind is EventKind.RETRYING and event.detail.get("status") == 429:
        seen.refused += 1
