"""A whole campaign against a sink that takes everything at once: time and memory for a recipient, by their number.

Its own long form is ``python -m bench.audience 1000 10000 100000 1000000``; a million take half an hour.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from bench.servers import served, taker
from flowrunner.audience import read_audience
from flowrunner.campaign import (
    CampaignDelivery,
    CampaignProgress,
    Channel,
    Limits,
    Selection,
    begin_campaign,
    check_audience,
    new_campaign,
    recipients_of,
)
from flowrunner.client import ApiClock, Receipt, open_client
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Doubts, Pace, Rate, Uploads
from flowrunner.dialects import kapso_v1
from flowrunner.engine import moment
from flowrunner.flow import Loaded, load_text
from flowrunner.journal import Journal, open_journal
from flowrunner.model import Recipient
from flowrunner.model.campaigns import Campaign

if TYPE_CHECKING:
    from flowrunner.client.http import Client

STEPS: Final = 5
SIZES: Final = (1_000, 10_000, 50_000)
MOST_MB: Final = 150.0
WITHIN: Final = 1.3
AT_LEAST: Final = 1_000
_SENT: Final = 1_000
_ROUNDS: Final = 3
_PHASES = ("check", "begin", "send")
_FLOW: Final = """
name: order
inputs: {name: {type: string, minLength: 1, maxLength: 40}, order: {type: string, pattern: "^[0-9]{6}$"}}
steps:
  - message: "Hi {{ name }}, thank you for order {{ order }}!"
  - message: "We pack it today, {{ name }}."
  - message: {message_type: image, media_url: "https://cdn.example.com/{{ order }}.jpg", caption: "Order {{ order }}"}
    until: accepted
  - message: "Write to us if anything is wrong with {{ order }}."
  - message: "See you soon, {{ name | upper }}!"
"""


class Cost(NamedTuple):
    """What one phase cost for a recipient in microseconds, by the clock and of CPU; and the most memory in MB.

    Its own processes are counted in.
    """

    micros: float
    cpu: float
    peak: float


def main(sizes: tuple[int, ...] = SIZES) -> bool:
    """Print the table; answer whether the bounds were kept."""
    found = {size: _measured(size) for size in sizes}
    print(
        f"a campaign of {STEPS} messages to each, journal on, against a sink: µs a recipient by the clock, of CPU; MB"
    )
    print(f"{'recipients':>10}" + "".join(f"{phase:>10}{'CPU':>8}{'MB':>5}" for phase in (*_PHASES, "in all")))
    for size, costs in found.items():
        cells = "".join(f"{each.micros:>10.1f}{each.cpu:>8.1f}{each.peak:>5.0f}" for each in (*costs, _whole(costs)))
        print(f"{size:>10,}{cells}", flush=True)
    wholes = [_whole(costs) for costs in found.values()]
    spreads = [max(column) / min(column) for column in zip(*wholes, strict=True)]
    most = max(each.peak for each in wholes)
    print("  most to least: by the clock {:.2f}, CPU {:.2f}".format(*spreads), f"(at most {WITHIN:g});")
    print(f"  memory at most {most:.0f} MB (at most {MOST_MB:.0f}), {spreads[2]:.2f} times the least\n")
    rates = sorted(_measured(_SENT, "--sent")[0].micros for _ in range(_ROUNDS))
    rate = STEPS * 1e6 / rates[_ROUNDS // 2]
    print(f"{_SENT:,} recipients of such a campaign, 100 in flight, each message answered after 50 ms:")
    print(f"  {rate:,.0f} messages/s, median of {_ROUNDS} (at least {AT_LEAST:,}; 2,000 is all there can be)\n")
    # The clock is another matter where other programs run.
    return most <= MOST_MB and spreads[1] <= WITHIN and rate >= AT_LEAST


def _whole(costs: list[Cost]) -> Cost:
    clocks, cpus, peaks = zip(*costs, strict=True)
    return Cost(sum(clocks), sum(cpus), max(peaks))


def _used() -> float:
    """Seconds of CPU, of this process and those it has ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _measured(size: int, what: str = "--phases") -> list[Cost]:
    """In a process of its own: memory that was used once is not given back."""
    command = [sys.executable, "-m", "bench.audience", what, str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return [Cost(*each) for each in json.loads(done.stdout)]


class _Sink:
    """Takes everything at once."""

    rate: int | None = None
    dialect = kapso_v1
    lists = True

    def __init__(self) -> None:
        self._taken = 0
        self.api_clock = ApiClock()

    async def aclose(self) -> None:
        pass

    async def send(self, recipient: Recipient, wire: str, reference: str = "", quoted: str = "") -> Receipt:  # noqa: ARG002
        self._taken += 1
        await asyncio.sleep(0)
        return Receipt(f"{self._taken:032}")


class _Watch:
    """The most memory of this process and those it has forked, pages they share counted once."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", _WATCHER, str(os.getpid())]
        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def peak(self) -> float:
        """Since it was asked last, in MB."""
        assert self._watcher.stdin is not None and self._watcher.stdout is not None  # noqa: S101, PT018
        self._watcher.stdin.write("\n")
        self._watcher.stdin.flush()
        return float(self._watcher.stdout.readline())

    def close(self) -> None:
        self._watcher.terminate()
        self._watcher.wait()


# A process of its own: a thread here would forbid to fork.
_WATCHER = """
import os, select, sys
root = int(sys.argv[1])
def tree():
    found, more = [], [root]
    while more:
        pid = more.pop()
        if pid == os.getpid():
            continue
        try:
            more += map(int, open(f"/proc/{pid}/task/{pid}/children").read().split())
            found.append(pid)
        except OSError:
            pass
    return found
def memory(pid):
    try:
        return next(int(line.split()[1]) for line in open(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0
peak = 0
while True:
    peak = max(peak, sum(map(memory, tree())))
    if select.select([sys.stdin], [], [], 0.02)[0]:
        if not sys.stdin.readline():
            break
        print(peak / 1024, flush=True)
        peak = 0
"""


def _child(size: int, what: str) -> list[Cost]:
    with TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        people = Path(folder) / "people.csv"
        with people.open("w", encoding="utf-8") as file:
            file.write("conversation,name,order\n")
            file.writelines(f"c{number:08},Ana {number},{number:06}\n" for number in range(size))
        watch = _Watch()
        try:
            if what == "--phases":
                return asyncio.run(_listed(_phases(people, size, watch, "t")))
            with served(taker, 0.05) as url:
                return asyncio.run(_listed(_phases(people, size, watch, url)))[-1:]
        finally:
            watch.close()


async def _listed(costs: AsyncIterator[Cost]) -> list[Cost]:
    return [cost async for cost in costs]


async def _phases(people: Path, size: int, watch: _Watch, target: str) -> AsyncIterator[Cost]:
    begun, used = time.perf_counter(), _used()

    def cost() -> Cost:
        nonlocal begun, used
        before = begun, used
        begun, used = time.perf_counter(), _used()
        return Cost((begun - before[0]) * 1e6 / size, (used - before[1]) * 1e6 / size, watch.peak())

    loaded = load_text(_FLOW, "flow.yaml")
    assert loaded.flow is not None, loaded.diagnostics  # noqa: S101
    audience, problems = read_audience(people, inputs=loaded.flow.inputs)
    assert audience is not None, problems  # noqa: S101
    with audience:
        now = moment(SYSTEM.now())
        async with open_journal(people.with_name("journal.db"), clock=SYSTEM) as book:
            cost()  # what was before does not count
            checked = await check_audience(
                loaded, audience, now, Selection(), journal=book, target=target, clock=SYSTEM
            )
            yield cost()
            campaign = new_campaign(loaded.flow, audience.name, target, now, size, {}, clock=SYSTEM)
            await begin_campaign(campaign, recipients_of(loaded, audience, checked), checked.omissions, book)
            yield cost()
            tally = await _sent(campaign, loaded, book)
            yield cost()
        assert (checked.people, tally.done) == (size, size), (checked.shown, tally)  # noqa: S101


async def _sent(campaign: Campaign, loaded: Loaded, book: Journal) -> CampaignProgress:
    transport = (
        cast("Client", _Sink()) if campaign.target == "t" else open_client(campaign.target, "bench", clock=SYSTEM)
    )
    # No limit that is felt; of a million a span, a million would have to be remembered.
    pace = Pace(Rate(1_000, 0.0001), clock=SYSTEM)
    uploads = Uploads(campaign.bundle, campaign.target, transport, book, pace, 120.0)
    channel = Channel(transport, book, pace, Doubts(), asyncio.Event(), uploads=uploads)
    delivery = CampaignDelivery(campaign, loaded, channel, Limits())
    try:
        async for _ in delivery.events():
            pass
        return delivery.progress
    finally:
        await transport.aclose()


if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        print(json.dumps(_child(int(sys.argv[2]), sys.argv[1])))
    else:
        sys.exit(not main(tuple(map(int, sys.argv[1:]))))
