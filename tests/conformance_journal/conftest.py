"""Every implementation of `flowrunner.journal.Journal`, each of which passes all tests of this folder."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import open_journal
from support.journals import Blocking, Opening, blocked

IMPLEMENTATIONS: dict[str, Callable[[pytest.FixtureRequest], Opening]] = {
    "sqlite": lambda its: partial(open_journal, its.getfixturevalue("tmp_path") / "journal.db", clock=SYSTEM),
    "postgres": lambda its: partial(open_journal, its.getfixturevalue("postgres_url"), clock=SYSTEM),
}
"""What opens one and the same journal, any number of times, of a test's own."""


@pytest.fixture(params=IMPLEMENTATIONS)
def opening(request: pytest.FixtureRequest) -> Opening:
    """Opens a journal, the same each time; made by the first."""
    return IMPLEMENTATIONS[request.param](request)


@pytest.fixture
def journal(opening: Opening) -> Iterator[Blocking]:
    """An empty journal."""
    with blocked(opening()) as journal:
        yield journal
