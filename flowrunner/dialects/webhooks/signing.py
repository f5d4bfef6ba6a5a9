"""Whether a payload is from whom it says it is from: signed with the secret that only the two have.

Kapso signs in ``X-Webhook-Signature`` (https://docs.kapso.ai/docs/platform/webhooks), Meta in ``X-Hub-Signature-256``
(https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint): each the
HMAC-SHA256 of the body's bytes, in hexadecimal.
"""

import hashlib
import hmac
from collections.abc import Mapping

SIGNATURES = ("x-webhook-signature", "x-hub-signature-256")
"""The headers, in lower case."""


def signature(secret: str, body: bytes) -> str:
    """What a body is signed with, in lower case."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the body is signed with the secret, an empty one never; the time it takes does not tell how nearly.

    Args:
        secret: Kapso's webhook secret, or Meta's app secret.
        headers: By name, in lower case; several signatures in one are parted by commas, as HTTP has it, and any may be
            the right one.
        body: The bytes as they came.
    """
    if not secret:
        return False
    right = signature(secret, body).encode()
    said = ",".join(headers.get(name, "") for name in SIGNATURES).lower().split(",")
    given = [each.strip().removeprefix("sha256=") for each in said]
    # Not `any`: all of them are compared, whichever is right.
    return True in [hmac.compare_digest(each.encode("utf-8", "replace"), right) for each in given]
