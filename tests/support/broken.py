"""flowrunner with a bug put into it: ``python -m support.broken CODE COMMAND...``; the code may use os."""

import os
import sys

from flowrunner.cli import main

if __name__ == "__main__":
    exec(sys.argv.pop(1), {"os": os})  # noqa: S102  # the tests' own
    main()
