"""flowrunner as it runs on a machine of its own: nobody elsewhere can see whether its process has ended.

Started as ``python -m support.machine NAME LEASE COMMAND...``. Those of other names are other machines, ``here`` is
this one; whom a machine had is another's after so many seconds.
"""

import sys
from functools import partial

from flowrunner.app.workers import worker
from flowrunner.cli import main
from flowrunner.cluster import opening
from flowrunner.delivery import owner

if __name__ == "__main__":
    _, name, seconds, *command = sys.argv
    if name != "here":
        owner._place = lambda: name  # noqa: SLF001  # what is told apart is elsewhere the machine
    lease = float(seconds)
    worker.work_async = partial(worker.work_async, lease=lease)
    opening.open_executor = partial(opening.open_executor, lease=lease)
    sys.argv = ["flowrunner", *command]
    main()
