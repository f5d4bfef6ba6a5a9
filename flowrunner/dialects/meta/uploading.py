"""Files are handed over before they are sent.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media#upload-media
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.reading import parsed
from flowrunner.dialects.values import Answer, File, Request

if TYPE_CHECKING:
    from flowrunner.dialects import Ask

_ID: Final = re.compile(r"[A-Za-z0-9_.:=-]{1,200}")


async def upload(file: File, ask: "Ask") -> str:
    """Hand a file over to the number that will send it; see `Dialect.upload`."""
    fields = {"messaging_product": "whatsapp", "type": file.type}
    return await ask(Request("POST", "/media", file=file._replace(fields=fields)), uploaded)


def uploaded(answer: Answer) -> str | None:
    """The id in a yes, or None where it is none, or has no id that can be sent."""
    whole = parsed(answer.text) if answer.status in {200, 201} else None
    found = whole.get("id") if isinstance(whole, Mapping) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else None
