"""What may be answered to a message, and what is done then."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from flowrunner.model.plain import NOTHING, Json

if TYPE_CHECKING:
    from flowrunner.model.steps import MessageStep, Step

Expect = Literal[
    "choice",
    "text",
    "number",
    "integer",
    "date",
    "time",
    "email",
    "phone",
    "yes_no",
    "location",
    "media",
    "form",
    "any",
]
"""What an answer is read as."""

MatchKind = Literal["button", "row", "text", "words", "matches", "number", "media"]
"""What an answer is held against."""

SETTLE: Final = 2.0
"""Seconds within which texts belong together, where nothing else is said."""


class Match(NamedTuple):
    """One thing that an answer may be.

    Attributes:
        kind: What is looked at.
        value: An id for ``button`` and ``row``; texts for ``text`` and ``words``; a pattern for ``matches``; an object
            with ``min`` or ``max`` for ``number``; a kind of message, such as ``image``, for ``media``.
        route: Where it stands in the file.
    """

    kind: MatchKind
    value: Json
    route: tuple[str | int, ...] = ()


class Answer(NamedTuple):
    """One branch of a question: the first whose answer it is, is taken.

    Attributes:
        address: ``"3.a2"`` for the second of step 3.
        route: Where it stands in the file.
        name: What it is called: the id of a button or row, the first of the texts, else ``a2``.
        matches: Any of them is enough; none where ``when`` alone decides.
        when: A condition that must hold, too; None where there is none.
        steps: What is done then.
    """

    address: str
    route: tuple[str | int, ...]
    name: str
    matches: tuple[Match, ...] = ()
    when: Json = None
    steps: "tuple[Step, ...]" = ()


class Reminder(NamedTuple):
    """A message that is sent while nothing was answered, ``after`` seconds; its step's address is ``3.r1``."""

    after: float
    step: "MessageStep"


class Again(NamedTuple):
    """The question put again where something else was said.

    Attributes:
        steps: What is said each time; their addresses are ``3.g1``, ``3.g2`` and so on.
        then: What is done once all of them were said.
    """

    steps: "tuple[MessageStep, ...]"
    then: "tuple[Step, ...]"


class Reply(NamedTuple):
    """What may be answered to a message.

    Attributes:
        route: Where it stands in the file.
        within: Seconds from the message's acceptance; then ``no_reply`` is done.
        expect: What an answer is read as.
        remind: In order of ``after``.
        answers: The first that is met is taken; with none, anything that can be read as ``expect`` says.
        otherwise: What is done where none is met: the question put again, or other steps; None where nothing is said of
            that: with ``answers`` the flow goes on, without them whatever is written is an answer.
        no_reply: What is done after silence; the flow goes on afterwards.
        settle: Seconds within which several texts are one answer.
        late: What a tap on an older message's button is: no answer, or one.
        typed: Whether a button or row is also met by its typed title or number.
    """

    route: tuple[str | int, ...]
    within: float
    expect: Expect = "any"
    remind: tuple[Reminder, ...] = ()
    answers: tuple[Answer, ...] = ()
    otherwise: "Again | tuple[Step, ...] | None" = None
    no_reply: "tuple[Step, ...]" = ()
    settle: float = SETTLE
    late: Literal["ignore", "accept"] = "ignore"
    typed: bool = True


EndHow = Literal["finished", "opted_out", "handed_over"]
"""How a run may end by its flow's own words."""


class Anytime(NamedTuple):
    """What is looked at before a question's answers, whenever somebody writes while a run is open.

    Attributes:
        address: ``"@2"`` for the second.
        route: Where it stands in the file.
        matches: Any of them is enough.
        steps: What is done then, before the run ends.
        end: How it ends.
    """

    address: str
    route: tuple[str | int, ...]
    matches: tuple[Match, ...]
    steps: "tuple[Step, ...]" = ()
    end: EndHow = "finished"


class Inbound(NamedTuple):
    """What a person wrote, whatever API tells of it.

    Attributes:
        id: WhatsApp's id of it (``wamid...``) where the API tells that, else the API's own.
        at: When it was written, in seconds since the epoch, by the API's clock.
        kind: ``text``, ``button``, ``row``, ``form``, ``image``, ``video``, ``audio``, ``sticker``, ``document``,
            ``location``, ``contacts``, ``reaction``, ``edited``, ``deleted`` or ``unknown``; a tap is a ``button``,
            too, where the API does not tell a button from a row.
        text: What was written; a caption; the title of what was tapped; a reaction's emoji, empty where it was taken
            back.
        choice: The id of the button or row that was tapped; a template's quick reply has its payload there. Empty where
            the API does not tell.
        context: WhatsApp's id of the message that it answers, reacts to, edits or deletes; empty where there is none.
        other_id: The API's own id, where ``id`` is WhatsApp's and they differ.
        data: What else is known: ``media_id``, ``url``, ``mime_type``, ``filename``, ``voice`` of media; ``latitude``,
            ``longitude``, ``name``, ``address`` of a location; ``response`` of a form; ``contacts``.
    """

    id: str
    at: float
    kind: str
    text: str = ""
    choice: str = ""
    context: str = ""
    other_id: str = ""
    data: Mapping[str, Json] = NOTHING
