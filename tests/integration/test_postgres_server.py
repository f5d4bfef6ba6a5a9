"""The server that tests share: each test has an empty schema, and nothing of it outlives the run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.postgres import PASSWORD, Cluster, is_running

ROOT = Path(__file__).parents[2]
ASKS = """
import os, pytest
from support import postgres
if os.environ.get("LACKS"):
    postgres.programs = lambda: None
def test_it(postgres_url):
    print("FOLDER", postgres.shared().data.parent, postgres.shared().pid, flush=True)
    os.environ.get("DIES") and os.kill(os.getpid(), 9)
"""


def rows(url: str, statement: str) -> list[tuple[object, ...]]:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(url, autocommit=True) as server:
        its = server.execute(statement)
        return its.fetchall() if its.description else []


def test_each_test_has_an_empty_schema(postgres_url: str, postgres_server: object) -> None:
    """What one makes is not there for another; both are on one server."""
    assert callable(postgres_server)
    other = postgres_server()
    rows(postgres_url, "CREATE TABLE t (n bigint)")
    assert rows(postgres_url, "SELECT count(*) FROM t") == [(0,)]
    assert rows(other, "SELECT to_regclass('t')") == [(None,)]


def test_a_server_of_its_own_is_restarted_and_killed(own_postgres: Cluster) -> None:
    """What was committed is there afterwards, over the socket and with the password over 127.0.0.1."""
    rows(own_postgres.url(), "CREATE TABLE t (n bigint)")
    first = own_postgres.pid
    own_postgres.restart()
    second = own_postgres.pid
    own_postgres.kill()
    assert own_postgres.pid is None
    own_postgres.start()
    assert len({first, second, own_postgres.pid, None}) == 4
    assert rows(own_postgres.url(password=PASSWORD), "SELECT count(*) FROM t") == [(0,)]
    psycopg = pytest.importorskip("psycopg")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        rows(own_postgres.url(password="wrong"), "SELECT 1")


@pytest.mark.usefixtures("postgres_server")
@pytest.mark.parametrize("dies", [False, True])
def test_nothing_outlives_the_run(dies: bool, tmp_path: Path) -> None:
    """Neither a process nor a folder, also where the run is killed."""
    run = asked_run(tmp_path, **({"DIES": "yes"} if dies else {}))
    assert run.returncode == (-signal.SIGKILL if dies else 0), run.stdout + run.stderr
    folder, pid = run.stdout.split("FOLDER ", 1)[1].split()[:2]
    until = time.monotonic() + 30
    while Path(folder).exists() or is_running(int(pid)):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_where_there_is_no_postgresql_the_tests_that_need_it_say_so(tmp_path: Path) -> None:
    """They skip, with what to install."""
    run = asked_run(tmp_path, LACKS="yes")
    assert run.returncode == 0, run.stdout
    assert "SKIPPED [1]" in run.stdout
    assert "no PostgreSQL: install it (Debian: postgresql)" in run.stdout or "no psycopg: pip install" in run.stdout


def asked_run(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A run of its own of one test that asks for a schema."""
    (folder / "test_it.py").write_text(ASKS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-qs", "-p", "no:cacheprovider", "-c", str(ROOT / "pyproject.toml"),
         "--rootdir", str(folder), "--confcutdir", "/", "-p", "conftest", str(folder / "test_it.py")],
        cwd=folder, env={**kept, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", **env},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
