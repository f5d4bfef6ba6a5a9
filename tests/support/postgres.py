"""PostgreSQL for tests: one server for a run of all tests, and servers that a test may stop and kill.

Where PostgreSQL or psycopg is missing, whoever asks is skipped and told why. Nothing is left behind: the last process
of a run to end, however it ends, is waited for by one that stops the servers (``postgres_keeper``).
"""

import atexit
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from support import postgres_keeper
from support.columns import readers
from support.journals import blocking
from support.postgres_keeper import as_owner, pg_ctl, programs

if TYPE_CHECKING:
    import psycopg

PASSWORD = "s3cr3t/pass+word"
"""Of the user ``postgres``, asked for on 127.0.0.1; nobody is asked for it on the socket of the folder."""
_SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 300
shared_buffers = 32MB
log_min_messages = fatal
listen_addresses = '127.0.0.1'
unix_socket_directories = '{folder}'
"""
_INITDB = (
    "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C", "--username=postgres",
    "--auth-local=trust", "--auth-host=scram-sha-256",
)  # fmt: skip
_numbers = count(1)


def missing() -> str:
    """Why there can be no server here; empty where there can be one."""
    if find_spec("psycopg") is None:
        return "no psycopg: pip install 'psycopg[binary]'"
    if programs() is None:
        return "no PostgreSQL: install it (Debian: postgresql), or put its pg_ctl on the path"
    return ""


class Cluster:
    """A PostgreSQL server of this machine with all its data in one folder.

    Attributes:
        data: The folder; its socket lies beside it.
        port: Where it listens on 127.0.0.1, and the number of its socket.
    """

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.port = data, port

    def url(self, schema: str = "", *, password: str | None = None, **more: str) -> str:
        """Where a journal is: over the socket, where nobody is asked for a password; with one over 127.0.0.1.

        Args:
            schema: Where its tables are looked for and made; by default as the server says: ``public``.
            password: What is said when it is asked for.
            more: Further parameters of the URL.
        """
        if schema:
            more = {"options": f"-csearch_path={schema}", **more}
        if password is not None:
            at = f"postgres:{quote(password, safe='')}@127.0.0.1:{self.port}"
            return f"postgresql://{at}/postgres" + (f"?{urlencode(more, quote_via=quote)}" if more else "")
        more = {"host": str(self.data.parent), "port": str(self.port), "user": "postgres", **more}
        return f"postgresql:///postgres?{urlencode(more, quote_via=quote)}"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        pg_ctl(self.data, f"--log={self.data}/log", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it and wait for that; ``immediate`` is as good as a crash."""
        pg_ctl(self.data, f"--mode={mode}", "stop")

    def restart(self, mode: str = "immediate") -> None:
        """Stop and start it."""
        pg_ctl(self.data, f"--mode={mode}", f"--log={self.data}/log", "restart")

    @property
    def pid(self) -> int | None:
        """Of its first process; None while it does not run."""
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except OSError:
            return None

    def kill(self) -> None:
        """End it as a machine that fails: each of its processes at once, without a word."""
        its = self.pid
        assert its is not None, "it does not run"
        found = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
        pairs = [tuple(map(int, line.split())) for line in found.stdout.splitlines()]
        all_of_it = [its, *(pid for pid, parent in pairs if parent == its)]
        for pid in all_of_it:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # Nobody starts it again while one of them still has the memory that they share.
        while any(map(is_running, all_of_it)):
            time.sleep(0.01)
        # Where nobody buries the dead their numbers look alive, in the files that keep a second server out.
        (self.data / "postmaster.pid").unlink()
        (self.data.parent / f".s.PGSQL.{self.port}.lock").unlink()


def is_running(pid: int) -> bool:
    """Whether it is there, and not only because nobody buries it."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip()[:1] not in {"", "Z"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _made(folder: Path, name: str) -> Cluster:
    """A server that runs, its data a copy of what ``initdb`` made once for the run."""
    made, data = folder / "made", folder / name
    if not made.exists():
        secret = folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        _as_owner(f"{programs()}/initdb", f"--pgdata={made}", f"--pwfile={secret}", *_INITDB)
        (made / "postgresql.conf").write_text(_SETTINGS.format(folder=folder), encoding="utf-8")
    _as_owner("cp", "-R", str(made), str(data))
    for is_last in (False, False, True):
        its = Cluster(data, _free_port())
        (data / "postgresql.auto.conf").write_text(f"port = {its.port}\n", encoding="utf-8")
        try:
            its.start()
        except subprocess.CalledProcessError:  # somebody took the port
            if is_last:
                raise AssertionError((data / "log").read_text(encoding="utf-8")) from None
        else:
            (data / "port").write_text(str(its.port), encoding="utf-8")
            break
    return its


def _as_owner(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60, **as_owner())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """What all processes of a run do one after another."""
    with (folder / "starting").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _folder() -> tuple[Path, IO[str]]:
    """Where all servers of this run are, and what is held as long as this process may need them."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "") or f"alone-{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"flowrunner-postgres-{run[:16]}"
    while True:
        folder.mkdir(mode=0o711, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        users = (folder / "users").open("a")
        fcntl.flock(users, fcntl.LOCK_SH)  # waits while the keeper of those who were here before clears up
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(users.fileno()), (folder / "users").stat()):
                break
        users.close()
    with _alone(folder):
        if not (folder / "kept").exists():
            (folder / "kept").touch()
            _start_keeper(folder)
    atexit.register(users.close)
    return folder, users


def _start_keeper(folder: Path) -> None:
    nowhere = subprocess.DEVNULL
    keeper = subprocess.Popen(
        [sys.executable, "-S", postgres_keeper.__file__, str(folder)],
        cwd="/", stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True,
    )  # fmt: skip
    keeper.returncode = 0  # nobody waits for it: it ends after all others


@cache
def shared() -> Cluster:
    """The server of this run, the same in all its processes."""
    folder, _ = _folder()
    with _alone(folder):
        data = folder / "shared"
        return Cluster(data, int((data / "port").read_text())) if data.exists() else _made(folder, "shared")


@contextmanager
def own() -> Iterator[Cluster]:
    """A server of a test's own, which it may stop, restart and kill."""
    folder, _ = _folder()
    with _alone(folder):
        its = _made(folder, f"own-{os.getpid()}-{next(_numbers)}")
    try:
        yield its
    finally:
        if its.pid is not None:
            its.stop("immediate")
        shutil.rmtree(its.data)


def connected(url: str) -> "psycopg.Connection[Any]":
    """A connection of a test's own, in autocommit mode; to be entered and left."""
    import psycopg

    return psycopg.connect(url, autocommit=True)


@contextmanager
def schemas(cluster: Cluster) -> Iterator[Callable[[], str]]:
    """What makes an empty schema on a server, each time another, and gives the URL of a journal that is in it."""
    import psycopg

    with psycopg.connect(cluster.url(), autocommit=True) as server:

        def made() -> str:
            name = f"journal_{os.getpid()}_{next(_numbers)}"
            server.execute(f"CREATE SCHEMA {name}")
            return cluster.url(name)

        yield made


class Journals:
    """Journals without a row in them. Each is used by one test after another: to make the tables takes a fifth of a
    second, to empty them a few milliseconds.
    """

    def __init__(self, cluster: Cluster) -> None:
        import psycopg

        self._cluster = cluster
        self._server = psycopg.connect(cluster.url(), autocommit=True)
        self._free: list[str] = []
        self._emptying: dict[str, str] = {}

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of one; within, it is nobody else's. All who use it must have closed it when this is left."""
        name = self._free.pop() if self._free else self._made()
        url = self._cluster.url(name)
        readers.setdefault(url, None)
        try:
            yield url
        finally:
            self._server.execute(self._emptying[name])
            self._free.append(name)

    def close(self) -> None:
        """Let go of the server."""
        self._server.close()
        for url in [*readers]:
            if (reader := readers.pop(url)) is not None:
                reader.close()

    def _made(self) -> str:
        name = f"journal_{os.getpid()}_{next(_numbers)}"
        self._server.execute(f"CREATE SCHEMA {name}")
        with blocking(self._cluster.url(name)):
            pass  # whoever opens it first makes its tables
        tables = self._server.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [name]).fetchall()
        keys = self._server.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = %s", [name]).fetchall()
        fresh = "journal = md5(random()::text), commits = 0, runs = 0, events = 0, digest = 0"
        self._emptying[name] = "; ".join([
            *(f"DELETE FROM {name}.{table}" for (table,) in tables if table != "ledger"),  # noqa: S608
            *(f"SELECT setval('{name}.{key}', 1, false)" for (key,) in keys),
            f"UPDATE {name}.ledger SET {fresh}",  # noqa: S608
        ])  # fmt: skip
        return name
