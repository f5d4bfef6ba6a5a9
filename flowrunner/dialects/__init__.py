"""What is particular to one API: how it writes a message and answers, and how it is asked. Nothing here connects.

A dialect makes requests and reads answers; `flowrunner.client` carries the one to the API and brings the other.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar, cast

from flowrunner.dialects.values import (
    Account,
    Answer,
    Conversation,
    File,
    NumberId,
    Receipt,
    RemoteMessage,
    Request,
    Window,
)
from flowrunner.model import Inbound, Json, Recipient

if TYPE_CHECKING:
    from flowrunner.dialects.refusals import Row
    from flowrunner.dialects.webhooks.values import Payload
    from flowrunner.model.templates import Template

T = TypeVar("T")
Auth = Literal["x-api-key", "bearer"]
"""How an API is shown the key: in a header ``X-API-Key``, or in ``Authorization`` as a bearer's token."""
Same = Literal["yes", "no", "unclear"]
"""Whether a listed message is the one that was sent; ``no`` is said only of what cannot be it in any form."""
LookUp = Callable[[Recipient], Awaitable[list[Conversation] | None]]
"""Asks for the conversations of a recipient, as `Dialect.conversations`; None where a stop was asked for."""

Wanted = Callable[[Recipient], Awaitable[float]]
"""Since when it matters what a person wrote, in seconds since the epoch, by the API's clock; 0.0 for not at all."""


class Ask(Protocol):
    """Carries a request to the API."""

    async def __call__(self, request: Request, read: Callable[[Answer], T | None], /) -> T:
        """Returns what ``read`` makes of the answer.

        Raises:
            TransportError: No answer came, or one of which ``read`` made None: the API has refused.
        """
        ...


class Dialect(Protocol):
    """One API. A module can be one: see `flowrunner.dialects.kapso_v1`."""

    @property
    def name(self) -> str:
        """``kapso-v1``: what people call it, see `DIALECTS`."""
        ...

    @property
    def PRODUCTION_URL(self) -> str:  # noqa: N802  # a module's constant
        """Where the API is, unless something else is said."""
        ...

    @property
    def NUMBER(self) -> NumberId:  # noqa: N802  # likewise
        """The id of a number that sends: what it is called, and how it looks."""
        ...

    @property
    def uploads(self) -> bool:
        """Whether files can be uploaded."""
        ...

    @property
    def names(self) -> Collection[str]:
        """The fields of `Recipient` by any of which somebody can be written to, alone."""
        ...

    @property
    def marks(self) -> bool:
        """Whether what a person wrote can be marked as read, by a request that `post` makes."""
        ...

    def split(self, host: str, path: str, number: str) -> tuple[str, str]:
        """A URL's path in two: what stands before the API, and what all the API's own paths begin with (``/api/v1``).

        Args:
            host: The URL's host, in lower case.
            path: Its path, with or without the latter; no slash at the end.
            number: The number that sends, where it stands in the paths.
        """
        ...

    def auth(self, host: str) -> Auth:
        """How the API at that host is shown the key."""
        ...

    def lists(self, root: str) -> bool:
        """Whether the API at that address lists what was sent: without that nobody can look a message up."""
        ...

    def says_status(self, root: str) -> bool:
        """Whether the API at that address tells by one request how far one message has come; see `status`."""
        ...

    def counts_by_key(self, root: str) -> bool:
        """Whether the API at that address counts requests by the key alone, whatever the number and the dialect."""
        ...

    def addresses(self, recipient: Recipient) -> bool:
        """Whether messages can be posted to somebody as they are named, without asking the API who that is."""
        ...

    def opens(self, body: Mapping[str, Json]) -> bool:
        """Whether a message may go to somebody who has not written within the last day, or never."""
        ...

    def encode(self, body: Mapping[str, Json]) -> str:
        """A message as this API takes it, as JSON text: what previews show, plans keep, and runs post."""
        ...

    def post(
        self, recipient: Recipient, wire: str, reference: str = "", *, quoted: str = "", number: str = ""
    ) -> Request:
        """The request that sends a message that `encode` gave, unchanged within the request's text.

        Args:
            recipient: Whom it goes to. Where an API's conversations must be there first, and theirs is not known, it
                finds or opens it.
            wire: What `encode` gave.
            reference: What says later which message of ours it was, where the API keeps such a thing; at most 512
                characters, and nothing personal.
            quoted: WhatsApp's id of the message that it answers; empty for none.
            number: The number that sends, where it stands in no path.
        """
        ...

    def receipt(self, answer: Answer) -> Receipt | None:
        """The API's yes to a message; None where the answer is no yes that can be used."""
        ...

    async def upload(self, file: File, ask: Ask) -> str:
        """Hand a file over, where ``uploads`` says that it can be; gives the id that it is sent by."""
        ...

    async def messages(
        self, recipient: Recipient, ask: Ask, *, to_the_end: bool, since: float = 0.0, number: str = ""
    ) -> list[RemoteMessage]:
        """All messages with a recipient, in and out, in the API's own order, each id once.

        The list is complete as of some moment during the call; one that changes all the while is `Retryable`. Of
        somebody without a conversation it is that of all of theirs, whether active or ended, one after the other.

        Args:
            recipient: Whose.
            ask: Carries requests.
            to_the_end: Read on until a page brings nothing new, whatever the API says of how many there are.
            since: A conversation in which nothing was written since then may be left out; by the API's clock.
            number: The number that sends, where it stands in no path: a conversation with another is left out.
        """
        ...

    async def conversations(self, recipient: Recipient, ask: Ask, *, number: str = "") -> list[Conversation]:
        """What the API gives for the id, else for the phone; whose each conversation is, is in it.

        Where ``number`` is given, and stands in no path, those with another number are left out.
        """
        ...

    async def find(self, meant: Recipient, look_up: LookUp, called: str) -> Recipient | None:
        """The recipient as messages to it are addressed; None where a stop was asked for.

        Args:
            meant: Named by the id of the conversation, else by the phone.
            look_up: Asks the API.
            called: The phone, as the reason says it.

        Raises:
            TransportError: There is none, more than one, somebody else's, or nobody knows.
        """
        ...

    async def status(self, message_id: str, ask: Ask) -> RemoteMessage:
        """One message as it is now, where `says_status` says that it can be asked for."""
        ...

    async def window(self, recipient: Recipient, ask: Ask, *, number: str = "") -> Window:
        """Until when a recipient may be sent more than templates; who has no conversation never wrote."""
        ...

    def marked(self, answer: Answer) -> bool | None:
        """The API's yes to a mark as read; None where the answer is none."""
        ...

    async def last_inbound(self, recipient: Recipient, ask: Ask) -> str:
        """WhatsApp's id of what somebody wrote last; empty where they wrote nothing that is known."""
        ...

    def inbound(self, message: RemoteMessage) -> Inbound | None:
        """What a person wrote; None where the message is not theirs, or has no id."""
        ...

    async def heard(
        self, since: float, ask: Ask, *, number: str = "", wanted: Wanted | None = None
    ) -> list[tuple[Recipient, Inbound]]:
        """What all people wrote since then, where `lists` says that it can be asked for; the oldest first.

        Args:
            since: Seconds since the epoch, by the API's clock.
            ask: Carries requests.
            number: The number that sends, where it stands in no path: what was written to another is left out.
            wanted: Asked where each person costs a request of their own: who is not wanted is left out, and so is in
                whose conversation nothing was written since it matters.
        """
        ...

    async def heard_of(self, recipient: Recipient, since: float, ask: Ask, *, number: str = "") -> list[Inbound]:
        """What one person wrote since then, in whichever conversation; as `heard`."""
        ...

    async def reachable(self, since: float, ask: Ask, *, number: str = "") -> list[Conversation]:
        """The active conversations in which something was written since then, in seconds since the epoch."""
        ...

    async def account(self, own: str, number: str, ask: Ask) -> Account:
        """The number that sends, and whether it can.

        Args:
            own: What all the API's own paths begin with, see `split`.
            number: Its id; empty for the only one of the key.
            ask: Carries requests.

        Raises:
            TransportError: The key does not work, or it has no such number.
        """
        ...

    async def templates(self, own: str, number: str, account: str, ask: Ask) -> "list[Template]":
        """Every template of the account that sends, whatever its status, in any order.

        Args:
            own: What all the API's own paths begin with, see `split`.
            number: The number that sends.
            account: The id of its WhatsApp Business Account; empty for what the API says that it is.
            ask: Carries requests.
        """
        ...

    def is_same(self, body: Mapping[str, Json], message: RemoteMessage) -> Same:
        """Whether the API's record is of the message that was sent as ``body``."""
        ...

    def webhook(self, secret: str, headers: Mapping[str, str], body: bytes) -> "Payload | None":
        """What the API tells by itself; None where it is not signed with the secret.

        What is not understood is counted, and nothing raises.

        Args:
            secret: What only the two of them know; of an empty one nothing is signed.
            headers: By name, in lower case.
            body: The bytes as they came.
        """
        ...

    def refusals(self, root: str) -> Sequence["Row"]:
        """What refusals of the API at that address mean where no other means that, or says to do something else.

        What all have in common is in `flowrunner.client.outcomes`.
        """
        ...


DIALECTS: Final = ("kapso-v1", "meta")
"""All that flowrunner speaks, by their names; the first is spoken where nothing else is said."""


_SPOKEN_AT: Final = {
    "kapso-v1": r"[^/]+(/.*)?/api/v1",
    "meta": r"graph\.facebook\.com(/.*)?|[^/]+(/.*)?/meta/whatsapp(/.*)?|[^/]+/v\d+\.\d+(/\d+)?",
}


def spoken_at(place: str) -> str:
    """The dialect that is surely spoken at a host with its path; empty where it may be any."""
    return next((name for name, its in _SPOKEN_AT.items() if re.fullmatch(its, place)), "")


def dialect_of(name: str) -> Dialect:
    """The dialect of that name, one of `DIALECTS`; it is imported when it is first asked for."""
    return cast("Dialect", import_module(f"{__name__}.{name.replace('-', '_')}"))


def dialects_that(can: Callable[[Dialect], bool]) -> str:
    """The names of those that can do something, as a hint names them: ``meta``, or ``meta or other``."""
    return " or ".join(name for name in DIALECTS if can(dialect_of(name)))
