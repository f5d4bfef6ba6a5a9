"""A receiver's paths asked in process, with a journal that a test can look into, or break."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx
from starlette.types import ASGIApp

from flowrunner.dialects.webhooks.signing import signature
from flowrunner.journal import JournalError, RunRecord
from flowrunner.model import Inbound, Recipient, Told
from flowrunner.receiver.endpoints import Hook
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics
from flowrunner.receiver.receiving import Receiver
from flowrunner.receiver.site import site
from support.clocks import StillClock

SECRET = "whsec-7c1f"
HOOK = Hook("sales", "meta https://api.kapso.ai/meta/whatsapp/v24.0 106540352242922", "meta", "106540352242922", SECRET,
            "let me in")  # fmt: skip
PATH = "/webhooks/sales"


class Noting:
    """As much of a journal as a receiver asks for; it keeps what it was told.

    Attributes:
        kept: Each call: its name, the target, and what was told.
        broken: Why nothing can be written.
        knows: The runs to which it is news.
    """

    def __init__(self) -> None:
        self.kept: list[tuple[str, str, Any]] = []
        self.broken = ""
        self.knows = ["run-1"]

    async def hear(self, target: str, people: Sequence[tuple[Recipient, Inbound]]) -> list[str]:
        return self._keep("hear", target, list(people))

    async def tell(self, target: str, statuses: Sequence[Told]) -> list[str]:
        return self._keep("tell", target, list(statuses))

    async def listening_to(self, _target: str, _recipient: Recipient) -> Sequence[RunRecord]:
        """Nobody has had a flow before."""
        return ()

    async def refuse_marketing(self, target: str, recipient: Recipient) -> None:
        self._keep("refuse", target, recipient)

    async def allow_marketing(self, target: str, recipient: Recipient) -> None:
        self._keep("allow", target, recipient)

    def _keep(self, name: str, target: str, what: Any) -> list[str]:
        if self.broken:
            raise JournalError(self.broken, "make room on the disk")
        self.kept.append((name, target, what))
        return self.knows


class Site:
    """A receiver for some senders.

    Attributes:
        lines: What it has logged.
        stirred: How often it woke whoever goes on with runs.
    """

    def __init__(self, *hooks: Hook) -> None:
        self.clock = StillClock(1_749_416_400.0)
        self.journal, self.metrics = Noting(), Metrics()
        self.lines: list[dict[str, Any]] = []
        self.stirred = 0
        log = Log(lambda line: self.lines.append(json.loads(line)), self.clock)
        self.receiver = Receiver(hooks or (HOOK,), self.journal, self._stir, self.metrics, log, self.clock)  # type: ignore[arg-type]
        self.app = site(self.receiver, lambda: (not self.journal.broken, {"status": "?"}), self._figures)

    def _stir(self) -> None:
        self.stirred += 1

    async def _figures(self) -> str:
        return self.metrics.text()

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(asked(self.app, method, path, **more))

    def post(self, body: bytes, *, key: str = "", secret: str = SECRET, **headers: str) -> int:
        """Post a signed webhook; the answer's status."""
        told = {"X-Webhook-Signature": signature(secret, body), "X-Idempotency-Key": key, **headers}
        return self.ask("POST", PATH, content=body, headers=told).status_code


async def asked(app: ASGIApp, method: str, path: str, **more: Any) -> httpx.Response:
    """One request to an application, in process."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here", trust_env=False) as client:
        return await client.request(method, path, **more)


async def raw(app: ASGIApp, headers: Mapping[str, str], receive: Callable[[], Awaitable[Any]]) -> int:
    """The status of the answer to a POST whose body comes as ``receive`` gives it."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
             "headers": named, "http_version": "1.1", "scheme": "http", "server": ("here", 80)}  # fmt: skip
    await app(scope, receive, send)
    return int(sent[0]["status"])
