"""What happens in the emulator."""

from typing import Literal, NamedTuple


class Change(NamedTuple):
    """Something happened that is not just time passing; ids are empty where none belongs."""

    kind: Literal["conversation", "message", "faults", "reset"]
    conversation_id: str = ""
    message_id: str = ""
