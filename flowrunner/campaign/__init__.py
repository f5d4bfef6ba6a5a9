"""One flow for a whole audience: everybody is checked before the first message leaves, then everybody is sent to."""

from flowrunner.campaign.beginning import begin_campaign, new_campaign
from flowrunner.campaign.check import Checked, Wish, check_audience
from flowrunner.campaign.one import Means
from flowrunner.campaign.schedule import Schedule
from flowrunner.campaign.sending import Bounds, Tally, send_campaign

__all__ = [
    "Bounds",
    "Checked",
    "Means",
    "Schedule",
    "Tally",
    "Wish",
    "begin_campaign",
    "check_audience",
    "new_campaign",
    "send_campaign",
]
