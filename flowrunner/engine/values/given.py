"""A value as it was given, never parted from where it came from."""

from collections.abc import Callable
from typing import Any, NamedTuple

from flowrunner.diagnostics import Location
from flowrunner.engine.values.texts import Notation


class Given(NamedTuple):
    """A value as it was given, and where: ``--var name``, or a line of a file.

    Attributes:
        value: Plain data; unquoted scalars as `flowrunner.source.Plain`, so that their characters are not lost.
        place: Where, or what tells it: few ask.
        excerpt: The line it is in, if it is in a file.
        notation: How it was given, for what is said of it.
        stands_in: ``default`` or ``example`` where nothing was given, and the flow's own value stands in; ``phone`` for
            what the recipient's country tells.
    """

    value: Any
    place: Location | Callable[[], Location]
    excerpt: str = ""
    notation: Notation = "data"
    stands_in: str = ""

    @property
    def origin(self) -> Location:
        """Where it was given."""
        return self.place if isinstance(self.place, Location) else self.place()
