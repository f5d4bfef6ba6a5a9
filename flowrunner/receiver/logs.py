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
        at = datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = {
            "at": at,
            "level": level,
            "event": event,
            **{name: each for name, each in more.items() if each is not None},
        }
        self._write(json.dumps(line, ensure_ascii=True))
