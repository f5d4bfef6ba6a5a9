"""What a campaign comes to before it begins: how many people and messages, for how long, and who waits."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.campaign.counts import AudienceCheck
from flowrunner.campaign.schedule import Schedule
from flowrunner.delivery.pace import Rate
from flowrunner.model import Flow, Pause, Rendering
from flowrunner.model.plain import NOTHING


class Held(NamedTuple):
    """People of one time zone who are not written to yet.

    Attributes:
        timezone: Its IANA name; empty where everybody waits for the same moment.
        until: Seconds since the epoch.
    """

    timezone: str
    people: int
    until: float


class Facts(NamedTuple):
    """What is to be confirmed.

    Attributes:
        target: The API.
        again: How many of the people had the flow before, or some of its messages.
        left_out: How many are not sent to, by the reason.
        seconds: How long it takes at least.
        unreachable: How many cannot be sent free text now, which comes first, by the reason.
        unasked: Of how many that is not known.
    """

    flow: Flow
    target: str
    people: int
    messages: int
    again: int
    left_out: Mapping[str, int]
    seconds: float
    held: tuple[Held, ...]
    unreachable: Mapping[str, int] = NOTHING
    unasked: int = 0


def facts_of(
    first: Rendering, checked: AudienceCheck, target: str, schedule: Schedule, rate: Rate, now: float
) -> Facts:
    """What a campaign comes to.

    Args:
        first: What one of its people will see.
        checked: Its audience.
        target: The API, as the journal knows it.
        schedule: When people may be written to.
        rate: How many requests the key may make.
        now: Seconds since the epoch.
    """
    pauses = sum(action.seconds for action in first.actions if isinstance(action, Pause))
    # As many requests as a span may hold leave at once, and the next ones when it is over.
    seconds = (checked.messages + checked.phones - 1) // rate.count * rate.seconds + pauses
    starts = {zone: schedule.next(zone, now) for zone in checked.zones or [""]}
    held = tuple(
        Held(zone, checked.zones.get(zone, checked.people), start) for zone, start in starts.items() if start > now
    )
    return Facts(first.flow, target, checked.people, checked.messages, checked.again, checked.left_out, seconds, held)
