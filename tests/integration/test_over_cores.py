"""Work over all cores: the same results in the same order, and no process that stays behind."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.engine.parallel import over_cores

ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the work is done in one process")
PROGRAM = """
import os, sys, time
from flowrunner.clock import SYSTEM
from flowrunner.engine.parallel import over_cores
here = os.getpid()
{body}
"""


def program(body: str) -> "subprocess.Popen[str]":
    """A process of its own, for forking is safe only where no other thread runs."""
    text = PROGRAM.format(body=textwrap.dedent(body))
    return subprocess.Popen(
        [sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def said(body: str) -> str:
    process = program(body)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip()


def test_little_work_is_done_here() -> None:
    """No process is started for what takes no time, and chunks are taken one by one."""
    taken = []

    def chunks() -> Iterator[int]:
        for number in range(5):
            taken.append(number)
            yield number

    results = over_cores(chunks(), lambda chunk: (chunk, os.getpid()), cores=2, clock=SYSTEM)
    assert next(results) == (0, os.getpid())
    assert taken == [0]
    assert list(results) == [(number, os.getpid()) for number in range(1, 5)]


def test_beside_other_threads_the_work_is_done_here() -> None:
    """Forking then could copy a lock that nobody opens again."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        assert list(over_cores(range(3), lambda _: os.getpid(), after=0, cores=2, clock=SYSTEM)) == [os.getpid()] * 3
    finally:
        done.set()
        thread.join()


@ONLY_LINUX
def test_results_keep_the_order_of_the_chunks() -> None:
    """The first is done here, the others in two processes; what works may be a closure."""
    body = """
    offset = 100
    def work(chunk):
        time.sleep(0.2 if chunk % 2 else 0)
        return chunk + offset, os.getpid()
    found = list(over_cores(range(12), work, after=0.001, cores=2, clock=SYSTEM))
    print([number - 100 for number, _ in found] == list(range(12)), len({pid for _, pid in found} - {here}))
    """
    assert said(body) == "True 2"


@ONLY_LINUX
def test_chunks_are_taken_only_a_few_ahead() -> None:
    """They may be endless; who has enough closes the results."""
    body = """
    from itertools import count
    taken = 0
    def chunks():
        global taken
        for taken in count():
            yield taken
    results = over_cores(chunks(), lambda chunk: chunk, after=0, cores=2, clock=SYSTEM)
    print([next(results) for _ in range(10)] == list(range(10)), taken < 20)
    results.close()
    """
    assert said(body) == "True True"


@ONLY_LINUX
def test_what_the_work_raises_is_raised_in_its_chunks_place() -> None:
    """After the results before it, and of the same kind."""
    body = """
    def work(chunk):
        if chunk == 3:
            raise KeyError(chunk)
        return chunk
    found = []
    try:
        for each in over_cores(range(9), work, after=0, cores=2, clock=SYSTEM):
            found.append(each)
    except KeyError as error:
        print(found, repr(error))
    """
    assert said(body) == "[0, 1, 2] KeyError(3)"


@ONLY_LINUX
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_no_process_outlives_the_one_that_asked(ending: signal.Signals) -> None:
    """Neither after Ctrl-C, which every process gets, nor when it is killed and can do nothing."""
    body = """
    def work(chunk):
        time.sleep(0.1)
        return os.getpid()
    pids = set()
    for pid in over_cores(range(10_000), work, after=0, cores=2, clock=SYSTEM):
        if pid not in pids:
            pids.add(pid)
            print(pid, flush=True)
    """
    process = program(body)
    assert process.stdout is not None
    assert process.stderr is not None
    pids = [int(process.stdout.readline()) for _ in range(2)]
    if ending is signal.SIGINT:
        os.killpg(process.pid, ending)
    else:
        process.kill()
    process.wait(timeout=30)
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    if ending is signal.SIGINT:
        assert process.stderr.read().count("KeyboardInterrupt") == 1
    process.stdout.close()
    process.stderr.close()
