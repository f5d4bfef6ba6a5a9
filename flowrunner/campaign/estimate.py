"""How long a campaign will still take, by the messages that are left and what is known to be waited for."""

from flowrunner.campaign.progress import CampaignProgress
from flowrunner.delivery import Pace


def seconds_left(progress: CampaignProgress, pace: Pace, busy: float) -> float | None:
    """Seconds until everybody was sent to; None where nothing is known yet.

    Args:
        progress: How far it is.
        pace: The limit that all requests keep to.
        busy: Seconds in this process in which somebody was being sent to.
    """
    to_do = progress.people - progress.done - progress.failed - progress.in_doubt - progress.left_out
    if to_do <= 0 or not progress.accepted:
        return None
    under_way = max(0.0, progress.accepted - progress.each * progress.ended)
    messages = max(to_do * progress.each - under_way, 0.0)
    look_ups = progress.waiting if progress.by_phone else 0
    at_this_speed = messages * busy / progress.accepted
    sending = max(at_this_speed, pace.forecast(int(messages + look_ups)))
    parked = progress.held + progress.paused
    waking = progress.wakes_at - pace.clock.now() + sending * parked / to_do if parked else 0.0
    return max(sending + (progress.pauses if progress.waiting else 0.0), waking)
