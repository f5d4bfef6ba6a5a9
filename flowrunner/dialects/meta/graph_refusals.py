"""What to do of what Graph itself refuses: where others are sent to Kapso, who sends without it is sent to Meta.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from typing import Final

from flowrunner.dialects.errors import WINDOW
from flowrunner.dialects.refusals import Row, retry, stop

_REGISTER: Final = "the sending number is not registered: register it by Meta's API, at /PHONE_NUMBER_ID/register"

AT_GRAPH: Final[tuple[Row, ...]] = (
    stop("no", "0 190", "", "Meta does not take the access token: make a new one in Meta's Business Settings"),
    stop("no", "10 200-299 131005", "", "the access token may not send: it needs whatsapp_business_messaging"),
    stop("no", "33", "", "the sending number was deleted: choose another one in WhatsApp Manager"),
    stop("no", "131045 133010", "", _REGISTER),
    stop("500", "131045", "", _REGISTER),
    stop("404", "", "phone number not found", "the access token knows no such number: see WhatsApp Manager"),
    stop("402", "", "", "Meta wants to be paid: see the account's payment method in WhatsApp Manager"),
    stop("403", "", "", "the access token may not do this: see what it was given in Meta's Business Settings"),
    retry("429", "", "", WINDOW, "Meta's limit of requests is used up; wait, or send fewer messages at a time"),
)
