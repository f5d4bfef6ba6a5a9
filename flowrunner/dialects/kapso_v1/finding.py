"""Whose conversation it is: a person's is found here, and what the API answers is held against who was meant.

A filter may be ignored, a proxy may mix answers up, and one phone has several spellings. So nothing is taken for a
person's unless the answer itself says that it is theirs.
"""

from typing import TYPE_CHECKING, Final

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.kapso_v1.lists import ASTRAY
from flowrunner.dialects.values import Conversation
from flowrunner.model import Recipient
from flowrunner.phones.spellings import all_spellings

if TYPE_CHECKING:
    from flowrunner.dialects import LookUp

_NONE: Final = (
    "check the number, with its country code; then the customer must write first, or be sent a template in Kapso: "
    "flowrunner does not open conversations, whether or not a flow says opens: conversation"
)
_BY_ANOTHER: Final = "name them by phone or conversation, too, or send with the dialect meta"
_NAME_ONE: Final = "name one by its id: --conversation ID, or an audience's column conversation"


async def find(meant: Recipient, look_up: "LookUp", called: str) -> Recipient | None:
    """The recipient's active conversation, with its phone as the API writes it; see `Dialect.find`.

    A phone is asked for as it was written first, then by its other known spellings, until one is found. A conversation
    that ended is not used, nor one whose answer does not say whose phone it is: it may be anybody's.
    """
    if meant.conversation:
        its = await look_up(meant)
        return None if its is None else _checked(its[0], meant)
    if not meant.phone:
        raise Rejected("this API writes to nobody by a user id alone", hint=_BY_ANOTHER)
    others: list[str] = []
    for spelling in all_spellings(meant.phone):
        listed = await look_up(Recipient("", spelling))
        if listed is None:
            return None
        others += [_whom(each) for each in listed if not _is_theirs(each, meant)]
        found = {each.conversation_id: each for each in listed if _is_theirs(each, meant) and each.status == "active"}
        if len(found) > 1:
            ids = ", ".join(found)
            raise Rejected(f"there are {len(found)} active conversations with {called}: {ids}", hint=_NAME_ONE)
        for each in found.values():
            return Recipient(each.conversation_id, each.phone or meant.phone)
    if others:
        reason = f"the API found no active conversation with {called}, but one with {others[0]}"
        raise Rejected(reason, hint=ASTRAY)
    raise Rejected(f"there is no active conversation with {called}", hint=_NONE)


def _checked(its: Conversation, meant: Recipient) -> Recipient:
    if whom := its.named.stranger(meant):
        raise Rejected(f"asked for conversation {meant.conversation}, the API answered for {whom}", hint=ASTRAY)
    if its.status != "active":
        why = "has ended" if its.status == "ended" else "may not be active"
        raise Rejected(f"conversation {meant.conversation} {why}", hint="find the person's new one by --phone")
    return Recipient(its.conversation_id, its.phone or meant.phone)


def _is_theirs(its: Conversation, meant: Recipient) -> bool:
    return bool(its.conversation_id and any(its.named.phones) and not its.named.stranger(meant))


def _whom(its: Conversation) -> str:
    phone = next(filter(None, its.named.phones), "somebody whose number it does not give")
    return f"{phone} (conversation {its.conversation_id})" if its.conversation_id else phone
