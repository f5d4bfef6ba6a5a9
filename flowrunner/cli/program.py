"""The program from its first line to its exit code, whatever happens in between."""

import atexit
import os
import signal
import sys
from types import FrameType
from typing import Any, Final, NoReturn

import click

from flowrunner.cli.console import DONE, INTERRUPTED, STOPPED, tell
from flowrunner.cli.crash_message import report
from flowrunner.cli.group import commands
from flowrunner.cli.streams import make_steady, output_is_whole

_INTERRUPTS: Final = (signal.SIGINT, signal.SIGTERM)
"""Ctrl-C, and what whoever looks after processes sends instead."""


def program() -> NoReturn:
    """Read the command line, do it, exit."""
    result: list[int] = []
    atexit.register(_leave, result)  # whoever registers later is done with before
    make_steady()
    sys.unraisablehook = _unraisable
    code = INTERRUPTED
    try:
        for number in _INTERRUPTS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _interrupt)
        code = outcome()
    except SystemExit:
        raise
    except BaseException:  # noqa: BLE001, S110  # Ctrl-C, as KeyboardInterrupt or as asyncio's CancelledError
        pass
    finally:
        # What the program came to is known, and what is left is quick.
        for number in _INTERRUPTS:
            signal.signal(number, signal.SIG_IGN)
    if not output_is_whole() and code == DONE:
        code = STOPPED
    result.append(code)
    sys.exit(code)


def _leave(result: list[int]) -> None:
    """End at once: to take every module apart, as Python does it, is a fifth of what a short command costs."""
    if result:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(result[0])


def outcome() -> int:
    """Read the command line and do it; the exit code."""
    try:
        code = commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        from io import StringIO

        from flowrunner.cli.secrets import without_secrets
        from flowrunner.views.visible import visible

        error.show(said := StringIO())
        tell(visible(without_secrets(said.getvalue().rstrip("\n")), keep="\n"))  # it quotes the arguments
        return error.exit_code
    except Exception as error:  # noqa: BLE001  # the one place where what nobody foresaw becomes an exit code
        return report(error)
    return code if isinstance(code, int) else DONE


def _interrupt(_number: int, frame: FrameType | None) -> None:
    """Ctrl-C or SIGTERM. A library that is cut off in the middle of its import may panic: nothing is raised there."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os._exit(INTERRUPTED)
        frame = frame.f_back
    raise KeyboardInterrupt


def _unraisable(what: Any) -> None:
    """Where no exception can come out, as from within the garbage collection, Ctrl-C ends the program at once."""
    if issubclass(what.exc_type, KeyboardInterrupt):
        os._exit(INTERRUPTED)
    sys.__unraisablehook__(what)
