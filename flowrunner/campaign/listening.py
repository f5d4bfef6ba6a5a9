"""A campaign that listens: what its people wrote is asked for while it is sent."""

from flowrunner.campaign.run import Channel
from flowrunner.delivery.hearing import Hearing
from flowrunner.engine.phases import Phase

_LEAST, _MOST = 0.3, 5.0
"""Seconds after which it is looked again whether it is time to ask."""
_GOES_ON = (Phase.NEW, Phase.UNDER_WAY, Phase.PAUSED, Phase.HELD)


async def listen(channel: Channel, target: str) -> None:
    """Ask what people have written, unless a listener is told; until it is cancelled.

    Raises:
        JournalError: The journal cannot be used.
    """
    hearing = Hearing(channel.client, channel.journal, target, channel.pace, channel.sleep, channel.max_wait)
    while True:
        await hearing.ask()
        await channel.clock.sleep(max(_LEAST, min(hearing.left, _MOST)))


async def only_asks(channel: Channel, campaign_id: str) -> bool:
    """Whether everybody of a campaign who is left waits for an answer."""
    phases = (await channel.journal.counts(campaign_id)).phases
    return not any(phases.get(each) for each in _GOES_ON)
