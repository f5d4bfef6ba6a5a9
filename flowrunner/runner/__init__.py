"""One run: messages journalled as begun, sent in order, and journalled as what became of them."""

from flowrunner.runner.asking import ask, sleep_until
from flowrunner.runner.beginning import begin, new_run
from flowrunner.runner.doubt import Ask, Decision, Doubts, Policy
from flowrunner.runner.finding import find, messages_of
from flowrunner.runner.pace import Pace, Rate
from flowrunner.runner.progress import Progress, Stage, progress_of
from flowrunner.runner.run import HELD, Hold, carry_out
from flowrunner.runner.session import RunElsewhere
from flowrunner.runner.statuses import Learnt, refresh

__all__ = [
    "HELD",
    "Ask",
    "Decision",
    "Doubts",
    "Hold",
    "Learnt",
    "Pace",
    "Policy",
    "Progress",
    "Rate",
    "RunElsewhere",
    "Stage",
    "ask",
    "begin",
    "carry_out",
    "find",
    "messages_of",
    "new_run",
    "progress_of",
    "refresh",
    "sleep_until",
]
