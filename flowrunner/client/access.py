"""Where the API is and what opens it: a base URL and a key, both checked before anything leaves."""

import ipaddress
import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from flowrunner.client.key_forms import Forms
from flowrunner.client.targets import EMULATOR, read_target
from flowrunner.dialects import Dialect, spoken_at
from flowrunner.dialects.reading import MASK

_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}
_SHORTEST: Final = 8
_LONGEST_LABEL: Final = 63
"""Signs between two dots of a host's name: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4"""
KEY_ENV: Final = "KAPSO_API_KEY"
"""The environment variable that has the key, where nothing else is said."""
_UNRESERVED: Final = r"[A-Za-z0-9._~-]"
_DOTTED: Final = r"[0-9]+(\.[0-9]+){3}"


class InsecureError(ValueError):
    """The URL would send the key over http to another machine."""


class OtherDialectError(ValueError):
    """The URL is surely one of an API that speaks another dialect.

    Attributes:
        spoken: What it speaks.
    """

    def __init__(self, spoken: str, meant: str) -> None:
        super().__init__(f"the API at this URL speaks {spoken}, not {meant}")
        self.spoken = spoken


class Address(NamedTuple):
    """A base URL in its parts.

    Attributes:
        root: What every path is added to, with the version of the API and, where one is in its paths, the number.
        base: The same without them: where all APIs of this host begin.
        host: The host as a person names it, with its port where one was given.
        secure: Whether it is https.
        loopback: Whether it is this machine.
        identity: What all spellings of this URL have in common.
    """

    root: str
    base: str
    host: str
    secure: bool
    loopback: bool
    identity: str


def address(base_url: str, dialect: Dialect, number: str = "", *, insecure: bool = True) -> Address:
    """The address that ``base_url`` names, with or without the API's version and a trailing slash.

    Args:
        base_url: The URL.
        dialect: What the API speaks.
        number: The number that sends, where the dialect has it in its paths.
        insecure: Take http to another machine, too, where the key can be read on the way.

    Raises:
        InsecureError: It is http to another machine, and that was not allowed.
        OtherDialectError: Another dialect is spoken there.
        ValueError: It is not a plain http or https URL. What stands in it is not repeated: it may be a secret.
    """
    if not re.fullmatch(r"[^\s\x00-\x20\x7f\\]+", base_url):
        raise ValueError("the API's URL is empty or has a space, a backslash or a control character in it")
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        raise ValueError("the API's URL cannot be read: its host or its port is not valid") from None
    if "@" in parts.netloc:
        raise ValueError("the API's URL must not hold a user or password; the key comes from KAPSO_API_KEY")
    if parts.scheme not in _PORTS:
        raise ValueError("the API's URL must start with https:// or http://")
    if not parts.hostname:
        raise ValueError("the API's URL has no host")
    if parts.query or parts.fragment or base_url.endswith(("?", "#")):
        raise ValueError("the API's URL must end with its path, without ? or #")
    name = _host(parts.hostname)
    host = f"[{name}]" if ":" in name else name
    if not insecure and parts.scheme == "http" and not _is_loopback(name):
        raise InsecureError(f"over http the API key could be read on its way to {host}")
    label = host if port in {None, _PORTS[parts.scheme]} else f"{host}:{port}"
    spoken = spoken_at(name + parts.path.rstrip("/"))
    if spoken not in {"", dialect.name}:
        raise OtherDialectError(spoken, dialect.name)
    path, own = dialect.split(name, parts.path.rstrip("/"), number)
    base = f"{parts.scheme}://{label}{path}"
    same = "localhost" if name in _LOOPBACK else host
    return Address(
        root=base + own,
        base=base,
        host=label,
        secure=parts.scheme == "https",
        loopback=_is_loopback(name),
        identity=f"{parts.scheme}://{same}:{port or _PORTS[parts.scheme]}{_plain_path(path)}",
    )


@lru_cache(64)
def target_key(target: str) -> str:
    """The same text for every spelling of one API: the journal knows by it what was sent where.

    ``https://Host:443/``, ``https://host.`` and ``https://host`` are one API, with its version or without, and so are
    this machine's names ``localhost``, ``127.0.0.1`` and ``[::1]``. What is no URL stands for itself. Two numbers of
    one API are two.
    """
    its = read_target(target)
    try:
        return its._replace(url=address(its.url, its.spoken).identity).text
    except ValueError:
        return target


def may_follow(target: str, other: str) -> bool:
    """Whether somebody may send by one of two APIs what they meant to send by the other before.

    Not by the emulator inside the program, nor where one is on this machine alone: there people practise.
    """
    its, theirs = _place(target), _place(other)
    return its == theirs != EMULATOR and target_key(target) != target_key(other)


def _place(target: str) -> str:
    its = read_target(target)
    if its.url == EMULATOR:
        return EMULATOR
    try:
        return "here" if address(its.url, its.spoken).loopback else "elsewhere"
    except ValueError:
        return "elsewhere"


def limit_key(target: str) -> str:
    """The same text for every target whose requests are counted together where they come with one key.

    That is a number of an API; or all of a provider, which may have one API at ``app.`` and another at ``api.``.
    """
    its = read_target(target)
    try:
        at = address(its.url, its.spoken, its.number)
    except ValueError:
        return target
    if not its.spoken.counts_by_key(at.root):
        return target_key(target)
    scheme, _, place = at.identity.partition("://")
    host, _, rest = place.partition(":")
    return f"{scheme}://{re.sub(_BELOW, '', host)}:{rest}"


_BELOW: Final = r"\A(?!\d+(\.\d+){3}\Z)[^.\[]+\.(?=[^.]+\.)"
"""The first name of a host, where at least two are behind it; an address of digits has none."""


def _host(typed: str) -> str:
    """A host in lower case and ASCII, without the dot that only says that it is whole."""
    host = typed.lower().removesuffix(".")
    wrong = "the API's URL has a host name that is not valid"
    if not host.isascii():
        from flowrunner.client.httpx_lean import httpx  # it knows IDNA 2008

        try:
            host = httpx.URL(f"http://{host}").raw_host.decode("ascii")
        except httpx.InvalidURL:
            raise ValueError(wrong) from None
    try:
        if ":" in host or re.fullmatch(_DOTTED, host):
            return str(ipaddress.ip_address(host))
    except ValueError:
        raise ValueError(wrong) from None
    if any(not 0 < len(label) <= _LONGEST_LABEL for label in host.split(".")) or "%" in host:
        raise ValueError(wrong)
    return host


def sent_path(url: str) -> str:
    """The path of a URL as requests have it: without ``.`` and ``..``, which are the client's to take out."""
    parts: list[str] = []
    for part in urlsplit(url).path.split("/"):
        if part == "..":
            parts = parts[:-1] or [""]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _plain_path(path: str) -> str:
    """A path in which nothing is encoded that need not be, without empty and ``.`` parts."""

    def decoded(found: re.Match[str]) -> str:
        sign = chr(int(found[1], 16))
        return sign if re.fullmatch(_UNRESERVED, sign) else found[0].upper()

    parts: list[str] = []
    for part in re.sub("%([0-9A-Fa-f]{2})", decoded, path).split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "".join(f"/{part}" for part in parts)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Key:
    """The API key, in the one place that holds it. Neither ``str`` nor ``repr`` shows it."""

    __slots__ = ("_forms", "_value", "variable")

    def __init__(self, value: str, variable: str = KEY_ENV) -> None:
        """Take the key, and what the environment variable is called that has it.

        Raises:
            ValueError: It is blank or cannot stand in a header. The key is not repeated.
        """
        if not value.strip():
            raise ValueError(f"the API key is blank; set {variable} to the key of your Kapso project")
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise ValueError(
                f"the API key has a space, a line break or a character outside ASCII in it; copy {variable} again"
            )
        # A very short key is a test's, and masking "a" in every sentence would only hide the sentence.
        self._forms = Forms(value) if len(value) >= _SHORTEST else None
        self._value = value
        self.variable = variable

    def __repr__(self) -> str:
        return "Key(***)"

    def reveal(self) -> str:
        """The key itself, for the header and nothing else."""
        return self._value

    def scrub(self, text: str) -> str:
        """``text`` without the key in any form, for a server that repeats what it was sent."""
        return self._forms.replaced(text, MASK) if self._forms else text
