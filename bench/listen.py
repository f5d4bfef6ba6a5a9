"""The receiver: a thousand webhooks a second, and a hundred thousand runs that wait, of which one is woken."""

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from bench.servers import emulator, served
from flowrunner.clock import SYSTEM
from flowrunner.journal import open_journal
from flowrunner.journal.many import Beginning
from flowrunner.model import Bundle, Event, EventKind, Recipient
from flowrunner.model.campaigns import Campaign

A_SECOND, SECONDS, CONNECTIONS = 1_000, int(os.environ.get("BENCH_SECONDS", "20")), 50
PARKED = 100_000
MOST_SECONDS, MOST_MB, MOST_WAKING = 0.1, 150, 1.0
SECRET = "bench-secret"  # noqa: S105 - it opens nothing
_FLOW = """\
name: asks
steps:
  - id: start
    message: How many people work with you?
    reply: {within: 2d, settle: 0s, answers: [{number: {min: 1}}], otherwise: end, no_reply: end}
  - message: Thank you.
anytime: [{words: [stop], end: opted_out}]
"""
_PAGE = 5_000


class _Told(NamedTuple):
    """What became of the webhooks: seconds from each one's moment until its answer, and how many were refused."""

    seconds: list[float]
    refused: int
    rate: float


def main() -> bool:
    """Print the figures; answer whether the bounds were kept."""
    with TemporaryDirectory() as folder, served(emulator, 1, 1_000_000, 1.0) as api:
        return _measure(Path(folder), api)


def _measure(folder: Path, api: str) -> bool:
    flow, journal = folder / "asks.yaml", folder / "journal.db"
    flow.write_text(_FLOW, encoding="utf-8")
    options = ["--api-url", api, "--journal", str(journal), "--rate", "1000/s"]
    subprocess.run(
        _program("run", str(flow), "--conversation", "c0", *options),
        check=True,
        env=_environment(),
        stdout=subprocess.DEVNULL,
    )
    asyncio.run(_park(journal, flow, api))
    with _listening(*options) as (url, process):
        waking = _wake(url, api)
        told = asyncio.run(_tell(url))
        memory = _megabytes(process.pid)
    seconds = sorted(told.seconds)
    half, most = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)]
    print(f"listen: {PARKED:,} runs wait, {A_SECOND:,} webhooks a second for {SECONDS} s")
    print(f"  answered: {told.rate:,.0f}/s, {half * 1000:.1f} ms in the middle (at most {MOST_SECONDS * 1000:.0f}), "
          f"{most * 1000:.1f} ms for 99 of 100, {told.refused} refused")  # fmt: skip
    print(f"  a run goes on {waking * 1000:.0f} ms after its answer (at most {MOST_WAKING * 1000:.0f})")
    print(f"  memory: {memory:.0f} MB (at most {MOST_MB})\n")
    return not told.refused and half <= MOST_SECONDS and waking <= MOST_WAKING and memory <= MOST_MB


async def _park(path: Path, flow: Path, api: str) -> None:
    """Write so many runs that have asked something."""
    bundle = Bundle.of(str(flow), _FLOW)
    now = SYSTEM.now()
    campaign = Campaign("bench", "asks", bundle, api, "2026-11-26T08:00:00+00:00", now, "people.csv", PARKED, {}, True)
    async with open_journal(path, clock=SYSTEM) as journal:
        await journal.begin_campaign(campaign)
        for first in range(0, PARKED, _PAGE):
            people = [
                Beginning(f"r{number:06}", Recipient("", f"+34700{number:06}"), {}, number + 1)
                for number in range(first, first + _PAGE)
            ]
            await journal.begin_runs(campaign.id, people)
            await journal.append(*(event for each in people for event in _asked(each.run_id, now)))


def _asked(run: str, now: float) -> Iterator[Event]:
    yield Event(EventKind.BEGUN, run, now, "1")
    yield Event(EventKind.ACCEPTED, run, now, "1", f"wamid.{run}")
    yield Event(EventKind.ASKED, run, now, "1", detail={"wake_at": now + 172_800, "heard": 0})


@contextmanager
def _listening(*options: str) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    command = _program("listen", "--port", "0", "--webhook-secret-env", "BENCH_SECRET", *options)
    with subprocess.Popen(command, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield process.stdout.readline().split("listening on ")[1].split(";")[0], process
        process.terminate()


def _program(*words: str) -> list[str]:
    return [sys.executable, "-m", "flowrunner", *words]


def _environment() -> dict[str, str]:
    return {**os.environ, "KAPSO_API_KEY": "bench-key-0000", "BENCH_SECRET": SECRET}


def _wake(url: str, api: str) -> float:
    """Seconds from an answer's webhook until the API has the run's next message."""
    message = {"id": "wamid.A", "timestamp": str(int(time.time()) + 1), "type": "text", "text": {"body": "12"},
               "kapso": {"direction": "inbound"}}  # fmt: skip
    body = json.dumps({"message": message, "conversation": {"id": "c0", "phone_number": "+34600000000"}}).encode()
    listed = f"{api}/api/v1/whatsapp_conversations/c0/whatsapp_messages"
    with httpx.Client(trust_env=False, headers={"X-API-Key": "any"}) as client:
        began = time.perf_counter()
        answer = client.post(f"{url}/webhooks/default", content=body, headers={"X-Webhook-Signature": _signed(body)})
        answer.raise_for_status()
        while len(client.get(listed).json()["data"]) < 2:
            if time.perf_counter() - began > 60:
                raise TimeoutError("the run was not gone on with")
        return time.perf_counter() - began


def _signed(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


async def _tell(url: str) -> _Told:
    """Tell of three statuses, then of somebody's text, and so on."""
    parts = urlsplit(url)
    numbers = iter(range(A_SECOND * SECONDS))
    seconds: list[float] = []
    refused = 0
    began = time.perf_counter()

    async def one() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for number in numbers:
            due = began + number / A_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            body = _payload(number)
            head = (
                f"POST /webhooks/default HTTP/1.1\r\nHost: here\r\nX-Webhook-Signature: {_signed(body)}\r\n"
                f"X-Idempotency-Key: {number}\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            left = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            seconds.append(time.perf_counter() - left)
            refused += b" 200 " not in answer[:20]
        writer.close()

    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return _Told(seconds, refused, len(seconds) / (time.perf_counter() - began))


def _payload(number: int) -> bytes:
    who, kind = number // 4 % PARKED, ("sent", "delivered", "read", "text")[number % 4]
    phone, at = f"34800{who:06}", str(int(time.time()))
    if kind == "text":
        message = {"id": f"wamid.T{number}", "timestamp": at, "from": phone, "type": "text", "text": {"body": "hello"},
                   "kapso": {"direction": "inbound"}}  # fmt: skip
    else:
        status = {"id": f"wamid.r{who:06}", "status": kind, "timestamp": at, "recipient_id": phone}
        message = {"id": status["id"], "timestamp": at, "type": "text", "text": {"body": "How many people?"},
                   "kapso": {"direction": "outbound", "status": kind, "statuses": [status]}}  # fmt: skip
    return json.dumps({"message": message, "conversation": {"id": f"t{who}"}, "phone_number_id": "1"}).encode()


def _megabytes(process: int) -> float:
    """The most memory that a process has held."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
