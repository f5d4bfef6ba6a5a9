"""An emulator asked in process, for the tests of the emulator itself."""

import asyncio
import itertools
from collections.abc import Mapping
from typing import Any

import httpx

from flowrunner.emulator.api.app import create_app
from flowrunner.emulator.api.messages import Draft, StoredMessage
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from support.clocks import StillClock

T0 = 1_750_000_000.0
TALK = "/api/v1/whatsapp_conversations/c1"
MESSAGES = f"{TALK}/whatsapp_messages"
META = f"/meta/whatsapp/v24.0/{NUMBER_ID}"
PHONE = "5215551234567"
HELLO = {"message_type": "text", "content": "Hello"}
IMAGE = {"message_type": "image", "media_url": "https://cdn.example.com/a.jpg", "caption": "A"}
TEMPLATE = {"message_type": "template", "template_name": "welcome", "template_language": "es_MX"}
SAID = {"type": "text", "text": {"body": "Hello"}}
APPROVED = {"type": "template", "template": {"name": "welcome", "language": {"code": "es_MX"}}}
REACTION = {"message_type": "reaction", "reaction_emoji": "👍", "reacted_to_message_id": "wamid.X"}


def accepted(state: EmulatorState, conversation: str, body: Mapping[str, Any], post: int = 1) -> StoredMessage:
    """A message that the business sent, as if a request had brought it."""
    return state.accept(Draft(state.conversations.get(conversation), body, b"", lambda: None), post)


def on_phone(state: EmulatorState, conversation: str) -> list[StoredMessage]:
    """The messages that the person's phone shows now, in the order in which it got them."""
    all_of_them = state.stretch(conversation, 1, state.count(conversation))
    arrived = [each for each in all_of_them if each.shown_at is not None and each.shown_at <= state.now()]
    return sorted(arrived, key=lambda each: each.shown_at or 0.0)


class Emulator:
    """An emulator with one conversation, asked in process."""

    def __init__(self, **settings: object) -> None:
        self.clock = StillClock(T0)
        ids = itertools.count(1)
        self.state = EmulatorState(clock=self.clock, new_id=lambda: f"id-{next(ids)}", **settings)
        self.state.conversations.create("+52 1 555 123 4567", "Ana", conversation_id="c1")
        self.app = create_app(self.state)

    def ask(self, method: str, path: str, *, key: str = "k", **more: object) -> httpx.Response:
        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            headers = {"X-API-Key": key} if key else {}
            async with httpx.AsyncClient(
                transport=transport, base_url="http://emulator", headers=headers, trust_env=False
            ) as client:
                return await client.request(method, path, **more)

        return asyncio.run(once())

    def post(self, message: object = HELLO, path: str = MESSAGES, **more: object) -> httpx.Response:
        return self.ask("POST", path, json={"message": message}, **more)

    def say(self, graph: Mapping[str, object] = SAID, *, base: str = META, **more: object) -> httpx.Response:
        """Send a message as Meta writes it, to Ana where nobody else is named."""
        headers, to = more.pop("headers", {}), {} if "to" in graph or "recipient" in graph else {"to": PHONE}
        body = {"messaging_product": "whatsapp", **to, **graph}
        return self.ask("POST", f"{base}/messages", json=body, headers=headers, **more)

    def told(self, what: str = "messages", **query: object) -> list[dict[str, Any]]:
        """What Meta's shape lists."""
        answer = self.ask("GET", f"{META}/{what}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def listed(self, query: str = "") -> list[dict[str, object]]:
        return self.ask("GET", MESSAGES + query).json()["data"]

    def statuses(self, *seconds: float) -> list[str]:
        found = []
        for after in seconds:
            self.clock.time = T0 + after
            found.append(self.listed()[0]["status"])
        return found

    def spoil(self, *faults: str) -> None:
        """Let exactly these faults stand."""
        assert self.ask("PUT", "/_emulator/faults", json={"faults": list(faults)}).status_code == 200
