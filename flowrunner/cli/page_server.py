"""One page, served on this machine to whoever looks at it, and sent anew when it changes."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, Final, Self

from flowrunner.views.html.page import asset

_BEAT: Final = 10.0
"""Seconds after which a reader is asked whether it is still there."""


class PageServer:
    """Serves until it is left. Only this machine can ask, and only under its address: no other page reads along.

    Attributes:
        url: Where the page is.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._page = b""
        self._number = 0
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def script(self) -> str:
        """What the next page needs to be loaded anew once there is another."""
        return f"const VERSION = {self._number + 1};\n{asset('html/watch.js')}"

    def show(self, page: str) -> None:
        """From now on this is the page."""
        with self._changed:
            self._page = page.encode()
            self._number += 1
            self._changed.notify_all()

    def page(self) -> bytes:
        """The page as it is."""
        with self._changed:
            return self._page

    def after(self, number: int) -> int:
        """The number of the version that follows, as soon as there is one; the same number after a while."""
        with self._changed:
            self._changed.wait_for(lambda: self._number > number, _BEAT)
            return self._number


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, pages: PageServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that has gone is none."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """The page, or the news of it."""
        # Another site's page may have led a name of its own here.
        if self.headers.get("Host") != self.server.pages.url.split("/")[2]:
            self.send_error(403)
        elif self.path == "/":
            page = self.server.pages.page()
            self._begin("text/html; charset=utf-8", length=len(page))
            self.wfile.write(page)
        elif self.path == "/news":
            self._tell_news()
        else:
            self.send_error(404)

    def _tell_news(self) -> None:
        """Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): one a version."""
        self._begin("text/event-stream")
        self.close_connection = True
        number = 0
        while True:
            following = self.server.pages.after(number)
            self.wfile.write(f"data: {following}\n\n".encode() if following > number else b":\n\n")
            number = following

    def _begin(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is logged: the terminal is the author's."""
