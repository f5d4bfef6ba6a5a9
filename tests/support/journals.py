"""A journal for tests that are not coroutines, and what is read from it one after another."""

import asyncio
import sqlite3
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from inspect import isasyncgen, isawaitable
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.journal import Journal, open_journal
from flowrunner.journal.places import Place
from flowrunner.model.campaigns import CampaignReport


class Blocking:
    """A journal whose methods give their result at once; but within an event loop they are the journal's own, unless
    it was opened there: by a function that is no coroutine, whatever calls it.
    """

    def __init__(self, journal: Journal, run: Callable[[Any], Any], *, waits: bool) -> None:
        self.journal, self.run, self._waits = journal, run, waits

    def __getattr__(self, name: str) -> Any:
        its = getattr(self.journal, name)
        if name == "work":
            return Blocking(its, self.run, waits=self._waits)
        return self._called(its) if callable(its) else its

    def _called(self, method: Any) -> Any:
        def call(*args: Any, **options: Any) -> Any:
            result = method(*args, **options)
            return self._plain(result) if self._waits or not is_in_a_loop() else result

        return call

    def _plain(self, result: Any) -> Any:
        if isasyncgen(result):
            return self.run(collected(result))
        if not isawaitable(result):
            return result
        found = self.run(waited(result))
        if isinstance(found, CampaignReport):
            found = found._replace(recipients=Again(found.recipients), troubled=Again(found.troubled))
        return found


def traced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What SQLite is told from now on, statement by statement, on every connection that is opened."""
    statements: list[str] = []

    connect = sqlite3.connect

    def connected(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        db = connect(*args, **kwargs)
        db.set_trace_callback(statements.append)
        return db

    monkeypatch.setattr(sqlite3, "connect", connected)
    return statements


def is_in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Again:
    """What is read anew each time that it is gone through, in a test that is no coroutine."""

    def __init__(self, items: AsyncIterable[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(listed(self._items))


class Told:
    """Items that can be gone through in a coroutine too."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    async def __aiter__(self) -> AsyncIterator[Any]:
        for each in self._items:
            yield each


Opening = Callable[[], AbstractAsyncContextManager[Journal]]
"""Opens one and the same journal, any number of times."""


def blocking(place: Place | str, **options: Any) -> AbstractContextManager[Blocking]:
    """What `open_journal` opens."""
    return blocked(open_journal(place, **{"clock": SYSTEM, **options}))


@contextmanager
def blocked(opening: AbstractAsyncContextManager[Journal]) -> Iterator[Blocking]:
    """What that opens; its loop runs in a thread where this one has a loop that runs."""
    runner, waits = asyncio.Runner(), is_in_a_loop()
    with ThreadPoolExecutor(1) as thread:

        def do(work: Callable[..., Any], *given: Any) -> Any:
            return thread.submit(work, *given).result() if waits else work(*given)

        def run(coroutine: Any) -> Any:
            return do(runner.run, coroutine)

        try:
            journal = run(waited(opening.__aenter__()))
            try:
                yield Blocking(journal, run, waits=waits)
            finally:
                run(waited(opening.__aexit__(None, None, None)))
        finally:
            do(runner.close)


def listed(items: AsyncIterable[Any]) -> list[Any]:
    """All of them. In a thread: the driver of a browser has a loop that runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, collected(items)).result()


async def collected(items: AsyncIterable[Any]) -> list[Any]:
    """All of them."""
    return [each async for each in items]


async def waited(result: Any) -> Any:
    """What an awaitable comes to."""
    return await result
