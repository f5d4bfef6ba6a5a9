"""One test: played, and a golden chat held against its file."""

from flowrunner.flow import Loaded
from flowrunner.testing.golden import held
from flowrunner.testing.outcomes import Outcome
from flowrunner.testing.playing import play
from flowrunner.testing.values import Case


def tried(case: Case, flow: Loaded, *, real_crash: bool = False) -> Outcome:
    """What comes of a test; for the arguments see `flowrunner.testing.playing.play`."""
    return held(play(case, flow, real_crash=real_crash))
