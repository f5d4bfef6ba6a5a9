"""A worker as a process of its own, that writes what it is given and what it has carried out into a file."""

import asyncio
import json
import os
import signal
import sys
from typing import NamedTuple

from flowrunner.clock import SYSTEM
from flowrunner.cluster import Unit
from flowrunner.cluster.opening import open_executor
from flowrunner.journal.places import DatabaseUrl


class Entry(NamedTuple):
    """One line: who began or ended which unit."""

    worker: str
    what: str
    unit: str


async def work(place: str, log: int, name: str, lease: float, seconds: float) -> None:
    """Carry out each unit by waiting, three at a time, until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    def told(what: str, unit: str) -> None:
        os.write(log, (json.dumps([name, what, unit]) + "\n").encode())

    async def carry_out(unit: Unit) -> Unit | None:
        told("begun", unit.id)
        await asyncio.sleep(seconds)
        told("ended", unit.id)
        return None

    async with open_executor(DatabaseUrl(place), SYSTEM, lease=lease) as executor:
        told("there", "")
        await executor.work(carry_out, stop, 3)
    told("gone", "")


if __name__ == "__main__":
    _, place, log, name, lease, seconds = sys.argv
    file = os.open(log, os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    asyncio.run(work(place, file, name, float(lease), float(seconds)))
