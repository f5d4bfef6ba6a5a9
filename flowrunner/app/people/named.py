"""A recipient as somebody typed them: what can be told of them on this machine."""

import re

from flowrunner.diagnostics.errors import RefusedError
from flowrunner.model import CONVERSATION_ID, Recipient


class RecipientError(RefusedError):
    """The recipient's conversation could not be found. Nothing was written or sent."""


def checked(meant: Recipient, region: str, *, is_looked_up: bool = False) -> Recipient:
    """The recipient as they were named, by a phone as it is dialled from anywhere; all that can be told without an API.

    Args:
        meant: As somebody typed it.
        region: The country of a phone that is written without one, as two letters.
        is_looked_up: The API will be asked for the phone. Whether one in international form is in use is then its
            to say: what judges that takes long to load.

    Raises:
        RecipientError: There can be nobody of that name: nobody may be written to by mistake.
    """
    if meant.conversation and not re.fullmatch(CONVERSATION_ID, meant.conversation):
        message = f"--conversation: {meant.conversation[:40]!r} is not the id of a conversation"
        raise RecipientError(message, "copy the id from Kapso, or name them by --phone")
    if is_looked_up and re.fullmatch(r"\+[1-9][0-9]{6,14}", phone := undotted(meant.phone)):
        meant = meant._replace(phone=phone)
    elif meant.phone:
        meant = dialled(meant, region)
    if not meant.user_id:
        return meant
    from flowrunner.phones.user_ids import user_id

    if not isinstance(read := user_id(meant.user_id), str):
        raise RecipientError(f"--user-id: {read.message}", read.hint)
    return meant._replace(user_id=read)


def dialled(meant: Recipient, region: str = "") -> Recipient:
    """The recipient, with the phone as it is dialled from anywhere.

    Raises:
        RecipientError: It is no such phone: nobody may be written to by mistake.
    """
    from flowrunner.phones.numbers import Phones  # who is named by a conversation needs none of it

    phone = Phones(region).read(meant.phone)
    if not isinstance(phone, str):
        raise RecipientError(f"--phone: {phone.message}", phone.hint)
    return meant._replace(phone=phone)


def undotted(phone: str) -> str:
    """A phone without the signs that people part its digits by."""
    return "".join(sign for sign in phone if sign not in " -()./")
