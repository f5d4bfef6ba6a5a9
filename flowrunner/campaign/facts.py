"""What a campaign comes to before it begins: how many people and messages, for how long, and who waits."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.campaign.counts import AudienceCheck
from flowrunner.campaign.duration import Course, Request, course_of, seconds_for
from flowrunner.campaign.schedule import Schedule
from flowrunner.delivery.rate.pace import Rate
from flowrunner.model import Flow, Rendering
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
        seconds: How long it takes, as far as nothing goes wrong and nobody is waited for.
        looks: How often the API is asked how far a message is.
        elsewhere: How many others of the people had it by another API, by its name.
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
    looks: int = 0
    elsewhere: Mapping[str, int] = NOTHING


def facts_of(
    first: Rendering,
    checked: AudienceCheck,
    target: str,
    schedule: Schedule,
    rate: Rate,
    now: float,
    window: int = 100,
    *,
    is_heard: bool = False,
) -> Facts:
    """What a campaign comes to.

    Args:
        first: What one of its people will see.
        checked: Its audience.
        target: The API, as the journal knows it.
        schedule: When people may be written to.
        rate: How many requests the key may make.
        now: Seconds since the epoch.
        window: How many runs are under way at once.
        is_heard: A listener is told how far messages are.
    """
    course = course_of(first.actions, is_found=checked.phones > checked.people / 2, is_heard=is_heard)
    shown = len(first.messages)
    if not shown and checked.messages:  # of others, who get something
        course, shown = Course((Request(),)), 1
    people = round(checked.messages / shown) if shown else checked.people  # of those who get as much as the first
    seconds = seconds_for(course, people, rate, window)
    starts = {zone: schedule.next(zone, now) for zone in checked.zones or [""]}
    held = tuple(
        Held(zone, checked.zones.get(zone, checked.people), start) for zone, start in starts.items() if start > now
    )
    return Facts(
        first.flow,
        target,
        checked.people,
        checked.messages,
        checked.again,
        checked.left_out,
        seconds,
        held,
        looks=course.looks * people,
        elsewhere=checked.elsewhere,
    )
