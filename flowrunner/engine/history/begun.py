"""When a message was begun, as its event keeps it: on a clock that lasts, and on the API's as far as that is known."""

from typing import NamedTuple

from flowrunner.clock import Stamp
from flowrunner.model import Event


class Span(NamedTuple):
    """The API's clock at a moment of ours: not before ``low``, not after ``high``, in seconds since the epoch.

    Attributes:
        stored: By what the API wrote into a message, not by an answer's ``Date``, which a proxy may have put there.
    """

    low: float
    high: float
    stored: bool


class Begun(NamedTuple):
    """The moment before a request left, or at which a pause began.

    Attributes:
        at: None where an older flowrunner wrote it down.
        api: The same moment by the API's clock; None where no answer had told of that yet.
        digest: Of the message, as `flowrunner.engine.decide.digest_of` gives it; empty for a pause.
        by_phone: It went to a phone, and the API chose or opened the conversation.
    """

    at: Stamp | None = None
    api: Span | None = None
    digest: str = ""
    by_phone: bool = False


def begun(event: Event) -> Begun:
    """What a `begun` or `paused` event keeps of its moment."""
    digest = event.detail.get("digest")
    its, by_phone = digest if isinstance(digest, str) else "", event.detail.get("by_phone") is True
    match event.detail.get("clock"):
        case [str(boot), int() | float() as up]:
            return Begun(Stamp(boot, up), span_of(event), its, by_phone)
        case _:
            return Begun(digest=its, by_phone=by_phone)


def span_of(event: Event) -> Span | None:
    """The moment of an event by the API's clock; None where nothing had told of that yet."""
    for name in ("stored", "api"):
        match event.detail.get(name):
            case [int() | float() as low, int() | float() as high]:
                return Span(low, high, stored=name == "stored")
    return None
