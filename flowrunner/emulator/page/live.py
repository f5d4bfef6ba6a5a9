"""Tells every open page what changed, at once, by server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flowrunner.emulator.api.changes import Change
from flowrunner.emulator.api.exchanges import Exchange, ExchangeLog
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import encode, left
from flowrunner.emulator.page.view import View

GAP = 0.05
"""Seconds between two events of one page at least: what happens meanwhile goes into the second."""
_AGAIN = b"retry: 500\n\n"
"""Milliseconds after which a browser whose connection broke comes back."""


class Live:
    """Passes every change on to the open pages. What nobody looks at costs nothing."""

    def __init__(self, state: EmulatorState, log: ExchangeLog) -> None:
        self._open: dict[View, Callable[[], object]] = {}
        state.subscribe(self._changed)
        log.subscribe(self._exchanged)

    def _changed(self, change: Change) -> None:
        for view, wake in tuple(self._open.items()):
            view.changed(change)
            wake()

    def _exchanged(self, exchange: Exchange) -> None:
        for view, wake in tuple(self._open.items()):
            view.exchanged(exchange)
            wake()

    @contextmanager
    def watching(self, view: View, wake: Callable[[], object]) -> Iterator[None]:
        """Tell ``view`` what changes, and call ``wake`` after each change, in the thread that made it."""
        self._open[view] = wake
        try:
            yield
        finally:
            del self._open[view]


class EventStream(Response):
    """The events of one open page, until it is closed or the server stops."""

    def __init__(self, live: Live, view: View, closing: asyncio.Event) -> None:
        super().__init__()
        self._live, self._view, self._closing = live, view, closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is there, then whatever comes."""
        del scope
        head = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": _AGAIN, "more_body": True})
        news = asyncio.Event()
        loop = asyncio.get_running_loop()
        over = {asyncio.create_task(left(receive)), asyncio.create_task(self._closing.wait())}
        try:
            with self._live.watching(self._view, lambda: loop.call_soon_threadsafe(news.set)):
                while not any(each.done() for each in over):
                    await self._tell(send)
                    await asyncio.wait(over, timeout=GAP, return_when="FIRST_COMPLETED")
                    await self._rest(news, over)
        finally:
            for each in over:
                each.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _tell(self, send: Send) -> None:
        if told := self._view.news():
            await send({"type": "http.response.body", "body": b"data: " + encode(told) + b"\n\n", "more_body": True})

    async def _rest(self, news: asyncio.Event, over: "set[asyncio.Task[Any]]") -> None:
        """Wait until there is something to tell, or nobody to tell it to."""
        waking = asyncio.create_task(news.wait())
        try:
            await asyncio.wait({waking, *over}, timeout=self._view.waits(), return_when="FIRST_COMPLETED")
        finally:
            waking.cancel()
        news.clear()
