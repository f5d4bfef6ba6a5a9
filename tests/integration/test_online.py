"""``validate --online``: what stands at the addresses of files is asked, a little, and never by default."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from flowrunner.app.reviewing.check import check_flows
from flowrunner.client import url_checks as reaching
from support.program import flowrunner

PAGES: Mapping[str, tuple[int, dict[str, str]]] = {
    "/a.jpg": (200, {"Content-Type": "image/jpeg", "Content-Length": "1000"}),
    "/at.jpg": (200, {"Content-Type": "Image/JPEG; q=1", "Content-Length": str(5 << 20)}),
    "/beyond.jpg": (200, {"Content-Type": "image/jpeg", "Content-Length": str((5 << 20) + 1)}),
    "/no-type.jpg": (200, {"Content-Length": "10"}),
    "/page.jpg": (200, {"Content-Type": "text/html; charset=utf-8", "Content-Length": "10"}),
    "/bytes.jpg": (200, {"Content-Type": "application/octet-stream", "Content-Length": "10"}),
    "/gone.jpg": (410, {"Content-Length": "0"}),
    "/once.jpg": (302, {"Location": "/a.jpg", "Content-Length": "0"}),
    "/five-1.jpg": (302, {"Location": "/five-2.jpg", "Content-Length": "0"}),
    "/five-2.jpg": (307, {"Location": "/five-3.jpg", "Content-Length": "0"}),
    "/five-3.jpg": (301, {"Location": "/five-4.jpg", "Content-Length": "0"}),
    "/five-4.jpg": (308, {"Location": "/once.jpg", "Content-Length": "0"}),
    "/six.jpg": (302, {"Location": "/five-1.jpg", "Content-Length": "0"}),
    "/elsewhere.jpg": (302, {"Location": "ftp://127.0.0.1/a.jpg", "Content-Length": "0"}),
    "/inside.jpg": (302, {"Location": "http://localhost:1/a.jpg", "Content-Length": "0"}),
    "/private.jpg": (302, {"Location": "http://192.168.0.1/a.jpg", "Content-Length": "0"}),
}


class Web(ThreadingHTTPServer):
    """Pages by their paths; what was asked is in ``asked``, and how many bytes were taken of a body in ``given``."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.most = self.now = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Web

    def log_message(self, *_: Any) -> None:
        """Nothing is written anywhere."""

    def do_HEAD(self) -> None:
        with self.server.lock:
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        self.server.asked.append(f"HEAD {self.path}")
        if self.path == "/silent.jpg":
            self.rfile.read(1)
        elif self.path.startswith("/no-head"):
            self._answer(405, {"Content-Length": "0"})
        elif self.path.startswith("/slow"):
            threading.Event().wait(0.05)
            self._answer(*PAGES["/a.jpg"])
        else:
            self._answer(*PAGES.get(self.path, (404, {"Content-Length": "0"})))
        with self.server.lock:
            self.server.now -= 1

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path} {self.headers.get('Range')}")
        kind = {"Content-Type": "image/jpeg"}
        if self.path == "/no-head.jpg":
            self._answer(206, {**kind, "Content-Range": f"bytes 0-0/{6 << 20}", "Content-Length": "1"})
        elif self.path != "/no-head-no-range.jpg":
            self._answer(404, {"Content-Length": "0"})
        else:  # a server that does not know ranges gives all of it
            self._answer(200, {**kind, "Content-Length": str(1 << 30)})

    def _answer(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def said(folder: Path, *messages: str, inputs: str = "{}") -> list[tuple[int, str, str]]:
    """Line, code and message of each error with --online, of a flow with these messages, one a line from the fourth."""
    steps = "".join(f"  - message: {{{each}}}\n" for each in messages)
    (folder / "flow.yaml").write_text(f"name: f\ninputs: {inputs}\nsteps:\n{steps}", "utf-8")
    found = check_flows([folder / "flow.yaml"], online=True).diagnostics
    return [(each.location.line, each.code, each.message) for each in found if each.is_error]


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("a.jpg", "", ""),
        ("at.jpg", "", ""),
        ("no-type.jpg", "", ""),
        ("once.jpg", "", ""),
        ("five-2.jpg", "", ""),
        ("five-1.jpg", "", ""),
        ("beyond.jpg", "media-size", "at most 5,242,880"),
        ("page.jpg", "media-type", "text/html"),
        ("bytes.jpg", "media-type", "application/octet-stream"),
        ("gone.jpg", "media-unreachable", "410 Gone"),
        ("nosuch.jpg", "media-unreachable", "404"),
        ("six.jpg", "media-unreachable", "redirects more than 5 times"),
        ("elsewhere.jpg", "media-unreachable", "not a web address"),
        ("inside.jpg", "media-unreachable", "private network"),
        ("private.jpg", "media-unreachable", "private network"),
        ("no-head.jpg", "media-size", "6 MB"),
        ("no-head-no-range.jpg", "media-size", "1 GB"),
    ],
)
def test_what_an_address_gives(path: str, code: str, words: str, web: Web, tmp_path: Path) -> None:
    """A problem at the line of the address, in words; nothing of a file as it should be."""
    found = said(tmp_path, f'message_type: image, media_url: "{web.url}/{path}"')
    assert [each[:2] for each in found] == ([(4, code)] if code else [])
    assert all(words in each[2] for each in found)


def test_it_is_asked_by_head_and_else_for_one_byte(web: Web, tmp_path: Path) -> None:
    """However large the file is."""
    said(tmp_path, f'message_type: image, media_url: "{web.url}/no-head.jpg"')
    assert web.asked == ["HEAD /no-head.jpg", "GET /no-head.jpg bytes=0-0"]


def test_each_address_is_asked_once_wherever_it_stands(web: Web, tmp_path: Path) -> None:
    """Headers of templates have them, too; expressions have their examples."""
    template = "message_type: template, template_name: t, template_language: es, header_type: image"
    found = said(
        tmp_path,
        f'message_type: image, media_url: "{web.url}/{{{{ name }}}}.jpg"',
        f'{template}, header_params: "{web.url}/gone.jpg"',
        f'message_type: document, media_url: "{web.url}/gone.jpg", filename: a.pdf',
        inputs="{name: {type: string, example: page}}",
    )
    assert [each[:2] for each in found] == [(4, "media-type"), (5, "media-unreachable"), (6, "media-unreachable")]
    assert sorted(web.asked) == ["HEAD /gone.jpg", "HEAD /page.jpg"]


def test_a_name_that_leads_inside_is_not_followed(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an address that stands in the flow itself is one of one's own."""
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    monkeypatch.setattr(reaching, "getproxies", dict)
    port = web.server_address[1]
    [(_, code, message)] = said(tmp_path, f'message_type: image, media_url: "http://cdn.example.com:{port}/a.jpg"')
    assert (code, "private network" in message) == ("media-unreachable", True)
    assert web.asked == []


def test_nobody_is_flooded_and_nobody_waits_for_ever(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight at a time, and each has its time."""
    many = [f'message_type: image, media_url: "{web.url}/slow-{number}.jpg"' for number in range(24)]
    assert said(tmp_path, *many) == []
    assert 1 < web.most <= 8
    monkeypatch.setattr(reaching, "SECONDS", 0.5)
    [(_, code, message)] = said(tmp_path, f'message_type: image, media_url: "{web.url}/silent.jpg"')
    assert (code, "did not answer" in message) == ("media-unreachable", True)


def test_it_is_never_asked_by_default(web: Web, tmp_path: Path) -> None:
    """A check asks nobody; with the option it says what it found, in every form."""
    flow = f'name: f\nsteps:\n  - message: {{message_type: image, media_url: "{web.url}/gone.jpg"}}\n'
    (tmp_path / "flow.yaml").write_text(flow, "utf-8")
    assert flowrunner("validate", "flow.yaml", cwd=tmp_path).returncode == 0
    assert web.asked == []
    done = flowrunner("validate", "--online", "--format", "json", "flow.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "media-unreachable" in json.dumps(json.loads(done.stdout))
