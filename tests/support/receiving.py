"""A program on this machine that webhooks are told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NamedTuple


class Told(NamedTuple):
    """One webhook as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """What was told so far.

    Attributes:
        url: Where.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.heard: list[Told] = []
        self._more = threading.Condition()

    def note(self, told: Told) -> None:
        """Keep what came."""
        with self._more:
            self.heard.append(told)
            self._more.notify_all()

    def wait_for(self, count: int) -> list[Told]:
        """What was told, once there are so many; fails where they do not come."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.heard) >= count, 10), f"{len(self.heard)} of {count} came"
            return list(self.heard)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Listen on a port of 127.0.0.1, and answer 200 to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.note(Told(self.path, dict(self.headers), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook?of=ours")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
