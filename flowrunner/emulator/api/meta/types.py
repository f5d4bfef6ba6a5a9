"""The types of messages that are no interactive ones and no templates, each as Meta's page of it says.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/send-messages
"""

from collections.abc import Mapping

from flowrunner.emulator.api.meta.interactive import interactive
from flowrunner.emulator.api.meta.shapes import LOCATION, Shape, file, flag, listed, members, text
from flowrunner.emulator.api.meta.template import template

CAPTION = 1024
_NAMES = ("first_name", "last_name", "middle_name", "prefix", "suffix")


_ADDRESS = members({}, dict.fromkeys(("street", "city", "state", "zip", "country", "country_code", "type"), text(0)))
_CONTACT = members(
    {"name": members({"formatted_name": text(1, 200)}, dict.fromkeys(_NAMES, text(0)))},
    {
        "phones": listed(members({}, {"phone": text(0), "type": text(0), "wa_id": text(0)}), 0, 100),
        "emails": listed(members({}, {"email": text(0), "type": text(0)}), 0, 100),
        "urls": listed(members({}, {"url": text(0), "type": text(0)}), 0, 100),
        "addresses": listed(_ADDRESS, 0, 100),
        "org": members({}, {"company": text(0), "department": text(0), "title": text(0)}),
        "birthday": text(pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    },
)

TYPES: Mapping[str, Shape] = {
    "text": members({"body": text(1, 4096)}, {"preview_url": flag}),
    "image": file(caption=text(0, CAPTION)),
    "video": file(caption=text(0, CAPTION)),
    "audio": file(voice=flag),
    "document": file(caption=text(0, CAPTION), filename=text()),
    "sticker": file(),
    "location": LOCATION,
    "contacts": listed(_CONTACT, 1, 257),
    "reaction": members({"message_id": text(), "emoji": text(0)}),
    "interactive": interactive,
    "template": template,
}
"""The member of each type, which has the type's name."""
