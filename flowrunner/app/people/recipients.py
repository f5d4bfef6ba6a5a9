"""The recipient of one run: found at the API, or named by a phone whose conversation the first message opens."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from flowrunner.app.blocking import blocking
from flowrunner.app.people.named import RecipientError, undotted
from flowrunner.app.senders.sender import Sender, open_sender
from flowrunner.client import TransportError
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Pace, find
from flowrunner.dialects import Dialect
from flowrunner.engine import Bound, Prepared
from flowrunner.model import Message, Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client


async def find_recipient_async(meant: Recipient | str, sender: Sender, clock: Clock = SYSTEM) -> Recipient:
    """The recipient with their active conversation.

    Args:
        meant: A phone number; or a Recipient, whose conversation is looked at where it has one.
        sender: The API that is asked.
        clock: Where time comes from.

    Raises:
        RecipientError: There is no such conversation, or more than one; or the API cannot be asked.
        SenderError: The API's URL or the key cannot be used.
    """
    async with open_sender(sender, clock=clock) as (client, _):
        its = Recipient(phone=meant) if isinstance(meant, str) else meant
        return await look_up(its, client, Pace(sender.rate, clock=clock), sender.max_wait)


async def look_up(meant: Recipient, client: "Client", pace: Pace, max_wait: float) -> Recipient:
    """The recipient's conversation, with the phone as the API writes it.

    Args:
        meant: Named by the id of the conversation, else by the phone.
        client: What is asked.
        pace: Questions count, too.
        max_wait: Seconds that each question is asked again while the API says "not now".

    Raises:
        RecipientError: There is none, more than one, somebody else's, or nobody knows.
    """
    plain = meant._replace(phone=undotted(meant.phone))
    sleep = partial(pace.clock.sleep, stop=asyncio.Event())
    try:
        found = await find(plain, client, pace, sleep, max_wait, called=meant.label)
    except TransportError as error:
        about = f" ({meant.conversation or meant.label})" if error.status == 404 else ""
        raise RecipientError(f"{error.reason}{about}", error.hint) from None
    assert found is not None  # noqa: S101  # nothing stops it
    return found


def needs_nothing(prepared: Prepared, bound: Bound, recipient: Recipient, now: str, dialect: Dialect) -> bool:
    """Whether a flow can begin without knowing the recipient's conversation, or whether they have one.

    It can where what is sent first to somebody who has not written for a day opens a conversation, and nothing in the
    flow is about the conversation but whether free text may be sent now.
    """
    if recipient.conversation or not recipient.phone or prepared.reads_conversation:
        return False
    actions, _ = prepared.actions(recipient, bound, now, is_open=False)
    first = next((each for each in actions or () if isinstance(each, Message)), None)
    return actions is not None and (first is None or dialect.opens(first.body))


find_recipient = blocking(find_recipient_async)
