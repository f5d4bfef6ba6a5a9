"""Who somebody is to this API: a phone or a user id, which need no question; of a conversation it is asked for."""

import re
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.meta.lists import ASTRAY
from flowrunner.model import USER_ID, Recipient

if TYPE_CHECKING:
    from flowrunner.dialects import LookUp

_PHONE: Final = r"\+?[0-9]{6,15}"


async def find(meant: Recipient, look_up: "LookUp", called: str) -> Recipient | None:
    """The recipient with a phone or a user id; see `Dialect.find`."""
    if meant.phone and not re.fullmatch(_PHONE, meant.phone):
        raise Rejected(f"{called} is not a phone number", hint="write it with its country code, as in +5215512345678")
    if meant.user_id and not re.fullmatch(USER_ID, meant.user_id):
        raise Rejected(f"{meant.user_id} is not a user id", hint="copy it from an answer of WhatsApp, as in US.1349...")
    if meant.phone or meant.user_id:
        return meant
    listed = await look_up(meant)
    if listed is None:
        return None
    its = listed[0]
    if whom := its.named.stranger(meant):
        raise Rejected(f"asked for conversation {meant.conversation}, the API answered for {whom}", hint=ASTRAY)
    user_id = next(iter(its.named.user_ids), "")
    if not (its.phone or user_id):
        raise Rejected(f"conversation {meant.conversation} has neither a phone nor a user id", hint=ASTRAY)
    return Recipient(meant.conversation, its.phone, user_id)
