"""How many files this process may have open, each connection being one: settled before anything is sent."""

from typing import Final

import click

from flowrunner.cli.console import WRONG_INPUT, refuse

_OWN: Final = 64
"""Files of the program's own: the journal, the event loop, what is imported on the way."""


def require_files(connections: int = 1) -> None:
    """Allow that many connections beside the program's own files.

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
