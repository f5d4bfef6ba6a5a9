"""A test in processes of its own: where it says ``crash``, the one that carries the run out is really killed.

The process forks: the new one has the emulator and the customer, which outlive any sender, and nothing of the run but
what the old one has written to the journal's file before it was killed.
"""

import asyncio
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any

from flowrunner.testing.pickling import learn


def alone(work: Callable[[Path], Any]) -> Any:
    """What work comes to in a process of its own, which may be another one by its end; None where it came to nothing.

    Args:
        work: Is given a folder for what it writes. What it gives can be pickled.
    """
    above = Path(mkdtemp(prefix="flowrunner-"))
    folder = above / "life"
    folder.mkdir()
    reader, writer = os.pipe()
    try:
        first = os.fork()
        if first == 0:
            os.close(reader)
            _work(work, folder, writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as told:
            answer = told.read()  # to the end of the last process that has the other side
        os.waitpid(first, 0)
    finally:
        rmtree(above, ignore_errors=True)
    return pickle.loads(answer) if answer else None  # noqa: S301  # it was written here


def _work(work: Callable[[Path], Any], folder: Path, writer: int) -> None:
    """Work, answer, and end without a word more: what else this process was at is its parent's."""
    learn()
    try:
        with os.fdopen(writer, "wb") as answer:
            answer.write(pickle.dumps(work(folder)))
    finally:
        os._exit(0)


def killed_here(folder: Path) -> Path:
    """Be killed, and return in another process that knows all that this one knew: with a copy of what it had written.

    A copy, since SQLite in this process still knows the files as the old one's.
    """
    loop = asyncio.get_running_loop()
    reader, writer = os.pipe()
    if os.fork() != 0:
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(writer)
    os.read(reader, 1)  # nothing is ever written: it ends with the one that is killed
    os.close(reader)
    asyncio._set_running_loop(loop)  # noqa: SLF001  # asyncio takes a loop for one process's
    return Path(copytree(folder, folder.with_name(f"{folder.name}+")))
