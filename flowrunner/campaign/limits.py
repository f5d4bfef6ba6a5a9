"""How far a campaign goes."""

from typing import Final, Literal, NamedTuple

Only = Literal["failed", "undelivered"] | None
"""Who alone a campaign goes on with."""
LEAST_FAILURES: Final = 20
"""So many runs may fail whatever the share."""


class Limits(NamedTuple):
    """How far a campaign goes.

    Attributes:
        window: How many messages are on their way at once; where the API answers soon, of twice as many people.
        max_failures: The share of runs that may fail before the campaign stops.
        canary: Send to so many people, each to the end, and stop; 0 for all.
        wait: Stay while people are asked something; else that is where they are left for now.
        only: Go on with nobody but those who stand so; None for everybody. The undelivered get again what was not
            delivered to them, and nothing else.
    """

    window: int = 100
    max_failures: float = 0.05
    canary: int = 0
    only: Only = None
    wait: bool = False
