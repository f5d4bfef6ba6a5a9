"""The program without the wait for its imports: a process that has made them forks for each time it is started.

Each start is a process of its own, with its own arguments, folder, environment, input and outputs, as if it had been
started anew. ``python forked.py NUMBER`` serves on the socket with this number until its standard input ends.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from struct import pack
from typing import Any


def serve(listener: socket.socket) -> None:
    """Fork for each request, until standard input ends; say the number of the process, and later how it ended."""
    import flowrunner

    for module in walk_packages(flowrunner.__path__, "flowrunner."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    _warm()
    gc.freeze()
    # Whoever runs the tests may have these ignored, as nohup does.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    ended, ends = socket.socketpair()
    for each in (ended, ends):
        each.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(ends.fileno())
    lines: dict[int, socket.socket] = {}
    with listener:
        while True:
            ready, _, _ = select.select([listener, ended, sys.stdin], [], [])
            if ended in ready:
                ended.recv(4096)
                _tell(lines)
            if sys.stdin in ready:
                return
            if listener in ready:
                line, _ = listener.accept()
                pid = os.fork()
                if not pid:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    for each in (listener, ended, ends, *lines.values()):
                        each.close()
                    _become(**_asked(line))
                    return
                lines[pid] = line
                line.sendall(pack("i", pid))


def _warm() -> None:
    """Make what a process makes once, most of what a short command takes: patterns, schemas, pages, a country's phones.

    It leaves nothing open that processes would share.
    """
    from flowrunner.cli.group import commands
    from flowrunner.client.key_forms import Forms
    from flowrunner.testing.playing import shared
    from support.program import KEY, environment

    os.environ.clear()
    os.environ.update(environment())
    Forms(KEY).replaced(f"%{KEY}", "")  # the patterns of the key
    flow = Path(__file__).parents[2] / "flows" / "onboarding.yaml"
    with ExitStack() as stack:
        stack.enter_context(chdir(stack.enter_context(tempfile.TemporaryDirectory(prefix="warm-"))))
        nowhere = stack.enter_context(Path(os.devnull).open("w"))
        stack.enter_context(redirect_stdout(nowhere))
        stack.enter_context(redirect_stderr(nowhere))
        for command in (
            ["validate", flow],
            ["preview", flow],
            ["preview", "--format", "html", flow],
            ["plan", flow, "--var", "name=Ana", "--phone", "+525512345678"],
            ["run", flow, "--var", "name=Ana", "--emulator"],
            ["test", flow.with_name("onboarding.test.yaml")],
        ):
            with suppress(Exception):  # what is wrong with a command, its tests tell
                commands.main([*map(str, command)], standalone_mode=False)
    shared.room().clock.close()
    shared.leave()


def _tell(lines: dict[int, socket.socket]) -> None:
    """Say of each that has ended how it did. Their time is counted as this process's, and so as the tests'."""
    with suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            with lines.pop(found[0]) as line, suppress(BrokenPipeError):
                line.sendall(pack("i", os.waitstatus_to_exitcode(found[1])))


def _asked(line: socket.socket) -> dict[str, Any]:
    """What is to be become: read by who becomes it, for whatever the server touches is copied with the next fork."""
    with line, line.makefile("r", encoding="utf-8") as words:
        _, files, _, _ = socket.recv_fds(line, 1, 3)
        return {**json.loads(words.readline()), "files": files}


def _become(module: str, arguments: list[str], cwd: str, environment: dict[str, str], files: Sequence[int]) -> None:
    """Be that program, as if it had just been started."""
    for number, file in enumerate(files):
        os.dup2(file, number)
    for file in {*files}:
        os.close(file)
    sys.stdout.reconfigure(line_buffering=os.isatty(1))
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    tempfile.tempdir = None  # as TMPDIR says, not as it did to the server
    sys.argv[1:] = arguments
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    serve(socket.socket(fileno=int(sys.argv[1])))
