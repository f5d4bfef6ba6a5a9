"""What hands units out to workers, whatever stands behind it: each is carried out, whoever dies, sleeps or restarts."""

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from flowrunner.app.journals.maintenance import migrate_journal
from flowrunner.clock import SYSTEM
from flowrunner.cluster import Executor, Unit
from flowrunner.cluster.opening import open_executor
from flowrunner.journal import JournalAwayError, JournalError
from flowrunner.journal.places import DatabaseUrl
from support import postgres
from support.program import logged
from support.started import Started
from support.unit_worker import Entry

if TYPE_CHECKING:
    import psycopg

LEASE = 1.5
FAR = 4_000_000_000.0

Scene = Callable[[Executor], Coroutine[object, object, None]]


def units(count: int, campaign: str = "c1") -> list[Unit]:
    return [Unit(campaign, 200 * each + 1, 200 * each + 200) for each in range(count)]


def played(place: str, scene: Scene) -> None:
    """What is done to the queue of an empty journal, within a minute."""

    async def play() -> None:
        async with asyncio.timeout(60), open_executor(DatabaseUrl(place), SYSTEM, lease=LEASE) as executor:
            await scene(executor)

    asyncio.run(play())


class Work:
    """Carries units out by noting them, until as many have ended as are expected."""

    def __init__(self, expected: int, carry_out: Callable[[Unit], Awaitable[Unit | None]] | None = None) -> None:
        self.stop, self.begun, self.ended, self.most = asyncio.Event(), list[Unit](), list[Unit](), 0
        self._expected, self._carry_out = expected, carry_out

    async def __call__(self, unit: Unit) -> Unit | None:
        self.begun.append(unit)
        self.most = max(self.most, len(self.begun) - len(self.ended))
        try:
            return await self._carry_out(unit) if self._carry_out else await asyncio.sleep(0.01)
        finally:
            self.ended.append(unit)
            if len(self.ended) == self._expected:
                self.stop.set()


def queue_of(server: "psycopg.Connection") -> str:
    """The schema of the queue beside a journal."""
    (schema,) = server.execute("SELECT 'queue_of_' || current_schema()").fetchone() or ()
    assert isinstance(schema, str)
    return schema


def test_each_unit_is_carried_out_once(postgres_url: str) -> None:
    async def scene(executor: Executor) -> None:
        await executor.submit(units(40))
        assert await executor.waiting() == 40
        work = Work(40)
        await executor.work(work, work.stop, 4)
        assert sorted(work.ended) == units(40)
        assert 1 < work.most <= 4
        assert await executor.waiting() == 0

    played(postgres_url, scene)


def test_what_is_submitted_twice_is_one_unit(postgres_url: str) -> None:
    """Also while it is carried out, and by several at the same moment."""

    async def scene(executor: Executor) -> None:
        await asyncio.gather(*(executor.submit(units(30)) for _ in range(4)))
        await executor.submit(units(31)[20:])
        assert await executor.waiting() == 31

        async def again(unit: Unit) -> None:
            await executor.submit([unit, unit._replace(not_before=5.0)])

        work = Work(31, again)
        await executor.work(work, work.stop, 4)
        assert sorted(work.ended) == units(31)
        assert await executor.waiting() == 0

    played(postgres_url, scene)


def test_a_campaign_of_a_million_is_submitted_at_once(postgres_url: str) -> None:
    async def scene(executor: Executor) -> None:
        await executor.submit(units(5000))
        assert await executor.waiting() == 5000

    played(postgres_url, scene)


def test_the_rest_of_a_unit_takes_its_place(postgres_url: str) -> None:
    """As another attempt; and the same unit once more is not lost either."""

    async def scene(executor: Executor) -> None:
        async def carry_out(unit: Unit) -> Unit | None:
            if unit.attempt < 2:
                return Unit(unit.campaign, unit.first + 50, unit.last, unit.attempt + 1)
            return unit if len(work.begun) == 3 else None

        work = Work(4, carry_out)
        await executor.submit(units(1))
        await executor.work(work, work.stop, 4)
        last = Unit("c1", 101, 200, 2)
        assert work.ended == [Unit("c1", 1, 200), Unit("c1", 51, 200, 1), last, last]
        assert await executor.waiting() == 0

    played(postgres_url, scene)


def test_a_unit_that_fails_is_given_again(postgres_url: str) -> None:
    async def scene(executor: Executor) -> None:
        async def carry_out(unit: Unit) -> None:
            if len(work.begun) < 3:
                raise ValueError(unit)

        work = Work(3, carry_out)
        await executor.submit(units(1))
        await executor.work(work, work.stop, 2)
        assert work.ended == units(1) * 3
        assert await executor.waiting() == 0

    played(postgres_url, scene)


def test_a_worker_is_given_the_units_of_its_sender(postgres_url: str) -> None:
    async def scene(executor: Executor) -> None:
        mine, others = [each._replace(sender="shop") for each in units(5)], units(5, "c2")
        await executor.submit([*mine, *others, units(1, "c3")[0]._replace(sender="shops")])
        work = Work(5)
        await executor.work(work, work.stop, 4, "shop")
        assert sorted(work.ended) == mine
        assert [await executor.waiting(each) for each in ("shop", "", "shops")] == [0, 5, 1]

    played(postgres_url, scene)


def test_a_unit_waits_for_its_moment(postgres_url: str) -> None:
    async def scene(executor: Executor) -> None:
        later, past = Unit("later", 1, 200, not_before=FAR), Unit("past", 1, 200, not_before=1.5e9)
        soon = Unit("soon", 1, 200, not_before=time.time() + 2.0)
        await executor.submit([later, soon, past])
        work = Work(2)
        await executor.work(work, work.stop, 4)
        assert work.ended == [past, soon]
        assert await executor.waiting() == 1

    played(postgres_url, scene)


def test_who_is_asked_to_stop_ends_what_was_begun_and_begins_nothing(postgres_url: str) -> None:
    async def scene(executor: Executor) -> None:
        async def carry_out(_: Unit) -> None:
            if len(work.begun) == 3:
                work.stop.set()
            await work.stop.wait()
            await asyncio.sleep(0.2)

        work = Work(0, carry_out)
        await executor.submit(units(10))
        await executor.work(work, work.stop, 3)
        assert len(work.ended) == len(work.begun) == 3
        assert await executor.waiting() == 7

    played(postgres_url, scene)


def test_who_is_cancelled_gives_back_what_was_begun(postgres_url: str) -> None:
    """At once: nobody has to wait until its signs of life are missed."""

    async def scene(executor: Executor) -> None:
        begun = asyncio.Event()

        async def carry_out(_: Unit) -> None:
            begun.set()
            await asyncio.Event().wait()

        await executor.submit(units(3))
        working = asyncio.create_task(executor.work(carry_out, asyncio.Event(), 3))
        await begun.wait()
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
        assert await executor.waiting() == 3

    played(postgres_url, scene)


def test_several_may_open_a_new_queue_at_the_same_moment(postgres_url: str) -> None:
    async def opened(number: int) -> None:
        async with open_executor(DatabaseUrl(postgres_url), SYSTEM) as executor:
            await executor.submit(units(1, f"c{number}"))

    async def scene() -> int:
        await asyncio.gather(*map(opened, range(8)))
        async with open_executor(DatabaseUrl(postgres_url), SYSTEM) as executor:
            return await executor.waiting()

    assert asyncio.run(scene()) == 8


def test_queues_of_two_journals_on_one_server_are_two(postgres_server: Callable[[], str]) -> None:
    async def scene(executor: Executor) -> None:
        await executor.submit(units(3))
        async with open_executor(DatabaseUrl(postgres_server()), SYSTEM) as other:
            assert await other.waiting() == 0

    played(postgres_server(), scene)


def test_queues_of_journals_whose_schemas_are_called_almost_alike_are_two(postgres_server: Callable[[], str]) -> None:
    """A worker of the one would throw the other's units away."""
    import psycopg

    place = postgres_server()
    name = place.rpartition("%3D")[2]
    with psycopg.connect(place, autocommit=True) as server:
        server.execute(f'CREATE SCHEMA "{name.capitalize()}"'.encode())

    async def scene(executor: Executor) -> None:
        await executor.submit(units(3))
        its = place.replace(name, f"%22{name.capitalize()}%22")
        async with open_executor(DatabaseUrl(its), SYSTEM) as other:
            assert await other.waiting() == 0

    played(place, scene)


def test_a_queue_of_an_earlier_version_is_refused_until_it_is_migrated(postgres_url: str) -> None:
    """What stands in it stays."""
    import psycopg

    async def scene(executor: Executor) -> None:
        await executor.submit(units(3))
        with psycopg.connect(postgres_url) as server:
            server.execute(f"DROP INDEX {queue_of(server)}.units_picked_heartbeat_idx")
        with pytest.raises(JournalError, match="flowrunner journal migrate"):
            async with open_executor(DatabaseUrl(postgres_url), SYSTEM):
                pass
        migrate_journal(postgres_url)
        assert await executor.waiting() == 3

    played(postgres_url, scene)
    played(postgres_url, lambda executor: executor.submit(units(1)))


def test_names_of_tables_are_ours_whatever_the_environment_says(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PgQueuer takes those that nobody says from variables, some of which others use, too."""
    for name in ("QUEUE_TABLE", "PGQUEUER_QUEUE_TABLE", "PGQUEUER_SCHEMA", "PGQUEUER_PREFIX", "CHANNEL", "TRIGGER"):
        monkeypatch.setenv(name, "others")
    played(postgres_url, lambda executor: executor.submit(units(1)))
    monkeypatch.undo()

    async def scene(executor: Executor) -> None:
        assert await executor.waiting() == 1

    played(postgres_url, scene)


def test_the_queue_is_made_with_the_journal(postgres_url: str) -> None:
    """By who may make tables there; workers need no such right then."""
    import psycopg

    migrate_journal(postgres_url)
    with psycopg.connect(postgres_url) as server:
        made = server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [queue_of(server)]).fetchone()
    assert made == (4,)


def test_what_is_logged_of_units_is_bounded(postgres_url: str) -> None:
    """The journal knows what became of people; the engine's own log of units would grow for ever."""
    import psycopg

    async def scene(executor: Executor) -> None:
        for _ in range(4):
            await executor.submit(units(20))
            work = Work(20)
            await executor.work(work, work.stop, 4)

    played(postgres_url, scene)
    with psycopg.connect(postgres_url) as server:
        counted = server.execute(f"SELECT count(*) FROM {queue_of(server)}.units_log").fetchone()  # noqa: S608
    assert counted is not None
    assert counted[0] <= 60


def test_a_server_that_is_away_is_told(own_postgres: postgres.Cluster) -> None:
    """Without the password of its URL."""
    place = own_postgres.url(password=postgres.PASSWORD)

    async def scene(executor: Executor) -> None:
        await executor.submit(units(1))
        own_postgres.stop()
        for asked in (lambda: executor.submit(units(1)), executor.waiting):
            with pytest.raises(JournalAwayError) as told:
                await asked()
            assert postgres.PASSWORD not in repr(told.value)
        with pytest.raises(JournalAwayError):
            async with open_executor(DatabaseUrl(place), SYSTEM):
                pass

    played(place, scene)


def test_work_goes_on_when_the_server_comes_back(own_postgres: postgres.Cluster) -> None:
    """What was being carried out ends, once, and whoever waited for a unit gets one."""

    async def scene(executor: Executor) -> None:
        async def carry_out(_: Unit) -> None:
            if len(work.begun) == 10:
                await asyncio.to_thread(own_postgres.restart, "immediate")
            await asyncio.sleep(0.05)

        work = Work(30, carry_out)
        await executor.submit(units(30))
        await executor.work(work, work.stop, 4)
        assert set(work.ended) == set(units(30))
        assert await executor.waiting() == 0

    played(own_postgres.url(), scene)


class Workers:
    """Processes that work on one queue, and what they have told."""

    def __init__(self, place: str, folder: Path) -> None:
        self._place, self._folder, self._processes = place, folder, dict[str, Started]()
        self._log = folder / "told.jsonl"

    def start(self, name: str, seconds: float) -> None:
        command = (self._place, self._log, name, str(LEASE), str(seconds))
        self._processes[name] = logged(
            *command, module="support.unit_worker", cwd=self._folder, log=self._folder / "said.log"
        )

    def signal(self, name: str, which: signal.Signals) -> None:
        self._processes[name].send_signal(which)
        if which in (signal.SIGKILL, signal.SIGTERM):
            code, said = self._processes.pop(name).wait(60), (self._folder / "said.log").read_text(encoding="utf-8")
            assert code == (-which if which == signal.SIGKILL else 0), said

    def told(self) -> list[Entry]:
        if not self._log.exists():
            return []
        return [Entry(*json.loads(line)) for line in self._log.read_text(encoding="utf-8").splitlines()]

    def until(self, happened: Callable[[list[Entry]], object]) -> list[Entry]:
        """What was told when that had happened; a minute is enough for anything."""
        ends = time.monotonic() + 60
        while not happened(told := self.told()):
            assert time.monotonic() < ends, told
            time.sleep(0.02)
        return told

    def end(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()


@pytest.fixture
def workers(postgres_url: str, tmp_path: Path) -> Iterator[Workers]:
    """None yet, on an empty queue."""
    its = Workers(postgres_url, tmp_path)
    yield its
    its.end()


def ended(told: list[Entry]) -> set[str]:
    return {each.unit for each in told if each.what == "ended"}


def open_units(told: list[Entry], worker: str) -> set[str]:
    """What a worker has begun, not ended."""
    begun = {each.unit for each in told if each.worker == worker and each.what == "begun"}
    return begun - {each.unit for each in told if each.worker == worker and each.what == "ended"}


def submitted(place: str, count: int, campaign: str = "c1") -> set[str]:
    played(place, lambda executor: executor.submit(units(count, campaign)))
    return {each.id for each in units(count, campaign)}


def test_the_units_of_a_worker_that_is_killed_are_given_to_another(workers: Workers, postgres_url: str) -> None:
    """And only those: no other unit is begun twice."""
    every = submitted(postgres_url, 30)
    for name in ("w1", "w2"):
        workers.start(name, 0.3)
    left = set[str]()
    while not left:  # on a busy machine it may have ended them before it is stopped
        workers.until(lambda told: len(open_units(told, "w1")) >= 2 and len(ended(told)) >= 4)
        workers.signal("w1", signal.SIGSTOP)
        left = open_units(workers.told(), "w1")
        if not left:
            workers.signal("w1", signal.SIGCONT)
    workers.signal("w1", signal.SIGKILL)
    told = workers.until(lambda told: ended(told) == every)
    begun = Counter(each.unit for each in told if each.what == "begun")
    assert {unit for unit, times in begun.items() if times > 1} <= left


def test_a_worker_that_only_slept_ends_what_it_had_and_goes_on(workers: Workers, postgres_url: str) -> None:
    """Its units are given to another, once; that both carry them out is what claims are for."""
    submitted(postgres_url, 6)
    workers.start("w1", 0.3)
    workers.until(lambda told: len(open_units(told, "w1")) == 3)
    workers.signal("w1", signal.SIGSTOP)
    had = open_units(workers.told(), "w1")
    workers.start("w2", 0.3)
    workers.until(lambda told: len(ended(told)) == 6)
    workers.signal("w1", signal.SIGCONT)
    workers.until(lambda told: not open_units(told, "w1"))
    every = ended(workers.told()) | submitted(postgres_url, 12, "c2")
    told = workers.until(lambda told: ended(told) == every)
    begun = Counter(each.unit for each in told if each.what == "begun")
    assert {unit: times for unit, times in begun.items() if times > 1} == dict.fromkeys(had, 2)
    assert {each.worker for each in told if each.unit.startswith("c2")} == {"w1", "w2"}


def test_a_worker_that_is_asked_to_end_loses_nothing(workers: Workers, postgres_url: str) -> None:
    """Workers are replaced one after another; nobody waits for a lease."""
    every = submitted(postgres_url, 20)
    workers.start("w1", 0.3)
    workers.until(lambda told: len(ended(told)) >= 3)
    workers.signal("w1", signal.SIGTERM)
    assert open_units(workers.told(), "w1") == set()
    workers.start("w2", 0.0)
    told = workers.until(lambda told: ended(told) == every)
    assert max(Counter(each.unit for each in told if each.what == "begun").values()) == 1


def are_ended(count: int, told: list[Entry]) -> bool:
    return len(ended(told)) >= count


def killed_again_and_again(workers: Workers, place: str, kills: int, seed: int) -> None:
    dice, every = Random(seed), submitted(place, 8 * kills)  # noqa: S311 - which dice, a failure tells
    for name in ("w1", "w2"):
        workers.start(name, 0.1)
    for kill in range(kills):
        name = dice.choice(["w1", "w2"])
        done = min(len(ended(workers.told())) + dice.randrange(1, 8), len(every))
        workers.until(partial(are_ended, done))
        workers.signal(name, signal.SIGKILL)
        workers.start(name, 0.1)
        every |= submitted(place, 1, f"late{kill}")
    told = workers.until(lambda told: ended(told) == every)
    twice = [unit for unit, times in Counter(each.unit for each in told if each.what == "ended").items() if times > 1]
    assert len(twice) <= 3 * kills, "at most what each of the killed had under way"


def test_no_unit_is_lost_whoever_is_killed(workers: Workers, postgres_url: str) -> None:
    killed_again_and_again(workers, postgres_url, kills=3, seed=os.getpid())


@pytest.mark.soak
def test_no_unit_is_lost_whoever_is_killed_for_long(workers: Workers, postgres_url: str) -> None:
    killed_again_and_again(workers, postgres_url, kills=60, seed=os.getpid())
