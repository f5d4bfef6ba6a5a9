"""HTTP to one API: what a run asks is carried there, and what each answer or fault means is told."""

import asyncio
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import quote

from flowrunner import __version__
from flowrunner.client.access import Address, Key, sent_path
from flowrunner.client.answers import rate_limit, read, retry_after, said
from flowrunner.client.api_clock import ApiClock
from flowrunner.client.decompression import ACCEPTED, inflated
from flowrunner.client.no_answer import NEVER_LEFT, UnansweredError
from flowrunner.client.paged_requests import wait_for_turn
from flowrunner.client.transport import Incoming, Outgoing
from flowrunner.client.transport_choice import transport_to
from flowrunner.clock import Clock
from flowrunner.dialects import Dialect, Wanted
from flowrunner.dialects.errors import STEADY, InDoubt, Rejected, Retryable, TransportError
from flowrunner.dialects.values import Account, Answer, Conversation, File, Receipt, RemoteMessage, Request, Window
from flowrunner.model import Inbound, Recipient

if TYPE_CHECKING:
    from flowrunner.model.templates import Template

T = TypeVar("T")

_SAFE = "!$%&'()*+,/:;=?@[\\]^|"
"""Signs that may stand in a path or in a query: they are as whoever wrote those meant them."""
_SLOWEST = 1 << 17
"""Bytes a second: an upload over a slow line."""


class Client:
    """Speaks to one API in its dialect; `open_client` makes one. Belongs to the event loop it is first used in.

    Any number of recipients may be written to at once; beyond 512 requests at a time they wait for each other.
    A cancelled call leaves its request in an unknown state: cancelling `send` is an in-doubt message.
    Every method may raise `Retryable` or `Rejected`.

    Attributes:
        dialect: How the API writes.
        rate: How many requests the key may make in a window, as the last answer told it; None where none has.
        api_clock: Where the API's clock stands against `flowrunner.clock.Clock.up`, as far as its answers have told.
    """

    def __init__(
        self,
        address: Address,
        key: Key,
        dialect: Dialect,
        *,
        timeout: float,
        number: str = "",
        auth: str = "",
        clock: Clock,
        app: Any = None,
    ) -> None:
        """Nothing is sent yet.

        Raises:
            ValueError: This environment's proxy or certificate settings cannot be used.
        """
        self.dialect: Final = dialect
        self.rate: int | None = None
        self.api_clock: Final = ApiClock()
        self._address: Final = address
        self._key: Final = key
        self._number: Final = number
        self._is_bearer: Final = (auth or dialect.auth(address.host)) == "bearer"
        self._timeout: Final = timeout
        self._clock: Final = clock
        self._agent: Final = f"flowrunner/{__version__}"
        self._paths: Final = (sent_path(address.root), sent_path(address.base))
        # Waiting for a connection, opening it and TLS together must end before the whole time is up: what
        # runs out later was sent, and is in doubt.
        self._transport, self._proxy = transport_to(address, app, timeout / 4)

    def __repr__(self) -> str:
        return f"Client({self._address.root!r})"

    async def aclose(self) -> None:
        """Close every connection; nothing may be asked afterwards."""
        await self._transport.aclose()

    async def mark(self, recipient: Recipient, wire: str, message_id: str) -> bool:
        """Mark a message of the person's as read. What is not known to be done may be done again: it is `Retryable`."""
        request = self.dialect.post(self._without_key(recipient), wire, quoted=message_id, number=self._number)
        try:
            return await self._ask(request, self.dialect.marked)
        except InDoubt as doubt:
            raise Retryable(doubt.reason, hint=doubt.hint, status=doubt.status, backoff=STEADY) from None

    async def last_inbound(self, recipient: Recipient) -> str:
        """WhatsApp's id of what somebody wrote last; see `Dialect.last_inbound`."""
        return await self.dialect.last_inbound(self._without_key(recipient), self._ask)

    @property
    def lists(self) -> bool:
        """Whether the API lists what was sent; see `Dialect.lists`."""
        return self.dialect.lists(self._address.root)

    @property
    def says_status(self) -> bool:
        """Whether one message can be asked for; see `Dialect.says_status`."""
        return self.dialect.says_status(self._address.root)

    async def send(self, recipient: Recipient, wire: str, reference: str = "", quoted: str = "") -> Receipt:
        """Send one message that the dialect encoded, byte for byte; for the arguments see `Dialect.post`.

        Raises:
            InDoubt: The API may have taken it. Only this method raises it.
        """
        whom = self._without_key(recipient)
        request = self.dialect.post(whom, wire, reference, quoted=quoted, number=self._number)
        receipt, left, back = await self._asked(request, self.dialect.receipt)
        self.api_clock.dated(receipt.created_at, left, back)
        return receipt

    async def upload(self, file: File) -> str:
        """Hand a file over; see `Dialect.upload`. It is not known whether the API has it where no answer came."""
        return await self.dialect.upload(file, self._ask)

    async def messages(
        self, recipient: Recipient, *, to_the_end: bool = False, since: float = 0.0
    ) -> list[RemoteMessage]:
        """All messages with a recipient, in and out; see `Dialect.messages`."""
        whom = self._without_key(recipient)
        return await self.dialect.messages(whom, self._ask, to_the_end=to_the_end, since=since, number=self._number)

    async def conversations(self, recipient: Recipient) -> list[Conversation]:
        """What the API gives for the recipient's id, else for its phone; see `Dialect.conversations`."""
        return await self.dialect.conversations(self._without_key(recipient), self._ask, number=self._number)

    async def status(self, message_id: str) -> RemoteMessage:
        """One message as it is now; see `Dialect.status`."""
        return await self.dialect.status(message_id, self._ask)

    async def window(self, recipient: Recipient) -> Window:
        """Until when the recipient may be sent more than templates; see `Dialect.window`."""
        return await self.dialect.window(self._without_key(recipient), self._ask, number=self._number)

    async def heard(self, since: float, wanted: Wanted | None = None) -> list[tuple[Recipient, Inbound]]:
        """What all people wrote since then; see `Dialect.heard`."""
        return await self.dialect.heard(since, self._ask, number=self._number, wanted=wanted)

    async def heard_of(self, recipient: Recipient, since: float) -> list[Inbound]:
        """What one person wrote since then; see `Dialect.heard_of`."""
        return await self.dialect.heard_of(self._without_key(recipient), since, self._ask, number=self._number)

    async def reachable(self, since: float) -> list[Conversation]:
        """The conversations in which something was written since then; see `Dialect.reachable`."""
        return await self.dialect.reachable(since, self._ask, number=self._number)

    async def account(self) -> Account:
        """Which number sends, and whether it can; see `Dialect.account`."""
        own = self._address.root.removeprefix(self._address.base)
        return await self.dialect.account(own, self._number, self._ask)

    async def templates(self, account: str = "") -> "list[Template]":
        """Every template of the account that sends; see `Dialect.templates`."""
        own = self._address.root.removeprefix(self._address.base)
        return await self.dialect.templates(own, self._number, account, self._ask)

    def _without_key(self, recipient: Recipient) -> Recipient:
        """The recipient, whose name may be shown."""
        if self._key.scrub(recipient.conversation) != recipient.conversation:
            raise Rejected("the conversation id holds the API key", hint="copy the id from Kapso")
        return recipient

    async def _ask(self, request: Request, read: Callable[[Answer], T | None]) -> T:
        """What is read out of the answer to a request; see `Ask`."""
        found, _, _ = await self._asked(request, read)
        return found

    async def _asked(self, request: Request, read: Callable[[Answer], T | None]) -> tuple[T, float, float]:
        """The same, with two moments of `Clock.up`: before the request left, and once its answer was there."""
        await wait_for_turn()
        answer, left, back = await self._exchange(request)
        found = read(answer)
        if found is None:
            from flowrunner.client.outcomes import outcome  # most answers are a yes

            words = said(answer)
            wait = retry_after(answer.headers, words.words, self._clock.now())
            raise outcome(
                answer,
                words,
                wait,
                self.dialect.refusals(self._address.root),
                sending=request.is_message,
                key_env=self._key.variable,
            )
        return found, left, back

    async def _exchange(self, request: Request) -> tuple[Answer, float, float]:
        """One request and its answer, whatever its status, with the moments of `_asked`.

        Raises:
            TransportError: No whole answer came. Nothing is chained to it: httpx's errors hold the request.
        """
        left, status = self._clock.up(), None
        try:
            async with asyncio.timeout(self._timeout + _seconds(request)):
                response = await self._transport.ask(self._request(request))
                status = response.status
                try:
                    answer = await self._read(response, request.most_bytes)
                finally:
                    await response.aclose()
        # Besides: the deadline above, an embedded app that cuts, and TLS alerts that httpx lets through.
        except (UnansweredError, TimeoutError, ConnectionError, ssl.SSLError) as fault:
            error = self._fault(fault, status, sending=request.is_message)
        else:
            self.rate = rate_limit(answer.headers) or self.rate
            back = self._clock.up()
            self.api_clock.answered(answer.headers.get("date", ""), left, back)
            return answer, left, back
        raise error

    def _request(self, asked: Request) -> Outgoing:
        """A request with the key in it: nothing else holds the key longer than that."""
        headers = {
            "Host": self._address.host,
            "Accept": "application/json",
            "Accept-Encoding": ACCEPTED,
            "User-Agent": self._agent,
        }
        if self._is_bearer:
            headers["Authorization"] = f"Bearer {self._key.reveal()}"
        else:
            headers["X-API-Key"] = self._key.reveal()
        target = quote(self._paths[asked.is_beside] + asked.path, safe=_SAFE)
        if asked.file is not None:
            from flowrunner.client.by_httpx import form  # who uploads nothing waits for nothing of it

            return Outgoing("POST", target, *form(asked.file, self._address.root, headers))
        body = asked.text.encode()
        if asked.method == "POST":
            headers["Content-Type"], headers["Content-Length"] = "application/json", str(len(body))
        pairs = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        return Outgoing(asked.method, target, pairs, body)

    async def _read(self, response: Incoming, largest: int) -> Answer:
        body, whole = bytearray(), True
        async for piece in inflated(response):
            body += piece
            if len(body) > largest:
                body, whole = bytearray(), False
                break
        return read(response.status, response.headers, bytes(body), self._key.scrub, whole=whole)

    def _fault(self, fault: Exception, status: int | None, *, sending: bool) -> TransportError:
        from flowrunner.client.network_errors import named  # most requests are answered

        reason, hint = named(fault, self._address, self._proxy, self._timeout)
        if sending and not isinstance(fault, NEVER_LEFT):
            return InDoubt(reason, hint=hint, status=status)
        return Retryable(reason, hint=hint, backoff=STEADY)


def _seconds(request: Request) -> float:
    """How much longer than any other a request may take that carries a file."""
    return len(request.file.content) / _SLOWEST if request.file is not None else 0.0
