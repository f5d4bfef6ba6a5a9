"""What people had of a flow before, and whether that forbids to send it to them."""

import math
from collections.abc import Sequence
from typing import Final, Self

from flowrunner.campaign.selection import Selection
from flowrunner.engine.state import Phase
from flowrunner.journal import Journal
from flowrunner.model import Recipient

HAD_BEFORE: Final = "had this flow before"
"""Why somebody is left out who was sent a flow of the same name; what else is said of it begins so."""


class History:
    """What some people had of the flow before.

    Attributes:
        had: Their places among the recipients, of those who had it, or some of its messages, or may have.
    """

    def __init__(self, had: set[int], recently: set[int], ended: set[int], selection: Selection) -> None:
        """Use `History.of`."""
        self.had, self._recently, self._ended = had, recently, ended
        self._only, self._span = selection.only, selection.schedule.not_within

    @classmethod
    async def of(
        cls,
        flow_name: str,
        target: str,
        selection: Selection,
        recipients: Sequence[Recipient],
        journal: Journal | None,
        now: float,
    ) -> Self:
        """What the journal says of them; where there is none, nothing."""
        if journal is None:
            return cls(set(), set(), set(), selection)
        since = selection.schedule.too_recent(now)
        had = recently = await journal.had_before(flow_name, target, recipients)
        if had and since > -math.inf:
            recently = await journal.had_before(flow_name, target, recipients, since=since)
        ended = (
            await journal.ended_so(flow_name, target, recipients, Phase(selection.only)) if selection.only else set()
        )
        return cls(had, recently, ended, selection)

    def forbids(self, place: int) -> str:
        """Why somebody is not sent to; empty where they are."""
        if self._only:
            return "" if place in self._ended else f"not among the {self._only}"
        if place not in self._recently:
            return ""
        return HAD_BEFORE if self._span == math.inf else f"{HAD_BEFORE} (within the time given by --not-within)"
