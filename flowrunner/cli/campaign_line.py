"""What is watched while a campaign is sent: one line that moves."""

import asyncio
import time
from typing import TYPE_CHECKING, Self

from flowrunner.cli.console import tell, width
from flowrunner.cli.live import Live
from flowrunner.delivery import Pace
from flowrunner.views.terminal.foot import campaign_line

if TYPE_CHECKING:
    from flowrunner.campaign import CampaignProgress

_MOMENT = 0.2
"""Seconds between two drawings, and a wait that is not worth a word."""


class CampaignLine:
    """How far a campaign is: a line that is drawn again each second on a terminal, one line a minute elsewhere."""

    def __init__(self, pace: Pace, progress: "CampaignProgress") -> None:
        self._pace, self._progress = pace, progress
        self._live = Live(self._line)
        self._began = self._looked = self._pace.clock.monotonic()
        self._busy = 0.0
        self._minutes: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._live.__enter__()
        if not self._live.is_seen:
            self._minutes = asyncio.create_task(self._tell_each_minute())
        return self

    def __exit__(self, *_: object) -> None:
        if self._minutes is not None:
            self._minutes.cancel()
        self._live.__exit__()

    def show(self) -> None:
        """Show it, unless it was shown a moment ago."""
        if self._pace.clock.monotonic() - self._looked > _MOMENT:
            self._live.draw()
            self._look()

    async def _tell_each_minute(self) -> None:
        while True:
            await self._pace.clock.sleep(60)
            tell(self._line())

    def _look(self) -> None:
        now = self._pace.clock.monotonic()
        if self._progress.in_flight:
            self._busy += now - self._looked
        self._looked = now

    def _line(self) -> str:
        self._look()
        its = self._progress
        numbers = {
            "done": its.done,
            "failed": its.failed,
            "in doubt": its.in_doubt,
            "in flight": its.in_flight,
            "left out": its.left_out,
            "held": its.held,
            "in a pause": its.paused,
        }
        passed = self._looked - self._began
        return campaign_line(
            its.people,
            numbers,
            rate=its.accepted / max(passed, 0.001),
            left=its.seconds_left(self._pace, self._busy),
            until=_rate_limit(self._pace) if its.in_flight else "",
            passed=passed,
            width=width() - 1 if self._live.is_seen else 0,
        )


def _rate_limit(pace: Pace) -> str:
    """Until when the rate lets no request leave; empty where it is about to."""
    wait = pace.wait()
    until = time.localtime(pace.clock.now() + wait)
    return f"rate limit until {time.strftime('%H:%M:%S', until)}" if wait > _MOMENT else ""
