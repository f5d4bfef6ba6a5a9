"""A flow rendered for one recipient."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flowrunner.model.flows import Flow
from flowrunner.model.plain import NOTHING, Json, compact
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


class Sample(NamedTuple):
    """What a person may answer, so that a branch is taken.

    Attributes:
        kind: As `Inbound.kind`: ``text``, ``button``, ``image``; empty for silence.
        text: What they see themselves write: a text, or the title of what they tap.
    """

    kind: str = ""
    text: str = ""


class Rendering(NamedTuple):
    """A flow rendered for one recipient.

    Attributes:
        actions: One action for each step of the path that is shown, in order: the first answer to each question, or the
            one that was asked for.
        acts: What becomes of every step of every branch that can be reached, in the order of the flow, by address
            (``3.a2.1``, ``3.r1``, ``3.g1``, ``5#2.1``, ``6/1``, ``@2.1``); empty where nothing depends on an answer.
        depends: By address: the questions, as a person calls them, on whose answers it depends what the step sends, or
            whether it sends at all, besides its being in that branch; only of steps where that is so.
        samples: By the address of a question's branch (``3.a2``, ``3.o``, ``3.n``, ``@2``): what leads there.
        taken: By the address of a question: the branch that the path takes, ``a2``, ``o``, ``n`` or ``any``.
    """

    flow: Flow
    recipient: Recipient
    variables: tuple[Variable, ...]
    now: str
    actions: tuple[Action, ...]
    acts: Mapping[str, Action] = NOTHING
    depends: Mapping[str, tuple[str, ...]] = NOTHING
    samples: Mapping[str, Sample] = NOTHING
    taken: Mapping[str, str] = NOTHING

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages that will be sent, in order."""
        return tuple(action for action in self.actions if isinstance(action, Message))
