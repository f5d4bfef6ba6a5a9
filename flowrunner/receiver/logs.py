"""What the receiver says of itself: one JSON object a line, without names, texts or keys of anybody."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from flowrunner.clock import Clock
from flowrunner.model import Json

Level = Literal["info", "warning", "error"]


class Log:
    """Lines for whoever collects them.

    Args:
        write: Takes a line.
        clock: Where time comes from.
    """

    def __init__(self, write: Callable[[str], None], clock: Clock) -> None:
        self._write, self._clock = write, clock

    def say(self, event: str, level: Level = "info", **more: Json) -> None:
        """Write one line: when, how bad, what, and what belongs to it; what is None is left out."""
        line = {
            "at": iso(self._clock.now(), "milliseconds"),
            "level": level,
            "event": event,
            **{name: each for name, each in more.items() if each is not None},
        }
        self._write(json.dumps(line, ensure_ascii=True))


def iso(at: float | None, precision: str = "seconds") -> str | None:
    """A moment, in seconds since the epoch, as JSON has it; None where there was none."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
