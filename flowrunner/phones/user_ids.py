"""WhatsApp's ids of people who may show no phone number, read as they are typed."""

import re
from typing import Final

from flowrunner.model import USER_ID
from flowrunner.phones.numbers import Refused, unquoted

is_user_id: Final = re.compile(USER_ID).fullmatch


def user_id(text: str) -> str | Refused:
    """A user id as it is kept, or why it is none."""
    if is_user_id(its := unquoted(text)):
        return its
    meant = its[:2].upper() + its[2:]
    hint = f"write {meant}" if is_user_id(meant) else "copy the id from Kapso: it looks like US.13491208655302741918"
    return Refused(f"{text[:40]!r} is not a user id of WhatsApp", hint)
