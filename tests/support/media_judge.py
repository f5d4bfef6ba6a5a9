"""Meta's upload and sending on a socket, strict, by RFC 7578 and Meta's page; it shares no code with the emulator."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NUMBER = "17"
ROOT = f"/meta/whatsapp/v24.0/{NUMBER}"
_PART = re.compile(rb'Content-Disposition: form-data; name="(\w+)"(?:; filename="([^"\r\n]*)")?')


@dataclass
class MediaJudge:
    """The other side.

    Attributes:
        files: What it has, by its id: content and type.
        uploads: How often something was uploaded.
        sent: The files of the messages that it took, in order; None for one without.
        asked: Every request, in order.
        busy: How many uploads more are answered with 429.
        refuses: What it says to uploads instead of taking them.
        cuts: How many uploads more are cut as they have come.
        gate: What an upload waits for before it is answered.
        begun: Set once an upload has come.
    """

    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    uploads: int = 0
    sent: list[bytes | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    busy: int = 0
    refuses: tuple[int, Any] | None = None
    cuts: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def forget(self) -> None:
        """As after 30 days."""
        self.files.clear()

    def upload(self, kind: str, body: bytes) -> tuple[int, Any]:
        """The id of a file, if the form is right in every sign."""
        self.begun.set()
        self.gate.wait(20)
        fields = dict(_fields(kind, body))
        assert fields["messaging_product"] == (b"whatsapp", "", "")
        content, name, sort = fields["file"]
        assert name, "a file has a name"
        assert set(fields) == {"messaging_product", "type", "file"}
        assert fields["type"][0].decode() == sort
        if self.busy:
            self.busy -= 1
            return 429, {"error": "Rate limit exceeded"}
        if self.refuses:
            return self.refuses
        self.uploads += 1
        media_id = str(1_000_000 + self.uploads)
        self.files[media_id] = (content, sort)
        return 200, {"id": media_id}

    def message(self, body: bytes) -> tuple[int, Any]:
        """A message whose files are all here."""
        said = json.loads(body)
        ids = re.findall(rb'"id":"([^"]*)"', body)
        missing = [each for each in ids if each.decode() not in self.files]
        if missing:
            words = "Parameter image['id'] is not a valid whatsapp business account media attachment ID"
            return 400, {"error": {"message": f"(#100) {words}", "code": 100, "type": "OAuthException"}}
        self.sent += [self.files[each.decode()][0] for each in ids] or [None]
        name = f"wamid.{len(self.sent):03}"
        contacts = [{"input": said["to"], "wa_id": said["to"]}]
        return 200, {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": name}]}


def _fields(kind: str, body: bytes) -> Iterator[tuple[str, tuple[bytes, str, str]]]:
    """Each field of a form: its content, the name of its file and its type."""
    found = re.fullmatch(r"multipart/form-data; boundary=([0-9A-Za-z'()+_,./:=?-]{1,70})", kind)
    assert found, kind
    edge = b"--" + found[1].encode()
    assert body.startswith(edge + b"\r\n")
    assert body.endswith(b"\r\n" + edge + b"--\r\n")
    for part in body[len(edge) + 2 : -len(edge) - 6].split(b"\r\n" + edge + b"\r\n"):
        head, _, content = part.partition(b"\r\n\r\n")
        first, *rest = head.split(b"\r\n")
        named = _PART.fullmatch(first)
        assert named, head
        sort = b"".join(each.removeprefix(b"Content-Type: ") for each in rest).decode()
        yield named[1].decode(), (content, (named[2] or b"").decode(), sort)


@contextmanager
def judging() -> Iterator[MediaJudge]:
    """A judge on a port of this machine; nothing waits at its gate unless a test shuts it."""
    judge = MediaJudge()
    judge.gate.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Nothing is written anywhere."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            judge.asked.append(self.path.rpartition("/")[2])
            assert self.headers["X-API-Key"]
            if self.path == f"{ROOT}/media":
                answered = judge.upload(self.headers["Content-Type"], body)
                if judge.cuts:
                    judge.cuts -= 1
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
            else:
                assert self.path == f"{ROOT}/messages"
                answered = judge.message(body)
            self._answer(*answered)

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            if name.startswith("conversations"):  # whose window is open it does not tell, and need not be asked twice
                self._answer(400, {"error": "No"})
                return
            self._answer(200, {"data": {"id": name, "kapso": {"direction": "outbound", "status": "delivered"}}})

        def _answer(self, status: int, data: Any) -> None:
            raw = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            if status == 429:
                self.send_header("Retry-After", "1")
            self.end_headers()
            self.wfile.write(raw)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        judge.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield judge
        finally:
            judge.gate.set()
            server.shutdown()
            thread.join()
