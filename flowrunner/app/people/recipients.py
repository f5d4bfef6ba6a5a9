"""Whether somebody can be written to by their phone alone: the first message finds or opens their conversation."""

from flowrunner.app.senders.sender import RecipientError
from flowrunner.dialects import Dialect
from flowrunner.engine import Bound, Prepared
from flowrunner.model import Message, Recipient


def needs_nothing(prepared: Prepared, bound: Bound, recipient: Recipient, now: str, dialect: Dialect) -> bool:
    """Whether a flow can begin without knowing the recipient's conversation, or whether they have one.

    It can where what is sent first to somebody who has not written for a day opens a conversation, and nothing in the
    flow is about the conversation but whether free text may be sent now.
    """
    if recipient.conversation or not recipient.phone or prepared.reads_conversation:
        return False
    actions, _ = prepared.actions(recipient, bound, now, is_open=False)
    first = next((each for each in actions or () if isinstance(each, Message)), None)
    return actions is not None and (first is None or dialect.opens(first.body))


def dialled(meant: Recipient) -> Recipient:
    """The recipient, with the phone as it is dialled from anywhere.

    Raises:
        RecipientError: It is no such phone: nobody may be written to by mistake.
    """
    from flowrunner.phones.numbers import Phones  # who is named by a conversation needs none of it

    phone = Phones("").read(meant.phone)
    if not isinstance(phone, str):
        raise RecipientError(f"--phone: {phone.message}", phone.hint)
    return meant._replace(phone=phone)
