"""Which webhooks have been received: an API tells again what it does not know to have arrived."""

from collections import OrderedDict
from hashlib import sha256
from typing import Final

_MOST: Final = 20_000
"""So many are remembered; what is told again after that is in the journal once all the same."""


class Once:
    """The keys of the last webhooks, in little memory."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def key(self, hook: str, headers_key: str, body: bytes) -> bytes:
        """What a webhook is known by: the API's own key with the body, so that nobody else's can be taken for it."""
        return sha256(f"{hook}\n{headers_key}\n".encode("utf-8", "replace") + body).digest()

    def __contains__(self, key: bytes) -> bool:
        return key in self._keys

    def add(self, key: bytes) -> None:
        """Remember one, and forget the oldest where there are too many."""
        self._keys[key] = None
        if len(self._keys) > self._most:
            self._keys.popitem(last=False)
