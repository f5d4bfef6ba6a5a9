"""A program of a test's own, without the wait for imports: ``support.script`` as the module of `program.begin`.

Its first argument is the code; the others it finds in ``sys.argv[1:]``.
"""

import sys

if __name__ == "__main__":
    exec(sys.argv.pop(1), {"__name__": "__main__"})  # noqa: S102  # the tests' own
