"""The steps of a flow, one class a verb. What belongs to a verb beside its values is in `flowrunner.flow.steps`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from flowrunner.model.plain import NOTHING, Json
from flowrunner.model.replies import EndHow, Reply

if TYPE_CHECKING:
    from flowrunner.model.flows import Input

Status = Literal["accepted", "sent", "delivered", "read"]
"""How far a message has come, in this order. `accepted` is the API's yes; the others are the phone network's."""

OnTimeout = Literal["continue", "stop"]
"""What happens when a message does not come as far as it should in time."""


class MessageStep(NamedTuple):
    """A message to be sent.

    Attributes:
        address: Its path in the flow, ``"3"`` for the third step; stays the same while the flow's text does.
        route: Where it stands in the file: ``("steps", 2)``.
        id: The author's name for it, or an empty string.
        when: The condition's source text, or its value where it is a plain true or false; None where there is none.
        message: The fields under ``message``, typed by the message spec, expressions unrendered.
        until: How far the message must have come before the next step begins; None lets the run decide.
        timeout: Seconds to wait for that; None for the run's default.
        on_timeout: What to do then; None for the run's default.
        reply: What may be answered to it; None where nothing is listened for.
        key: The key of its entry that holds the message: ``again`` where a question is put again.
    """

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    message: Mapping[str, Json] = NOTHING
    until: Status | None = None
    timeout: float | None = None
    on_timeout: OnTimeout | None = None
    reply: Reply | None = None
    key: str = "message"

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its address."""
        return self.id or self.address


class PauseStep(NamedTuple):
    """A time to wait before the next step: ``seconds``. The other attributes are those of every step."""

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its address."""
        return self.id or self.address


class Branch(NamedTuple):
    """One branch of a choice.

    Attributes:
        address: ``"4.c1"`` for the first of step 4.
        route: Where it stands in the file.
        when: Its condition.
        steps: What is done where it is the first that holds.
    """

    address: str
    route: tuple[str | int, ...]
    when: Json
    steps: "tuple[Step, ...]" = ()


class ChooseStep(NamedTuple):
    """A choice: the steps of the first branch whose condition holds, else ``otherwise``.

    The other attributes are those of every step.
    """

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    branches: tuple[Branch, ...] = ()
    otherwise: "tuple[Step, ...]" = ()

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its address."""
        return self.id or self.address


class ForEachStep(NamedTuple):
    """The same steps for each item of a list. The other attributes are those of every step.

    Attributes:
        item: The name that the item has in the steps.
        items: The expression's source text, ``{{ items }}``; or the list itself, which may hold expressions.
        steps: Their addresses begin with ``5#.``; the second turn's are ``5#2.``: see `at_turn`.
    """

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    item: str = ""
    items: Json = ""
    steps: "tuple[Step, ...]" = ()

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its address."""
        return self.id or self.address


class IncludeStep(NamedTuple):
    """The steps of another file, which sees its own inputs alone. The other attributes are those of every step.

    Attributes:
        file: Its name in the bundle.
        given: What its inputs are given, as written: texts with expressions, or plain values.
        inputs: What the file declares.
        steps: Their addresses begin with ``6/``; their routes are those in that file.
    """

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    file: str = ""
    given: Mapping[str, Json] = NOTHING
    inputs: "Mapping[str, Input]" = NOTHING
    steps: "tuple[Step, ...]" = ()

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its address."""
        return self.id or self.address


class EndStep(NamedTuple):
    """The run ends here. The other attributes are those of every step.

    Attributes:
        how: What it has come to.
        reason: The author's words for it, for reports; empty for none.
    """

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    how: EndHow = "finished"
    reason: str = ""

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its address."""
        return self.id or self.address


Step = MessageStep | PauseStep | ChooseStep | ForEachStep | IncludeStep | EndStep
"""One entry of a flow, as its author wrote it."""
