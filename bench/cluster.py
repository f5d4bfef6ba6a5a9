"""Workers on one PostgreSQL: how fast they are, how they keep a rate together, how soon somebody is due, their memory.

All of it from outside: the program's own commands in processes of their own, and the moments at which messages came to
the API, or were written down as taken. The server is started for this, in a temporary folder, with every commit on the
disk.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.rounds import table, take_turns
from bench.servers import emulator, lateness, postgres, served, stamping_taker, stamps

if TYPE_CHECKING:
    import psycopg

PEOPLE, STEPS, SECONDS, ROUNDS = 1_000, 10, 0.05, 3
SQLITE, ONE, TWO = "one process on SQLite", "one worker on PostgreSQL", "two workers on PostgreSQL"
AT_LEAST = 0.6
RATE, RATE_WORKERS, RATE_PEOPLE, RATE_STEPS, SHARE, MOST = 80, 3, 1_200, 2, 0.95, 85
"""Eight units for three workers of two at a time: each of them has some."""
PARKED, WAITING, WITHIN, MOST_LATE = 1_000_000, 9, 20, 1.0
LONG, GROWTH = 3, 1.1
_FIRST = "  - message: {message_type: template, template_name: hi, template_language: en}\n    until: accepted\n"
_ASKS = f"""\
name: asks
steps:
  - id: start
    message: How many people work with you?
    reply: {{within: {WITHIN}s, settle: 0s, answers: [{{number: {{min: 1}}}}], otherwise: end, no_reply: continue}}
  - message: Another time, then.
anytime: [{{words: [stop], end: opted_out}}]
"""
_MANY = """
INSERT INTO runs SELECT more.*
FROM runs AS one, generate_series(1, %s) AS it, jsonb_populate_record(one, jsonb_build_object(
    'key', -it, 'id', one.id || it, 'conversation', 'x' || it, 'line', it + 1, 'wake_at', one.wake_at + 1e5 + it / 50.0
)) AS more WHERE one.wake_at IS NOT NULL
"""
"""More of the one run that waits, which wait for days; of such a one nothing but its row is read until it is due."""
_OTHERS = "FROM runs WHERE key > 0 AND conversation <> 'c0'"
_PATIENCE = 120.0


def main() -> bool:
    """Print the figures; answer whether the bounds were kept. Without PostgreSQL there is nothing to measure."""
    servers = postgres()
    if why := servers.missing():
        print(f"cluster: skipped, {why}\n")
        return True
    with servers.own() as server, TemporaryDirectory(dir=".", prefix=".bench-") as folder:
        _make_durable(server)
        with servers.schemas(server) as schemas, served(stamping_taker, SECONDS) as api:
            bench = _Bench(Path(folder).resolve(), schemas, api)
            return all([bench.speed(), bench.rate(), bench.due(), bench.memory()])


def _make_durable(server: Any) -> None:
    """As an operator has it: tests have theirs without."""
    import psycopg

    with psycopg.connect(server.url(), autocommit=True) as connection:
        for setting in ("fsync = on", "full_page_writes = on", "shared_buffers = '256MB'", "max_wal_size = '2GB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
    server.restart("fast")


def _repeat(journal: "psycopg.Connection") -> None:
    """Let so many more wait. Indexes are made of what is there sooner than row by row."""
    its = "SELECT indexdef, indexname FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'runs'"
    with journal.transaction():
        for _, name in (found := journal.execute(f"{its} AND indexdef NOT LIKE '%UNIQUE%'").fetchall()):
            journal.execute(f"DROP INDEX {name}")
        journal.execute(_MANY, [PARKED])
        for made, _ in found:
            journal.execute(made)
    journal.execute("VACUUM ANALYZE runs")
    journal.execute("CHECKPOINT")


class _Place(NamedTuple):
    """Where it is sent from and to."""

    journal: Path | str
    api: str
    rate: str = "1000000/s"

    @property
    def options(self) -> list[str]:
        return ["--api-url", self.api, "--journal", str(self.journal), "--rate", self.rate]


class _Bench:
    def __init__(self, folder: Path, schemas: Callable[[], str], api: str) -> None:
        self._folder, self._schemas, self._api = folder, schemas, api

    def speed(self) -> bool:
        """Messages a second, from the first that came to the last, all processes on one machine."""
        candidates = {SQLITE: self._by_one_process, ONE: lambda: self._by(1), TWO: lambda: self._by(2)}
        figures = take_turns(candidates, SQLITE, ROUNDS, warm_up=False)
        title = f"{PEOPLE:,} people, {STEPS} messages each, each answered after {SECONDS * 1000:g} ms"
        print(table(title, figures, {ONE: f"at least {AT_LEAST:g}"}, "messages/s", 1))
        return figures[ONE].ratio >= AT_LEAST

    def rate(self) -> bool:
        """The share of a rate that several workers use together, and the most that came within any second."""
        lateness(self._api)  # what was before does not matter
        came = self._sent(RATE_WORKERS, RATE_PEOPLE, RATE_STEPS, f"{RATE}/s")
        later = [at for at in came if at > came[0] + 1]
        late = lateness(self._api)
        used, most = len(later) / (RATE * (came[-1] - came[0] - 1)), _most(came, 1 - late)
        print(f"{RATE_WORKERS} workers keep {RATE} a second together for {came[-1] - came[0]:.0f} s")
        print(f"  used after the first second: {used:.1%} (at least {SHARE:.0%})")
        print(f"  in any second at most {most} (at most {MOST}); less the server's own {late * 1000:.0f} ms\n")
        return used >= SHARE and most <= MOST

    def due(self) -> bool:
        """How long after its moment a run goes on, beside so many that wait."""
        import psycopg

        with served(emulator, WAITING + 1, 1_000_000, 1.0) as api, ExitStack() as stack:
            place = _Place(self._schemas(), api)
            journal = stack.enter_context(psycopg.connect(str(place.journal), autocommit=True))
            with self._worker(place):
                self._run(place, _ASKS, ["c0"], "--detach")
                _asked(journal, "SELECT key FROM runs WHERE wake_at IS NOT NULL", 1)
            _repeat(journal)
            stack.enter_context(self._worker(place))
            self._run(place, _ASKS, [f"c{number + 1}" for number in range(WAITING)], "--detach")
            due: dict[int, float] = dict(_asked(journal, f"SELECT key, wake_at {_OTHERS} AND wake_at > 0", WAITING))
            # Not asked for sooner: whoever asks takes of the machine what those need who are due.
            time.sleep(max(due.values()) - time.time() + MOST_LATE)
            second = f"SELECT run, max(at) FROM events WHERE run IN (SELECT key {_OTHERS}) AND kind = 'accepted'"  # noqa: S608
            taken = _asked(journal, f"{second} GROUP BY run HAVING count(*) > 1", WAITING)
            late: list[float] = [at - due[key] for key, at in taken]
        print(f"{PARKED:,} runs wait; what {WAITING} others get at their moment was taken so long after it")
        print(f"  {statistics.median(late):.2f} s in the middle, {max(late):.2f} s at most (at most {MOST_LATE:g})\n")
        return max(late) <= MOST_LATE

    def memory(self) -> bool:
        """What a worker holds early in a campaign of many units, and late."""
        held: list[float] = []
        self._sent(1, PEOPLE * LONG, look=lambda worker: held.append(_megabytes(worker.pid)))
        quarter = len(held) // 4
        early, late = statistics.median(held[quarter : 2 * quarter]), statistics.median(held[-quarter:])
        print(f"a worker's memory over {PEOPLE * LONG:,} people: {early:.0f} MB early, {late:.0f} MB late")
        print(f"  grown to {late / early:.2f} of it (at most {GROWTH:g})\n")
        return late / early <= GROWTH

    def _by_one_process(self) -> float:
        with TemporaryDirectory(dir=self._folder) as folder:
            self._run(_Place(Path(folder, "journal.db"), self._api), _sending(STEPS), _people(PEOPLE))
        return _speed(self._came())

    def _by(self, workers: int) -> float:
        return _speed(self._sent(workers, PEOPLE))

    def _sent(
        self, workers: int, people: int, steps: int = STEPS, rate: str = "1000000/s",
        look: Callable[["subprocess.Popen[str]"], None] = lambda _: None,
    ) -> list[float]:  # fmt: skip
        """When each message came of a campaign that was handed over to so many workers."""
        place, came = _Place(self._schemas(), self._api, rate), list[float]()
        with ExitStack() as stack:
            started = [stack.enter_context(self._worker(place)) for _ in range(workers)]
            self._run(place, _sending(steps), _people(people), "--detach")
            while len(came) < people * steps:
                time.sleep(0.2)
                came += self._came()
                if started[0].poll() is not None:
                    raise RuntimeError("a worker has ended before its work; workers.log has why")
                look(started[0])
        return came

    def _came(self) -> list[float]:
        return [at for at, _ in stamps(self._api)]

    def _run(self, place: _Place, flow: str, people: Iterable[str], *more: str) -> None:
        file, audience = self._folder / "flow.yaml", self._folder / "people.csv"
        file.write_text(flow, encoding="utf-8")
        lines = ["conversation", *people]
        audience.write_text("\n".join(lines) + "\n", encoding="utf-8")
        words = [str(file), "--audience", str(audience), "--yes-send-to", str(len(lines) - 1), *more, *place.options]
        subprocess.run(_program("run", *words), check=True, env=_ENVIRONMENT, capture_output=True)

    @contextmanager
    def _worker(self, place: _Place) -> "Iterator[subprocess.Popen[str]]":
        command = _program("worker", "--port", "0", *place.options)
        with (
            (self._folder / "workers.log").open("a") as log,
            subprocess.Popen(command, env=_ENVIRONMENT, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            process.stdout.readline()
            try:
                yield process
            finally:
                process.terminate()


_ENVIRONMENT = {**os.environ, "KAPSO_API_KEY": "bench-key-0000"}


def _program(*words: str) -> list[str]:
    return [sys.executable, "-m", "flowrunner", *words]


def _sending(steps: int) -> str:
    return f"name: sending\nsteps:\n{_FIRST}" + "".join(
        f"  - message: Message {step}\n" for step in range(2, steps + 1)
    )


def _people(count: int) -> Iterable[str]:
    return (f"c{number}" for number in range(count))


def _speed(came: list[float]) -> float:
    return (len(came) - 1) / (came[-1] - came[0])


def _most(came: list[float], seconds: float) -> int:
    """The most that came within any so many seconds."""
    first = most = 0
    for last, at in enumerate(came):
        while came[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _asked(journal: "psycopg.Connection", statement: str, rows: int) -> list[tuple[Any, ...]]:
    """What that gives once it gives so much."""
    until = time.monotonic() + _PATIENCE
    while len(found := journal.execute(statement.encode()).fetchall()) < rows:
        if time.monotonic() > until:
            raise TimeoutError(f"{len(found)} of {rows} after {_PATIENCE:g} s: {statement}")
        time.sleep(0.1)
    return found


def _megabytes(process: int) -> float:
    """The memory that a process holds now."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
