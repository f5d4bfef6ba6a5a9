"""One run: messages journalled as begun, sent in order, and journalled as what became of them."""

from flowrunner.delivery.beginning import begin, new_run
from flowrunner.delivery.conflicts import RunElsewhere
from flowrunner.delivery.doubt.policy import Ask, Choice, Doubts, Policy
from flowrunner.delivery.permission import HELD, Hold, WhenBusy
from flowrunner.delivery.queries import ask, find
from flowrunner.delivery.rate.pace import Pace, Rate
from flowrunner.delivery.run import deliver
from flowrunner.delivery.uploads import Uploads

__all__ = [
    "HELD",
    "Ask",
    "Choice",
    "Doubts",
    "Hold",
    "Pace",
    "Policy",
    "Rate",
    "RunElsewhere",
    "Uploads",
    "WhenBusy",
    "ask",
    "begin",
    "deliver",
    "find",
    "new_run",
]
