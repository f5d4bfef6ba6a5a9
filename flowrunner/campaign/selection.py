"""Who of an audience is sent to, and when."""

from typing import Literal, NamedTuple

from flowrunner.audience import Known
from flowrunner.campaign.schedule import Schedule


class Selection(NamedTuple):
    """What is to become of rows that cannot simply be sent to.

    Attributes:
        skip_invalid: Leave out rows with a fault, instead of refusing all.
        skip_repeated: Leave out repeated recipients, instead of refusing all.
        exclusions: People who are not to be written to.
        limit: At most this many people; 0 for all.
        only: Nobody but those whose last run of the flow ended so: ``failed`` or ``undelivered``; empty for all.
        schedule: When people may be written to; where it goes by their clocks, a row without a time zone is a fault.
        checks_names: Whether a time zone that nobody knows is a fault even where it does not matter.
    """

    skip_invalid: bool = False
    skip_repeated: bool = False
    exclusions: Known | None = None
    limit: int = 0
    only: Literal["", "failed", "undelivered"] = ""
    schedule: Schedule = Schedule()
    checks_names: bool = False
