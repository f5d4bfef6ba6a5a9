"""Workers that the database lets in no more, or whose database is gone: they wait and go on, from no other state."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support import postgres
from support.campaigns import INPUTS, QUICK, STEPS, people, received
from support.postgres_keeper import programs
from support.program import KEY, flow, flowrunner
from support.working import RealWorker, becomes, left

pytestmark = pytest.mark.long

PEOPLE = 60
WHOLE = {f"c{number}": 3 for number in range(PEOPLE)}


class Shop(NamedTuple):
    """A database of its own on a server, and people to whom a campaign was handed over."""

    folder: Path
    server: postgres.Cluster
    state: EmulatorState
    api: tuple[str, ...]
    campaign: str
    passfile: Path

    @property
    def journal(self) -> str:
        return self.server.url().replace("/postgres?", "/shop?")

    def asked(self, statement: str) -> None:
        with postgres.connected(self.server.url()) as server:
            server.execute(statement)

    def passwords(self, password: str) -> None:
        """Keep it where libpq looks for it."""
        self.passfile.write_text(f"*:*:*:*:{password.replace(':', chr(92) + ':')}\n", encoding="utf-8")
        self.passfile.chmod(0o600)

    def worker(self) -> RealWorker:
        where = f"postgresql://postgres@127.0.0.1:{self.server.port}/shop?passfile={self.passfile}"
        return RealWorker(*self.api, "--journal", where, *QUICK, cwd=self.folder)

    def got(self) -> dict[str, int]:
        return {name: len(each) for name, each in received(self.state).items()}

    def tool(self, name: str, *arguments: str) -> None:
        where = ("--host", str(self.server.data.parent), "--port", str(self.server.port), "--username", "postgres")
        subprocess.run([f"{programs()}/{name}", *where, *arguments], check=True)


@pytest.fixture
def shop(tmp_path: Path, own_postgres: postgres.Cluster) -> Iterator[Shop]:
    state = EmulatorState(api_key=KEY, clock=SYSTEM)
    state.conversations.on_demand = True
    state.faults.add(parse_fault("latency:seconds=0.5"))
    with running(state) as url:
        its = Shop(tmp_path, own_postgres, state, ("--api-url", url), "", tmp_path / "pgpass")
        its.asked("CREATE DATABASE shop")
        its.passwords(postgres.PASSWORD)
        file, audience = flow(tmp_path / "f.yaml", STEPS, INPUTS), people(tmp_path / "p.csv", PEOPLE)
        command = ("run", file, "--audience", audience, *its.api, "--yes-send-to", f"{PEOPLE}", "--detach")
        yield its._replace(campaign=left(flowrunner(*command, "--journal", its.journal, cwd=tmp_path)))


def until(is_so: Callable[[], object]) -> None:
    last = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < last
        time.sleep(0.1)


def waits(worker: RealWorker, why: str) -> None:
    """It is still there, and says why it does nothing."""
    until(lambda: worker.process.poll() or any("no journal" in line and why in line for line in worker.lines))
    assert worker.process.poll() is None, worker.lines


def test_a_new_password_is_waited_for_where_it_is_read_anew(shop: Shop) -> None:
    with shop.worker() as worker:
        until(shop.got)
        shop.asked("ALTER ROLE postgres PASSWORD 'another'")
        shop.asked("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'")
        waits(worker, "does not let this user in")
        shop.passwords("another")
        becomes(shop.campaign, shop.journal, shop.folder, finished=PEOPLE)
        assert worker.stop() == 0
    assert shop.got() == WHOLE


def test_a_database_that_is_away_for_a_while_is_waited_for(shop: Shop) -> None:
    with shop.worker() as worker:
        until(shop.got)
        shop.asked("ALTER DATABASE shop ALLOW_CONNECTIONS false")
        shop.asked("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop'")
        time.sleep(0.5)
        shop.asked("ALTER DATABASE shop RENAME TO aside")
        waits(worker, "is in no database that is there")
        shop.asked("ALTER DATABASE aside RENAME TO shop")
        shop.asked("ALTER DATABASE shop ALLOW_CONNECTIONS true")
        becomes(shop.campaign, shop.journal, shop.folder, finished=PEOPLE)
        assert worker.stop() == 0
    assert shop.got() == WHOLE


def test_nobody_goes_on_from_an_earlier_state_that_is_put_back_meanwhile(shop: Shop) -> None:
    """Though everything else is as it was: what was sent since would be sent again."""
    dump = str(shop.folder / "dump")
    with shop.worker() as worker:
        until(lambda: len(shop.got()) > PEOPLE // 4)
        shop.tool("pg_dump", "--format=custom", "--file", dump, "shop")
        before = sum(shop.got().values())
        until(lambda: sum(shop.got().values()) > before + PEOPLE // 2)
        shop.asked("DROP DATABASE shop WITH (FORCE)")
        waits(worker, "is in no database that is there")
        shop.asked("CREATE DATABASE earlier")
        shop.tool("pg_restore", "--dbname", "earlier", dump)
        shop.asked("ALTER DATABASE earlier RENAME TO shop")
        assert worker.process.wait(60) == 3
        said = "".join(worker.lines)
    assert "an earlier state of it was put back" in said
    assert "flowrunner journal accept --restored" in said
    sent = received(shop.state)
    assert all(len({*each}) == len(each) for each in sent.values()), json.dumps(sent)
