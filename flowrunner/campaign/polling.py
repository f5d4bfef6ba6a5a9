"""A campaign that listens: what its people wrote is asked for while it is sent."""

from flowrunner.campaign.run import Channel
from flowrunner.delivery.inbound.polling import Hearing
from flowrunner.engine.history.phases import Phase

_LEAST, _MOST = 0.3, 5.0
"""Seconds after which it is looked again whether it is time to ask."""
_GOES_ON = (Phase.NEW, Phase.UNDER_WAY, Phase.PAUSED, Phase.HELD)


def hearing_of(channel: Channel, target: str) -> Hearing:
    """What asks what people have written, through a campaign's channel."""
    return Hearing(channel.client, channel.journal, target, channel.pace, channel.sleep, channel.max_wait)


async def listen(hearing: Hearing) -> None:
    """Ask what people have written, unless a listener is told; until it is cancelled.

    Raises:
        JournalError: The journal cannot be used.
    """
    while True:
        await hearing.ask()
        await hearing.clock.sleep(max(_LEAST, min(hearing.left, _MOST)))


async def only_asks(channel: Channel, campaign_id: str) -> bool:
    """Whether everybody of a campaign who is left waits for an answer, and nothing is to be done about it now."""
    phases = (await channel.journal.counts(campaign_id)).phases
    if any(phases.get(each) for each in _GOES_ON):
        return False
    wakes = await channel.journal.next_wake(campaign_id)
    return wakes is None or wakes > channel.clock.now()
