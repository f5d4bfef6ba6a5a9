"""A flow rendered for one recipient."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flowrunner.model.flows import Flow
from flowrunner.model.plain import Json, compact
from flowrunner.model.recipients import Recipient
from flowrunner.model.steps import MessageStep, PauseStep, Step
from flowrunner.model.templates import Template


class Message(NamedTuple):
    """A message step rendered and checked.

    Attributes:
        step: The step it came from.
        body: The message in the flow's own words, whatever API it goes to.
        text: ``body`` as JSON text without spaces; what journals have a digest of.
        encode: Writes a body as its API takes it, see `flowrunner.dialects.Dialect.encode`.
        template: What WhatsApp makes the message of, where it names a template of the account that is known.
    """

    step: MessageStep
    body: Mapping[str, Json]
    text: str
    encode: Callable[[Mapping[str, Json]], str] = compact
    template: Template | None = None

    @property
    def wire(self) -> str:
        """The very text that goes on the wire (JSON without spaces, UTF-8 when encoded)."""
        return self.encode(self.body)


class Skipped(NamedTuple):
    """A step that is left out, and why."""

    step: Step
    reason: str


class Pause(NamedTuple):
    """A pause step: ``seconds`` to wait before the next one."""

    step: PauseStep
    seconds: float


class Passed(NamedTuple):
    """A step that sends nothing and waits for nothing."""

    step: Step


Action = Message | Skipped | Pause | Passed
"""What becomes of one step in one run."""


class Variable(NamedTuple):
    """One variable's value and where it came from (``--var name``, ``default``, ``example``, ``vars.yaml:3:1``)."""

    name: str
    value: Json
    origin: str


class Rendering(NamedTuple):
    """A flow rendered for one recipient: one action for each step, in order."""

    flow: Flow
    recipient: Recipient
    variables: tuple[Variable, ...]
    now: str
    actions: tuple[Action, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that will be sent, in order."""
        return tuple(action for action in self.actions if isinstance(action, Message))
