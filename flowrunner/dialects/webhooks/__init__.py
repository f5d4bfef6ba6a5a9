"""What an API tells by itself: Kapso's payloads of version 2 and 1, and Meta's own, which Kapso may pass on.

https://docs.kapso.ai/docs/platform/webhooks and
https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview. A payload says itself in
which form it is.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from flowrunner.dialects.reading import parsed
from flowrunner.dialects.webhooks import kapso, meta
from flowrunner.dialects.webhooks.signing import is_signed
from flowrunner.dialects.webhooks.values import UNREADABLE, Payload

__all__ = ["read", "received"]

_NAME: Final = re.compile(r"[a-z0-9_.]{1,64}")


def received(secret: str, headers: Mapping[str, str], body: bytes) -> Payload | None:
    """What a payload tells that is signed with the secret; see `flowrunner.dialects.Dialect.webhook`."""
    return read(headers, body) if is_signed(secret, headers, body) else None


def read(headers: Mapping[str, str], body: bytes) -> Payload:
    """What a payload tells; what is not understood is counted, and nothing raises.

    Args:
        headers: By name, in lower case.
        body: The bytes as they came; see `flowrunner.dialects.webhooks.signing` for whose they are.
    """
    whole = parsed(body.decode(json.detect_encoding(body), "replace"))  # a mark at the beginning may say which
    if not isinstance(whole, Mapping):
        return Payload(ignored={UNREADABLE: 1})
    form = meta if isinstance(whole.get("entry"), list) else kapso
    parts, ignored = form.parts(headers, whole)
    names = Counter(name if _NAME.fullmatch(name) else "other" for name in ignored)
    return Payload(tuple(each for each in parts if any((each.told, each.heard, each.refusing, each.allowing))), names)
