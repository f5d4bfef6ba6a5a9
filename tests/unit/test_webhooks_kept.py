"""Whatever a signed webhook tells can be kept: nobody is told again and again of what no journal takes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from flowrunner.clock import SYSTEM
from flowrunner.dialects.webhooks.signing import signature
from flowrunner.engine.history.answered import inbound_of
from flowrunner.journal import open_journal
from flowrunner.model import EventKind, Recipient
from flowrunner.receiver.logs import Log
from flowrunner.receiver.metrics import Metrics
from flowrunner.receiver.receiving import Receiver
from support import told
from support.journalled import event, named
from support.webhooks import HOOK, SECRET

ANA = Recipient("", "+16505551234")


def deep(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


def card(value: Any) -> dict[str, Any]:
    return told.meta_message("contacts", [{"name": value}])


def form(value: Any) -> dict[str, Any]:
    reply = {"response_json": json.dumps({"x": value}), "body": "Sent", "name": "flow"}
    return told.meta_message("interactive", {"type": "nfm_reply", "nfm_reply": reply})


STRANGE: dict[str, dict[str, Any]] = {
    "a zero byte": told.meta_message("text", {"body": "a\x00b"}),
    "half a character": told.meta_message("text", {"body": "a\ud83db"}),
    "a long text": told.meta_message("text", {"body": "x" * 1_000_000}),
    "a number out of bounds": card(float("inf")),
    "a number that is none": form(float("nan")),
    "a great number": card(10**400),
    "deep cards": card(deep(300)),
    "a deep form": form(deep(300)),
    "a place far away": told.meta_message("location", {"latitude": 1e308, "longitude": "1e999"}),
    "a moment far away": told.meta_message("text", {"body": "hi"}, timestamp="9" * 14),
    "a name that is none": told.meta_message("text", {"body": "hi"}, context={"id": "\ud800"}),
}


@pytest.mark.parametrize("message", STRANGE.values(), ids=STRANGE)
def test_what_is_strange_is_kept_and_read_again(tmp_path: Path, message: dict[str, Any]) -> None:
    """In the event of the run that heard it, as it was told as far as it can be."""
    body = json.dumps(told.meta(messages=[message])).encode()

    async def receive() -> list[Any]:
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await journal.begin(named("r", recipient=ANA, target=HOOK.target, listens=True))
            await journal.append(event("begun", run="r"), event("asked", run="r", detail={"wake_at": 9e9}))
            log = Log(lambda _: None, SYSTEM)
            receiver = Receiver([HOOK], journal, lambda: None, Metrics(), log, SYSTEM)
            headers = {"x-hub-signature-256": f"sha256={signature(SECRET, body)}"}
            assert await receiver.take(HOOK, headers, body) == 200
            assert await receiver.take(HOOK, headers | {"x-idempotency-key": "2"}, body) == 200
            return await journal.events("r")

    heard = [each for each in asyncio.run(receive()) if each.kind is EventKind.HEARD]
    assert [inbound_of(each).id for each in heard] == [told.THEIRS]
