"""What all commands share: exit codes, the terminal, and how diagnostics are shown."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

import click

from flowrunner.diagnostics import Diagnostic

if TYPE_CHECKING:
    from pathlib import Path

DONE: Final = 0
WRONG_INPUT: Final = 1
STOPPED: Final = 3
IN_DOUBT: Final = 4
BUG: Final = 70
"""EX_SOFTWARE of sysexits.h."""
FOOT: Final[list[Callable[[], None]]] = []
"""Each takes a line away that stands at the foot of the terminal, so that another can be written."""
INTERRUPTED: Final = 130


def colour(err: bool = False) -> bool:
    """Whether escape codes are welcome: on a terminal, unless NO_COLOR (https://no-color.org) is set."""
    stream = sys.stderr if err else sys.stdout
    return (
        stream is not None and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )


def links(err: bool = False) -> bool:
    """Whether text can be made a link: on a terminal that takes colours, but for the few that print the address raw.

    A terminal that knows no links passes over them. Linux's own console prints them, and VTE before 0.50 crashed.
    """
    vte = os.environ.get("VTE_VERSION", "")
    return colour(err) and os.environ.get("TERM") != "linux" and not (vte.isdigit() and int(vte) < 5000)


def is_terminal() -> bool:
    """Whether a person reads the result as it is printed."""
    return sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """The columns of the terminal; 80 where there is none."""
    if not is_terminal():
        return 80
    import shutil  # with four compressions; only a terminal has columns

    return shutil.get_terminal_size().columns


def say(text: str = "") -> None:
    """A line for the one who reads the result; what the output cannot encode is shown as a question mark."""
    _make_room()
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "replace").decode(encoding), color=True)


def tell(text: str = "") -> None:
    """A line beside the result, on standard error."""
    _make_room()
    encoding = sys.stderr.encoding or "utf-8"
    click.echo(text.encode(encoding, "replace").decode(encoding), err=True, color=True)


def give(text: str, output: "Path | None") -> None:
    """A whole result: into a file where one is named, else a line for who reads it, unless it is empty.

    Raises:
        RefusedError: The file cannot be written.
    """
    if output is None:
        if text:
            say(text)
        return
    from flowrunner.app.output_files import write_whole

    write_whole(output, [text, "\n"])


def _make_room() -> None:
    for clear in FOOT:
        clear()


def complain(diagnostics: Iterable[Diagnostic]) -> None:
    """Show diagnostics on standard error."""
    found = list(diagnostics)
    if found:
        from flowrunner.views.problems.text import text

        tell(text(found, colour(err=True), links=links(err=True)))


def refuse(message: str, hint: str = "") -> None:
    """One clear line about what is in the way, and one with the remedy; neither can steer the terminal."""
    from flowrunner.views.visible import visible

    tell(f"error: {visible(message)}")
    if hint:
        tell(f"  hint: {visible(hint)}")


def open_in_browser(address: str) -> int:
    """Show it. Returns the exit code."""
    if click.launch(address):
        refuse("no browser could be opened", f"open {address}")
        return WRONG_INPUT
    return DONE
