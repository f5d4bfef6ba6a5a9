"""What the receiver says of itself: one JSON object a line, without names, texts or keys of anybody."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal

from flowrunner.clock import Clock
from flowrunner.model import Json

Level = Literal["info", "warning", "error"]
_MINUTE: Final = 60.0


class Log:
    """Lines for whoever collects them.

    Args:
        write: Takes a line.
        clock: Where time comes from.
    """

    def __init__(self, write: Callable[[str], None], clock: Clock) -> None:
        self._write, self._clock = write, clock
        self._seldom: dict[tuple[str, tuple[tuple[str, Json], ...]], tuple[float, int]] = {}

    def say(self, event: str, level: Level = "info", **more: Json) -> None:
        """Write one line: when, how bad, what, and what belongs to it; what is None is left out."""
        line = {
            "at": iso(self._clock.now(), "milliseconds"),
            "level": level,
            "event": event,
            **{name: each for name, each in more.items() if each is not None},
        }
        self._write(json.dumps(line, ensure_ascii=True))

    def warn_seldom(self, event: str, **more: str | int) -> None:
        """A warning of what a stranger may cause as often as they like: at most once a minute for the same.

        ``times`` says how often it happened, where that was more than once since the line before.
        """
        its, now = (event, tuple(more.items())), self._clock.monotonic()
        said, times = self._seldom.get(its, (now - _MINUTE, 0))
        if now - said < _MINUTE:
            self._seldom[its] = said, times + 1
            return
        self._seldom[its] = now, 0
        self.say(event, "warning", **more, times=times + 1 if times else None)


def iso(at: float | None, precision: str = "seconds") -> str | None:
    """A moment, in seconds since the epoch, as JSON has it; None where there was none."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec=precision).replace("+00:00", "Z")
