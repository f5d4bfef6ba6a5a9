"""The journal as what is kept: read through, copied, brought to this version, or gone on with although some is lost."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.clock import SYSTEM, Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.places import DatabaseUrl, Place, place_of, shown

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from flowrunner.journal.tables.checking import CheckResult
    from flowrunner.journal.tables.copying import Copy
    from flowrunner.journal.tables.database import Database


class Migrated(NamedTuple):
    """What became of a journal's tables.

    Attributes:
        before: Their version, which is the number of changes that they had been through; 0 where there were none.
        now: Their version now.
    """

    before: int
    now: int


def check_journal(journal: Place | str, *, clock: Clock = SYSTEM) -> "CheckResult":
    """Read a journal through, without changing it; other processes may write to it meanwhile.

    Of a database nobody can tell whether an earlier state was put back, and its own files are PostgreSQL's to check.

    Raises:
        JournalError: It cannot be read at all: it is no journal, newer, or so damaged that nothing can be said of it.
    """
    place = place_of(journal)
    if isinstance(place, DatabaseUrl):
        from flowrunner.journal.postgres.checking import check_server

        return check_server(place, clock)
    from flowrunner.journal.sqlite import checking

    return checking.check_journal(place)


def back_up(journal: Place | str, copy: Path, *, overwrite: bool = False) -> "CheckResult":
    """Copy a journal, as it is at one moment, to one file; then read the copy through.

    The copy says of itself whether a process was writing. It comes to its place whole or not at all.

    Args:
        journal: The journal's file.
        copy: Where the copy goes.
        overwrite: Whether a file there may be replaced; one that is a journal in use never is.

    Raises:
        JournalError: The journal is incomplete or cannot be read; there is a file; the copy cannot be written, or is
            not whole. Or it is a database, of which PostgreSQL makes copies.
    """
    from flowrunner.journal.sqlite import backup

    return backup.back_up(
        _file(journal, "is not a file", "PostgreSQL's pg_dump makes a copy"), copy, overwrite=overwrite
    )


def accept_loss(journal: Place | str, *, restored: bool = False, clock: Clock = SYSTEM) -> int:
    """Take a journal as complete, and put every run in doubt that may have come further than it says.

    Args:
        journal: A file tells by itself that some of it is missing; of a database nobody can tell.
        restored: An earlier state of a database was put back.
        clock: Where time comes from.

    Returns:
        How many runs that are; none where nothing is missing.

    Raises:
        JournalError: It is damaged, or cannot be written; or runs are missing altogether: nobody could tell to whom
            they sent. Or it is a database, to which nothing was put back.
    """
    place = place_of(journal)
    if isinstance(place, DatabaseUrl):
        if not restored:
            raise JournalError(
                f"nothing is missing in the journal {place}, unless an earlier state of it was put back",
                "if that was done: flowrunner journal accept --restored",
            )
        import asyncio

        from flowrunner.app.journals.restored import put_back

        return asyncio.run(put_back(place, clock))
    from flowrunner.journal.sqlite import loss

    return loss.accept_loss(place, clock=clock)


def migrate_journal(journal: Place | str, *, clock: Clock = SYSTEM) -> Migrated:
    """Bring a journal to the version of this flowrunner; an older one cannot use it any more.

    Nobody else does so at the same time. Of a database whose schema is empty the tables are made. Beside a journal in a
    database stands the queue of its workers: it is made, or brought to this version, too.

    Raises:
        JournalError: There is none, it is of a newer flowrunner, or it cannot be written.
    """
    its = place_of(journal)
    if isinstance(its, DatabaseUrl):
        from flowrunner.journal.postgres.upgrading import upgrade as upgrade_there

        migrated = Migrated(*upgrade_there(its, clock))
        with ThreadPoolExecutor(1) as beside:  # whoever calls may have an event loop
            beside.submit(lambda: asyncio.run(_queue_is_made(its, clock))).result()
        return migrated
    from flowrunner.journal.sqlite.upgrading import upgrade

    return Migrated(*upgrade(its, clock))


async def _queue_is_made(place: DatabaseUrl, clock: Clock) -> None:
    from flowrunner.cluster.opening import open_executor

    async with open_executor(place, clock, migrate=True):
        pass


def copy_journal(source: Place | str, target: Place | str, *, clock: Clock = SYSTEM) -> "Copy":
    """Copy all that a journal keeps to a new one, from a file to a database or the other way; and compare them.

    What comes later to the source is not in the copy: nobody may send by the source any more. The copy comes to its
    place whole, or not at all.

    Args:
        source: The journal.
        target: A file that is not there, or a database whose schema is empty.
        clock: Where time comes from.

    Raises:
        JournalError: A process sends by the source or listens there; the target is not empty; one of them cannot be
            used, or the copy is not what was copied.
    """
    from flowrunner.delivery.owner import has_ended
    from flowrunner.journal.tables import copying

    places = place_of(source), place_of(target)
    gone = partial(has_ended, is_shared=isinstance(places[0], DatabaseUrl))
    with _source(places[0], clock) as read, _target(places[1], clock) as written:
        copying.require_idle(read, shown(places[0]), gone, clock.now())
        if not copying.is_empty(written):
            raise JournalError(f"the journal {places[1]} is not empty", "name a schema, or a database, that is")
        return copying.copy(read, written)


def _source(place: Place, clock: Clock) -> "AbstractContextManager[Database]":
    if isinstance(place, DatabaseUrl):
        from flowrunner.journal.postgres import copying as of_server

        return of_server.copied_from(place, clock)
    from flowrunner.journal.sqlite import copying as of_file

    return of_file.copied_from(place, clock)


def _target(place: Place, clock: Clock) -> "AbstractContextManager[Database]":
    if isinstance(place, DatabaseUrl):
        from flowrunner.journal.postgres import copying as of_server

        return of_server.copied_to(place, clock)
    from flowrunner.journal.sqlite import copying as of_file

    return of_file.copied_to(place)


def _file(journal: Place | str, what: str, hint: str) -> Path:
    """The file of a journal that is one."""
    its = place_of(journal)
    if isinstance(its, DatabaseUrl):
        raise JournalError(f"a journal in PostgreSQL {what} by flowrunner", hint)
    return its
