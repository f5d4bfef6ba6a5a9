"""One flow for a whole audience: everybody is checked before the first message leaves, then everybody is sent to."""

from flowrunner.campaign.beginning import Person, begin_campaign, new_campaign, people_of
from flowrunner.campaign.check import Before, Checked, Wish, check_audience, check_unsent
from flowrunner.campaign.estimate import seconds_left
from flowrunner.campaign.one import Means
from flowrunner.campaign.schedule import Schedule
from flowrunner.campaign.sending import Bounds, Tally, send_campaign

__all__ = [
    "Before",
    "Bounds",
    "Checked",
    "Means",
    "Person",
    "Schedule",
    "Tally",
    "Wish",
    "begin_campaign",
    "check_audience",
    "check_unsent",
    "new_campaign",
    "people_of",
    "seconds_left",
    "send_campaign",
]
