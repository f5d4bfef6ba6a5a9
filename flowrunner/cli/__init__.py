"""Options in, exit code out. Each command parses, calls one function and turns its result into an exit code."""

import _signal  # type: ignore[import-not-found]  # `signal` without the modules which that imports first
import gc
import os


def main() -> None:
    """The program."""
    # While all is imported, nothing is open that would have to be put in order, and a traceback would help nobody.
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
        _signal.signal(_signal.SIGINT, lambda *_: os._exit(130))
    collect_seldom()
    from flowrunner.cli.program import program

    program()


def collect_seldom() -> None:
    """Look for garbage in cycles once there are a hundred thousand new objects, not 700.

    Starting makes objects, not garbage, and sending makes few cycles, small ones: it was 6 % of each start, and a tenth
    of a campaign.
    """
    gc.set_threshold(100_000, 20, 20)
