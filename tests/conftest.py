"""Fixtures that every room's tests share."""

import gc
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from flowrunner.journal.tables.journal import TablesJournal
from support import dealing, forks, postgres, slices
from support.columns import Seen, journals

GOLDEN = Path(__file__).parent / "golden"

# What a person reads has the machine's times: everywhere the same, in this process and in those it starts.
os.environ["TZ"] = "UTC"
time.tzset()

# Byte code is kept, whatever the shell says: without it each worker compiles every test anew, and each of hundreds of
# processes the whole program.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Files that last as long as a test are in memory, where it has room: what waits for a disk waits for nothing. A test of
# what a disk does says itself what that is (`support.power`).
_MEMORY = Path("/dev/shm")  # noqa: S108
_ROOM = 4_000_000_000
if (
    "TMPDIR" not in os.environ
    and _MEMORY.is_dir()
    and shutil.disk_usage(_MEMORY).free > _ROOM
    and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC  # programs are made there, too
):
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

# All that is read as tests are collected stays: to look again and again for what may go costs a third of that.
gc.disable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the golden files anew")
    parser.addoption("--soak", action="store_true", help="run the long tests, too")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--soak"):
        slices.soak()
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        server = forks.ForkServer({})
        os.environ[forks.SHARED] = server.place
        config.add_cleanup(server.close)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)  # pytest puts beside each other what shares a fixture
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
        items[:] = dealing.dealt(items, workers)
    if config.getoption("--soak"):
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with --soak"))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name under tests/golden/; a missing file fails."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert path.exists(), f"{name} is missing: look at the output, then run pytest with --update"
        assert text + "\n" == path.read_text(encoding="utf-8")

    return check


@pytest.fixture(autouse=True)
def _columns_repeat_the_events(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In every journal that a test makes, in this process or another, columns say what the events come to.

    A test that writes into a journal itself says so by ``pytest.mark.tampers``.
    """
    seen = Seen()
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    monkeypatch.setattr(TablesJournal, "close", lambda journal: seen.close(journal))  # noqa: PLW0108 - it is bound
    yield
    if folder is not None:
        for path in journals(folder):
            seen.look(path)
    if not request.node.get_closest_marker("tampers"):
        assert not seen.wrong


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Callable[[], str]]:
    """What makes an empty schema on the server of this run, and gives its URL; skips where there can be no server."""
    if why := postgres.missing():
        pytest.skip(why)
    with postgres.schemas(postgres.shared()) as made:
        yield made


@pytest.fixture
def postgres_url(postgres_server: Callable[[], str]) -> str:
    """An empty schema of the test's own, as the place of a journal."""
    return postgres_server()


@pytest.fixture(scope="session")
def postgres_journals() -> Iterator[postgres.Journals]:
    if why := postgres.missing():
        pytest.skip(why)
    its = postgres.Journals(postgres.shared())
    yield its
    its.close()


@pytest.fixture
def postgres_journal(postgres_journals: postgres.Journals) -> Iterator[str]:
    """The URL of a journal without a row in it, for a test that closes it."""
    with postgres_journals.lent() as url:
        yield url


@pytest.fixture
def postgres_at(postgres_journals: postgres.Journals) -> Iterator[Callable[[str], str]]:
    """The URL of a journal without a row in it, for each name another, for a test that closes them."""
    with ExitStack() as stack:
        yield cache(lambda _: stack.enter_context(postgres_journals.lent()))


@pytest.fixture
def own_postgres() -> Iterator[postgres.Cluster]:
    """A server that the test may stop, restart and kill; it takes a third of a second."""
    if why := postgres.missing():
        pytest.skip(why)
    with postgres.own() as its:
        yield its
