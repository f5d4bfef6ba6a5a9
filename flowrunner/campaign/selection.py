"""Who of an audience is sent to: what is to become of which rows, and what people had of the flow before."""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Self

from flowrunner.audience import Known
from flowrunner.campaign.schedule import Schedule
from flowrunner.client.access import may_follow
from flowrunner.delivery.permission import OPTED_OUT
from flowrunner.engine.history.phases import Phase
from flowrunner.journal import Journal
from flowrunner.model import Recipient

HAD_BEFORE: Final = "had this flow before"
"""Why somebody is left out who was sent a flow of the same name; what else is said of it begins so."""


class Selection(NamedTuple):
    """What is to become of rows that cannot simply be sent to.

    Attributes:
        skip_invalid: Leave out rows with a fault, instead of refusing all.
        skip_unreachable: Leave out who cannot be sent free text now, where the flow begins with it.
        skip_repeated: Leave out repeated recipients, instead of refusing all.
        exclusions: People who are not to be written to.
        limit: At most this many people; 0 for all.
        only: Nobody but those whose last run of the flow ended so: ``failed`` or ``undelivered``; empty for all.
        schedule: When people may be written to; where it goes by their clocks, a row without a time zone is a fault.
        checks_names: Whether a time zone that nobody knows is a fault even where it does not matter.
    """

    skip_invalid: bool = False
    skip_repeated: bool = False
    exclusions: Known | None = None
    limit: int = 0
    only: Literal["", "failed", "undelivered"] = ""
    schedule: Schedule = Schedule()
    checks_names: bool = False
    skip_unreachable: bool = False


class History(NamedTuple):
    """What some people had of the flow before; each is told by their place among the recipients.

    Attributes:
        had: Who had it, or some of its messages, or may have.
        recently: Who had it so lately that they do not get it again.
        ended: Whose last run of it ended as the selection wants it.
        out: Who wants to be written to no more, by whatever flow.
        aliases: The other names of those who have any.
        elsewhere: By which other API those had it who did not have it by this one.
    """

    selection: Selection
    had: AbstractSet[int] = frozenset()
    recently: AbstractSet[int] = frozenset()
    ended: AbstractSet[int] = frozenset()
    aliases: Mapping[int, Sequence[Recipient]] = MappingProxyType({})
    out: AbstractSet[int] = frozenset()
    elsewhere: Mapping[int, str] = MappingProxyType({})

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
            return cls(selection)
        since = selection.schedule.too_recent(now)
        had = recently = await journal.had_before(flow_name, target, recipients)
        if had and since > -math.inf:
            recently = await journal.had_before(flow_name, target, recipients, since=since)
        only = selection.only
        ended = await journal.ended_so(flow_name, target, recipients, Phase(only)) if only else set[int]()
        aliases, out = await journal.aliases(target, recipients), await journal.opted_out(target, recipients)
        elsewhere: dict[int, str] = {}
        for other in await journal.targets():
            if may_follow(target, other):
                theirs = await journal.had_before(flow_name, other, recipients)
                elsewhere = {**dict.fromkeys(theirs - had, other), **elsewhere}
        return cls(selection, had, recently, ended, aliases, out, elsewhere)

    def forbids(self, place: int) -> str:
        """Why somebody is not sent to; empty where they are."""
        if place in self.out:
            return OPTED_OUT
        if self.selection.only:
            return "" if place in self.ended else f"not among the {self.selection.only}"
        if place not in self.recently:
            return ""
        is_spanned = self.selection.schedule.not_within < math.inf
        return f"{HAD_BEFORE} (within the time given by --not-within)" if is_spanned else HAD_BEFORE
