"""An API of a test's own: each request is answered as the test says, on a real socket."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit


class Asked(NamedTuple):
    """One request: ``POST``, the path without ``/api/v1``, its query, its message."""

    method: str
    path: str
    query: Mapping[str, str]
    message: Any


@dataclass
class Reply:
    """One answer. ``body`` is JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reason: str = "OK"


Answering = Callable[[Asked], Reply]


@dataclass
class Served:
    """Where it listens, and what it was asked."""

    url: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def sent(self) -> list[tuple[str, str]]:
        """Each posted message: to which conversation, and its text."""
        posts = (each for each in self.asked if each.method == "POST")
        return [(each.path.split("/")[2], each.message["content"]) for each in posts]


@contextmanager
def answering(answer: Answering, host: str = "127.0.0.1") -> Iterator[Served]:
    """A server that answers by a function, as long as this lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            message = json.loads(body)["message"] if body else None
            asked = Asked(self.command, parts.path.removeprefix("/api/v1"), query, message)
            served.asked.append(asked)
            reply = answer(asked)
            raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response(reply.status, reply.reason)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://{host}:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def listed(*items: Mapping[str, Any]) -> Reply:
    """A list of one page."""
    meta = {"page": 1, "per_page": 100, "total_pages": 1, "total_count": len(items)}
    return Reply(200, {"data": list(items), "meta": meta})
