"""What happens in the emulator, and who is told of it."""

from collections.abc import Callable
from typing import Generic, Literal, NamedTuple, TypeVar

What = TypeVar("What")


class Change(NamedTuple):
    """Something happened that is not just time passing; ids are empty where none belongs."""

    kind: Literal["conversation", "message", "faults", "reset"]
    conversation_id: str = ""
    message_id: str = ""


class Listeners(Generic[What]):
    """Those who want to be told of one sort of thing."""

    def __init__(self) -> None:
        self._callbacks: list[Callable[[What], object]] = []

    def subscribe(self, callback: Callable[[What], object]) -> Callable[[], None]:
        """Call ``callback`` each time, in the thread in which it happens; the function returned ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def tell(self, what: What) -> None:
        """Tell all of them."""
        for callback in tuple(self._callbacks):
            callback(what)
