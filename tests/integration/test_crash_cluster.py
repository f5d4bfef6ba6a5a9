"""Workers that are killed, frozen and cut off, and a database that falls: each person gets each message once, in order.

Each worker is a process as on a machine of its own. The short forms are slices of the long ones, which a soak runs.
"""

import json
import math
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.serve import running
from support import postgres
from support.journals import blocking
from support.program import flowrunner, logged

pytestmark = pytest.mark.long

LEASE = 5.0
TELLS = "name: tells\nsteps:\n" + "".join(f'  - message: "{number}"\n' for number in range(1, 11))
ASKS = """
name: asks
steps:
  - {id: one, message: "one?", reply: {within: 1d, settle: 0s, no_reply: continue}}
  - {id: two, message: "two {{ one.text | default('-') }}?", reply: {within: 1d, settle: 0s, no_reply: continue}}
  - message: "three {{ two.text | default('-') }}"
"""
TOLD = [str(number) for number in range(1, 11)]
TALKED = ["one?", "two 1?", "three 2"]


class Machine:
    """A worker on a machine of its own, which may be killed and started again."""

    def __init__(self, name: str, folder: Path, *command: str) -> None:
        self.name, self._folder, self._command = name, folder, command
        self.log = folder / f"{name}.log"
        self.start()

    def start(self) -> None:
        command = (self.name, str(LEASE), *self._command)
        self.process = logged(*command, module="support.machine", cwd=self._folder, log=self.log)

    def said(self) -> list[dict[str, Any]]:
        """Its lines of JSON so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def drain(self) -> None:
        """End it as an upgrade does."""
        self.signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log.read_text(encoding="utf-8")


class Net:
    """A way to the database that can be cut so that nothing is answered any more, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._to, self._pairs = port, list[socket.socket]()
        self.is_cut = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._server.close()
        for each in self._pairs:
            each.close()

    def heal(self) -> None:
        """Let new connections through; what was said meanwhile is lost, and so are those that it was said on."""
        self.is_cut = False
        for each in self._pairs:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._server.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._pairs += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 16):
                if not self.is_cut:
                    other.sendall(data)
            if not self.is_cut:
                other.shutdown(socket.SHUT_WR)


class Town(NamedTuple):
    """A database, an API, and people to whom two campaigns were handed over."""

    folder: Path
    server: postgres.Cluster
    state: EmulatorState
    api: tuple[str, ...]
    told: list[Talk]
    talked: list[Talk]
    talking: "list[Talking]"
    stack: ExitStack

    def machine(self, name: str, place: str = "") -> Machine:
        """A worker more."""
        patience = ("--timeout", "5", "--grace", "1")
        command = ("worker", "--port", "0", *self.api, *patience, "--journal", place or self.place)
        made = Machine(name, self.folder, *command)
        self.stack.callback(made.kill)
        return made

    @property
    def place(self) -> str:
        return self.server.url()

    def sent(self, talk: str) -> list[str]:
        return [each.content for each in self.state.messages(talk, "oldest") if each.direction == "outbound"]

    def answers(self, dice: Random) -> None:
        for each in self.talking:
            each.answer(self, dice)

    def require_sound(self) -> None:
        """Nobody has had anything twice, or before what comes before it."""
        for talks, words in ((self.told, TOLD), (self.talked, TALKED)):
            for talk in talks:
                sent = self.sent(talk.id)
                assert sent == words[: len(sent)], talk

    def becomes_done(self, seconds: float) -> None:
        """Wait until both campaigns have ended, and require that everybody had everything once.

        Who listens by polling looks once a minute at last, while nobody writes.
        """
        dice, until = Random(1), time.monotonic() + seconds  # noqa: S311  # repeats itself, and keeps no secret
        # To ask the database costs the workers time.
        while not self.is_sent() or {state for each in self.counts() for state in each} != {"finished"}:
            assert time.monotonic() < until, self.counts()
            self.answers(dice)
            time.sleep(0.2)
        self.require_sound()
        assert self.is_sent()

    def is_sent(self) -> bool:
        """Whether everybody has had everything, and nothing else."""
        return [self.sent(talk.id) for talk in (*self.told, *self.talked)] == [
            *([TOLD] * len(self.told)), *([TALKED] * len(self.talked))
        ]  # fmt: skip

    def counts(self) -> list[dict[str, int]]:
        with blocking(self.place, read_only=True) as its:
            return [{phase.value: count for phase, count in its.counts(each.id).phases.items() if count}
                    for each in its.campaigns()]  # fmt: skip


class Talking(NamedTuple):
    """Somebody who answers each question with its number, once."""

    talk: str
    answered: set[int]

    def answer(self, town: Town, dice: Random) -> None:
        asked = len(town.sent(self.talk))
        if 0 < asked < len(TALKED) and asked not in self.answered and dice.random() < 0.2:
            self.answered.add(asked)
            town.state.add_inbound(self.talk, inbound_body({"message_type": "text", "content": str(asked)}))


@pytest.fixture
def town(tmp_path: Path, own_postgres: postgres.Cluster) -> Iterator[Town]:
    with made_town(tmp_path, own_postgres, 30, 8) as its:
        yield its


@contextmanager
def made_town(folder: Path, server: postgres.Cluster, told: int, talked: int, latency: float = 0.05) -> Iterator[Town]:
    state = EmulatorState(delays=Delays(sent=0.01, delivered=0.02, read=0.03), clock=SYSTEM)
    state.faults.add(parse_fault(f"latency:seconds={latency}"))
    phones = [f"+34600{number:06}" for number in range(told + talked)]
    talks = [state.conversations.create(phone) for phone in phones]
    parts = {"tells": (TELLS, phones[:told]), "asks": (ASKS, phones[told:])}
    with running(state) as url, ExitStack() as stack:
        api = ("--api-url", url, "--dialect", "meta", "--number", NUMBER_ID, "--rate", "100000/s")
        for name, (flow, people) in parts.items():
            (folder / f"{name}.yaml").write_text(flow, encoding="utf-8")
            (folder / f"{name}.csv").write_text("phone\n" + "".join(f"{phone}\n" for phone in people), encoding="utf-8")
            command = (
                "run",
                f"{name}.yaml",
                "--audience",
                f"{name}.csv",
                "--yes-send-to",
                str(len(people)),
                "--detach",
            )
            done = flowrunner(*command, *api, "--journal", server.url(), cwd=folder)
            assert done.returncode == 0, done.stdout + done.stderr
        listen = ("listen", "--poll", "--port", "0", *api, "--journal", server.url())
        stack.callback(Machine("listener", folder, *listen).kill)
        talking = [Talking(talk.id, set()) for talk in talks[told:]]
        yield Town(folder, server, state, api, talks[:told], talks[told:], talking, stack)


def killed(
    town: Town, seconds: float, dice: Random, beside: Callable[[float], None] = lambda _: None
) -> dict[str, float]:
    """One of three workers is killed every two seconds, and started again. Returns when each process was."""
    with postgres.connected(town.place) as db:
        db.execute(_AUDIT)
    machines, deaths = [town.machine(f"m{number}") for number in range(3)], {}
    began = time.monotonic()
    while (past := time.monotonic() - began) < seconds:
        beside(past)
        until = time.monotonic() + 2
        while time.monotonic() < until:
            town.answers(dice)
            time.sleep(0.1)
        its = dice.choice(machines)
        its.kill()
        deaths[str(its.process.pid)] = time.time()
        its.start()
    town.becomes_done(150)
    return deaths


def test_workers_that_are_killed(town: Town) -> None:
    killed(town, 6, Random(3))  # noqa: S311  # repeats itself, and keeps no secret


def test_whom_a_worker_had_that_is_killed_another_takes_over_within_two_leases(town: Town) -> None:
    with postgres.connected(town.place) as db:
        db.execute(_AUDIT)
    machines = [town.machine(f"m{number}") for number in range(3)]
    _until(lambda: _done(town) > 0.2)
    with postgres.connected(town.place) as db:
        held = {_number(owner) for (owner,) in db.execute("SELECT owner FROM claims WHERE owner <> ''").fetchall()}
    its = next(each for each in machines if str(each.process.pid) in held)
    its.kill()
    deaths = {str(its.process.pid): time.time()}
    town.becomes_done(240)
    found = lapses(town, deaths)
    assert found
    assert max(found) <= 2 * LEASE


@pytest.mark.soak
def test_a_worker_is_killed_every_two_seconds_for_a_minute(tmp_path: Path, own_postgres: postgres.Cluster) -> None:
    """And PostgreSQL falls twice."""
    falls = [20.0, 40.0]

    def fall(past: float) -> None:
        if falls and past > falls[0]:
            falls.pop(0)
            own_postgres.restart("immediate")

    with made_town(tmp_path, own_postgres, 200, 50, latency=0.5) as town:
        deaths = killed(town, 60, Random(5), fall)  # noqa: S311  # likewise
        found = lapses(town, deaths)
        assert not falls
        # Whoever takes over may be killed before they have: then it takes a lease more.
        sys.stdout.write(f"{len(deaths)} kills, {len(found)} people taken over, after {median(found):.1f} s (median)")
        sys.stdout.write(f", {max(found):.1f} s (longest)\n")
        assert median(found) <= 2 * LEASE


def test_a_database_that_falls_in_the_middle(town: Town) -> None:
    machines = [town.machine(f"m{number}") for number in range(3)]
    for share in (0.2, 0.5):
        _until(lambda share=share: _done(town) > share)  # type: ignore[misc]
        town.server.restart("immediate")
    town.becomes_done(240)
    assert all(each.process.poll() is None for each in machines)


def test_a_worker_that_is_frozen_beyond_its_lease_sends_nothing_stale(town: Town) -> None:
    frozen = town.machine("frozen")
    _until(lambda: _done(town) > 0.2)
    frozen.signal(signal.SIGSTOP)
    other = town.machine("other")
    town.becomes_done(240)
    received = len(town.state.received())
    frozen.signal(signal.SIGCONT)
    time.sleep(3)
    assert len(town.state.received()) == received
    town.require_sound()
    assert frozen.process.poll() is None
    frozen.drain()
    other.drain()


def test_a_worker_that_is_cut_off_from_the_database_sends_at_most_what_was_begun(town: Town) -> None:
    net = Net(town.server.port)
    town.stack.callback(net.close)
    place = f"postgresql://postgres@127.0.0.1:{net.port}/postgres?password={postgres.quote(postgres.PASSWORD, safe='')}"
    cut = town.machine("cut", place)
    _until(lambda: _done(town) > 0.2)
    net.is_cut = True
    time.sleep(0.5)
    begun = _begun(town)
    time.sleep(2 * LEASE)
    assert len(town.state.received()) <= begun
    town.machine("other")
    town.becomes_done(240)
    net.heal()
    time.sleep(2)
    town.require_sound()
    assert cut.process.poll() is None


def test_workers_that_are_exchanged_one_after_another_leave_nothing_in_doubt(town: Town) -> None:
    machines = [town.machine(f"m{number}") for number in range(2)]
    for number, share in enumerate((0.15, 0.4, 0.65)):
        _until(lambda share=share: _done(town) > share)  # type: ignore[misc]
        machines.append(town.machine(f"new{number}"))
        machines.pop(0).drain()
        assert "in_doubt" not in {state for each in town.counts() for state in each}
    town.becomes_done(240)


def _done(town: Town) -> float:
    """Which share of the messages that nobody must answer the API has taken."""
    return sum(len(town.sent(talk.id)) for talk in town.told) / (len(town.told) * len(TOLD))


def _begun(town: Town) -> int:
    with postgres.connected(town.place) as db:
        return int(db.execute("SELECT count(*) FROM events WHERE kind = 'begun'").fetchone()[0])


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


_AUDIT = """
CREATE TABLE taken (key BIGSERIAL, person TEXT, owner TEXT, at DOUBLE PRECISION);
CREATE FUNCTION note_taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO taken (person, owner, at) VALUES (NEW.conversation, NEW.owner, extract(epoch FROM clock_timestamp()));
  RETURN NEW;
END $$;
CREATE TRIGGER first_taken AFTER INSERT ON claims FOR EACH ROW EXECUTE FUNCTION note_taken();
CREATE TRIGGER then_taken AFTER UPDATE ON claims FOR EACH ROW WHEN (OLD.owner <> NEW.owner)
  EXECUTE FUNCTION note_taken();
"""
"""Every time that a person is claimed by another, or by nobody any more."""


def lapses(town: Town, deaths: dict[str, float]) -> list[float]:
    """For each person whom a process had when it was killed, the seconds until another took them.

    Args:
        town: Where.
        deaths: When each process was killed, by its number.
    """
    with postgres.connected(town.place) as db:
        rows = db.execute("SELECT person, owner, at FROM taken ORDER BY key").fetchall()
    found, last, numbers = list[float](), dict[str, str](), {each.phone.lstrip("+") for each in town.told}
    for person, owner, at in rows:
        killed_at = deaths.get(_number(last.get(person, "")), math.inf)
        # Who waits for an answer is taken as soon as it comes, and not before.
        if killed_at < at and person.rpartition(" ")[2] in numbers:
            found.append(at - killed_at)
        last[person] = owner
    return found


def _number(owner: str) -> str:
    """The process of an owner, as its name says."""
    return owner.split("/")[2] if owner else ""
