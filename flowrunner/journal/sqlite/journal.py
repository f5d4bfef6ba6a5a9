"""The journal: what other rooms see of it."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from flowrunner.clock import SYSTEM, Clock
from flowrunner.journal.errors import JournalError
from flowrunner.journal.sqlite import following, outcomes, records, reports
from flowrunner.journal.sqlite.appending import Append
from flowrunner.journal.sqlite.campaigns import Campaigns
from flowrunner.journal.sqlite.claims import Busy, Claim, Release, Renew, Take
from flowrunner.journal.sqlite.file import JournalFile, Pen, look, open_file
from flowrunner.journal.sqlite.following import Followed
from flowrunner.journal.sqlite.inspection import explained
from flowrunner.journal.sqlite.prune import Sweep, prunings
from flowrunner.journal.sqlite.records import Begin, RunRecord, RunState, Sent
from flowrunner.journal.sqlite.writer import Writer
from flowrunner.model import Event, Recipient, Run, StepTally


class Journal:
    """The Events of Runs, on disk: the only state there is.

    Writes are coroutines and durable when they return (synced, `synchronous=FULL`); they may be called from any event
    loop of this process. Reads are plain calls and see what was committed, also by other processes. A journal may be
    open in many processes of one machine at once. It holds message texts and phone numbers, but never an API key:
    it is given none.

    Every method raises JournalError when the file cannot be used.

    Attributes:
        campaigns: Runs by the thousand. What is said of a run below holds for those of campaigns too, except that the
            lists of runs leave them out.
        incomplete: Why a journal that is only read must not be sent by: some of it is missing. None where all is there.
    """

    def __init__(
        self, file: JournalFile, clock: Clock, pen: Pen | None = None, incomplete: JournalError | None = None
    ) -> None:
        """Use `Journal.open` or `Journal.read`."""
        self._file = file
        self._clock = clock
        self._writer = Writer(file, pen, clock)
        self.incomplete = incomplete
        self._mine = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._closed = False
        self.campaigns = Campaigns(self._writer, self._reading, clock)

    @classmethod
    def open(cls, path: Path, *, patience: float = 10.0, clock: Clock = SYSTEM) -> Self:
        """Open the journal at ``path``, or make it: the file 0600, missing folders 0700.

        When this returns, one commit was written and synced, so that a full disk, a read-only, torn, foreign or newer
        file is known before anything is sent. Content of files above 4 MiB is checked only as it is read.

        Args:
            path: The file.
            patience: Seconds that each commit waits for another process's, before it is a JournalError.
            clock: Where time comes from.
        """
        file, pen = open_file(path, patience, clock)
        return cls(file, clock, pen)

    @classmethod
    def read(cls, path: Path, *, patience: float = 10.0, clock: Clock = SYSTEM) -> Self:
        """Open a journal that is there to read it, also one that may not be written, or of which some is missing.

        One of an older version is brought to this one, as `open` does.
        """
        file, inspected = look(path, patience)
        if inspected.is_old:
            return cls.open(path, patience=patience, clock=clock)
        return cls(file, clock, incomplete=inspected.incomplete)

    def close(self) -> None:
        """Write what is still queued, and let go of the file. Blocks meanwhile; may be called twice."""
        if self._closed:
            return
        self._closed = True
        for reader in self._readers:
            reader.close()
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def begin(self, run: Run, *, again: bool = False) -> None:
        """Write a new run; ``again`` says that it is sent although its person may have had the flow before."""
        if refusal := await self._writer.submit(Begin.of(run, again=again)):
            raise cast("JournalError", refusal)

    async def append(self, event: Event, claim: Claim | None = None) -> None:
        """Write one event of a run that was begun.

        Raises:
            LostClaim: Another owner has taken the conversation of ``claim``; nothing was written.
        """
        await self.append_many((event,), claim)

    async def append_many(self, events: Sequence[Event], claim: Claim | None = None) -> None:
        """Write events in one commit, all or none.

        Raises:
            LostClaim: Another owner has taken the conversation of ``claim``; nothing was written.
        """
        await self._writer.submit(Append.of(events, claim))

    async def claim(self, conversation: str, owner: str, lease: float = 30.0, *, ended: str = "") -> Claim | Busy:
        """Take a conversation for ``lease`` seconds, or learn who has it; atomic across processes.

        A conversation is free if it was never taken, was released, or its lease has run out. Its holder takes it
        again at any time, with the epoch it has.

        Args:
            conversation: Any text; the same for all who must exclude one another.
            owner: Who asks, not empty; two workers that must exclude each other need two names.
            lease: Seconds, by the clock of the machine's start, so that other processes share it and nobody sets it.
            ended: An owner whose process is known to have ended: its lease need not run out.
        """
        return cast("Claim | Busy", await self._writer.submit(Take(conversation, owner, lease, self._clock, ended)))

    async def renew(self, claims: Sequence[Claim], lease: float = 30.0) -> list[Claim]:
        """Prolong claims in one commit. Answers with those still held, in order; a missing one was lost."""
        return cast("list[Claim]", await self._writer.submit(Renew(tuple(claims), lease, self._clock)))

    async def release(self, claim: Claim) -> None:
        """Give a conversation back; nothing happens if it was lost. The claim is void from then on."""
        await self._writer.submit(Release(claim, self._clock))

    async def prune(self, older_than: float) -> int:
        """Delete finished runs whose last event is older, with their events, in small commits.

        The file does not shrink; what is free in it is used again.

        Args:
            older_than: Seconds since the epoch.

        Returns:
            How many runs were deleted.
        """
        deleted = 0
        with self._reading() as db:
            portions = list(prunings(db, older_than))
        for portion in portions:
            deleted += cast("int", await self._writer.submit(portion))
        await self._writer.submit(Sweep(older_than, self._clock))
        return deleted

    def run(self, run_id: str) -> Run | None:
        """The run with this id, or the only one whose id begins so; None if there is none, or more than one."""
        record = self.record(run_id)
        return record.run if record else None

    def record(self, run_id: str) -> RunRecord | None:
        """The same with its state; None if there is none, or more than one."""
        with self._reading() as db:
            found = records.records(db, "WHERE runs.id = ?", (run_id,))
            if not found and run_id:
                found = records.records(db, "WHERE runs.id >= ? AND runs.id < ?", (run_id, f"{run_id}\U0010ffff"), 2)
        return found[0] if len(found) == 1 else None

    def runs(self, limit: int | None = None, state: RunState | None = None) -> list[RunRecord]:
        """Runs of no campaign, newest first; at most ``limit``, only those in ``state``."""
        standings = records.standings(state) if state else ()
        chosen = f"AND state IN ({','.join('?' * len(standings))})" if standings else ""
        with self._reading() as db:
            where = f"WHERE runs.campaign IS NULL {chosen}"
            return records.records(db, where, standings, -1 if limit is None else limit)

    def unfinished(self) -> list[RunRecord]:
        """Runs of no campaign that did not reach their end, newest first: unfinished, failed or in doubt."""
        ended = "('finished', 'undelivered', 'left_out', 'cancelled')"
        with self._reading() as db:
            return records.records(db, f"WHERE runs.campaign IS NULL AND state <> 'finished' AND state NOT IN {ended}")

    def earlier(self, flow_name: str, target: str, recipient: Recipient) -> list[RunRecord]:
        """Runs of that flow for the same conversation at the same target, newest first.

        Where a run or ``recipient`` has no conversation, the phone number decides. A number that is only spelt another
        way is one person's in every conversation.
        """
        from flowrunner.phones import spellings  # reading a list of runs needs none of it

        phones = spellings(recipient.phone)
        marks = ", ".join("?" * len(phones))
        with self._reading() as db:
            return records.records(
                db,
                "WHERE flows.name = ?1 AND target_key(target) = target_key(?2) AND ("
                " conversation = ?3 AND conversation <> ''"
                f" OR phone IN ({marks}) AND phone <> '' AND (conversation = '' OR ?3 = '' OR phone <> ?4))",
                (flow_name, target, recipient.conversation, *phones),
            )

    def had_elsewhere(self, run: Run) -> bool:
        """Whether the person of this run may have had its flow by another one, and this one was not begun `again`."""
        with self._reading() as db:
            again = db.execute("SELECT 1 FROM runs WHERE id = ? AND again", (run.id,)).fetchone()
            its = (run.flow_name, run.target, [run.recipient])
            return not again and bool(outcomes.sent_before(db, *its, but=run.id))

    def events(self, run_id: str) -> list[Event]:
        """The events of the run with exactly this id, in the order they were written."""
        with self._reading() as db:
            return records.events(db, run_id)

    def targets(self) -> list[str]:
        """Every API that anything was sent to, as the journal knows it."""
        with self._reading() as db:
            return [target for (target,) in db.execute("SELECT DISTINCT target FROM flows ORDER BY 1")]

    def followed(self, target: str, *, campaign: str = "", run: str = "", since: float = 0.0) -> Iterator[Followed]:
        """Runs with messages that may still come further: accepted, not known to be read, not failed.

        Args:
            target: The API's URL, as the journal knows it.
            campaign: Only runs of the campaign with that id.
            run: Only the run with that id.
            since: Only runs of which something was learnt since then, in seconds since the epoch.
        """
        after = 0
        while True:
            with self._reading() as db:
                page, after = following.followed(db, target, campaign, run, since, after)
            yield from page
            if not after:
                return

    def tally(self, run_id: str, steps: Mapping[str, tuple[str, str]]) -> tuple[StepTally, ...]:
        """What became of each step of one run; ``steps`` as for `Campaigns.report`."""
        with self._reading() as db:
            return reports.tally(db, run_id, steps)

    def sent_to(self, target: str, conversation: str) -> list[Sent]:
        """What any run began in this conversation, and which ids the API gave there, in the order it was written."""
        with self._reading() as db:
            return records.sent_to(db, target, conversation)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, within one snapshot: another process may prune between two queries."""
        if self._closed:
            raise JournalError(f"the journal {self._file.path} is closed")
        with explained(self._file.path):
            db: sqlite3.Connection | None = getattr(self._mine, "reader", None)
            if db is None:
                db = self._file.connect()
                db.execute("PRAGMA query_only = ON")
                self._mine.reader = db
                self._readers.append(db)
            db.execute("BEGIN")
            try:
                yield db
            finally:
                db.rollback()
