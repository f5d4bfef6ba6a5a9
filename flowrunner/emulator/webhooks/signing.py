"""The headers of a webhook: which event, whose, and by whom it is signed.

Signatures are over the bytes of the body as they are sent.
https://docs.kapso.ai/docs/platform/webhooks
"""

import hashlib
import hmac

from flowrunner.emulator.webhooks.values import Webhook

_VERSIONS = {"kapso": "v2", "kapso-v1": "v1"}


def headers(hook: Webhook, event: str, key: str, body: bytes) -> dict[str, str]:
    """The headers with which ``body`` is told to a receiver.

    Args:
        hook: Who is told.
        event: The name of the event; Meta's own payloads do not have it.
        key: What is the same each time that the same event is told.
        body: The payload.
    """
    found = {"Content-Type": "application/json", "User-Agent": "flowrunner-emulator"}
    signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest()
    if hook.form == "meta":
        found["X-Idempotency-Key"] = hashlib.sha256(body).hexdigest()
        return {**found, "X-Hub-Signature-256": f"sha256={signature}"} if hook.secret else found
    found |= {
        "X-Webhook-Event": event,
        "X-Idempotency-Key": key,
        "X-Webhook-Payload-Version": _VERSIONS[hook.form],
    }
    return {**found, "X-Webhook-Signature": signature} if hook.secret else found
