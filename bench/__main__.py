"""Run all benchmarks, or those that are named."""

import sys
from importlib import import_module

NAMES = (
    "startup", "validate", "rate", "pace", "limits", "journal", "send", "render", "audience", "campaign", "listen",
    "tests", "cluster",
)  # fmt: skip


def main() -> int:
    """Print each benchmark's table; the exit code says whether every bound was kept."""
    wanted = sys.argv[1:] or NAMES
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are {', '.join(NAMES)}")
        return 2
    kept = [import_module(f"bench.{name}").main() for name in wanted]
    return 0 if all(kept) else 1


sys.exit(main())
