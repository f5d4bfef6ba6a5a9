"""Tells receivers of events as they become due, and again where one does not answer."""

import asyncio
import heapq
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from flowrunner.emulator.api.messages import random_id
from flowrunner.emulator.api.state import Change, EmulatorState
from flowrunner.emulator.api.wire import encode
from flowrunner.emulator.webhooks.forms import headers, payload
from flowrunner.emulator.webhooks.happening import Happenings
from flowrunner.emulator.webhooks.misdelivering import tries
from flowrunner.emulator.webhooks.posting import post
from flowrunner.emulator.webhooks.values import Event, Webhook

RETRIES = (10.0, 40.0, 90.0)
"""Seconds after which an event is told again, each counted from the last time.

https://docs.kapso.ai/docs/platform/webhooks
"""
PATIENCE = 10.0
"""Seconds that a receiver has to answer."""
AT_ONCE = 8
"""Receivers that are told at the same time."""
Post = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
"""Posts a body to a URL; gives the status of the answer, 0 for none."""


@dataclass(order=True, slots=True)
class _Due:
    """A try: when it is due, and which. The body is made at the first one and stays."""

    at: float
    number: int
    hook: Webhook = field(compare=False)
    event: Event = field(compare=False)
    key: str = field(compare=False)
    tries: int = field(compare=False, default=0)
    body: bytes = field(compare=False, default=b"")


class Deliveries:
    """All that is to be told.

    Args:
        state: What happens, and who is told: its ``webhooks``.
        post: Carries a payload.
    """

    def __init__(self, state: EmulatorState, post: Post = post) -> None:
        self._state, self._post = state, post
        self._happenings = Happenings(state)
        self._new: deque[tuple[float, Event]] = deque()
        self._due: list[_Due] = []
        self._numbers = count()
        self._wake: Callable[[], object] = lambda: None
        state.listeners.append(self._changed)

    def _changed(self, change: Change) -> None:
        if change.kind == "reset":
            self._new.clear()
        found = list(self._happenings.events(change))
        if self._state.webhooks:
            self._new.extend(found)
            self._wake()

    def owes(self, name: str) -> bool:
        """Whether an event of this name is still to be told."""
        return any(each.name == name for _, each in self._new) or any(each.event.name == name for each in self._due)

    async def run(self, closing: asyncio.Event) -> None:
        """Tell what becomes due, until ``closing`` is set."""
        clock, news, loop = self._state.clock, asyncio.Event(), asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(news.set)
        over = asyncio.create_task(closing.wait())
        over.add_done_callback(lambda _: news.set())
        tasks: set[asyncio.Task[None]] = set()
        try:
            while not closing.is_set():
                news.clear()
                self._take_in()
                tasks = {each for each in tasks if not each.done()}
                while len(tasks) < AT_ONCE and self._due and self._due[0].at <= clock.now():
                    tasks.add(task := asyncio.create_task(self._tell(heapq.heappop(self._due))))
                    task.add_done_callback(lambda _: news.set())
                if self._due and len(tasks) < AT_ONCE:
                    await clock.sleep(max(self._due[0].at - clock.now(), 0.0), news)
                else:
                    await news.wait()
        finally:
            for each in (over, *tasks):
                each.cancel()

    def _take_in(self) -> None:
        while self._new:
            at, event = self._new.popleft()
            for hook in self._state.webhooks:
                if hook.events and event.name not in hook.events:
                    continue
                key = random_id()
                for late, is_same in tries(self._state.faults, event, next(self._numbers)):
                    told = key if is_same else random_id()
                    heapq.heappush(self._due, _Due(at + late, next(self._numbers), hook, event, told))

    async def _tell(self, due: _Due) -> None:
        state = self._state
        if not due.body:
            told = payload(state, due.event, due.hook.form)
            if told is None:
                return
            due.body = encode(told)
        status = await self._answer(due)
        state.deliveries.append({"event": due.event.name, "url": due.hook.url, "status": status, "try": due.tries + 1})
        if not 200 <= status < 300 and due.tries < len(RETRIES):
            due.at, due.tries = state.now() + RETRIES[due.tries], due.tries + 1
            heapq.heappush(self._due, due)

    async def _answer(self, due: _Due) -> int:
        """The status of the receiver's answer; 0 where none comes in time."""
        told = headers(due.hook, due.event.name, due.key, due.body)
        asking = asyncio.ensure_future(self._post(due.hook.url, due.body, told))
        has_come = asyncio.Event()
        asking.add_done_callback(lambda _: has_come.set())
        try:
            await self._state.clock.sleep(PATIENCE, has_come)
            return asking.result() if asking.done() else 0
        finally:
            asking.cancel()
