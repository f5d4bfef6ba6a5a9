"""One flow for a whole audience: everybody is checked before the first message leaves, then everybody is sent to."""

from flowrunner.campaign.begin_runs import CampaignRecipient, begin_campaign, new_campaign, recipients_of
from flowrunner.campaign.check import check_audience, check_unsent
from flowrunner.campaign.counts import AudienceCheck
from flowrunner.campaign.facts import Facts, facts_of
from flowrunner.campaign.limits import Limits, Only
from flowrunner.campaign.progress import CampaignProgress
from flowrunner.campaign.run import CampaignEvent, Channel
from flowrunner.campaign.schedule import Schedule
from flowrunner.campaign.selection import History, Selection
from flowrunner.campaign.sending import CampaignDelivery

__all__ = [
    "AudienceCheck",
    "CampaignDelivery",
    "CampaignEvent",
    "CampaignProgress",
    "CampaignRecipient",
    "Channel",
    "Facts",
    "History",
    "Limits",
    "Only",
    "Schedule",
    "Selection",
    "begin_campaign",
    "check_audience",
    "check_unsent",
    "facts_of",
    "new_campaign",
    "recipients_of",
]
