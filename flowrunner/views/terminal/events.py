"""What became of one step, in one line."""

from collections.abc import Mapping

from flowrunner.model import Event, EventKind
from flowrunner.views.terminal.cells import pad
from flowrunner.views.terminal.styles import CYAN, DIM, GREEN, RED, YELLOW, paint
from flowrunner.views.visible import visible

_WORDS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.BEGUN: ("sending", DIM),
    EventKind.ACCEPTED: ("accepted", GREEN),
    EventKind.SENT: ("sent", GREEN),
    EventKind.DELIVERED: ("delivered", GREEN),
    EventKind.READ: ("read", CYAN),
    EventKind.FAILED: ("failed", RED),
    EventKind.IN_DOUBT: ("in doubt", YELLOW),
    EventKind.RETRYING: ("retrying", YELLOW),
    EventKind.WAITED: ("waited", DIM),
    EventKind.PAUSED: ("waiting", DIM),
    EventKind.WINDOW: ("asked", DIM),
    EventKind.SKIPPED: ("left out", DIM),
    EventKind.FINISHED: ("finished", GREEN),
    EventKind.CANCELLED: ("cancelled", YELLOW),
    EventKind.ASKED: ("asking", DIM),
    EventKind.HEARD: ("heard", CYAN),
    EventKind.ANSWERED: ("answered", GREEN),
    EventKind.OPTED_OUT: ("opted out", YELLOW),
    EventKind.HANDED_OVER: ("handed over", CYAN),
}
_MOST = 60
"""Characters of what somebody wrote that a line shows."""


def _quoted(event: Event) -> str:
    """The beginning of what somebody wrote, on one line; empty where there are no words."""
    text = " ".join(str(event.detail.get("text") or "").split())
    return f'"{text if len(text) <= _MOST else text[: _MOST - 1] + "…"}"' if text else ""


def line(event: Event, step_label: str, what: str, *, colour: bool) -> str:
    """What became of one step, in one line: its label, what it is (``text``, ``pause 2 s``), the status and why."""
    word, style = _WORDS[event.kind]
    said = [
        pad(visible(step_label), 16),
        pad(visible(what), 12),
        paint(pad(word, 9), style, colour),
        paint(visible(event.message_id[:8] if event.kind is not EventKind.HEARD else ""), DIM, colour),
        visible(_why(event)),
    ]
    return "  ".join(part for part in said if part).rstrip()


def _why(event: Event) -> str:
    if event.kind is EventKind.WINDOW:
        return "they may be sent free text" if event.detail.get("open") else "they may be sent a template only"
    if event.kind is EventKind.HEARD:
        kind = str(event.detail.get("kind") or "text")
        return " ".join(filter(None, ("" if kind == "text" else f"{kind}:", _quoted(event)))).removesuffix(":")
    if event.kind is EventKind.ANSWERED:
        return f"{event.detail.get('name')}: {_quoted(event)}" if event.detail.get("ids") else "nothing was answered"
    wait = event.detail.get("wait")
    again = f"again in {wait:g} s" if isinstance(wait, (int, float)) else ""
    words = (event.detail.get("reason"), event.detail.get("hint"), again)
    said = [str(word).rstrip(".") for word in words if word]
    return ". ".join(word[:1].upper() + word[1:] if place else word for place, word in enumerate(said))
