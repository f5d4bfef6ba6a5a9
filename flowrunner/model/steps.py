"""The steps of a flow, one class a verb. What belongs to a verb beside its values is in `flowrunner.flow.steps`."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from flowrunner.model.plain import NOTHING, Json

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
    """

    address: str
    route: tuple[str | int, ...]
    id: str = ""
    when: Json = None
    message: Mapping[str, Json] = NOTHING
    until: Status | None = None
    timeout: float | None = None
    on_timeout: OnTimeout | None = None

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


Step = MessageStep | PauseStep
"""One entry of a flow, as its author wrote it."""
