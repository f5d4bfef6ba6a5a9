"""A customer of the emulator's who answers by a script: to a message with certain words or buttons."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowrunner.emulator.api import rewriting
from flowrunner.emulator.api.inbound import inbound_body
from flowrunner.emulator.api.messages import StoredMessage
from flowrunner.emulator.api.records import content
from flowrunner.emulator.api.state import Change, EmulatorState

Answer = str | Mapping[str, Any]
"""A text, or what `inbound_body` takes."""


@dataclass
class Line:
    """One line of the script.

    Attributes:
        words: Part of the message that it answers: of its text, or the id of one of its buttons or rows.
        answers: What the customer sends, one after another.
        after: Seconds before each of them.
        quotes: Whether they quote the message.
    """

    words: str
    answers: Sequence[Answer]
    after: float = 1.0
    quotes: bool = False
    said: int = field(default=0)


class Customer:
    """Answers in one conversation, as long as the loop runs in which it was made.

    A line that has been said is not said again: of lines for the same words each message takes the next.
    ``tap("now")``, ``choose("r1")``, ``press("Yes")`` are answers by a button, a row, a template's quick reply.

    Attributes:
        got: What their phone got so far, each as its text.
    """

    def __init__(self, state: EmulatorState, conversation: str, *script: Line) -> None:
        self.state, self.conversation = state, conversation
        self.script = list(script)
        self.got: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()
        state.listeners.append(self._changed)

    def when(self, words: str, *answers: Answer, after: float = 1.0, quotes: bool = False) -> "Customer":
        """Add a line."""
        self.script.append(Line(words, answers, after, quotes=quotes))
        return self

    def say(self, answer: Answer, quoted: StoredMessage | None = None) -> StoredMessage:
        """Send something now."""
        data: dict[str, Any] = {"content": answer} if isinstance(answer, str) else dict(answer)
        if quoted is not None:
            data.setdefault("context", {"id": quoted.wamid})
        if data.get("message_type") in rewriting.KINDS:
            return self.state.add_inbound(self.conversation, rewriting.rewritten(self.state, self.conversation, data))
        return self.state.add_inbound(self.conversation, inbound_body(data))

    def _changed(self, change: Change) -> None:
        if change.kind != "message" or change.conversation_id != self.conversation:
            return
        message = self.state.message(change.message_id)
        if message is None or message.direction != "outbound" or message.shown_at is None:
            return
        its = asyncio.ensure_future(self._answer(message, message.shown_at))
        self._tasks.add(its)
        its.add_done_callback(self._tasks.discard)

    async def _answer(self, message: StoredMessage, shown_at: float) -> None:
        clock = self.state.clock
        await clock.sleep(max(shown_at - clock.now(), 0.0))
        self.got.append(content(message.body))
        line = next((each for each in self.script if not each.said and _has(message, each.words)), None)
        if line is None:
            return
        line.said += 1
        for each in line.answers:
            await clock.sleep(line.after)
            tapped = isinstance(each, Mapping) and ("button" in each or each.get("message_type") == "interactive")
            self.say(each, message if line.quotes or tapped else None)


def tap(button: str, title: str = "") -> dict[str, Any]:
    """A tap on a reply button."""
    return {"message_type": "interactive", "button_reply": {"id": button, "title": title or button}}


def choose(row: str, title: str = "") -> dict[str, Any]:
    """The choice of a list's row."""
    return {"message_type": "interactive", "list_reply": {"id": row, "title": title or row}}


def press(title: str, payload: str = "") -> dict[str, Any]:
    """A template's quick reply."""
    return {"message_type": "button", "button": {"text": title, "payload": payload or title}}


def _has(message: StoredMessage, words: str) -> bool:
    body = message.body
    rows = [row for section in body.get("sections", ()) for row in section.get("rows", ())]
    return words in content(body) or any(each.get("id") == words for each in (*body.get("buttons", ()), *rows))
