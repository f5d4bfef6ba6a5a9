"""The program without a process of its own, for commands that end by themselves.

To fork takes several times as long as most of them. Who is told by a signal to end, is killed, or goes on with what
another process had begun is a process all the same (`support.program.start`, `resume`).
"""

import asyncio
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, chdir
from pathlib import Path
from typing import Final
from unittest.mock import patch

from flowrunner.cli.program import outcome
from flowrunner.cli.streams import make_steady

_COMMANDS: Final = frozenset(
    "diff explain journal optouts plan preview report run runs schema senders status templates validate".split()
)
_OF_A_START: Final = ("PYTHON", "LANG", "LC_", "TZ", "TMPDIR")
"""Variables that count where Python starts, by the begin of their names."""
_OF_A_PROCESS: Final = frozenset(["--help", "--open", "--watch", "/dev/stdout"])


def may_be_called(arguments: Sequence[str], more: Mapping[str, str]) -> bool:
    """Whether it ends the same here, with this in its environment: in the main thread, and beside no loop."""
    if threading.current_thread() is not threading.main_thread() or asyncio._get_running_loop() is not None:  # noqa: SLF001
        return False
    is_short = {*arguments[:1]} <= _COMMANDS and _OF_A_PROCESS.isdisjoint(arguments)
    return is_short and not any(each.startswith(_OF_A_START) for each in more)


def call(arguments: Sequence[str], *, files: Sequence[int], cwd: Path, environment: Mapping[str, str]) -> int:
    """The exit code of the program, with these for its standard input, output and error output."""
    with ExitStack() as stack:
        stack.enter_context(chdir(cwd))
        stack.enter_context(patch.dict(os.environ, environment, clear=True))
        stack.enter_context(patch.object(sys, "argv", ["flowrunner", *arguments]))
        for name, file, mode in zip(("stdin", "stdout", "stderr"), files, "rww", strict=True):
            stream = stack.enter_context(open(file, mode, encoding="utf-8", closefd=False))
            stack.enter_context(patch.object(sys, name, stream))
        make_steady()
        try:
            return outcome()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
