"""Time that passes only when nobody has anything to do: what waits for three days is over in milliseconds."""

import asyncio
import selectors
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Final, Self, TypeVar, TypeVarTuple

from flowrunner.clock import Clock, Stamp

Result = TypeVar("Result")
Given = TypeVarTuple("Given")
_MOMENT: Final = 1e-6
_BEGAN: Final = 1_790_000_000.0


class VirtualClock(Clock):
    """Runs what lives by it, in a loop whose timers, asyncio's own too, are over as soon as nothing else can be done.

    What it runs may use the embedded emulator and the journal, whose threads are waited for; no socket: who is at its
    other end lives by another time. To be entered and left.

    Attributes:
        slept: How long each sleep was to be.
    """

    def __init__(self) -> None:
        self._loop = _Loop()
        self._runner = asyncio.Runner(loop_factory=lambda: self._loop)
        self._began = _BEGAN
        self.slept: list[float] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the loop."""
        self._runner.close()
        self._loop.close()

    def begin(self, at: float) -> None:
        """Begin anew at a moment, in seconds since the epoch, while nothing runs: with the same moment all is alike."""
        self._began, self._loop.passed = at, 0.0
        self.slept.clear()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """As `asyncio.run`; time goes on from one to the next."""
        return self._runner.run(work)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._began + self._loop.passed

    def monotonic(self) -> float:
        """Seconds since it began."""
        return self._loop.passed

    def up(self) -> float:
        """Seconds since its machine started."""
        return 1_000.0 + self._loop.passed

    def stamp(self) -> Stamp:
        """This moment."""
        return Stamp("boot", self.up())

    async def sleep(self, seconds: float, stop: asyncio.Event | None = None) -> bool:
        """Sleep, or wake as soon as a stop is asked for. Returns whether it was."""
        self.slept.append(seconds)
        # Less than a moment would not move this clock at all: who waits so would wait for ever.
        return await super().sleep(max(seconds, _MOMENT) if seconds > 0 else seconds, stop)

    def pass_frozen(self, seconds: float) -> None:
        """Let time pass in which nothing of this process runs, as after SIGSTOP."""
        self._loop.passed += seconds

    def block(self, seconds: float) -> None:
        """Nothing may: time would never pass."""
        raise AssertionError(f"the loop itself was to stand still for {seconds} s")


class _Loop(asyncio.SelectorEventLoop):
    """Sleepers are woken in their order, each when all that could be done before it is done.

    Attributes:
        passed: Seconds.
        outside: How many answers other threads still owe.
    """

    def __init__(self) -> None:
        self.passed, self.outside = 0.0, 0
        super().__init__(_Selector(self))
        # asyncio calls due what is less than its clock's resolution away; a nanosecond is lost in numbers as large as
        # the seconds of half a year, and what is due would wait for ever.
        self._clock_resolution = _MOMENT / 10

    def time(self) -> float:
        return self.passed

    def create_future(self) -> asyncio.Future[Any]:
        future = super().create_future()
        # The journal alone has threads: what it waits for comes from one of them, whatever the time is.
        if sys._getframe(1).f_globals["__name__"].startswith("flowrunner.journal"):  # noqa: SLF001
            self.outside += 1
            future.add_done_callback(self._came)
        return future

    def call_soon_threadsafe(
        self, callback: Callable[[*Given], object], *args: *Given, context: Context | None = None
    ) -> asyncio.Handle:
        # Who is in the loop's own thread need not wake it, which costs three system calls.
        if asyncio._get_running_loop() is self:  # noqa: SLF001  # the documented one raises where there is none
            return self.call_soon(callback, *args, context=context)
        return super().call_soon_threadsafe(callback, *args, context=context)

    def _came(self, _: asyncio.Future[Any]) -> None:
        self.outside -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: _Loop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._loop.outside:
            return super().select(None if timeout != 0 else 0)
        if timeout == 0:
            return []  # there is something to do, and nobody outside of this thread to be heard
        if found := super().select(0):
            return found
        assert timeout is not None, "everybody waits for something that cannot come"  # noqa: S101  # else for ever
        self._loop.passed += timeout
        return []
