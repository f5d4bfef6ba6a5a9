"""The one door to the network: what is asked, and what each answer or fault means."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from flowrunner.client import remote
from flowrunner.client.access import Address, Key
from flowrunner.client.answers import Answer, RateSeen, plain, rate_seen, read, retry_after, said
from flowrunner.client.api_clock import ApiClock
from flowrunner.client.connections import Connections
from flowrunner.client.errors import InDoubt, Rejected, Retryable, TransportError
from flowrunner.client.faults import NEVER_LEFT, named
from flowrunner.client.outcomes import STEADY, outcome
from flowrunner.client.proxied import Proxied, proxy_of
from flowrunner.client.values import Conversation, Receipt, RemoteMessage
from flowrunner.clock import SYSTEM, Clock
from flowrunner.model import CONVERSATION_ID, Json

_LARGEST = 1 << 20
# A page of a hundred long messages, each text in it up to three times, is larger than any single answer.
_LARGEST_PAGE = 16 << 20
_PER_PAGE = 100
_MOST_PAGES = 200
# One person has few conversations: a list of many has ignored the filter, and would be read anew for each person.
_MOST_PAGES_OF_ONE_PERSON = 10
_MOST_READINGS = 3
_BEYOND = frozenset([400, 404, 416, 422])
"""How an API may answer for a page after its last."""

# Reading a URL is a tenth of what a message costs, and each conversation is asked many times.
_URLS_KEPT = 1024


class HttpTransport:
    """A `Transport` over HTTP; `open_transport` makes one. Belongs to the event loop it is first used in.

    Any number of conversations may be under way at once; beyond 512 requests at a time they wait for each other.
    A cancelled call leaves its request in an unknown state: cancelling `send` is an in-doubt message.
    """

    def __init__(self, address: Address, key: Key, *, timeout: float, app: Any = None, clock: Clock = SYSTEM) -> None:
        """Open the door; nothing is sent yet.

        Raises:
            ValueError: The URL, or this environment's proxy or certificate settings, cannot be used.
        """
        try:
            url = httpx.URL(address.root)
        except httpx.InvalidURL:
            raise ValueError(f"the API's URL is not valid: {address.root!r}") from None
        self._address: Final = address
        self._key: Final = key
        self._timeout: Final = timeout
        self._rate: RateSeen | None = None
        self._clock: Final = clock
        self._api_clock: Final = ApiClock()
        self._agent: Final = f"flowrunner/{version('flowrunner-whatsapp')}"
        # Waiting for a connection, opening it and TLS together must end before the whole time is up: what
        # runs out later was sent, and is in doubt.
        self._limits: Final = httpx.Timeout(timeout, connect=timeout / 4, pool=timeout / 4).as_dict()
        self._url: Final = lru_cache(_URLS_KEPT)(httpx.URL)
        self._line: Final = _line(address, url, app)

    def __repr__(self) -> str:
        return f"HttpTransport({self._address.root!r})"

    @property
    def rate(self) -> RateSeen | None:
        """The rate limit as the last answer told it; None before any did."""
        return self._rate

    @property
    def api_clock(self) -> ApiClock:
        """Where the API's clock stands, as far as its answers have told."""
        return self._api_clock

    async def aclose(self) -> None:
        """Close every connection."""
        await self._line.aclose()

    async def send(self, conversation: str, wire: str) -> Receipt:
        """Post one message; see `Transport.send`."""
        body = b'{"message":' + wire.encode() + b"}"
        path = f"/whatsapp_conversations/{self._segment(conversation)}/whatsapp_messages"
        left = self._clock.up()
        answer = await self._ask("POST", path, body=body)
        receipt = remote.receipt(answer.text) if answer.status in {200, 201, 202} else None
        if receipt is None:
            raise self._refusal(answer, sending=True)
        self._api_clock.dated(receipt.created_at, left, self._clock.up())
        return receipt

    async def messages(self, conversation: str, *, to_the_end: bool = False) -> list[RemoteMessage]:
        """All messages of a conversation; see `Transport.messages`."""
        path = f"/whatsapp_conversations/{self._segment(conversation)}/whatsapp_messages"
        return [remote.message(item) for item in await self._all(path, {}, _MOST_PAGES, to_the_end)]

    async def conversation(self, conversation: str) -> Conversation:
        """One conversation; see `Transport.conversation`."""
        answer = await self._ask("GET", f"/whatsapp_conversations/{self._segment(conversation)}")
        found = remote.one_conversation(answer.text) if answer.status == 200 else None
        if found is None:
            raise self._refusal(answer, sending=False)
        return found

    async def find_conversations(self, phone: str) -> list[Conversation]:
        """The active conversations with a phone; see `Transport.find_conversations`."""
        filters = {"q[phone_number_eq]": phone, "q[status_eq]": "active"}
        listed = await self._all("/whatsapp_conversations", filters, _MOST_PAGES_OF_ONE_PERSON)
        return [remote.conversation(item) for item in listed]

    def _segment(self, conversation: str) -> str:
        """A conversation id that can stand in a path."""
        if not re.fullmatch(CONVERSATION_ID, conversation):
            raise Rejected(
                f"{self._key.scrub(plain(conversation))!r} is not a conversation id",
                hint="copy the id from Kapso, or find the conversation by --phone",
            )
        if self._key.scrub(conversation) != conversation:
            raise Rejected("the conversation id holds the API key", hint="copy the id from Kapso")
        return conversation

    async def _all(
        self, path: str, filters: Mapping[str, str], most: int, to_the_end: bool = False
    ) -> list[Mapping[str, Json]]:
        """Every item of a list, read again where it moved meanwhile: an item may have slipped between two pages."""
        for _ in range(_MOST_READINGS):
            items = await self._once(path, filters, most, to_the_end)
            if items is not None:
                return items
        raise Retryable("the list kept changing while it was read", backoff=STEADY, hint="others are writing there now")

    async def _once(
        self, path: str, filters: Mapping[str, str], most: int, to_the_end: bool
    ) -> list[Mapping[str, Json]] | None:
        """Every item of a list, each id once; None where it moved from page to page."""
        found: dict[object, Mapping[str, Json]] = {}
        totals: set[int | None] = set()
        last: int | None = None
        for number in range(1, most + 1):
            asked = urlencode({**filters, "page": number, "per_page": _PER_PAGE})
            answer = await self._ask("GET", f"{path}?{asked}", largest=_LARGEST_PAGE)
            page = remote.page(answer.text) if answer.status == 200 else None
            if page is None and last is not None and last < number and answer.status in _BEYOND:
                page = remote.Page((), last, None)
            if page is None:
                raise self._refusal(answer, sending=False)
            known, last = len(found), last if page.pages is None else page.pages
            # One without an id cannot be told from another, so all of those are kept.
            found.update((str(item.get("id") or "") or object(), item) for item in page.items)
            if page.items or not totals:
                totals.add(page.total)
            # Without a count the end is a page that brings nothing new, as the API may give shorter pages than asked.
            if len(found) == known if to_the_end or page.pages is None else number >= page.pages:
                slipped = len(totals) > 1 or len(found) < max(total or 0 for total in totals)
                return None if slipped else list(found.values())
        raise Rejected(
            f"the list has more than {most * _PER_PAGE} entries",
            hint="name the conversation by its id" if filters else "end it in Kapso; the next message opens a new one",
        )

    async def _ask(self, method: str, path: str, *, body: bytes | None = None, largest: int = _LARGEST) -> Answer:
        """One request and its answer, whatever its status.

        Raises:
            TransportError: No whole answer came. Nothing of httpx is chained to it: httpx's errors hold the request.
        """
        left, status = self._clock.up(), None
        try:
            # httpx bounds each read at most; only this bounds an answer that drips.
            async with asyncio.timeout(self._timeout):
                response = await self._line.handle_async_request(self._request(method, path, body))
                status = response.status_code
                try:
                    answer = await self._read(response, largest)
                finally:
                    await response.aclose()
        # Besides httpx's: the deadline above, an embedded app that cuts, and TLS alerts that httpx lets through.
        except (httpx.RequestError, TimeoutError, ConnectionError, ssl.SSLError) as fault:
            error = self._fault(fault, status, sending=body is not None)
        else:
            self._rate = rate_seen(answer.headers, self._clock.monotonic()) or self._rate
            self._api_clock.answered(answer.headers.get("date", ""), left, self._clock.up())
            return answer
        raise error

    def _request(self, method: str, path: str, body: bytes | None) -> httpx.Request:
        """A request with the key in it: nothing else holds the key longer than that."""
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": self._agent,
            "X-API-Key": self._key.reveal(),
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        url = self._url(self._address.root + path)
        return httpx.Request(method, url, content=body, headers=headers, extensions={"timeout": self._limits})

    async def _read(self, response: httpx.Response, largest: int) -> Answer:
        body, whole = bytearray(), True
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > largest:
                body, whole = bytearray(), False
                break
        return read(response.status_code, response.headers.items(), bytes(body), self._key.scrub, whole=whole)

    def _refusal(self, answer: Answer, *, sending: bool) -> TransportError:
        words = said(answer)
        return outcome(answer, words, retry_after(answer.headers, words.words, self._clock.now()), sending=sending)

    def _fault(self, fault: Exception, status: int | None, *, sending: bool) -> TransportError:
        proxy = self._line.name if isinstance(self._line, Proxied) else ""
        reason, hint = named(fault, self._address, proxy, self._timeout)
        if sending and not isinstance(fault, NEVER_LEFT):
            return InDoubt(reason, hint=hint, status=status)
        return Retryable(reason, hint=hint, backoff=STEADY)


def _line(address: Address, url: httpx.URL, app: Any) -> httpx.AsyncBaseTransport:
    """What carries requests to the API: connections of our own, unless there is a proxy or an app instead."""
    if app is not None:
        return httpx.ASGITransport(app=app)
    tls = _tls(secure=address.secure)
    proxy = proxy_of(address)
    return Proxied(proxy, tls) if proxy else Connections(url, tls)


def _tls(*, secure: bool) -> ssl.SSLContext:
    """The context all clients share; where none is needed one that trusts nobody, since loading takes 20 ms."""
    if not secure:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # a missing file, or no certificate in it
        why = error.strerror or "no certificate in it"
        raise ValueError(f"the certificates in SSL_CERT_FILE or SSL_CERT_DIR cannot be read: {why}") from None
