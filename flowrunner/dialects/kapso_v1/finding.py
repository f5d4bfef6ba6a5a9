"""Whose conversation it is: a person's is found here, and what the API answers is held against who was meant.

A filter may be ignored, a proxy may mix answers up, and one phone has several spellings. So nothing is taken for a
person's unless the answer itself says that it is theirs.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.kapso_v1.lists import ASTRAY, is_theirs
from flowrunner.dialects.values import Conversation
from flowrunner.model import Recipient

if TYPE_CHECKING:
    from flowrunner.dialects import LookUp

Listed = Callable[[Recipient], Awaitable[list[Conversation]]]
"""Asks for the conversations of somebody, see `flowrunner.dialects.Dialect.conversations`."""
_NONE: Final = (
    "check the number, with its country code; then the customer must write first, or the flow must begin with a "
    "template: only that opens a conversation"
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
    stopped = False

    async def listed(whom: Recipient) -> list[Conversation]:
        nonlocal stopped
        found = await look_up(whom)
        stopped = stopped or found is None
        return found or []

    its_own = await active(meant, listed, called)
    if stopped:
        return None
    if its_own is None:
        raise Rejected(f"there is no active conversation with {called}", hint=_NONE)
    return Recipient(its_own.conversation_id, its_own.phone or meant.phone)


async def active(meant: Recipient, listed: Listed, called: str) -> Conversation | None:
    """The one active conversation with a phone; None where there is none.

    Args:
        meant: Named by the phone.
        listed: Asks the API for the conversations of a phone in one spelling.
        called: The phone, as the reason says it.

    Raises:
        Rejected: There is more than one, or the API found somebody else's.
    """
    from flowrunner.phones.spellings import all_spellings  # who is known by conversation needs none of it

    others: list[str] = []
    for spelling in all_spellings(meant.phone):
        every = await listed(Recipient("", spelling))
        others += [_whom(each) for each in every if not is_theirs(each, meant)]
        found = {each.conversation_id: each for each in every if is_theirs(each, meant) and each.status == "active"}
        if len(found) > 1:
            ids = ", ".join(found)
            raise Rejected(f"there are {len(found)} active conversations with {called}: {ids}", hint=_NAME_ONE)
        if found:
            return next(iter(found.values()))
    if others:
        reason = f"the API found no active conversation with {called}, but one with {others[0]}"
        raise Rejected(reason, hint=ASTRAY)
    return None


def _checked(its: Conversation, meant: Recipient) -> Recipient:
    if whom := its.named.stranger(meant):
        raise Rejected(f"asked for conversation {meant.conversation}, the API answered for {whom}", hint=ASTRAY)
    if its.status != "active":
        why = "has ended" if its.status == "ended" else "may not be active"
        raise Rejected(f"conversation {meant.conversation} {why}", hint="find the person's new one by --phone")
    return Recipient(its.conversation_id, its.phone or meant.phone)


def _whom(its: Conversation) -> str:
    phone = next(filter(None, its.named.phones), "somebody whose number it does not give")
    return f"{phone} (conversation {its.conversation_id})" if its.conversation_id else phone
