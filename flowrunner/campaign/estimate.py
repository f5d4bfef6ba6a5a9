"""How long a campaign will still take, by the messages that are left and what is known to be waited for."""

from flowrunner.campaign.sending import Tally
from flowrunner.delivery import Pace


def seconds_left(tally: Tally, pace: Pace, busy: float) -> float | None:
    """Seconds until everybody was sent to; None where nothing is known yet.

    Args:
        tally: How far it is.
        pace: The limit that all requests keep to.
        busy: Seconds in this process in which somebody was being sent to.
    """
    to_do = tally.people - tally.done - tally.failed - tally.in_doubt - tally.left_out
    if to_do <= 0 or not tally.accepted:
        return None
    under_way = max(0.0, tally.accepted - tally.each * tally.ended)
    messages = max(to_do * tally.each - under_way, 0.0)
    look_ups = tally.waiting if tally.by_phone else 0
    at_this_speed = messages * busy / tally.accepted
    sending = max(at_this_speed, pace.forecast(int(messages + look_ups)))
    parked = tally.held + tally.paused
    waking = tally.wakes_at - pace.clock.now() + sending * parked / to_do if parked else 0.0
    return max(sending + (tally.pauses if tally.waiting else 0.0), waking)
