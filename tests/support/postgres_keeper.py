"""A process that outlives a test run by a moment: it stops the PostgreSQL servers of the run, and removes their folder.

Started with the folder as its only argument. Whoever uses the servers holds a shared lock on its file ``users``, which
the system lets go of however that process ends: killed, too.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def programs() -> Path | None:
    """The folder with ``initdb`` and ``pg_ctl``: of the path, else the newest that Debian installed."""
    found = shutil.which("pg_ctl")
    if found and Path(found).resolve().with_name("initdb").exists():
        return Path(found).resolve().parent
    installed = [each for each in Path("/usr/lib/postgresql").glob("*/bin") if (each / "initdb").exists()]
    return max(installed, key=lambda each: float(each.parent.name), default=None)


def as_owner() -> dict[str, Any]:
    """For `subprocess`: the server refuses to run as root, so there it runs as the user that its packages made."""
    return {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}


def pg_ctl(data: Path, *words: str, check: bool = True) -> None:
    """Start or stop the server of that folder of data, and wait until that is done."""
    nowhere, command = subprocess.DEVNULL, [f"{programs()}/pg_ctl", "--pgdata", str(data), "--silent", "--wait", *words]
    subprocess.run(
        command, check=check, cwd="/", stdin=nowhere, stdout=nowhere, stderr=nowhere, timeout=60, **as_owner()
    )


def main(folder: Path) -> None:
    """Wait until nobody uses the servers."""
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        for pid in folder.glob("*/postmaster.pid"):
            pg_ctl(pid.parent, "--mode=immediate", "stop", check=False)
        gone = folder.with_name(f"{folder.name}-gone-{os.getpid()}")
        folder.rename(gone)  # at once: who comes now makes a new one
        shutil.rmtree(gone, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
