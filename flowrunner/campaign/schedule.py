"""When a campaign may write to somebody: by the clock they live by, and by when they had its flow before."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from itertools import product
from typing import Final, NamedTuple

from flowrunner.model import Json
from flowrunner.phones.zones import named_zone

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_LAST: Final = timezone(timedelta(hours=-12))
"""Where a day ends last."""
_TOO_LATE: Final = 9000
"""A year that nobody means, and that no clock can be set to in every time zone."""


class Schedule(NamedTuple):
    """When a campaign may write to somebody; nothing here forbids anything until it is said.

    Attributes:
        at: Not before that moment: a time of day, a date and time, both by the recipient's clock; or a date and time
            with an offset, the same moment for everybody.
        quiet: Never from the first time of day to the second.
        since: When the campaign was asked for, in seconds since the epoch: a time of day comes next after it.
        not_within: Seconds that must have passed since somebody had the same flow; infinite: who had it never gets it
            again, 0: always.
    """

    at: time | datetime | None = None
    quiet: tuple[time, time] | None = None
    since: float = 0.0
    not_within: float = math.inf

    @property
    def is_local(self) -> bool:
        """Whether recipients' clocks must be known."""
        at_all_at_once = self.at is None or (isinstance(self.at, datetime) and self.at.tzinfo is not None)
        return self.quiet is not None or not at_all_at_once

    def next(self, zone: str, now: float) -> float:
        """The first moment from ``now`` on at which somebody may be written to; seconds since the epoch.

        Args:
            zone: The IANA name of their time zone; empty only where `is_local` is false.
            now: Seconds since the epoch.
        """
        clock: tzinfo = (named_zone(zone) if zone else None) or UTC
        start = max(now, self._start(clock))
        if self.quiet is None:
            return start
        begin, end = self.quiet
        here = datetime.fromtimestamp(start, clock)
        is_quiet = begin <= here.time() < end if begin < end else not end <= here.time() < begin
        return max(start, _next(end, here)) if is_quiet else start

    def too_recent(self, now: float) -> float:
        """From which moment on the same flow keeps somebody from getting it now; seconds since the epoch.

        What was sent to them after the campaign was asked for always does: then another one was at work meanwhile.
        """
        return min(now - self.not_within, self.since)

    def _start(self, clock: tzinfo) -> float:
        if self.at is None:
            return 0.0
        if isinstance(self.at, datetime):
            return (self.at if self.at.tzinfo else self.at.replace(tzinfo=clock)).timestamp()
        return _next(self.at, datetime.fromtimestamp(self.since, clock))

    def data(self) -> dict[str, Json]:
        """What a campaign keeps of it; `schedule_from` reads it again."""
        said: dict[str, Json] = {}
        if self.at is not None:
            said["at"] = self.at.isoformat()
        if self.quiet is not None:
            said["quiet_hours"] = "-".join(f"{each:%H:%M}" for each in self.quiet)
        if self.not_within < math.inf:
            said["not_within"] = self.not_within
        return said


def schedule_from(said: Mapping[str, Json], since: float) -> Schedule:
    """The schedule that `Schedule.data` said, among whatever else; ``since`` as for `Schedule`."""
    at, quiet = said.get("at"), said.get("quiet_hours")
    not_within = float(said.get("not_within", math.inf))
    return Schedule(parse_at(str(at)) if at else None, parse_quiet(str(quiet)) if quiet else None, since, not_within)


def parse_at(text: str) -> time | datetime:
    """``9:00``, ``2026-12-01 09:00`` or ``2026-12-01T09:00+01:00``.

    Raises:
        ValueError: It is none of these; its text says what is.
    """
    if clock := _CLOCK.fullmatch(text.removesuffix(":00") if text.count(":") == 2 else text):
        return time(int(clock[1]), int(clock[2]))
    try:
        if len(text) > len("2026-12-01") and (moment := datetime.fromisoformat(text)).year < _TOO_LATE:
            return moment
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a time: write 09:00, 2026-12-01T09:00 or 2026-12-01T09:00+01:00")


def parse_quiet(text: str) -> tuple[time, time]:
    """``21:00-08:00``.

    Raises:
        ValueError: It is not a time range; its text says what is.
    """
    begin, _, end = text.replace(" ", "").replace("–", "-").partition("-")
    end = "00:00" if end == "24:00" else end
    times = [_CLOCK.fullmatch(each) for each in (begin, end)]
    if not times[0] or not times[1] or begin == end:
        raise ValueError(f"{text!r} is not a time range: write it like 21:00-08:00")
    first, last = (time(int(found[1]), int(found[2])) for found in times if found)
    return first, last


def is_past(at: time | datetime | None, now: float) -> bool:
    """Whether a moment is over for everybody, wherever they live."""
    if not isinstance(at, datetime):
        return False
    return (at if at.tzinfo else at.replace(tzinfo=_LAST)).timestamp() < now


def _next(clock: time, after: datetime) -> float:
    """When a clock shows that time next, at or after a moment of the same time zone."""
    day: date = after.date()
    # The third day: where clocks are put back or forth at that very time. Put back, they show it twice in a night.
    for days, fold in product(range(3), (0, 1)):
        moment = datetime.combine(day + timedelta(days=days), clock.replace(fold=fold), after.tzinfo).timestamp()
        if moment >= after.timestamp():
            return moment
    raise AssertionError("a time of day comes every day")
