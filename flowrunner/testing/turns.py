"""The turns of a test's chat, each with its place in the file, so that a failure can point at it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from flowrunner.diagnostics import Location
from flowrunner.model.plain import NOTHING, Json

PredicateKind = Literal["equals", "contains", "matches", "starts", "one_of", "exists", "length", "min", "max"]
"""What can be asked of a value."""


class Predicate(NamedTuple):
    """One thing that is asked of a value.

    Attributes:
        kind: How ``value`` is held against it: ``matches`` is a regular expression found anywhere in it; ``length``
            counts the characters of a text, the items of a list; ``exists: false`` says that it is not there.
        value: What is wanted, as the file has it: text as typed (`flowrunner.source.Plain` where YAML reads it as a
            number), a list for ``one_of``, a number for ``length``, ``min``, ``max``, True or False for ``exists``.
        at: Where it stands.
    """

    kind: PredicateKind
    value: Json
    at: Location


class Check(NamedTuple):
    """What is asked of one value of a message, or of what a run has come to.

    Attributes:
        route: Which: ``("buttons", 0, "title")`` of a message as posted; ``("text",)`` is what is read of it, its
            content, body_text or caption. Of variables, ``("company", "text")``; of counts, ``("messages",)``.
        predicates: All must hold.
        at: Where it stands, its key where it has one.
    """

    route: tuple[str | int, ...]
    predicates: tuple[Predicate, ...]
    at: Location


class Bot(NamedTuple):
    """The flow sends a message, or ``many`` of them.

    Attributes:
        checks: What is asked of it; none where it may be any.
    """

    at: Location
    checks: tuple[Check, ...] = ()
    many: int = 1


SaidKind = Literal["text", "tap", "choose", "send", "location", "react", "form"]
"""What a customer does."""


class Said(NamedTuple):
    """One thing that the customer writes or does.

    Attributes:
        kind: What it is.
        value: A text; the id or title of a button (``tap``) or row (``choose``); a kind of media, such as ``image``;
            ``[latitude, longitude]``; an emoji; what is filled into a form, by name.
        at: Where it stands.
        about: The label of the step whose latest message it quotes, reacts to or taps; empty for the last message, and
            where a text quotes none.
        text: The caption of what is sent.
        more: What else is told: the ``filename`` of a document, the ``name`` and ``address`` of a place.
    """

    kind: SaidKind
    value: Json
    at: Location
    about: str = ""
    text: str = ""
    more: Mapping[str, Json] = NOTHING


class Customer(NamedTuple):
    """The customer says ``said``; several things come within the time in which they are one answer."""

    at: Location
    said: tuple[Said, ...]


class Wait(NamedTuple):
    """Time passes, in which whatever falls due must be named by the turns that follow ``wait`` up to its end."""

    at: Location
    seconds: float


class Until(NamedTuple):
    """Like `Wait`, to a moment: by the recipient's clock where it has no offset."""

    at: Location
    moment: datetime


class Silence(NamedTuple):
    """Time passes, in which nothing may be sent."""

    at: Location
    seconds: float


class Status(NamedTuple):
    """The phone network tells of a message.

    Attributes:
        of: The label of its step, the latest of it; empty for the last message.
        status: What became of it.
        code: WhatsApp's code of why it failed; 0 for none.
    """

    at: Location
    of: str
    status: Literal["sent", "delivered", "read", "failed"]
    code: int = 0


class Fault(NamedTuple):
    """The API misbehaves from here on: a fault as `flowrunner.emulator.api.faults.fault_from` takes it."""

    at: Location
    fault: Mapping[str, Json] = NOTHING


class Crash(NamedTuple):
    """The process dies, and another goes on from the journal.

    Attributes:
        when: ``now``; or at the next message: before its request leaves (what was begun is committed), after it was
            answered (what came of it is not), or before what was begun is committed.
    """

    at: Location
    when: Literal["now", "before request", "after request", "before commit"] = "now"


class Window(NamedTuple):
    """The 24 hours in which free text is taken have ended; or are open again."""

    at: Location
    is_open: bool


class Note(NamedTuple):
    """A word to whoever reads the test; shown in a failure."""

    at: Location
    text: str


Turn = Bot | Customer | Wait | Until | Silence | Status | Fault | Crash | Window | Note
"""One entry of a chat."""
