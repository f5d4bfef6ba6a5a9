"""Who is told when something happens in the emulator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened that is not just time passing; ids are empty where none belongs."""

    kind: Literal["conversation", "message", "faults", "reset"]
    conversation_id: str = ""
    message_id: str = ""


class Changes:
    """Tells its listeners of changes."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Change], None]] = []

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` after each change, in the thread that made it; calling the answer ends that.

        Statuses move with the clock alone and are not told.
        """
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _tell(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)
