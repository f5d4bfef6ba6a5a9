"""The thread that writes: who shares a commit, and who waits for it."""

import asyncio
from collections.abc import Callable

import pytest

from flowrunner.journal.tables import writer
from flowrunner.journal.tables.batches import Wanted
from flowrunner.journal.tables.writer import Writer
from flowrunner.journal.tables.writes import Write

MANY = 8


class _Counted:
    """A database that keeps nothing, but how many callers shared each of its commits."""

    def __init__(self) -> None:
        self.shared: list[int] = []

    def commit(self, queued: Callable[[], list[Wanted]]) -> list[object]:
        self.shared.append(len(queued()))
        return [None] * self.shared[-1]

    def rest(self) -> float | None:
        return None

    def close(self) -> None:
        pass


async def _submit(its: Writer) -> None:
    await its.submit(Write(lambda _: None))


async def _begun(counted: _Counted) -> Writer:
    """One whose thread is there: what comes in one turn of the loop comes together."""
    its = Writer("here", counted)
    await _submit(its)
    return its


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> _Counted:
    monkeypatch.setattr(writer, "_GATHER", 60.0)  # nobody could miss it
    return _Counted()


def test_who_writes_alone_waits_for_nobody(counted: _Counted) -> None:
    async def scene() -> None:
        its = await _begun(counted)
        await asyncio.gather(*(_submit(its) for _ in range(MANY - 1)))
        for _ in range(3):
            await _submit(its)
        its.close()

    asyncio.run(scene())
    assert counted.shared == [1, MANY - 1, 1, 1, 1]


def test_where_many_wrote_the_next_commit_waits_for_more_but_not_once_the_journal_is_closed(counted: _Counted) -> None:
    async def scene() -> None:
        its = await _begun(counted)
        await asyncio.gather(*(_submit(its) for _ in range(MANY)))
        one = asyncio.create_task(_submit(its))
        await asyncio.sleep(0.05)  # as long as many commits take
        other = asyncio.create_task(_submit(its))
        await asyncio.sleep(0)
        its.close()
        await asyncio.gather(one, other)

    asyncio.run(scene())
    assert counted.shared == [1, MANY, 2]
