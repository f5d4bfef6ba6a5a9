"""Public addresses are asked what is there, without fetching it: no key goes anywhere, and little is read."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies

from flowrunner import __version__
from flowrunner.client.httpx_lean import httpx

SECONDS: Final = 10.0
"""How long one address may take, with all its redirects."""
_AT_ONCE: Final = 8
_REDIRECTS: Final = 5
_NO_HEAD: Final = frozenset({400, 403, 404, 405, 406, 500, 501})
"""What servers say that have a file and do not take the question of what it is."""


class Reached(NamedTuple):
    """What an address gave.

    Attributes:
        problem: Why nothing is there; empty where something is.
        type: Its MIME type in lower case, as the server says it; empty where it says none.
        size: How many bytes it is; None where the server does not say.
    """

    problem: str = ""
    type: str = ""
    size: int | None = None


async def reach(urls: Iterable[str]) -> Mapping[str, Reached]:
    """What each of some addresses gave, asked some at a time.

    An address of this machine or of a private network is asked only where the URL itself names it: neither a name nor
    a redirect leads there.
    """
    turns = asyncio.Semaphore(_AT_ONCE)
    agent = {"User-Agent": f"flowrunner/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    async with (
        httpx.AsyncClient(headers=agent, timeout=SECONDS) as outside,
        httpx.AsyncClient(headers=agent, timeout=SECONDS, trust_env=False) as inside,  # behind no proxy
    ):

        async def one(url: str) -> Reached:
            async with turns:
                try:
                    async with asyncio.timeout(SECONDS):
                        is_inside = _is_named_inside(urlsplit(url).hostname or "")
                        return await _followed(inside if is_inside else outside, url)
                except (TimeoutError, httpx.TimeoutException):
                    return Reached(f"it did not answer within {SECONDS:g} s")
                except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as fault:
                    return Reached(_named(fault))

        wanted = list(dict.fromkeys(urls))
        return dict(zip(wanted, await asyncio.gather(*map(one, wanted)), strict=True))


async def _followed(client: httpx.AsyncClient, url: str) -> Reached:
    named = urlsplit(url).hostname
    for _ in range(_REDIRECTS + 1):
        host = urlsplit(url).hostname or ""
        if not (host == named and _is_named_inside(host)) and not await _is_public(host):
            return Reached(f"{host} is an address of this machine or of a private network")
        answer = await _asked(client, "HEAD", url)
        if answer.status_code in _NO_HEAD:
            answer = await _asked(client, "GET", url)
        if answer.is_redirect and (there := answer.headers.get("location")):
            url = urljoin(url, there)
            if urlsplit(url).scheme not in {"http", "https"}:
                return Reached("it redirects to what is not a web address")
            continue
        if not answer.is_success:
            return Reached(f"it answers {answer.status_code} {answer.reason_phrase}".rstrip())
        kind = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
        return Reached("", kind, _size(answer))
    return Reached(f"it redirects more than {_REDIRECTS} times")


async def _asked(client: httpx.AsyncClient, method: str, url: str) -> httpx.Response:
    """An answer's head; of what follows nothing is read."""
    ranged = {"Range": "bytes=0-0"} if method == "GET" else {}
    async with client.stream(method, url, headers=ranged) as answer:
        return answer


def _size(answer: httpx.Response) -> int | None:
    whole = re.fullmatch(r"bytes \d+-\d+/(\d{1,15})", str(answer.headers.get("content-range", "")))
    told = whole[1] if whole else "" if answer.status_code == 206 else str(answer.headers.get("content-length", ""))
    return int(told) if told.isdecimal() and len(told) <= 15 else None


def _is_named_inside(host: str) -> bool:
    """Whether a host is written as one of this machine or of a private network."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost"


async def _is_public(host: str) -> bool:
    """Whether a host is outside, by all its addresses; behind a proxy that is the proxy's to say."""
    if _is_named_inside(host):
        return False
    if getproxies():
        return True
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return all(ipaddress.ip_address(each[4][0]).is_global for each in found)


def _named(fault: Exception) -> str:
    if isinstance(fault, socket.gaierror):
        return "its host is not known"
    if "CERTIFICATE" in str(fault).upper():
        return "its certificate cannot be trusted"
    if isinstance(fault, httpx.ConnectError | OSError):
        return "its server cannot be reached"
    return "its server does not answer as a web server does"
