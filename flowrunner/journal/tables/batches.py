"""What many callers want written is written together."""

from collections.abc import Callable, Sequence
from typing import Any

from flowrunner.journal.tables.database import Database
from flowrunner.journal.tables.event_writes import Append, append_all
from flowrunner.journal.tables.writes import Shared, Write

Wanted = Write | Append | Shared
"""What one caller wants written."""


def apply(db: Database, writes: Sequence[Wanted]) -> list[object]:
    """Do all writes in one transaction; what must come before events, the events, what must come after them.

    Writes that share a commit come from callers that do not wait for one another, except a cancelled caller's: its
    event must still find the claim that it gives back next.
    """
    answers: list[object] = [None] * len(writes)
    appends: list[tuple[int, Append]] = []
    after: list[tuple[int, Write]] = []
    shared: dict[Callable[..., Sequence[Any]], list[tuple[int, Any]]] = {}
    for place, write in enumerate(writes):
        if isinstance(write, Append):
            appends.append((place, write))
        elif isinstance(write, Shared):
            shared.setdefault(write.apply_all, []).append((place, write.given))
        elif write.is_late:
            after.append((place, write))
        else:
            answers[place] = write.apply(db)
    if appends:
        for (place, _), answer in zip(appends, append_all(db, [append for _, append in appends]), strict=True):
            answers[place] = answer
    for apply_all, calls in shared.items():
        for (place, _), answer in zip(calls, apply_all(db, [given for _, given in calls]), strict=True):
            answers[place] = answer
    for place, late in after:
        answers[place] = late.apply(db)
    return answers
