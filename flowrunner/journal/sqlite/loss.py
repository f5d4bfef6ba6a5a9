"""A journal of which some is missing is taken as it is: what may have been sent meanwhile counts as in doubt."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from flowrunner.clock import SYSTEM, Clock
from flowrunner.engine.history.phases import ENDED, Phase
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite.checking import check_journal
from flowrunner.journal.sqlite.connection import migrate
from flowrunner.journal.sqlite.errors import RESTORE
from flowrunner.journal.sqlite.file import look
from flowrunner.journal.sqlite.inspection import WITH_LEDGER, explained
from flowrunner.journal.sqlite.ledger import count_commit
from flowrunner.journal.sqlite.mark import read_mark, replace_mark
from flowrunner.journal.tables.columns import listed
from flowrunner.journal.tables.event_writes import Append, append_all
from flowrunner.model import Event, EventKind

LOST = "part of the journal was lost: messages may have been sent of which it does not know"
_AT_ONCE = 1_000
_ENDED = listed(ENDED - {Phase.CANCELLED})
"""One that was cancelled may have been in flight."""


def accept_loss(path: Path, *, clock: Clock = SYSTEM) -> int:
    """Take a journal as complete, and put every run in doubt that may have come further than it says.

    Returns:
        How many runs that are; none where nothing is missing.

    Raises:
        JournalError: It is damaged, or cannot be written; or runs are missing altogether: nobody could tell to whom
            they sent.
    """
    result = check_journal(path)
    if result.damages:
        raise JournalError(f"the journal {path} is damaged, not only incomplete: {result.damages[0]}", RESTORE)
    if result.missing is None:
        return 0
    if result.missing_runs:
        raise JournalError(
            f"runs that were begun are missing in the journal {path} ({result.missing_runs}): whom they sent to is not"
            " known, so nothing could keep those people from getting it again",
            result.missing.hint.partition(";")[0],
        )
    file, inspected = look(path)
    if inspected.version < WITH_LEDGER:
        raise result.missing
    commits = max((mark.commits for mark in read_mark(file.path)), default=0)
    file = file._replace(uri=f"{file.path.as_uri()}?mode=rw")
    with explained(file.path), closing(file.connect()) as db:
        migrate(db, file.path)
        db.execute("BEGIN IMMEDIATE")
        # Ended, and never gone on with.
        found = db.execute(f"SELECT id FROM runs WHERE state NOT IN ({_ENDED})").fetchall()  # noqa: S608 - our own
        for start in range(0, len(found), _AT_ONCE):
            append_all(db, [_in_doubt([run for (run,) in found[start : start + _AT_ONCE]], clock.now())])
        db.execute("UPDATE ledger SET commits = max(commits, ?)", (commits,))
        ledger = count_commit(db, clean=True)
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        replace_mark(file.path, ledger)
    return len(found)


def _in_doubt(runs: Sequence[str], now: float) -> Append:
    detail = {"reason": LOST, "hint": "look at the chat, then resume with --in-doubt resend or --in-doubt skip"}
    return Append.of([Event(EventKind.IN_DOUBT, run, now, detail=detail) for run in runs], None)
