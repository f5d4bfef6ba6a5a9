"""What is watched while a run is sent: a line a step, or an event a line.

On a terminal a step's line is drawn again until the step is over, with what is waited for, and until when, behind it.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Self

from flowrunner.cli.console import colour, is_terminal, say, tell, width
from flowrunner.cli.live_line import Live
from flowrunner.client import TransportError
from flowrunner.clock import SYSTEM
from flowrunner.delivery import Pace
from flowrunner.model import Action, Event, EventKind, Message, Pause, Rendering, Run
from flowrunner.spec.facts import facts
from flowrunner.views.terminal.cells import head
from flowrunner.views.terminal.cells import width as cells_of
from flowrunner.views.terminal.events import line
from flowrunner.views.terminal.foot import waiting_line
from flowrunner.views.times import duration

if TYPE_CHECKING:
    from flowrunner.client.http import Client

FOLLOW = 3.0
"""Seconds that the emulator's statuses are watched after the last message."""
_MOMENT = 0.2
"""Seconds between two drawings, and a wait that is not worth a word."""
_LASTING = {EventKind.FAILED, EventKind.IN_DOUBT, EventKind.SKIPPED}
"""What is not drawn over: it says why."""
_TICKS = {"sent": "✓", "delivered": "✓✓", "read": "✓✓ read"}


class Watch:
    """Shows the events of one run.

    Args:
        run: The run.
        rendering: What it sends.
        form: ``text`` or ``jsonl``.
        pace: What the requests wait for.
        bubbles: Draw each message as it is accepted, and follow it until it is read.
    """

    def __init__(self, run: Run, rendering: Rendering, form: str, pace: Pace, *, bubbles: bool) -> None:
        self._run, self._rendering, self._pace = run, rendering, pace
        self._live = Live(self._foot)
        self._what, self._until = "", 0.0  # what is waited for; until when, in seconds since the epoch
        self._lines, self._bubbles = form == "jsonl", bubbles and form == "text"
        self._actions = {action.step.address: action for action in rendering.actions} | dict(rendering.acts)
        self._accepted: dict[str, str] = {}  # message id -> address
        self._open: Event | None = None  # whose line stands at the foot of the terminal and may change still

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.__exit__()
        self._leave()

    def hide(self) -> None:
        """Make room for a question; whatever is shown next ends it."""
        self._live.hide()

    def wait(self, what: str, seconds: float) -> None:
        """Something is waited for: it stands below all else until it is over."""
        self._what, self._until = what, SYSTEM.now() + seconds
        if self._live.is_seen:
            self._live.draw()
        else:
            tell(self._wait())

    def _foot(self) -> str:
        """The step that is under way, and what is waited for."""
        waiting = self._wait()
        said = self._line(self._open, colour=False) if self._open else ""
        if not waiting:
            return head(said, width() - 1)
        # What is waited for is always seen in whole; a pause says itself that it waits.
        room = max(width() - 1 - cells_of(waiting) - 2, 1)
        return "  ".join(filter(None, (head(said.removesuffix("waiting").rstrip(), room), waiting)))

    def _wait(self) -> str:
        columns = width() - 1 if self._live.is_seen else 0
        if (left := self._until - SYSTEM.now()) > 0:
            return waiting_line(self._what, self._until, left, width=columns)
        left = self._pace.wait()
        return waiting_line("rate limit", SYSTEM.now() + left, left, width=columns) if left > _MOMENT else ""

    def start(self) -> None:
        """Say what is about to be sent, and to whom."""
        if not self._lines:
            conversation, *names = self._run.recipient
            whom = " ".join(filter(None, (*names, conversation)))
            count = len(self._rendering.messages)
            what = f"{count} message{'s' if count != 1 else ''}"
            what = f"{what} or so, as it is answered" if self._rendering.flow.listens else what
            say(f"{self._run.flow_name} to {whom}: {what}, run {self._run.id}")

    def show(self, event: Event) -> None:
        """Show one event."""
        self._show(event)
        self._what, self._until = "", _end(event)
        self._live.draw()

    def _show(self, event: Event) -> None:
        if event.kind is EventKind.ACCEPTED:
            self._accepted[event.message_id] = event.step
        if self._lines:
            from flowrunner.views.report.json import event_json

            say(event_json(event))
            return
        moves = self._live.is_seen and is_terminal()
        if self._open is not None and event.step != self._open.step:
            self._leave()
        if (event.kind is EventKind.BEGUN and not moves) or (event.kind is EventKind.WAITED and not event.detail):
            return
        if moves and event.step and event.kind not in _LASTING:
            self._open = event
        else:
            self._open = None
            say(self._line(event, colour=colour()))
        action = self._actions.get(event.step)
        is_sure = event.step not in self._rendering.depends  # what depends on answers is not what it is drawn with
        if self._bubbles and event.kind is EventKind.ACCEPTED and isinstance(action, Message) and is_sure:
            from flowrunner.views.terminal.chat import bubble

            clock = time.strftime("%H:%M", time.localtime(event.at))
            say(bubble(action, width=width(), colour=colour(), ticks="✓", time=clock))

    def _leave(self) -> None:
        """A step is over: its line stays as it is."""
        if self._open is not None:
            say(self._line(self._open, colour=colour()))
            self._open = None

    def _line(self, event: Event, *, colour: bool) -> str:
        action = self._actions.get(event.step)
        return line(event, action.step.label if action else self._run.flow_name, _what(action), colour=colour)

    async def follow(self, client: "Client", stop: asyncio.Event) -> None:
        """With bubbles: show how the messages are delivered and read."""
        if not self._bubbles:
            return
        seen: dict[str, str] = {}
        give_up = SYSTEM.monotonic() + FOLLOW
        while SYSTEM.monotonic() < give_up and not stop.is_set() and len(seen) < len(self._accepted):
            try:
                messages = await client.messages(self._run.recipient)
            except TransportError:
                return
            for message in messages:
                last = facts(message.message_type).last
                if message.message_id in self._accepted and message.status == last:
                    seen[message.message_id] = message.status
            await SYSTEM.sleep(0.1)
        for message_id, address in self._accepted.items():
            label = self._actions[address].step.label
            say(f"{label:16}  {_TICKS.get(seen.get(message_id, ''), '✓')}")


def _end(event: Event) -> float:
    """When the wait that an event tells of is over, in seconds since the epoch; 0 where it tells of none."""
    wake_at, wait = event.detail.get("wake_at"), event.detail.get("wait")
    if isinstance(wake_at, (int, float)):
        return wake_at
    return event.at + wait if isinstance(wait, (int, float)) else 0.0


def _what(action: Action | None) -> str:
    if isinstance(action, Message):
        return str(action.body.get("message_type", "text"))
    if isinstance(action, Pause):
        return f"pause {duration(action.seconds)}"
    return ""
