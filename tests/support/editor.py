"""An editor as the YAML language server sees it: documents opened, completion and hover asked for, over stdio."""

import itertools
import json
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

CURSOR = "‸"
CURSOR_DOCUMENT = "cursor.yaml"
PATIENCE = 30.0  # seconds; a server that says nothing for so long is dead


@dataclass(frozen=True, order=True)
class Problem:
    """One diagnostic as an editor underlines it: line and column from 1, the text under the line, the sentence."""

    line: int
    column: int
    marked: str
    message: str


class Editor:
    """A client of one server process; documents live in `folder` by name and need not be on disk."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path, schemas: Mapping[str, list[str]]) -> None:
        self._process, self._folder = process, folder
        # The store of public schemas is on the network.
        wanted = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
        self._settings = {"yaml": {**wanted, "schemas": schemas}}
        self._ids = itertools.count(1)
        self._unread: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._published: dict[str, list[dict[str, Any]]] = {}
        self._is_configured = False
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()
        markdown = ["markdown"]
        self._ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            capabilities={
                "workspace": {"configuration": True},
                "textDocument": {
                    "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": markdown}},
                    "hover": {"contentFormat": markdown},
                },
            },
        )
        self._tell("initialized")
        self._tell("workspace/didChangeConfiguration", settings=self._settings)
        # The server asks for them in its own time; what is asked of it before that is answered without a schema.
        while not self._is_configured:
            self._take()

    def problems(self, texts: Mapping[str, str]) -> dict[str, list[Problem]]:
        """What is underlined in each document, by its name; all are open at once."""
        uris = {name: self._open(name, text) for name, text in texts.items()}
        while not all(uri in self._published for uri in uris.values()):
            self._take()
        found = {
            name: sorted(_problem(texts[name], each) for each in self._published[uri]) for name, uri in uris.items()
        }
        self._close(uris.values())
        return found

    def complete(self, text: str) -> dict[str, dict[str, Any]]:
        """What is offered where `CURSOR` stands: the protocol's items by label."""
        answer = self._at_cursor("textDocument/completion", text)
        return {item["label"]: item for item in answer["items"]}

    def hover(self, text: str) -> str:
        """The Markdown shown for what `CURSOR` stands in; nothing is an empty text."""
        answer = self._at_cursor("textDocument/hover", text)
        return answer["contents"]["value"] if answer else ""

    def end(self) -> None:
        """Say goodbye; the process ends by itself."""
        self._ask("shutdown")
        self._tell("exit")

    def _at_cursor(self, method: str, text: str) -> Any:
        before, _, after = text.partition(CURSOR)
        uri = self._open(CURSOR_DOCUMENT, before + after)
        position = {"line": before.count("\n"), "character": _units(before.rpartition("\n")[2])}
        answer = self._ask(method, textDocument={"uri": uri}, position=position)
        self._close([uri])
        return answer

    def _open(self, name: str, text: str) -> str:
        uri = (self._folder / name).as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": next(self._ids), "text": text}
        self._tell("textDocument/didOpen", textDocument=document)
        return uri

    def _close(self, uris: "Sequence[str] | Iterator[str]") -> None:
        for uri in uris:
            self._tell("textDocument/didClose", textDocument={"uri": uri})
            self._published.pop(uri, None)

    def _ask(self, method: str, **params: Any) -> Any:
        number = next(self._ids)
        self._write({"id": number, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def _tell(self, method: str, **params: Any) -> None:
        self._write({"method": method, "params": params})

    def _take(self) -> dict[str, Any]:
        """The next message, after what every editor does with it."""
        message = self._unread.get(timeout=PATIENCE)
        assert message is not None, f"the server ended with {self._process.wait()}"
        method, params = message.get("method"), message.get("params", {})
        if method == "textDocument/publishDiagnostics":
            self._published[params["uri"]] = params["diagnostics"]
        elif method == "workspace/configuration":
            answer = [self._settings.get(item["section"], {}) for item in params["items"]]
            self._write({"id": message["id"], "result": answer})
            self._is_configured = True
        elif method and "id" in message:
            self._write({"id": message["id"], "result": None})
        return message

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _read(self, stream: IO[bytes]) -> None:
        while header := stream.readline():
            if header.lower().startswith(b"content-length:"):
                size = int(header.split(b":")[1])
                while stream.readline().strip():
                    pass
                self._unread.put(json.loads(stream.read(size)))
        self._unread.put(None)


@contextmanager
def editor(command: Sequence[str], folder: Path, schemas: Mapping[str, list[str]]) -> Iterator[Editor]:
    """A server started by `command`, with `schemas` (address -> names of documents, with *) as its settings."""
    with subprocess.Popen([*command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            client = Editor(process, folder, schemas)
            yield client
            client.end()
            process.wait(PATIENCE)
        finally:
            process.kill()


def _problem(text: str, diagnostic: dict[str, Any]) -> Problem:
    start, end = (_offset(text, diagnostic["range"][edge]) for edge in ("start", "end"))
    line = text.count("\n", 0, start)
    column = start - (text.rfind("\n", 0, start) + 1)
    return Problem(line + 1, column + 1, text[start:end], diagnostic["message"])


def _offset(text: str, position: dict[str, int]) -> int:
    """The protocol counts characters as UTF-16 does."""
    lines = text.splitlines(keepends=True)
    line = lines[position["line"]] if position["line"] < len(lines) else ""
    before = line.encode("utf-16-le")[: position["character"] * 2].decode("utf-16-le")
    return sum(map(len, lines[: position["line"]])) + len(before)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
