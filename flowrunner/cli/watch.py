"""A run as it is watched: a line a step, or one event a line for programs."""

import asyncio
import time

from flowrunner.cli.console import colour, say, width
from flowrunner.model import Action, Event, EventKind, Message, Pause, Rendering, Run
from flowrunner.transport import Transport, TransportError
from flowrunner.views.chat import bubble, duration
from flowrunner.views.progress import event_json, line

FOLLOW = 3.0
"""Seconds that the emulator's statuses are watched after the last message."""
_TICKS = {"sent": "✓", "delivered": "✓✓", "read": "✓✓ read"}


class Watch:
    """Shows the events of one run.

    Args:
        run: The run.
        rendering: What it sends.
        form: ``text`` or ``jsonl``.
        bubbles: Draw each message as it is accepted, and follow it until it is read.
    """

    def __init__(self, run: Run, rendering: Rendering, form: str, *, bubbles: bool) -> None:
        self._run, self._rendering = run, rendering
        self._lines, self._bubbles = form == "jsonl", bubbles and form == "text"
        self._actions = {action.step.address: action for action in rendering.actions}
        self._accepted: dict[str, str] = {}  # message id -> address

    def start(self) -> None:
        """Say what is about to be sent, and to whom."""
        if not self._lines:
            whom = " ".join(part for part in (self._run.recipient.phone, self._run.recipient.conversation) if part)
            count = len(self._rendering.messages)
            what = f"{count} message{'s' if count != 1 else ''}"
            say(f"{self._run.flow_name} to {whom}: {what}, run {self._run.id}")

    def show(self, event: Event) -> None:
        """Show one event."""
        if event.kind is EventKind.ACCEPTED:
            self._accepted[event.message_id] = event.step
        if self._lines:
            say(event_json(event))
        elif event.kind is not EventKind.BEGUN and not (event.kind is EventKind.WAITED and not event.detail):
            action = self._actions.get(event.step)
            label = action.step.label if action else self._run.flow_name
            say(line(event, label, _what(action), colour=colour()))
            if self._bubbles and event.kind is EventKind.ACCEPTED and isinstance(action, Message):
                clock = time.strftime("%H:%M", time.localtime(event.at))
                say(bubble(action, width=width(), colour=colour(), ticks="✓", time=clock))

    async def follow(self, transport: Transport, stop: asyncio.Event) -> None:
        """With bubbles: show how the messages are delivered and read."""
        if not self._bubbles:
            return
        seen: dict[str, str] = {}
        give_up = time.monotonic() + FOLLOW
        while time.monotonic() < give_up and not stop.is_set() and len(seen) < len(self._accepted):
            try:
                messages = await transport.messages(self._run.recipient.conversation)
            except TransportError:
                return
            for message in messages:
                last = "sent" if message.message_type == "reaction" else "read"
                if message.message_id in self._accepted and message.status == last:
                    seen[message.message_id] = message.status
            await asyncio.sleep(0.1)
        for message_id, address in self._accepted.items():
            label = self._actions[address].step.label
            say(f"{label:16}  {_TICKS.get(seen.get(message_id, ''), '✓')}")


def _what(action: Action | None) -> str:
    if isinstance(action, Message):
        return str(action.body.get("message_type", "text"))
    if isinstance(action, Pause):
        return f"pause {duration(action.seconds)}"
    return ""
