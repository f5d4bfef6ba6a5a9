"""The queue of units: PgQueuer (https://github.com/janbjorge/pgqueuer), its tables in a schema beside the journal's.

The only file that knows it. It gives each unit to one worker, keeps a sign of life for it, and gives it again when the
signs have stopped. What it gives twice, or late, does no harm: what becomes of people is the journal's.
"""

import asyncio
import re
from asyncio import Event
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Final, TypeVar

import psycopg
from pgqueuer import DatabaseRetryEntrypointExecutor, Job, PsycopgDriver, Queries, QueueManager, RetryRequested
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel
from pgqueuer.ports.driver import NotifyCallback
from psycopg import AsyncConnection

from flowrunner.clock import Clock
from flowrunner.cluster.connecting import dial, passes, told
from flowrunner.cluster.units import Executor, Unit
from flowrunner.journal import JournalError
from flowrunner.journal.places import DatabaseUrl
from flowrunner.journal.postgres.committing import TAKE_LOCK

POLL: Final = timedelta(seconds=0.5)
"""How often a worker looks for a unit when it has none to look after. A unit lasts minutes: nobody waits for this."""

T = TypeVar("T")


class _Line(PsycopgDriver):
    """One connection as PgQueuer asks by it; who works dials again when it is lost.

    It does not listen for notices: psycopg keeps whoever asks waiting while it does, and poolers drop them.
    """

    def __init__(self, connection: AsyncConnection, place: DatabaseUrl, clock: Clock, stop: Event | None) -> None:
        super().__init__(connection)
        self._place, self._clock, self._stop = place, clock, stop
        self._turn = asyncio.Lock()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return await self._asked(super().fetch, query, *args)

    async def execute(self, query: str, *args: object) -> str:
        return await self._asked(super().execute, query, *args)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        """Nothing is heard."""

    async def _asked(self, ask: Callable[..., Awaitable[T]], query: str, *args: object) -> T:
        """Ask until there is an answer, or work is to stop.

        What was asked may have been done although its answer was lost. It may be done twice: a unit that is put in
        again is one, one that was taken unseen is given again after the lease, and one that is done stays done.
        """
        async with self._turn:
            while True:
                try:
                    if self._connection.closed:
                        self._connection = await dial(self._place, self._clock, self._stop)
                    return await ask(query, *args)
                except psycopg.Error as error:
                    if not await passes(error, self._place, self._clock, self._stop):
                        raise

    async def close(self) -> None:
        await self._connection.close()


class _Queue:
    def __init__(self, place: DatabaseUrl, names: DBSettings, clock: Clock, lease: float) -> None:
        self._place, self._names, self._clock, self._lease = place, names, clock, timedelta(seconds=lease)

    async def submit(self, units: Sequence[Unit]) -> None:
        async with self._asking() as queries:
            # PgQueuer logs what becomes of units, for ever: the journal knows better.
            await queries.clear_queue_log(sorted({f"units of {each.sender}" for each in units}))
            await _put(queries, units)

    async def waiting(self, sender: str = "") -> int:
        async with self._asking() as queries:
            sizes = await queries.queue_size()
        return sum(each.count for each in sizes if (each.entrypoint, each.status) == (f"units of {sender}", "queued"))

    async def work(
        self, carry_out: Callable[[Unit], Awaitable[Unit | None]], stop: Event, at_once: int, sender: str = ""
    ) -> None:
        under_way: set[asyncio.Task[object] | None] = set()
        async with self._asking(stop) as queries:

            async def given(job: Job) -> None:
                unit = Unit.read((job.payload or b"{}").decode())
                if stop.is_set():
                    raise RetryRequested  # it was taken while the stop came
                under_way.add(task := asyncio.current_task())
                try:
                    rest = await carry_out(unit)
                except asyncio.CancelledError:
                    raise RetryRequested from None  # PgQueuer deletes what is cancelled
                finally:
                    under_way.discard(task)
                if rest is not None and rest.id == unit.id:
                    raise RetryRequested(self._lease)  # as a new one it would be the old one, and end with it
                if rest is not None:
                    await _put(queries, [rest])

            again = partial(
                DatabaseRetryEntrypointExecutor,
                max_attempts=2**31, initial_delay=self._lease, max_delay=self._lease, backoff_multiplier=1,
            )  # fmt: skip
            manager = QueueManager(queries)
            manager.shutdown, manager.min_dequeue_poll_interval = stop, POLL / 2
            manager.entrypoint(f"units of {sender}", on_failure="hold", executor_factory=again)(given)
            running = asyncio.create_task(manager.run(
                POLL, 1, max_concurrent_tasks=max(2, at_once),
                heartbeat_timeout=self._lease, log_aggregation_interval=timedelta(0),
            ))  # fmt: skip
            try:
                await asyncio.shield(running)
            except asyncio.CancelledError:
                stop.set()
                for task in filter(None, under_way):
                    task.cancel()
                await running
                raise

    @asynccontextmanager
    async def _asking(self, stop: Event | None = None) -> AsyncIterator[Queries]:
        with told(self._place, was_in=True):
            connection = await dial(self._place, self._clock, stop)
            line = _Line(connection, self._place, self._clock, stop)
            try:
                yield _queries(line, self._names)
            finally:
                await line.close()


async def _put(queries: Queries, units: Sequence[Unit]) -> None:
    (row,) = await queries.driver.fetch("SELECT extract(epoch FROM clock_timestamp())::float8 AS now")
    now = float(str(row["now"]))
    await queries.enqueue(
        [f"units of {each.sender}" for each in units],
        [each.text().encode() for each in units],
        [0] * len(units),
        [timedelta(seconds=max(0.0, each.not_before - now)) for each in units],
        [each.id for each in units],
        on_conflict="skip",
    )


def _queries(by: PsycopgDriver, names: DBSettings) -> Queries:
    return Queries(by, QueryBuilderEnvironment(names), QueryQueueBuilder(names), QuerySchedulerBuilder(names))


def _names(schema: str) -> DBSettings:
    """Every name is said: PgQueuer would take what is not from the environment."""
    its = re.sub("[^a-z0-9_]", "_", schema.lower())[:54]
    if its != schema:  # another's may come to the same, and units of a journal that is not theirs are thrown away
        its = f"{its[:45]}_{sha256(schema.encode()).hexdigest()[:8]}"
    return DBSettings(
        prefix="", db_schema=f"queue_of_{its}", channel=Channel("units"),
        queue_table="units", queue_table_log="units_log", statistics_table="units_statistics",
        schedules_table="units_schedules", queue_status_type="unit_status", function="units_changed",
        trigger="units_changed", durability=Durability.durable, widen_id=True,
    )  # fmt: skip


@asynccontextmanager
async def opened(place: DatabaseUrl, *, migrate: bool, clock: Clock, lease: float) -> AsyncIterator[Executor]:
    """``open_executor`` says what this takes and raises."""
    with told(place):
        async with await dial(place, clock, None) as connection:
            (schema,) = await (await connection.execute("SELECT coalesce(current_schema(), 'public')")).fetchone() or ()
            queries = _queries(PsycopgDriver(connection), names := _names(schema))
            if not await queries.schema_is_installed():
                async with connection.transaction():
                    await connection.execute(TAKE_LOCK)
                    if not await queries.schema_is_installed():
                        await queries.install()
            elif not migrate and (await queries.plan_upgrade()).statements:
                raise JournalError("the queue of units is of an earlier version", "run `flowrunner journal migrate`")
            if migrate:
                await queries.apply_upgrade()
    yield _Queue(place, names, clock, lease)
