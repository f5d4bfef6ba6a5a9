"""One number and how it is: as Kapso's platform tells it, or Meta's own Graph API.

https://docs.kapso.ai/api/platform/v1/phone-numbers/get-phone-number;
https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account-to-number-current-status/
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flowrunner.dialects.errors import Rejected, TransportError
from flowrunner.dialects.meta.answers import one
from flowrunner.dialects.reading import plain
from flowrunner.dialects.values import Account, Health, Request
from flowrunner.model import Json

if TYPE_CHECKING:
    from flowrunner.dialects import Ask

_FIELDS: Final = "id,display_phone_number,verified_name,quality_rating,status"
_GOOD: Final[Mapping[str, Health]] = {"YELLOW": "degraded", "RED": "degraded"}
"""What a quality makes of a number that is connected: at the worst WhatsApp lowers its limit."""


async def account(own: str, number: str, ask: "Ask") -> Account:
    """The number that sends; see `flowrunner.dialects.Dialect.account`."""
    if "/meta" in own:
        request = Request("GET", f"/platform/v1/whatsapp/phone_numbers/{number}", is_beside=True)
    else:
        request = Request("GET", f"?{urlencode({'fields': _FIELDS}, safe=',')}")
    try:
        its = await ask(request, one)
    except TransportError as error:
        if error.status == 404:
            hint = "copy its phone_number_id from Kapso or WhatsApp Manager"
            raise Rejected(f"the key has no number {number}", hint=hint, status=404) from None
        raise
    status, quality = (_text(its, name).upper() for name in ("status", "quality_rating"))
    health: Health = "unhealthy"
    if status in {"", "CONNECTED"}:
        health = _GOOD.get(quality, "healthy" if status else "unknown")
    said = [
        *([status.lower()] if status not in {"", "CONNECTED"} else []),
        *([f"quality {quality.lower()}"] if quality in _GOOD else []),
    ]
    name = _text(its, "verified_name") or _text(its, "name")
    return Account(number, _text(its, "display_phone_number"), name, health, ", ".join(said))


def _text(data: Mapping[str, Json], name: str) -> str:
    value = data.get(name)
    return plain(value) if isinstance(value, str) else ""
