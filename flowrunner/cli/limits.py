"""What a machine must allow, settled before anything is sent."""

import os
from typing import Final

import click

from flowrunner.cli.console import WRONG_INPUT, refuse

_OWN: Final = 64
"""Files of the program's own: the journal, the event loop, what is imported on the way."""


def require_posix() -> None:
    """Refuse to send where neither signals nor processes are what the runner counts on.

    Raises:
        click.exceptions.Exit: This is Windows; that was said.
    """
    if os.name == "nt":
        refuse(
            "sending does not work on Windows itself", "use it in WSL: https://learn.microsoft.com/windows/wsl/install"
        )
        raise click.exceptions.Exit(WRONG_INPUT)


def require_files(connections: int = 1) -> None:
    """Have this process allowed that many connections, each being an open file, beside the program's own files.

    Raises:
        click.exceptions.Exit: The machine does not; that was said.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    needed = _OWN + connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard == resource.RLIM_INFINITY or hard >= needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return
    refuse(
        f"this program may open only {hard} files and needs {needed}",
        "start it from a shell with a higher limit (ulimit -n shows it)",
    )
    raise click.exceptions.Exit(WRONG_INPUT)
