"""Where the API is and what opens it: a base URL and a key, both checked before anything leaves."""

import ipaddress
import re
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_V1 = "/api/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL in its two parts.

    Attributes:
        root: What every path is added to, for example ``https://app.kapso.ai/api/v1``.
        host: The host as a person names it, with its port where one was given.
        secure: Whether it is https.
        loopback: Whether it is this machine.
    """

    root: str
    host: str
    secure: bool
    loopback: bool


def address(base_url: str) -> Address:
    """The address that ``base_url`` names, with or without ``/api/v1`` and a trailing slash.

    Raises:
        ValueError: It is no plain http or https URL. A password in it is not repeated.
    """
    if not re.fullmatch(r"[^\s\x00-\x20\x7f\\]+", base_url):
        raise ValueError("the API's URL is empty or has a space, a backslash or a control character in it")
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"the API's URL cannot be read: {error}") from None
    if "@" in parts.netloc:
        raise ValueError("the API's URL must not hold a user or password; the key comes from KAPSO_API_KEY")
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"the API's URL must begin with https:// or http://, not {base_url!r}")
    if not parts.hostname:
        raise ValueError(f"the API's URL names no host: {base_url!r}")
    try:
        parts.hostname.encode("idna")
    except UnicodeError:
        raise ValueError(f"the API's URL has a host that cannot be: {parts.hostname!r}") from None
    if parts.query or parts.fragment:
        raise ValueError(f"the API's URL must end with its path, without ? or #: {base_url!r}")
    path = parts.path.rstrip("/").removesuffix(_V1).rstrip("/")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    label = host if port is None else f"{host}:{port}"
    return Address(
        root=f"{parts.scheme}://{label}{path}{_V1}",
        host=label,
        secure=parts.scheme == "https",
        loopback=_is_loopback(parts.hostname),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Key:
    """The API key, in the one place that holds it. Neither ``str`` nor ``repr`` shows it."""

    __slots__ = ("_forms", "_value")

    def __init__(self, value: str) -> None:
        """Take the key.

        Raises:
            ValueError: It is blank or cannot stand in a header. The key is not repeated.
        """
        if not value.strip():
            raise ValueError("the API key is blank; set KAPSO_API_KEY to the key of your Kapso project")
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise ValueError(
                "the API key has a space, a line break or a character outside ASCII in it; copy KAPSO_API_KEY again"
            )
        raw = value.encode()
        encoded = [b64encode(raw).decode().rstrip("="), urlsafe_b64encode(raw).decode().rstrip("=")]
        # A very short key is a test's, and masking "a" in every sentence would only hide the sentence.
        self._forms = tuple(dict.fromkeys([value, quote(value, safe=""), *encoded])) if len(value) >= 8 else ()
        self._value = value

    def __repr__(self) -> str:
        return "Key(***)"

    def reveal(self) -> str:
        """The key itself, for the header and nothing else."""
        return self._value

    def scrub(self, text: str) -> str:
        """``text`` without the key, for a server that repeats what it was sent."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text
