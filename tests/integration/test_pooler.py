"""A pooler between flowrunner and PostgreSQL: one that keeps sessions is none at all, others are told from it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowrunner.journal import JournalError
from support import postgres
from support.journalled import RUN, event
from support.journals import blocking
from support.postgres_keeper import as_owner
from support.program import flow, flowrunner

SHARED = "is reached through a pooler that gives each transaction another session"
UNNAMED = "is reached through a pooler that takes no options"


def test_a_new_session_that_others_have_had_is_refused(own_postgres: postgres.Cluster) -> None:
    with postgres.connected(own_postgres.url()) as server:
        server.execute("ALTER DATABASE postgres SET flowrunner.session = 'another'")
    with pytest.raises(JournalError, match=SHARED) as caught, blocking(own_postgres.url()):
        pass
    assert "pool_mode = session" in caught.value.hint


def test_nothing_is_written_in_another_session_than_that_which_was_dialled(postgres_url: str) -> None:
    with blocking(postgres_url) as journal:
        journal.begin(RUN)

        def mix_up(setting: str) -> Callable[[Any], None]:
            return lambda db: db.execute(f"SELECT set_config('flowrunner.session', '{setting}', false)")

        journal.journal._writer._commits._line.do(mix_up("another"))  # noqa: SLF001  # as a pooler does it
        with pytest.raises(JournalError, match=SHARED):
            journal.append(event("begun", "1"))
        assert journal.events(RUN.id) == []


@contextmanager
def pooled(server: postgres.Cluster, folder: Path, *settings: str) -> Iterator[str]:
    """The URL of a journal behind PgBouncer."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("no PgBouncer: install it (Debian: pgbouncer)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    host = server.data.parent
    lines = (
        "[databases]", f"* = host={host} port={server.port} user=postgres",
        "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}", "unix_socket_dir =", "auth_type = any",
        "max_client_conn = 100", *settings,
    )  # fmt: skip
    file = host / f"pgbouncer-{port}.ini"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen([program, str(file)], stdout=nowhere, stderr=nowhere, cwd=folder, **as_owner())
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        process.kill()
        process.wait()
        file.unlink()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_pgbouncer_that_gives_sessions_away_is_refused(
    tmp_path: Path, own_postgres: postgres.Cluster, mode: str
) -> None:
    """Before anything is sent, whoever comes; the remedy is followed below."""
    file = flow(tmp_path / "f.yaml", ['{message: "one"}'])
    (tmp_path / "p.csv").write_text("conversation\nc1\n", encoding="utf-8")
    with pooled(own_postgres, tmp_path, f"pool_mode = {mode}") as url:
        where = ("--api-url", "http://127.0.0.1:9", "--journal", url)
        for command in (
            ("run", file, "--audience", "p.csv", "--yes-send-to", "1"),
            ("run", file, "--conversation", "c1"),
            ("worker", "--port", "0"),
        ):
            done = flowrunner(*command, *where, cwd=tmp_path)
            assert done.returncode in (1, 3)
            assert SHARED in done.stderr


def test_pgbouncer_that_keeps_sessions_is_no_hindrance(tmp_path: Path, own_postgres: postgres.Cluster) -> None:
    """And a schema is said by the server, where the URL may not."""
    with pooled(own_postgres, tmp_path, "pool_mode = session") as url:
        with blocking(url) as journal:
            journal.begin(RUN)
        with blocking(url) as journal:
            assert journal.record(RUN.id).run == RUN
        named = f"{url}?options=-csearch_path%3Dother"
        with pytest.raises(JournalError, match=UNNAMED) as caught, blocking(named):
            pass
        assert "ALTER ROLE USER IN DATABASE NAME SET search_path = SCHEMA" in caught.value.hint
        with postgres.connected(own_postgres.url()) as server:
            server.execute("ALTER ROLE postgres IN DATABASE postgres SET search_path = other")
    with pooled(own_postgres, tmp_path, "pool_mode = session") as url, blocking(url) as journal:
        assert journal.record(RUN.id) is None


def test_a_schema_that_is_asked_for_and_not_given_is_told(tmp_path: Path, own_postgres: postgres.Cluster) -> None:
    """Else it would be another journal."""
    settings = ("pool_mode = session", "ignore_startup_parameters = options")
    with (
        pooled(own_postgres, tmp_path, *settings) as url,
        pytest.raises(JournalError, match=UNNAMED),
        blocking(f"{url}?options=-csearch_path%3Dother"),
    ):
        pass
