"""A whole campaign as a user runs it, 100 people at a time, against an API that takes 50 ms for each message.

So many in flight allow 2,000 messages a second. What is counted is all of it from the first check to the last message
that is in the journal, by this process alone, beside bare sockets that do nothing else.
"""

import asyncio
import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import flowrunner
from bench.rounds import table, take_turns
from bench.send import BARE, sent_bare
from bench.servers import served, taker
from flowrunner.app.campaigns.send import run_campaign_async
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import Limits
from flowrunner.cli import collect_seldom
from flowrunner.delivery import Rate

AT_ONCE = 100
SECONDS = 0.05
PEOPLE, STEPS = 1_000, 10
AT_LEAST = 1_700
ROUNDS = 3
WHOLE = "a campaign, journal on"
_FIRST = "  - message: {message_type: template, template_name: hi, template_language: en}\n    until: accepted\n"
_FLOW = f"name: ten\nsteps:\n{_FIRST}" + "".join(f"  - message: Message {number}\n" for number in range(2, STEPS + 1))


def main() -> bool:
    """Print the table; answer whether the bound was kept."""
    collect_seldom()
    cpu: list[float] = []
    with served(taker, SECONDS) as url:
        candidates = {BARE: partial(sent_bare, url, AT_ONCE, 4_000), WHOLE: partial(_campaign, url, cpu)}
        figures = take_turns(candidates, BARE, ROUNDS)
    title = f"{PEOPLE:,} people, {STEPS} messages each, {AT_ONCE} in flight, each answered after {SECONDS * 1000:g} ms"
    print(table(title, figures, {WHOLE: f"at least {AT_LEAST:,}"}, "messages/s", 1))
    print(f"  (µs of this process's CPU a message: {sorted(cpu)[len(cpu) // 2] * 1e6:.0f})\n")
    return figures[WHOLE].median >= AT_LEAST


def _campaign(url: str, cpu: list[float]) -> float:
    """Messages a second of a whole campaign."""
    with TemporaryDirectory() as folder:
        flow, people = Path(folder, "ten.yaml"), Path(folder, "people.csv")
        flow.write_text(_FLOW, encoding="utf-8")
        people.write_text("conversation\n" + "".join(f"c{number}\n" for number in range(PEOPLE)), encoding="utf-8")
        sender = Sender("bench-key-0000", url, Rate(1_000_000, 1.0))
        begun, used = time.perf_counter(), time.process_time()
        result = asyncio.run(
            run_campaign_async(
                flowrunner.load(flow), people, sender, journal=Path(folder, "journal.db"), confirm=lambda _: True,
                limits=Limits(window=AT_ONCE),
            )
        )  # fmt: skip
        taken, used = time.perf_counter() - begun, time.process_time() - used
    assert result.states == {"finished": PEOPLE}, result.states  # noqa: S101  # else the figure is of something else
    cpu.append(used / (PEOPLE * STEPS))
    return PEOPLE * STEPS / taken
