"""Before a campaign begins: who of those who get free text first cannot have it is asked, and said, or left out."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.app.campaigns.audience import NobodyLeftError, ReadyCampaign
from flowrunner.app.senders.sender import Sender, open_sender
from flowrunner.campaign.reachability import Asking, longest
from flowrunner.client import TransportError
from flowrunner.clock import Clock
from flowrunner.delivery import Pace
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.model.plain import NOTHING


class Reached(NamedTuple):
    """What was learnt of those who get free text first.

    Attributes:
        unreachable: How many cannot have it now, by the reason; nobody where they are left out.
        unasked: How many could not be asked for.
    """

    unreachable: Mapping[str, int] = NOTHING
    unasked: int = 0


async def reached(ready: ReadyCampaign, sender: Sender, seconds: float, clock: Clock) -> Reached:
    """Ask, for a bounded time, and leave out who cannot be reached, where that was asked for.

    Args:
        ready: The campaign; who is left out stands in what was checked of it.
        sender: Who sends.
        seconds: How long the campaign takes.
        clock: Where time comes from.

    Raises:
        NobodyLeftError: Nobody is left to be sent to.
        RefusedError: The API refuses the sender: it would refuse whatever is sent, too.
        SenderError: The API's URL or the key cannot be used.
    """
    its = ready.checked
    if not its.waiting:
        return Reached()
    async with open_sender(sender.at(ready.target), clock=clock) as (client, _):
        asking = Asking(client, Pace(sender.rate, clock=clock), longest(seconds))
        try:
            found = await asking.reach([(each.line, each.recipient) for each in its.waiting])
        except TransportError as refusal:
            raise RefusedError(refusal.reason, refusal.hint) from None
    unasked = found.unasked + its.others
    if not ready.skip_unreachable or not found.unreachable:
        return Reached(Counter(found.unreachable.values()), unasked)
    for each in its.waiting:
        if why := found.unreachable.get(each.line):
            its.leave_out(each, why)
    its.omissions.sort(key=lambda each: each.line)
    if not its.people:
        raise NobodyLeftError(its)
    return Reached({}, unasked)
