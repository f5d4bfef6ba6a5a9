"""Commands that a hint names, ready to be typed: with the journal, where it is not the usual one."""

import shlex
from pathlib import Path

from flowrunner.cli.options import DEFAULT_JOURNAL


def command(*words: str | Path, journal: Path) -> str:
    """``flowrunner`` with these words, as a shell takes it; it finds what is in ``journal``."""
    option = () if str(journal) == DEFAULT_JOURNAL else ("--journal", journal)
    return shlex.join(["flowrunner", *map(str, (*words, *option))])


def where_listed(journal: Path) -> str:
    """What says which runs there are."""
    return f"{command('runs', journal=journal)} lists them"
