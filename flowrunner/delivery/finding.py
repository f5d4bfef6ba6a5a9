"""Whom a message is addressed to: asked of the API, at its pace."""

from functools import partial
from typing import TYPE_CHECKING

from flowrunner.client import Conversation
from flowrunner.delivery.asking import ask
from flowrunner.delivery.pace import Pace, Sleep
from flowrunner.model import Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client


async def find(
    meant: Recipient, client: "Client", pace: Pace, sleep: Sleep, max_wait: float, called: str = "this number"
) -> Recipient | None:
    """The recipient as messages to it are addressed, with its phone as the API writes it; None where a stop came first.

    Args:
        meant: Named by the id of the conversation, else by the phone.
        client: Of the API.
        pace: Questions count, too.
        sleep: How to wait.
        max_wait: Seconds that each question is asked again.
        called: The phone, as the reason says it; of a thousand people the reasons are alike.

    Raises:
        TransportError: There is none, more than one, somebody else's, or nobody knows.
    """

    async def look_up(whom: Recipient) -> list[Conversation] | None:
        return await ask(partial(client.conversations, whom), client, pace, sleep, max_wait)

    return await client.dialect.find(meant, look_up, called)
