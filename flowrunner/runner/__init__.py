"""One run: messages journalled as begun, sent in order, and journalled as what became of them."""

from flowrunner.runner.beginning import begin, new_run
from flowrunner.runner.doubt import Ask, Decision, Doubts, Policy
from flowrunner.runner.pace import Pace, Rate
from flowrunner.runner.progress import Progress, Stage, progress_of
from flowrunner.runner.run import HELD, Hold, carry_out
from flowrunner.runner.session import RunElsewhere

__all__ = [
    "HELD",
    "Ask",
    "Decision",
    "Doubts",
    "Hold",
    "Pace",
    "Policy",
    "Progress",
    "Rate",
    "RunElsewhere",
    "Stage",
    "begin",
    "carry_out",
    "new_run",
    "progress_of",
]
