"""Time: what the wall says, and how much of it has passed. Nothing else in flowrunner asks for it, or waits.

The wall's clock may be wrong, and may be set while a message is under way: it is for people. What must last a while is
counted in seconds since this machine started, which no one sets, and which the next process counts on from.
"""

import os
import time
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import asyncio


class Stamp(NamedTuple):
    """A moment, as it can be compared with one of another process.

    Attributes:
        boot: Which start of which machine the seconds are counted from.
        up: The seconds.
    """

    boot: str
    up: float


class Clock:
    """Where moments, spans and sleeps come from; a test has one of its own."""

    def now(self) -> float:
        """Seconds since the epoch, by this machine's clock."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds of this process."""
        return time.monotonic()

    def up(self) -> float:
        """Seconds since this machine started, sleep included, in hundredths; the same for all of its processes.

        Read from the kernel's file: `time.clock_gettime` is what a program that fakes the time puts itself before.
        """
        file = _uptime()
        return time.monotonic() if file is None else float(os.pread(file, 64, 0).split()[0])

    def stamp(self) -> Stamp:
        """This moment."""
        return Stamp(_boot(), self.up())

    def since(self, stamp: Stamp | None) -> float | None:
        """Seconds since then; None where that cannot be known: the machine started again, or it was another one."""
        now = self.stamp()
        # A machine that was put back to an earlier state may be before what it has written since.
        return now.up - stamp.up if stamp is not None and now.boot == stamp.boot and now.up >= stamp.up else None

    async def sleep(self, seconds: float, stop: "asyncio.Event | None" = None) -> bool:
        """Sleep, or wake as soon as a stop is asked for. Returns whether it was."""
        import asyncio  # who only validates needs none of it

        if stop is None:
            await asyncio.sleep(seconds)
            return False
        if seconds > 0 and not stop.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):  # `asyncio.wait_for` makes a task each time
                    await stop.wait()
        return stop.is_set()

    def block(self, seconds: float) -> None:
        """Sleep where no event loop is, and nothing can end it."""
        time.sleep(seconds)


SYSTEM: Final = Clock()
"""This machine's."""


@cache
def _uptime() -> int | None:
    try:
        return os.open("/proc/uptime", os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return None


@cache
def _boot() -> str:
    """Eight signs for this start of this machine; where a system does not tell, for this process alone."""
    try:
        known = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8")
    except OSError:
        known = ""
    if not known or _uptime() is None:
        return os.urandom(4).hex()
    # A container may count from its own start, and a time namespace (Linux 5.6) from anywhere.
    places = [f"{place}={place.readlink()}" for place in map(Path, _PLACES) if place.is_symlink()]
    return sha256("\n".join([known, *places]).encode()).hexdigest()[:8]


_PLACES = ("/proc/self/ns/pid", "/proc/self/ns/time")
