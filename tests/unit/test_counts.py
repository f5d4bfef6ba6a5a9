"""What an audience comes to, and what is left of it when people are left out after all."""

from collections import Counter

from flowrunner.campaign.counts import AudienceCheck, Waiting
from flowrunner.model import Recipient


def test_who_is_left_out_is_counted_nowhere_else() -> None:
    """Neither among the people and messages, nor among those who had it, nor in a time zone."""
    zones = Counter({"Europe/Madrid": 2, "America/Mexico_City": 1})
    its = AudienceCheck(3, 3, 5, 2, again=1, zones=zones)
    its.leave_out(Waiting(2, Recipient("", "+34600111222"), 2, had=True, zone="Europe/Madrid"), "unreachable, why")
    its.leave_out(Waiting(3, Recipient("c1"), 1, zone="America/Mexico_City"), "unreachable, why")
    assert (its.people, its.messages, its.phones, its.again) == (1, 2, 1, 0)
    assert its.zones == {"Europe/Madrid": 1}
    assert (set(its.zones), its.left_out) == ({"Europe/Madrid"}, {"unreachable": 2})
