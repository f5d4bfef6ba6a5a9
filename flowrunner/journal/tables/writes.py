"""What one caller wants written, whatever it is."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flowrunner.journal.tables.database import Database


class Write(NamedTuple):
    """What one caller wants written in a commit that it may share with others; made in the caller's thread.

    Attributes:
        apply: Does it, within a transaction that holds the write lock. What it returns is the caller's answer; an
            exception that it returns is raised to that caller alone.
        rows: How many rows that are, at most.
        is_late: It comes after the events of the same commit.
        begins: A run begins by it.
        is_durable: A power cut must not take it once it is done; else only the end of the process must not.
    """

    apply: Callable[[Database], Any]
    rows: int = 1
    is_late: bool = False
    begins: bool = False
    is_durable: bool = True


class Shared(NamedTuple):
    """What many callers want written, each a little, and what is done for all of them at once: after the events.

    Attributes:
        apply_all: Does it, within a transaction that holds the write lock, for what each of some callers gave. Returns
            an answer for each.
        given: What this caller gives.
        rows: How many rows that are, at most.
        is_durable: As for `Write`.
    """

    apply_all: Callable[[Database, Sequence[Any]], Sequence[Any]]
    given: Any
    rows: int = 1
    is_durable: bool = True
