"""Whose conversation it is: a person's is found here, and what the API answers is held against who was meant.

A filter may be ignored, a proxy may mix answers up, and one phone has several spellings. So nothing is taken for a
person's unless the answer itself says that it is theirs.
"""

from functools import partial

from flowrunner.client import Conversation, Named, Rejected, RemoteMessage, Transport
from flowrunner.delivery.asking import ask
from flowrunner.delivery.pace import Pace, Sleep
from flowrunner.model import Recipient

_NONE = (
    "check the number, with its country code; then the customer must write first, or be sent a template in Kapso: "
    "flowrunner does not open conversations, whether or not a flow says opens: conversation"
)
_NAME_ONE = "name one by its id: --conversation ID, or an audience's column conversation"
_ASTRAY = "check the API's URL; if it is right, tell Kapso about this answer"


async def find(
    meant: Recipient, transport: Transport, pace: Pace, sleep: Sleep, max_wait: float, called: str = "this number"
) -> Recipient | None:
    """The recipient's active conversation, with its phone as the API writes it; None where a stop was asked for.

    A phone is asked for as it was written first, then by its other known spellings, until one is found. A conversation
    that ended is not used, nor one whose answer does not say whose phone it is: it may be anybody's.

    Args:
        meant: Named by the id of the conversation, else by the phone.
        transport: The door.
        pace: Questions count, too.
        sleep: How to wait.
        max_wait: Seconds that each question is asked again.
        called: The phone, as the reason says it; of a thousand people the reasons are alike.

    Raises:
        TransportError: There is none, more than one, somebody else's, or nobody knows.
    """
    if meant.conversation:
        its = await ask(partial(transport.conversation, meant.conversation), transport, pace, sleep, max_wait)
        return None if its is None else _checked(its, meant)
    from flowrunner.phones import all_spellings  # where a conversation is named, nothing of it is needed

    others: list[str] = []
    for spelling in all_spellings(meant.phone):
        listed = await ask(partial(transport.find_conversations, spelling), transport, pace, sleep, max_wait)
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
        raise Rejected(reason, hint=_ASTRAY)
    raise Rejected(f"there is no active conversation with {called}", hint=_NONE)


async def messages_of(meant: Recipient, transport: Transport, *, to_the_end: bool = False) -> list[RemoteMessage]:
    """All messages of the recipient's conversation; see `Transport.messages`.

    Raises:
        Rejected: The list has a message of somebody else's, so it proves nothing about this conversation.
        TransportError: It cannot be read.
    """
    listed = await transport.messages(meant.conversation, to_the_end=to_the_end)
    for each in listed:
        if whom := stranger(meant, each.named):
            reason = f"asked for the messages of conversation {meant.conversation}, the API listed one of {whom}"
            raise Rejected(reason, hint=_ASTRAY)
    return listed


def stranger(meant: Recipient, named: Named) -> str:
    """Whom an answer is about, where that is somebody else; empty where it is not, or where the answer does not say."""
    for conversation in named.conversations:
        if conversation and meant.conversation and conversation != meant.conversation:
            return f"conversation {conversation}"
    for phone in named.phones:
        if phone and meant.phone and phone != meant.phone and not _is_same(phone, meant.phone):
            return phone
    return ""


def _is_same(phone: str, other: str) -> bool:
    from flowrunner.phones import is_same_phone  # most answers have the very text

    return is_same_phone(phone, other)


def _checked(its: Conversation, meant: Recipient) -> Recipient:
    if whom := stranger(meant, _named(its)):
        raise Rejected(f"asked for conversation {meant.conversation}, the API answered for {whom}", hint=_ASTRAY)
    if its.status != "active":
        why = "has ended" if its.status == "ended" else "may not be active"
        raise Rejected(f"conversation {meant.conversation} {why}", hint="find the person's new one by --phone")
    return Recipient(its.conversation_id, its.phone or meant.phone)


def _is_theirs(its: Conversation, meant: Recipient) -> bool:
    named = _named(its)
    return bool(its.conversation_id and any(named.phones) and not stranger(meant, named))


def _whom(its: Conversation) -> str:
    phone = next(filter(None, _named(its).phones), "somebody whose number it does not give")
    return f"{phone} (conversation {its.conversation_id})" if its.conversation_id else phone


def _named(its: Conversation) -> Named:
    return Named((its.conversation_id, *its.named.conversations), (its.phone, *its.named.phones))
