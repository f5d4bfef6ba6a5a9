"""Every implementation of `flowrunner.journal.Journal`, each of which passes all tests of this folder."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.sqlite.memory import MemoryJournal
from support.journals import Blocking, Opening, blocked


def _memory(request: pytest.FixtureRequest) -> Opening:
    """Whoever opens it goes on with it, as one process after another does."""
    last: list[MemoryJournal] = []

    @asynccontextmanager
    async def opened() -> AsyncIterator[Journal]:
        last[:] = [MemoryJournal(SYSTEM, *last)]
        yield last[0]

    request.addfinalizer(lambda: [each.close() for each in last])
    return opened


SHARED: dict[str, Callable[[pytest.FixtureRequest], Opening]] = {
    "sqlite": lambda its: partial(open_journal, its.getfixturevalue("tmp_path") / "journal.db", clock=SYSTEM),
    "postgres": lambda its: partial(open_journal, its.getfixturevalue("postgres_journal"), clock=SYSTEM),
}
"""What opens one and the same journal, any number of times, of a test's own; several may have it at once."""

IMPLEMENTATIONS = {**SHARED, "memory": _memory}
"""Also what is one process's alone."""


@pytest.fixture(params=IMPLEMENTATIONS)
def opening(request: pytest.FixtureRequest) -> Opening:
    """Opens a journal, the same each time; made by the first."""
    return IMPLEMENTATIONS[request.param](request)


@pytest.fixture(params=SHARED)
def shared_opening(request: pytest.FixtureRequest) -> Opening:
    """The same, of a journal that several may have at once."""
    return SHARED[request.param](request)


@pytest.fixture
def journal(opening: Opening) -> Iterator[Blocking]:
    """An empty journal."""
    with blocked(opening()) as journal:
        yield journal
