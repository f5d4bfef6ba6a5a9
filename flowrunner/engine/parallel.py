"""The same work on many chunks, on all cores of the machine."""

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, TypeVar

from flowrunner.clock import SYSTEM, Clock

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_AHEAD = 3  # chunks waiting for each core: enough that none is idle, few enough for the memory

_work: Callable[[Any], Any] | None = None  # a worker's own, taken along when it was forked


def over_cores(
    chunks: Iterable[Chunk],
    work: Callable[[Chunk], Result],
    *,
    after: float = 1.0,
    cores: int | None = None,
    clock: Clock,
) -> Iterator[Result]:
    """The result for each chunk, in order, computed as they are asked for.

    The first ``after`` seconds of work are done here. What is left then goes to one forked process for each core, if
    there are several, the platform is Linux and no other thread runs: only then is forking safe, and starting a fresh
    Python instead would run the caller's script again. Chunks are taken a few ahead, so they may be endless.

    Args:
        chunks: What can be pickled. One should be some tenths of a second of work.
        work: A function without side effects. It is not pickled and may hold what it likes; its results are pickled.
        after: Seconds.
        clock: What ``after`` is counted by.
        cores: How many processes; all cores that this process may use, when it is None.

    Raises:
        Exception: What ``work`` raises for a chunk is raised in that chunk's place.
        BrokenProcessPool: A process was killed.
    """
    waiting = iter(chunks)
    begun = clock.monotonic()
    cores = usable_cores() if cores is None else cores
    for chunk in waiting:
        if cores > 1 and clock.monotonic() - begun >= after and _may_fork():
            yield from _forked(chain([chunk], waiting), work, cores)
            return
        yield work(chunk)


def usable_cores() -> int:
    """How many cores this process may use; 1 where it does not fork."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _may_fork() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1


def _forked(chunks: Iterator[Chunk], work: Callable[[Chunk], Result], cores: int) -> Iterator[Result]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing import get_context

    running: deque[Future[Result]] = deque()
    pool = ProcessPoolExecutor(cores, get_context("fork"), initializer=_begin, initargs=(work, os.getpid()))
    try:
        for chunk in chunks:
            running.append(pool.submit(_do, chunk))
            if len(running) >= cores * _AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:  # also when nobody asks for the rest, or Ctrl-C is pressed: no process stays behind
        pool.shutdown(cancel_futures=True)


def _begin(work: Callable[[Any], Any], parent: int) -> None:
    global _work  # noqa: PLW0603  # what a process of its own works with
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends its processes
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # whatever it is to the parent
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _work = work


def _end_with(parent: int) -> None:
    """End this process when its parent was killed: it would wait for work without end."""
    while os.getppid() == parent:
        SYSTEM.block(1)
    os._exit(1)


def _do(chunk: Any) -> Any:
    assert _work is not None  # noqa: S101  # _begin() has run
    return _work(chunk)
