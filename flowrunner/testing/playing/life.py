"""One life of the process that carries a run out: it may end at any instant, and leaves its journal alone."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack, aclosing
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from flowrunner.client import EMULATOR, open_client
from flowrunner.client.targets import Target
from flowrunner.delivery import Doubts, Pace, Rate, Uploads, deliver
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.dialects import dialect_of
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.engine import Prepared, Scope
from flowrunner.engine.history.phases import LEFT, PARKED
from flowrunner.engine.history.state import State, after
from flowrunner.journal import open_journal
from flowrunner.journal.sqlite.memory import MemoryJournal
from flowrunner.model import EventKind, Run
from flowrunner.receiver.endpoints import Hook
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics
from flowrunner.receiver.receiving import Receiver
from flowrunner.testing.playing.mortal_journal import MortalJournal
from flowrunner.testing.playing.outside import HOOK, SECRET, Outside, is_message
from flowrunner.testing.playing.path import Watched
from flowrunner.testing.turns import Crash

ALMOST: Final = 0.01
"""Seconds before its moment from which on what is due counts as due: sums of seconds are not exact."""
_LISTENS: Final = 10 * 366 * 86_400.0
_TIMEOUT, _GRACE, _PATIENCE = 30.0, 5.0, 120.0  # as `flowrunner run` has them


class Playing(NamedTuple):
    """A run that is played.

    Attributes:
        prepared: Its flow, and which conditions have held.
        scope: What its first step may read.
        dialect: What its API speaks.
        settle: For how many seconds any of its questions waits whether more is said.
        language: In which language the customer is written to; empty where the flow says none.
        statuses: What may be waited for of its messages.
    """

    run: Run
    prepared: Watched
    scope: Scope
    dialect: str
    settle: float
    language: str
    statuses: frozenset[str]


def target_of(dialect: str) -> str:
    """What the journal calls the API."""
    return Target(dialect, EMULATOR).text


class Life:
    """One life.

    Attributes:
        due: When it goes on by itself, in seconds since the epoch; None where it waits for nothing.
        is_busy: It is carrying the run out.
        died: Set once it is dead.
        state: What the run has come to when it was last looked at.
        fault: What of flowrunner's went wrong; None for nothing.
    """

    def __init__(
        self, playing: Playing, outside: Outside, before: "Life | None" = None, *,
        dies: Crash | None = None, folder: Path | None = None,
    ) -> None:  # fmt: skip
        """A process that comes up.

        Args:
            playing: The run, which is in the journal.
            outside: The other side.
            before: The life before it, which is over.
            dies: When it dies.
            folder: Where its journal is; None for in memory.
        """
        self._playing, self._outside, self.dies = playing, outside, dies
        self.is_dead, self.died = False, asyncio.Event()
        clock = self._clock = outside.clock
        self._folder, self._stack = folder, AsyncExitStack()
        self._kept: MemoryJournal | None = None
        if folder is None:
            self._kept = MemoryJournal(clock, before._kept if before else None)  # noqa: SLF001  # of one of these
        self._owners: set[str] = before._owners if before else set()  # noqa: SLF001
        self.journal: Any = _Mortal(self, self._kept, frozenset(self._owners))
        self._stop, self._stir = asyncio.Event(), asyncio.Event()
        dialect = playing.dialect
        number = NUMBER_ID if dialect_of(dialect).NUMBER.is_required else ""
        self._client = open_client(
            "http://127.0.0.1", "test", app=self._asked, clock=clock, dialect=dialect, number=number,
            timeout=_TIMEOUT,
        )  # fmt: skip
        self._pace = Pace(Rate(100_000, 1.0), clock=clock)
        target = playing.run.target
        hook = Hook(HOOK, target, dialect, number, SECRET)
        self._hook, self._is_heard = hook, False
        self._receiver = Receiver([hook], self.journal, self._stir.set, Metrics(), Log(lambda _: None, clock), clock)
        sleep = partial(clock.sleep, stop=self._stop)
        self._hearing = Hearing(self._client, self.journal, target, self._pace, sleep, _PATIENCE)
        self.due: float | None = clock.now()
        self.is_busy, self.state, self._begins = True, State(), before is None
        self._looked = 0  # at so many of its events
        self.fault: Exception | None = None
        self._work = asyncio.ensure_future(self._live())

    async def _live(self) -> None:
        """Go on with the run as ``flowrunner listen`` does, until it is killed."""
        try:
            if self._folder is not None:
                place = self._folder / "journal.db"
                self.journal.journal = await self._stack.enter_async_context(open_journal(place, clock=self._clock))
            if self._begins:
                await self._begin()
            else:
                await self._hearing.ask(even_if_told=True)  # what was said while nobody was there
            is_first = True
            while True:
                self._stir.clear()
                await self._look(is_first=is_first)
                is_first = False
                if self.due is not None and self.due - self._clock.now() <= ALMOST:
                    await self._go_on()
                    continue
                self.is_busy = False
                self._outside.news.set()
                if self.due is None:
                    await self._stir.wait()
                else:
                    await self._clock.sleep(self.due - self._clock.now(), self._stir)
                self.is_busy = True
        except Exception as error:  # noqa: BLE001  # it is told by whoever plays
            self.fault, self.due, self.is_busy = error, None, False
            self._outside.news.set()

    async def _begin(self) -> None:
        run = self._playing.run
        uploads = Uploads(run.bundle, run.target, self._client, self.journal, self._pace, _PATIENCE)
        await uploads.ready(self._clock.sleep)
        await self.journal.begin(run, again=True)  # nobody else is there to begin it

    async def _look(self, *, is_first: bool) -> None:
        news = await self.journal.news(self._playing.run.id, self._looked)
        for event in news:
            self.state = after(self.state, event)
        self._looked += len(news)
        its = self.state.run
        left_lying = is_first and its.phase in LEFT and its.phase not in PARKED
        self.due = self._clock.now() if left_lying else its.until

    async def _go_on(self) -> None:
        run, prepared, scope, *_ = self._playing
        doubts = Doubts("reconcile", _TIMEOUT, _GRACE, _PATIENCE)
        stream = deliver(
            run, cast("Prepared", prepared), scope, self._client, self.journal,
            stop=self._stop, pace=self._pace, doubts=doubts, max_wait=_PATIENCE, park=True, busy=None,
        )  # fmt: skip
        async with aclosing(stream):
            async for _ in stream:
                pass

    @property
    def is_at_work(self) -> bool:
        """Whether something is done, or due."""
        is_due = self.due is not None and self.due - self._clock.now() <= ALMOST
        return self.is_busy or is_due or self._stir.is_set()

    async def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Take a webhook; see `Take`."""
        if self.is_dead or self.journal.journal is None:
            return 0
        try:
            status = await self._receiver.take(self._hook, headers, body)
            await self._note()
        except asyncio.CancelledError:
            if self.is_dead:
                return 0
            raise
        return status

    async def _note(self) -> None:
        """Let runs know, as `listen` does, that statuses are told once one was: nobody asks the API any more."""
        target = self._hook.target
        if target in self._receiver.proven and not self._is_heard:
            self._is_heard = True
            await self.journal.note_listener(target, self._clock.now() + _LISTENS)

    def kill(self) -> None:
        """As ``kill -9``."""
        self.is_dead = True
        self.died.set()
        self._outside.is_held = False
        self._outside.news.set()
        self._work.cancel()

    async def end(self) -> None:
        """Let go of what it had, once it is dead or nothing of it goes on."""
        self.is_dead = True
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        await self._client.aclose()

    async def forget(self) -> None:
        """Let go of its journal, too."""
        await self._stack.aclose()
        if self._kept is not None:
            self._kept.close()

    async def die(self, when: str) -> None:
        """Die here, if this is when it was to."""
        if self.dies is not None and self.dies.when == when:
            self.kill()
            await asyncio.Event().wait()  # nothing of it goes on from here

    async def _asked(self, scope: Any, receive: Any, send: Any) -> None:
        """A request on its way to the API, and its answer on the way back."""
        if self.is_dead:
            raise asyncio.CancelledError
        if not is_message(scope):
            await self._outside.asked(scope, receive, send)
            return
        await self._outside.turn()
        await self.die("before request")

        async def keep(_part: Any) -> None:
            """Nobody is there to read it."""

        is_last = self.dies is not None and self.dies.when == "after request"
        await self._outside.asked(scope, receive, keep if is_last else send)
        await self.die("after request")


class _Mortal(MortalJournal):
    """It learns, too, in whose name people are claimed, and what is begun."""

    def __init__(self, life: Life, journal: Any, ended: frozenset[str]) -> None:
        """``ended`` are owners of claims that have died."""
        super().__init__(journal, lambda: life.is_dead)
        self._life, self._ended = life, ended

    async def claim(self, target: str, recipient: Any, owner: str, *args: Any, **more: Any) -> Any:
        self._life._owners.add(owner)  # noqa: SLF001  # of one of these
        ended = (*more.pop("ended", ()), *self._ended)
        if self._life.is_dead:
            raise asyncio.CancelledError
        return await self.journal.claim(target, recipient, owner, *args, ended=ended, **more)

    async def append(self, *events: Any, **more: Any) -> None:
        begun = next((each.step for each in events if each.kind is EventKind.BEGUN), "")
        if begun:
            await self._life._outside.turn()  # noqa: SLF001
            await self._life.die("before commit")
        if self._life.is_dead:
            raise asyncio.CancelledError
        await self.journal.append(*events, **more)
        if begun:
            self._life._outside.step = begun  # noqa: SLF001
