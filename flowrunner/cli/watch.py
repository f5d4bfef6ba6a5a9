"""What is watched while it is sent: a run by a line a step or an event a line, a campaign by one line that moves."""

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Self

import click

from flowrunner.cli.console import colour, say, tell, width
from flowrunner.model import Action, Event, EventKind, Message, Pause, Rendering, Run
from flowrunner.transport import Transport, TransportError
from flowrunner.views.chat import bubble, duration
from flowrunner.views.progress import campaign_line, event_json, line

if TYPE_CHECKING:
    from flowrunner.campaign import Tally

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


class CampaignLine:
    """How far a campaign is: a line that is drawn anew on a terminal, one line a minute elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._every = 0.2 if self._live else 60.0
        self._last = 0.0 if self._live else time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Make room for another line."""
        if self._live:
            click.echo("\r\x1b[K", err=True, nl=False, color=True)

    def show(self, tally: "Tally") -> None:
        """Show it, unless it was shown a moment ago."""
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        numbers = {
            "done": tally.done,
            "in flight": tally.in_flight,
            "failed": tally.failed,
            "in doubt": tally.in_doubt,
            "left out": tally.left_out,
            "held": tally.held,
            "in a pause": tally.paused,
        }
        elapsed = max(now - tally.began, 0.001)
        to_do = tally.people - tally.done - tally.failed - tally.in_doubt - tally.held - tally.paused - tally.left_out
        left = to_do * elapsed / tally.ended if tally.ended and to_do > 0 else None
        said = campaign_line(
            tally.people, numbers, rate=tally.accepted / elapsed, left=left, width=width() - 1 if self._live else 0
        )
        if self._live:
            click.echo(f"\r{said}\x1b[K", err=True, nl=False, color=True)
        else:
            tell(said)


def _what(action: Action | None) -> str:
    if isinstance(action, Message):
        return str(action.body.get("message_type", "text"))
    if isinstance(action, Pause):
        return f"pause {duration(action.seconds)}"
    return ""
