"""Who sends, to whom: an API with its key and rate, opened for one use case; and a recipient whom it knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from flowrunner.app.blocking import blocking
from flowrunner.client import EMULATOR, TransportError, open_client
from flowrunner.client.access import InsecureError, Key, address
from flowrunner.clock import SYSTEM, Clock
from flowrunner.delivery import Pace, find
from flowrunner.delivery.pace import Rate
from flowrunner.delivery.reconcile import Policy
from flowrunner.diagnostics.errors import RefusedError
from flowrunner.dialects.kapso_v1 import PRODUCTION_URL
from flowrunner.model import NOBODY, Recipient

if TYPE_CHECKING:
    from flowrunner.client.http import Client


class SenderError(RefusedError, ValueError):
    """The API's URL or the key cannot be used."""


class Sender(NamedTuple):
    """An API, the key to it, and how it is used.

    Attributes:
        key: The API key.
        api_url: The API's base URL; empty for the production address, `EMULATOR` for one inside of this program.
        rate: How many requests the key may make.
        timeout: Seconds that one request may take.
        max_wait: Seconds that one message is tried again.
        grace: Seconds that the API may take to list a message that it accepted.
        in_doubt: What to do with a message that the API may or may not have taken.
        insecure: Whether the key may go over http to another computer, where it can be read on the way.
    """

    key: str = ""
    api_url: str = ""
    rate: Rate = Rate(100, 60.0)
    timeout: float = 30.0
    max_wait: float = 120.0
    grace: float = 5.0
    in_doubt: Policy = "reconcile"
    insecure: bool = False

    @property
    def target(self) -> str:
        """What the journal calls the other side.

        Raises:
            SenderError: The URL cannot be used, or would send the key over http to another machine.
        """
        if self.api_url == EMULATOR:
            return EMULATOR
        try:
            return address(self.api_url or PRODUCTION_URL, insecure=self.insecure).root
        except InsecureError as error:
            hint = "start the API's URL with https://, or allow it with --insecure"
            raise SenderError(str(error), hint) from None
        except ValueError as error:
            raise SenderError(str(error)) from None

    def check(self) -> str:
        """Make sure that it can send, as far as is known before it does. Returns the `target`.

        Raises:
            SenderError: The URL or the key cannot be used, or there is no key.
        """
        target = self.target
        if target != EMULATOR:
            if not self.key:
                raise SenderError("there is no API key", "set KAPSO_API_KEY, or try it out with flowrunner emulator")
            try:
                Key(self.key)
            except ValueError as error:
                raise SenderError(str(error)) from None
        return target


@asynccontextmanager
async def open_sender(
    sender: Sender, recipient: Recipient = NOBODY, *, clock: Clock = SYSTEM
) -> AsyncIterator[tuple["Client", Recipient]]:
    """The way to the API; or an emulator in its place, and the recipient with the conversation that it made.

    Raises:
        SenderError: As `Sender.check` does.
    """
    target = sender.check()
    try:
        if target == EMULATOR:
            client, made = _emulator(recipient, sender.timeout, clock)
        else:
            made = recipient
            client = open_client(target, sender.key, timeout=sender.timeout, insecure=sender.insecure, clock=clock)
    except ValueError as error:
        raise SenderError(str(error)) from None
    try:
        yield client, made
    finally:
        await client.aclose()


def _emulator(recipient: Recipient, timeout: float, clock: Clock) -> tuple["Client", Recipient]:
    from flowrunner.app.emulator import SOMEBODY, new_state
    from flowrunner.emulator.api.app import create_app

    state = new_state(everybody=True, clock=clock)
    made = state.conversations.create(recipient.phone or SOMEBODY, conversation_id=recipient.conversation)
    client = open_client("http://127.0.0.1", "embedded-emulator", timeout=timeout, app=create_app(state), clock=clock)
    return client, recipient._replace(conversation=made.id)


class RecipientError(RefusedError):
    """The recipient's conversation could not be found. Nothing was written or sent."""


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
    plain = meant._replace(phone="".join(sign for sign in meant.phone if sign not in " -()./"))
    sleep = partial(pace.clock.sleep, stop=asyncio.Event())
    try:
        found = await find(plain, client, pace, sleep, max_wait, called=meant.phone)
    except TransportError as error:
        about = f" ({meant.conversation or meant.phone})" if error.status == 404 else ""
        raise RecipientError(f"{error.reason}{about}", error.hint) from None
    assert found is not None  # noqa: S101  # nothing stops it
    return found


find_recipient = blocking(find_recipient_async)
