"""Nobody is written to who has said stop."""

from datetime import datetime

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal import Journal
from flowrunner.model import OptOut, Recipient


class OptedOutError(RefusedError):
    """Somebody wants to be written to no more. Nothing was sent.

    Attributes:
        person: What they are called.
    """

    def __init__(self, person: str, its: OptOut) -> None:
        said = f": {its.reason}" if its.reason else ""
        super().__init__(f"{person} opted out on {datetime.fromtimestamp(its.at):%Y-%m-%d}{said}; nothing was sent")
        self.person = person


async def require_willing(whom: Recipient, target: str, journal: Journal) -> None:
    """Make sure that a recipient has not said stop, by any name that is known of them.

    Raises:
        OptedOutError: They have.
    """
    if (its := await journal.opt_out_of(target, whom)) is not None:
        raise OptedOutError(whom.label, its)
