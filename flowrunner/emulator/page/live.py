"""Tells every open page what changed, at once, by server-sent events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from starlette.responses import Response, StreamingResponse

from flowrunner.clock import Clock
from flowrunner.emulator.api.exchanges import ExchangeLog
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.api.wire import encode
from flowrunner.emulator.page.view import View

GAP = 0.05
"""Seconds between two events of one page at least: what happens meanwhile goes into the second."""
_AGAIN = b"retry: 500\n\n"
"""Milliseconds after which a browser whose connection broke comes back."""


class OpenPages:
    """Passes every change on to the open pages. What nobody looks at costs nothing."""

    def __init__(self, state: EmulatorState, log: ExchangeLog) -> None:
        self._open: dict[View, Callable[[], object]] = {}
        state.listeners.append(lambda change: self._tell(lambda view: view.changed(change)))
        log.listeners.append(lambda exchange: self._tell(lambda view: view.exchanged(exchange)))

    def _tell(self, note: Callable[[View], None]) -> None:
        for view, wake in tuple(self._open.items()):
            note(view)
            wake()

    @contextmanager
    def watching(self, view: View, wake: Callable[[], object]) -> Iterator[None]:
        """Tell ``view`` what changes, and call ``wake`` after each change, in the thread that made it."""
        self._open[view] = wake
        try:
            yield
        finally:
            del self._open[view]


def event_stream(pages: OpenPages, clock: Clock, view: View, closing: asyncio.Event) -> Response:
    """The events of one open page, until it is closed or the server stops."""
    events = _events(pages, clock, view, closing)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(pages: OpenPages, clock: Clock, view: View, closing: asyncio.Event) -> AsyncIterator[bytes]:
    """What is there, then whatever comes."""
    yield _AGAIN
    news = asyncio.Event()
    loop = asyncio.get_running_loop()
    over = asyncio.create_task(closing.wait())
    over.add_done_callback(lambda _: news.set())
    try:
        with pages.watching(view, lambda: loop.call_soon_threadsafe(news.set)):
            while not closing.is_set():
                if told := view.news():
                    yield b"data: " + encode(told) + b"\n\n"
                await clock.sleep(GAP, closing)
                if (wait := view.waits()) is None:
                    await news.wait()
                else:
                    await clock.sleep(wait, news)
                news.clear()
    finally:
        over.cancel()
