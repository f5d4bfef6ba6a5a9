"""What a machine must allow, settled before anything is sent."""

import os
from typing import Final

from flowrunner.diagnostics.errors import RefusedError

_OWN: Final = 64
"""Files of the program's own: the journal, the event loop, what is imported on the way."""


def require_posix() -> None:
    """Refuse to send where neither signals nor processes are what the runner counts on.

    Raises:
        RefusedError: This is Windows.
    """
    if os.name == "nt":
        hint = "use it in WSL: https://learn.microsoft.com/windows/wsl/install"
        raise RefusedError("sending does not work on Windows itself", hint)


def require_files(connections: int = 1) -> None:
    """Have this process allowed that many connections, each being an open file, beside the program's own files.

    Raises:
        RefusedError: The machine does not.
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
    hint = "start it from a shell with a higher limit (ulimit -n shows it)"
    raise RefusedError(f"this program may open only {hard} files and needs {needed}", hint)
