"""Conversations that are over, such as those of tests, each with what came of it: they are looked at."""

from typing import NamedTuple


class Played(NamedTuple):
    """What the page shows of one, besides its messages.

    Attributes:
        came: What came of it, as HTML that is safe: it stands below the last message.
        wrong: The position of the message that should be another; 0 for none.
    """

    came: str
    wrong: int = 0
