"""Who holds a conversation: a name that tells this machine's other processes whether its owner still lives."""

import os
import socket
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final


def new_owner(run_id: str) -> str:
    """A name for the worker of a run in this process; no two are alike."""
    return f"{run_id}/{_process(os.getpid())}.{next(_WORKERS)}"


_WORKERS: Final = count(1)
"""A number for each worker of this process."""


def run_of(owner: str) -> str:
    """The id of the run that the owner carries out."""
    return owner.partition("/")[0]


def has_ended(owner: str, *, is_shared: bool = False) -> bool:
    """Whether the owner's process surely has ended, so that its lease need not run out.

    Only a process of this machine and this process namespace can be known to have ended: others may have the name of
    this machine, and the number of this namespace. To be wrong would be safe all the same: a claim that was taken over
    cannot be written under.

    Args:
        owner: The name.
        is_shared: Whether other machines may have given it, too. A copy of this one has its name, too, but it was not
            started when this one was: then a process of another start may be the copy's, and live.
    """
    _, place, pid, birth, _ = (*owner.split("/"), "", "", "", "", "")[:5]
    if place != _place() or not pid.isdecimal():
        return False
    boot, _, birth = birth.rpartition("-")
    if is_shared and boot != _boot():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return bool(birth) and _birth(int(pid)) != birth  # another process has the number now, or it is a zombie


@cache  # a campaign asks for each of its runs
def _process(pid: int) -> str:
    return f"{_place()}/{pid}/{_boot()}-{_birth(pid)}/{os.urandom(4).hex()}"


@cache
def _place() -> str:
    """This machine, and where numbers of processes are its own: a container has its own."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        namespace = ""
    return f"{socket.gethostname()}.{namespace}.{_machine()}".replace("/", "_")


def _machine() -> str:
    """Eight signs for this machine, or for this start of it where that is all that is known."""
    if its := _signs("/etc/machine-id") or _boot():
        return its
    import uuid  # most systems say it themselves

    return f"{uuid.getnode():x}"


@cache
def _boot() -> str:
    """Eight signs for this start of this machine; empty where the system does not tell."""
    return _signs("/proc/sys/kernel/random/boot_id")


def _signs(path: str) -> str:
    """Eight signs for what a file says; empty where it says nothing."""
    try:
        its = Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return sha256(its.encode()).hexdigest()[:8] if its else ""


def _birth(pid: int) -> str:
    """When the process began, in the kernel's ticks; empty where that cannot be known, or it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
