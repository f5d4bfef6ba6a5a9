"""A test under way: the other side, the process that carries the run out, and the time that passes between them."""

import asyncio
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from flowrunner.engine.history.phases import Phase
from flowrunner.model import Event
from flowrunner.testing.playing.killed import killed_here
from flowrunner.testing.playing.life import ALMOST, Life, Playing
from flowrunner.testing.playing.outside import Emulator, Outside, Sent
from flowrunner.testing.playing.path import Trail, path_of
from flowrunner.testing.turns import Crash
from flowrunner.testing.values import Given

_MOMENT: Final = 1e-6
_SOON: Final = 60.0
"""Seconds of a pause that pass by themselves while the flow's next message is waited for."""
_LONGEST: Final = 7 * 86_400.0
"""Seconds for which a process may be at work on end: it does not wait for a customer meanwhile."""


class Scene:
    """One test's run.

    Attributes:
        outside: The other side.
        until: Until when time may pass while the next message is waited for, on the clock of `Clock.monotonic`.
        is_exact: It may pass no longer, not even to the end of a pause that is over soon.
    """

    def __init__(
        self, emulator: Emulator, given: Given, playing: Playing, told: Collection[str] = (), folder: Path | None = None
    ) -> None:
        """Nothing of the run has begun.

        Args:
            emulator: The other side.
            given: What is so at first.
            playing: The run.
            told: Statuses of messages that are told although the run never waits for them.
            folder: Where the journal is, in a process of its own that may be killed; None where it dies in words alone.
        """
        self._folder = folder
        self.outside = Outside(
            emulator, playing.run.recipient, given.dialect, is_open=given.window, take=self._take,
            statuses=playing.statuses.union(told),
        )  # fmt: skip
        self.until, self.is_exact = 0.0, False
        self._clock, self._playing = emulator.clock, playing
        self._life: Life | None = None
        self._dies: Crash | None = None
        self._reviving: asyncio.Task[None] | None = None
        self._gone = list[Life]()

    def begin(self) -> None:
        """Begin the run; what it does first is done when time may pass."""
        self._up(Life(self._playing, self.outside, dies=self._dies, folder=self._folder))

    def _up(self, life: Life) -> None:
        self._life, self._reviving = life, asyncio.ensure_future(self._revive(life))

    async def _revive(self, life: Life) -> None:
        """Once a process has died, let another one come up."""
        await life.died.wait()
        if self._folder is not None:
            self._folder = killed_here(self._folder)
        await life.end()
        if life.dies is self._dies:
            self._dies = None
        self._up(Life(self._playing, self.outside, life, dies=self._dies, folder=self._folder))
        if self._folder is None:
            await life.forget()
        else:
            self._gone.append(life)  # what it had open is its own, whose end nobody may see to

    @property
    def has_begun(self) -> bool:
        """Whether the run has."""
        return self._life is not None

    @property
    def life(self) -> Life:
        """The process that carries the run out; it has begun."""
        assert self._life is not None  # noqa: S101  # who asks has begun it
        return self._life

    async def _take(self, headers: Mapping[str, str], body: bytes) -> int:
        return await self._life.take(headers, body) if self._life is not None else 0

    def crash(self, crash: Crash) -> None:
        """Let the process die, now or at its next message."""
        if crash.when != "now":
            self._dies = crash
            if self._life is not None:
                self._life.dies = crash
        elif self._life is not None:
            self._life.kill()

    @property
    def awaits_crash(self) -> Crash | None:
        """When a process was to die that has not yet; None where none was."""
        return self._dies

    @property
    def unnamed(self) -> Sent | None:
        """The next message that was sent and is not named yet; None where there is none."""
        its = self.outside
        return its.sent[its.named] if its.named < len(its.sent) else None

    @property
    def left(self) -> float | None:
        """Seconds until the run goes on by itself; None where it does not."""
        due = self.life.due
        return None if due is None else max(due - self._clock.now(), 0.0)

    async def instant(self) -> None:
        """Let everything be done that can be done now."""
        await self._clock.sleep(_MOMENT)
        if self._life is not None and self._life.fault is not None:
            raise self._life.fault

    async def next_message(self) -> Sent | None:
        """The next message, once it is sent; None where it does not come while time may pass.

        Time passes while the process is at work, to the end of a pause that is over soon or of the time within which
        texts are one answer, and up to `until`.
        """
        await self.work()
        while self.unnamed is None and (left := self.left) is not None:
            by_itself = self._is_settling if self.is_exact else self._comes_soon(left)
            if self._clock.monotonic() + left > self.until + ALMOST and not by_itself:
                break
            await self._pass(left)
            await self.work()
        return self.unnamed

    async def rest(self, *, and_soon: bool = False) -> None:
        """Let time pass until the process waits for the customer or for a moment; with ``and_soon`` pauses, too."""
        while True:
            await self.work(to_the_end=True)
            left = self.left
            if self.outside.is_held or left is None or not (self._is_settling or (and_soon and self._comes_soon(left))):
                return
            await self._pass(left)

    async def pass_time(self, seconds: float) -> None:
        """Let so much time pass, but not over a message that is sent meanwhile; what is due at its end is done."""
        end = self._clock.monotonic() + seconds
        await self.instant()
        while self.unnamed is None and (left := end - self._clock.monotonic()) > 0:
            await self._pass(left)
        if self.unnamed is None:
            await self.rest()

    async def work(self, *, to_the_end: bool = False) -> None:
        """Let the process do what it is at; to the end of it, or up to its next message."""
        began = self._clock.monotonic()
        await self.instant()
        while self._is_under_way and (to_the_end or self.unnamed is None):
            if self._clock.monotonic() - began > _LONGEST:
                raise AssertionError("a run neither ends nor waits")
            await self._pass(_LONGEST)

    @property
    def _is_under_way(self) -> bool:
        """Whether something goes on that waits for no turn."""
        return (self.life.is_at_work and not self.outside.is_held) or self.outside.owes_answer

    async def _pass(self, most: float) -> None:
        """Let time pass until something happens, or so much has passed."""
        self.outside.news.clear()
        await self._clock.sleep(max(most, _MOMENT), self.outside.news)
        await self.instant()

    def _comes_soon(self, left: float) -> bool:
        return self._is_settling or (left <= _SOON and self.life.state.run.phase is Phase.PAUSED)

    @property
    def _is_settling(self) -> bool:
        """Whether it waits only for whether more is said."""
        state, due = self.life.state, self.life.due
        is_asking = state.run.phase is Phase.ASKED and state.heard
        return bool(is_asking) and due is not None and due <= state.heard_at + self._playing.settle + ALMOST

    def path(self) -> Trail:
        """What of the flow the run has gone through."""
        its = self._playing
        return path_of(its.prepared, its.scope, self.life.state, self._clock.now(), its.prepared.held)

    async def events(self) -> list[Event]:
        """What the journal has of the run."""
        its: list[Event] = await self.life.journal.events(self._playing.run.id)
        return its

    async def close(self) -> None:
        """Let go of everything."""
        if self._reviving is not None:
            self._reviving.cancel()
            await asyncio.gather(self._reviving, return_exceptions=True)
        if self._life is not None:
            await self._life.end()
            await self._life.forget()
        await self.outside.close()
