"""A campaign is left to workers: all is checked, confirmed and written down here, then handed over."""

from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from flowrunner.app.campaigns.handover import hand_over, require_shared, terms_of
from flowrunner.app.senders.sender import Sender
from flowrunner.campaign import CampaignDelivery, Limits
from flowrunner.client.access import target_key
from flowrunner.clock import Clock
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.journal.places import DatabaseUrl, Place


class Detached(NamedTuple):
    """A campaign that workers have.

    Attributes:
        delivery: The campaign, as it was begun or gone on with.
        workers: How many workers there are that have the key of its sender.
        is_heard: Whether somebody listens to its API, where its flow asks anything; else True.
    """

    delivery: CampaignDelivery
    workers: int
    is_heard: bool


def require_detachable(journal: Place | str, sender: Sender) -> DatabaseUrl:
    """The place of a journal by which a campaign can be left to workers.

    Raises:
        RefusedError: It is a file, or what was asked for needs this process.
        JournalError: It is a URL that cannot be read.
    """
    try:
        place = require_shared(journal)
    except RefusedError as error:
        hint = "set FLOWRUNNER_JOURNAL=postgresql://..., or leave out --detach"
        raise RefusedError(error.message, hint) from None
    if sender.in_doubt == "ask":
        raise RefusedError("workers can ask nobody about a message in doubt", "leave out --in-doubt ask, or --detach")
    if sender.wait:
        raise RefusedError("workers go on as people answer; nobody need stay for that", "leave out --wait")
    return place


async def detached(
    opening: AbstractAsyncContextManager[CampaignDelivery],
    place: DatabaseUrl,
    sender: Sender,
    limits: Limits,
    clock: Clock,
) -> Detached:
    """Hand a campaign over.

    Args:
        opening: Begins it, or goes on with it; nothing is sent by it.
        place: Where its journal is.
        sender: Who sends; what it does with doubts and the busy goes along with the campaign.
        limits: How far it goes.
        clock: Where time comes from.

    Raises:
        JournalError: The queue of workers cannot be used; nothing was written.
        RefusedError: As ``opening`` does.
    """
    from flowrunner.cluster.opening import open_executor

    usual = Sender()
    async with open_executor(place, clock) as executor, opening as delivery:
        its, journal = delivery.campaign, delivery.channel.journal
        terms = terms_of(
            its, limits.only,
            in_doubt=sender.in_doubt if sender.in_doubt != usual.in_doubt else "",
            busy=sender.busy if sender.busy != usual.busy else "",
        )  # fmt: skip
        await hand_over(its, terms, journal, executor, clock, first=limits.canary)
        now, key = clock.now(), target_key(its.target)
        workers = [each for each in await journal.work.workers() if each.until > now and key in each.targets]
        is_heard = not its.listens or await journal.listened_until(its.target) > now
        return Detached(delivery, len(workers), is_heard)
