"""Every implementation of `flowrunner.journal.Journal`, each of which passes all tests of this folder."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import open_journal
from support.journals import Blocking, Opening, blocked

IMPLEMENTATIONS: dict[str, Callable[[Path], Opening]] = {
    "sqlite": lambda folder: partial(open_journal, folder / "journal.db", clock=SYSTEM),
}
"""What opens one and the same journal, any number of times, in a folder of a test's own."""


@pytest.fixture(params=IMPLEMENTATIONS)
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    """Opens a journal, the same each time; made by the first."""
    return IMPLEMENTATIONS[request.param](tmp_path)


@pytest.fixture
def journal(opening: Opening) -> Iterator[Blocking]:
    """An empty journal."""
    with blocked(opening()) as journal:
        yield journal
