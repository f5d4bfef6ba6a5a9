"""A worker: campaigns carried out part by part, and runs that are due, beside any number of others on one journal."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Final, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.app.campaigns.handover import require_shared, submit
from flowrunner.app.resuming.due_runs import OpenSender, Taking, carry_on, opened
from flowrunner.app.senders.sender import Sender
from flowrunner.app.services.clock_check import look_now_and_then, require_right
from flowrunner.app.services.lifecycle import Work, attend, while_allowed
from flowrunner.app.services.log import RunLog
from flowrunner.app.workers.status import WorkerStatus
from flowrunner.app.workers.units import SenderUnits
from flowrunner.campaign.failure_limit import Toll
from flowrunner.client.access import target_key
from flowrunner.clock import SYSTEM, Clock
from flowrunner.cluster import Executor
from flowrunner.delivery.owner import has_ended, new_owner
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.many import Member
from flowrunner.journal.places import Place
from flowrunner.journal.work import WorkerBeat
from flowrunner.model import Event
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metric_names import WORKER
from flowrunner.receiver.metrics import Metrics

LEASE: Final = 30.0
"""Seconds after which whom a worker had is another's, should it have died: on other machines nobody can know sooner."""
BEAT: Final = 5.0
"""Seconds between two moments at which others are told that it is there."""
ALIVE: Final = 15.0
"""Seconds for which they may believe it."""
_UNSUBMITTED: Final = 30.0
"""Seconds after which a campaign that was handed over, and not submitted, was left so by who handed it over."""


class Working(NamedTuple):
    """A sender whose runs a worker carries out.

    Attributes:
        name: What it is called.
        sender: Who sends; with its key.
    """

    name: str
    sender: Sender

    def __repr__(self) -> str:
        return f"Working({self.name!r})"


async def work_async(
    senders: Sequence[Working],
    *,
    journal: Place | str,
    host: str = "127.0.0.1",
    port: int = 8701,
    window: int = 100,
    stop: asyncio.Event | None = None,
    ready: Callable[[str], None] = lambda _: None,
    log: Callable[[str], None] = lambda _: None,
    clock: Clock = SYSTEM,
    lease: float = LEASE,
) -> None:
    """Carry out what campaigns are handed over, and all runs that are due, of these senders, until a stop is asked for.

    Any number may do so at the same time, on as many machines as there are: each person is one's alone, and all keep to
    each sender's rate together. While PostgreSQL is away it is waited for.

    Args:
        senders: Whose; each of another number. Those of others are left to other workers.
        journal: The URL of a PostgreSQL database: ``postgresql://...``.
        host: The address on which it tells how it is.
        port: 0 for any that is free.
        window: How many messages of a sender are on their way at once.
        stop: Once set, nothing further is begun, what is under way is given back, and it returns.
        ready: Called with the base URL once it works.
        log: Takes a line of JSON for each thing that is odd, or that ends.
        clock: Where time comes from.
        lease: Seconds after which whom it had is another's, should it have died.

    Raises:
        RefusedError: The journal is a file, this machine's clock is wrong, two senders are one, or the address is had.
        SenderError: A key or a URL cannot be used.
        JournalError: The journal cannot be used, or is another flowrunner's.
    """
    from flowrunner.cluster.opening import open_executor

    place = require_shared(journal)
    require(senders)
    stop = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        kept = await stack.enter_async_context(open_journal(place, clock=clock))
        executor = await stack.enter_async_context(open_executor(place, clock))
        open_senders = [
            await stack.enter_async_context(opened(each.sender, kept, stop, clock, lease=lease)) for each in senders
        ]
        worker = Worker(senders, open_senders, kept, executor, stop, log, clock, window=window, lease=lease)
        await worker.require_right_clock()
        await worker.run(host, port, ready)


def require(senders: Sequence[Working]) -> None:
    """Refuse two senders that are one number.

    Raises:
        RefusedError: It is so.
        SenderError: A key or a URL cannot be used.
    """
    known: dict[str, str] = {}
    for name, sender in senders:
        if (other := known.setdefault(target_key(sender.check()), name)) != name:
            raise RefusedError(f"{name} and {other} are one number", f"name one of them: --senders {name}")


class Worker:
    """All that a worker does; to be run once.

    Attributes:
        status: How it is.
    """

    def __init__(
        self, senders: Sequence[Working], open_senders: Sequence[OpenSender], journal: Journal, executor: Executor,
        stop: asyncio.Event, write: Callable[[str], None], clock: Clock, *, window: int, lease: float,
    ) -> None:  # fmt: skip
        """Nothing is taken yet; for the arguments see `work_async`."""
        self._open_senders, self._journal, self._executor = open_senders, journal, executor
        self._stop, self._clock, self._window = stop, clock, window
        self._log, metrics = Log(write, clock), Metrics(WORKER)
        self._names = {sender.target: each.name for each, sender in zip(senders, open_senders, strict=True)}
        self._run_log = RunLog(self._names, metrics, self._log)
        self._units = [
            SenderUnits(sender, self._run_log, self._log, window, stop, lambda: self.status.right.is_off)
            for sender in open_senders
        ]
        grace = min(each.sender.grace for each in senders)
        self.status = WorkerStatus(
            self._names, open_senders, self._units, journal, executor, metrics, stop, clock, grace
        )
        self._beat_ = WorkerBeat(new_owner(""), [target_key(sender.target) for sender in open_senders], 0.0)
        self._gone: set[str] = set()
        self._taking = Taking(self._beat_.name, lease, self._has_ended)
        for sender in open_senders:
            sender.came_to = self._came_to

    async def require_right_clock(self) -> None:
        """Refuse to work on a machine whose clock is wrong.

        Raises:
            RefusedError: It is off by more than the grace.
        """
        await self.status.look_at_clock()
        require_right(self.status.right)

    async def run(self, host: str, port: int, ready: Callable[[str], None]) -> None:
        """Work until a stop is asked for, or something fails.

        Raises:
            RefusedError: The address cannot be had.
            JournalError: The journal cannot be used.
        """
        from flowrunner.receiver.status import status_site

        async def began(where: str) -> None:
            await self._note(self._clock.now() + ALIVE)  # whoever hands over now learns of it
            self._log.say("working", senders=list(self._names.values()), url=where, worker=self._beat_.name)
            ready(where)

        app = status_site(self.status.health, self.status.figures)
        works = self.works()
        await attend(
            works, app, host, port, stop=self._stop, log=self._log, clock=self._clock, began=began, to_the_end=True
        )
        await self._note(self._clock.now() - ALIVE)  # what it left lying is taken up at once
        self._log.say("stopped")

    def works(self) -> list[Work]:
        """What it does side by side, until a stop is asked for."""
        return [
            *(partial(each.work, self._executor) for each in self._units),
            self._go_on,
            self._beat,
            self._mind_the_clock,
            self._submit_again,
        ]

    def _has_ended(self, owner: str) -> bool:
        return owner in self._gone or has_ended(owner, is_shared=True)

    async def _go_on(self) -> None:
        """Go on with parked runs as they become due."""

        async def take(halt: asyncio.Event) -> None:
            its = self._run_log
            await carry_on(
                self._open_senders, self._journal, halt, tell=its.told, unforeseen=its.unforeseen, window=self._window,
                taking=self._taking,
            )  # fmt: skip

        await while_allowed(take, lambda: self.status.right.is_off, self._stop, self._clock)

    async def _came_to(self, member: Member, last: Event) -> None:
        """Count how a run of a campaign has ended that had been parked."""
        if (handed := await self._journal.work.of(member.campaign)) is not None:
            toll = Toll(handed, self._journal)
            toll.count(member, last)
            await toll.add_up()

    async def _beat(self) -> None:
        """Tell others that it is there, and learn who is there no more."""
        while True:
            now = self._clock.now()
            await self._note(now + ALIVE)
            others = await self._journal.work.workers()
            self._gone = {each.name for each in others if each.until < now - BEAT}
            self.status.beaten(sum(each.until > now for each in others))
            if await self._clock.sleep(BEAT, self._stop):
                return

    async def _note(self, until: float) -> None:
        await self._journal.work.note_worker(self._beat_._replace(until=until))

    async def _mind_the_clock(self) -> None:
        """Look now and then whether this machine's clock is right."""
        await look_now_and_then(self.status.right, self.status.look_at_clock, self._stop, self._log, self._clock)

    async def _submit_again(self) -> None:
        """Submit what was handed over by somebody who died before all of it was submitted."""
        while not await self._clock.sleep(_UNSUBMITTED, self._stop):
            for handed in await self._journal.work.unsubmitted(self._clock.now() - _UNSUBMITTED):
                campaign = await self._journal.campaign(handed.campaign)
                if campaign is not None:
                    self._log.say("submitted", campaign=campaign.id)
                    await submit(handed, campaign, self._journal, self._executor)


work = blocking(work_async)
