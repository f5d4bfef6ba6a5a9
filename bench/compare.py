"""Whether two checkouts preview, plan and send the same bytes.

``python -m bench.compare OLD NEW``: two checkouts, each with its own ``.venv``. Both read the same files: the example
flows of OLD, those of ``tests/data/cases``, and 500 that are made here from a seed. Exit code 0 where every preview,
plan, diagnosis and request is equal byte for byte, else 1, with the first differences.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zlib import crc32

from bench.flows import made

_DRIVER = Path(__file__).with_name("side.py")
_PORT = 18_650
_SHOWN = 5


class _Api(BaseHTTPRequestHandler):
    """As much of the API as a run needs; it keeps every request that posts."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        place = self.path.partition("?")[0].split("/")
        conversation = place[4]
        listed = [self.server.message(each) for each in reversed(self.server.posted.get(conversation, []))]
        pages = {"page": 1, "per_page": 100, "total_pages": 1, "total_count": len(listed)}
        phone = f"+52155{crc32(conversation.encode()) % 10**8:08}"  # each is another person's
        talk = {"id": conversation, "status": "active", "phone_number": phone}
        self._answer(200, {"data": listed, "meta": pages} if len(place) > 5 else {"data": talk})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        conversation = self.path.split("/")[4]
        kept = self.server.posted.setdefault(conversation, [])
        kept.append((f"{conversation}-{len(kept)}", self.path, self.headers["Content-Type"], body))
        self._answer(201, {"data": self.server.message(kept[-1])})

    def _answer(self, status: int, data: Any) -> None:
        body = json.dumps(data).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Api)
        self.posted: dict[str, list[tuple[str, str, str, str]]] = {}

    def message(self, kept: tuple[str, str, str, str]) -> dict[str, Any]:
        body = json.loads(kept[3])["message"]
        at = "2026-03-02T10:00:00.000Z"
        return {"id": kept[0], "direction": "outbound", "status": "delivered", "message_type": body["message_type"],
                "content": body.get("content"), "created_at": at, "updated_at": at}  # fmt: skip


def main() -> int:
    """Compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--flows", type=int, default=500, help="how many are made")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--keep", type=Path, help="a new folder for what both sides said")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        flows = folder / "flows"
        shutil.copytree(asked.old / "flows", flows)
        for number, case in enumerate(sorted(asked.old.glob("tests/data/cases/*/*.yaml"))):
            shutil.copy(case, flows / f"case-{number:03}-{case.name}")
        for name, text in made(asked.flows, asked.seed):
            (flows / name).write_text(text, encoding="utf-8")
        with ThreadPoolExecutor(2) as both:
            jobs = [(asked.old.resolve(), folder, "old", _PORT), (asked.new.resolve(), folder, "new", _PORT + 1)]
            old, new = both.map(lambda job: _side(*job), jobs)
    different = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    for name in different[:_SHOWN]:
        before, after = (side.get(name, "").splitlines(keepends=True) for side in (old, new))
        sys.stdout.writelines(list(unified_diff(before, after, f"old {name}", f"new {name}"))[:30])

    print(f"{len(old)} outputs of {len(list(_names(old)))} flows compared: {len(different)} differ")
    if different:
        print("  " + " ".join(different[:40]))
    return 1 if different else 0


def _names(said: dict[str, str]) -> Iterator[str]:
    yield from dict.fromkeys(name.partition(" ")[0] for name in said)


def _side(checkout: Path, folder: Path, name: str, port: int) -> dict[str, str]:
    """What one checkout says, and what it posts, by flow and question."""
    server = _Server(port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        python = checkout / ".venv" / "bin" / "python"
        command = [str(python), str(_DRIVER), str(folder / "flows"), str(folder / f"{name}.json"), str(port)]
        subprocess.run(command, check=True, cwd=folder)
    finally:
        server.shutdown()
        server.server_close()
    said: dict[str, str] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    for conversation, kept in server.posted.items():
        said[f"{conversation} requests"] = "\n".join(" ".join(each[1:]) for each in kept)
    return said


if __name__ == "__main__":
    sys.exit(main())
