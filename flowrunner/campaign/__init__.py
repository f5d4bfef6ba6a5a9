"""One flow for a whole audience: everybody is checked before the first message leaves, then everybody is sent to."""

from flowrunner.campaign.beginning import begin_campaign
from flowrunner.campaign.check import Checked, Wish, check_audience
from flowrunner.campaign.sending import Tally, send_campaign

__all__ = ["Checked", "Tally", "Wish", "begin_campaign", "check_audience", "send_campaign"]
