"""The values that cross the walls between rooms. All are frozen; none does any work.

Named tuples, not data classes: making 22 data classes costs every start as much as the interpreter itself.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

Json = Any
"""Plain data: dict, list, str, int, float, bool or None."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

Status = Literal["accepted", "sent", "delivered", "read"]
"""How far a message has come, in this order. `accepted` is the API's yes; the others are the phone network's."""

OnTimeout = Literal["continue", "stop"]
"""What happens when a message does not come as far as it should in time."""


class Input(NamedTuple):
    """One declared input of a flow: a JSON Schema fragment with an optional default and example."""

    name: str
    schema: Mapping[str, Json]
    has_default: bool = False
    default: Json = None
    has_example: bool = False
    example: Json = None


class Step(NamedTuple):
    """One entry of a flow, as its author wrote it.

    Attributes:
        address: Its path in the flow, ``"3"`` for the third step; stays the same while the flow's text does.
        verb: ``message`` or ``pause``.
        position: 0-based place in the list it stands in.
        id: The author's name for it, or an empty string.
        when: The condition's source text, or None.
        message: The fields under ``message``, typed by the message spec, expressions unrendered.
        pause: Seconds to wait, for the verb ``pause``.
        until: How far the message must have come before the next step begins; None lets the runner decide.
        timeout: Seconds to wait for that; None for the runner's default.
        on_timeout: What to do then; None for the runner's default.
    """

    address: str
    verb: Literal["message", "pause"]
    position: int
    id: str = ""
    when: Json = None
    message: Mapping[str, Json] = _NOTHING
    pause: float = 0.0
    until: Status | None = None
    timeout: float | None = None
    on_timeout: OnTimeout | None = None

    @property
    def label(self) -> str:
        """What a person calls this step: its id, else its number."""
        return self.id or self.address


class Flow(NamedTuple):
    """One flow file, checked.

    Attributes:
        path: The file as it was named.
        text: The file's whole text; a run keeps it, so that `resume` does not depend on the file.
        digest: SHA-256 of ``text`` in hexadecimal.
    """

    path: str
    text: str
    digest: str
    name: str
    description: str
    inputs: Mapping[str, Input]
    steps: tuple[Step, ...]


CONVERSATION_ID: Final = r"(?!\.+$)[A-Za-z0-9_.:~-]{1,200}"
"""What a conversation's id looks like: it stands in the API's paths."""


class Recipient(NamedTuple):
    """Whom a run is for. ``conversation`` is the API's id; ``phone`` is in international form, or empty."""

    conversation: str = ""
    phone: str = ""


EXAMPLE_RECIPIENT: Final = Recipient(conversation="example", phone="+5215512345678")
"""Who stands in where a preview has no recipient."""


class Message(NamedTuple):
    """A message step rendered and checked.

    Attributes:
        step: The step it came from.
        body: Exactly the object posted as ``message``.
        wire: ``body`` as the very text that goes on the wire (JSON without spaces, UTF-8 when encoded).
    """

    step: Step
    body: Mapping[str, Json]
    wire: str


class Skipped(NamedTuple):
    """A step that is left out, and why."""

    step: Step
    reason: str


class Pause(NamedTuple):
    """A pause step: ``seconds`` to wait before the next one."""

    step: Step
    seconds: float


Action = Message | Skipped | Pause
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


class Run(NamedTuple):
    """One flow for one recipient, with all that is needed to render it again to the same bytes.

    Attributes:
        id: Short and unique; what `runs` and `resume` take.
        target: The API's base URL, or ``emulator`` for the embedded one.
        variables: The values that were given, by name (defaults not filled in).
        now: The moment the run began, ISO 8601 with offset; what ``now`` is in expressions.
        created_at: The same moment in seconds since the epoch.
    """

    id: str
    flow_name: str
    flow_path: str
    flow_digest: str
    flow_text: str
    recipient: Recipient
    target: str
    variables: Mapping[str, Json]
    now: str
    created_at: float


class EventKind(StrEnum):
    """The facts of a run. `begun` is written before a request leaves; the rest are what followed.

    `waited` ends the wait for a status, whether it came or not; after `cancelled` nothing of the run is ever sent.
    """

    BEGUN = "begun"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    RETRYING = "retrying"
    WAITED = "waited"
    PAUSED = "paused"
    SKIPPED = "skipped"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class Event(NamedTuple):
    """One fact of a run.

    Attributes:
        run: The run's id.
        step: The step's address; empty for a fact of the whole run.
        at: Seconds since the epoch.
        message_id: The API's id of the message, once there is one.
        detail: What else belongs to it, plain data: ``reason``, ``hint``, ``status``, ``code``, ``wake_at``, ...
    """

    kind: EventKind
    run: str
    at: float
    step: str = ""
    message_id: str = ""
    detail: Mapping[str, Json] = _NOTHING


class Campaign(NamedTuple):
    """One flow for one audience, with all that is needed to go on with it.

    Attributes:
        audience: The name of the file its recipients came from.
        total: How many recipients it has.
        options: What was asked for and decides how it goes on, plain data.
    """

    id: str
    flow_name: str
    flow_path: str
    flow_digest: str
    flow_text: str
    target: str
    now: str
    created_at: float
    audience: str
    total: int
    options: Mapping[str, Json] = _NOTHING


class StepTally(NamedTuple):
    """What became of one step, over a whole audience. Who was read was delivered, and sent, and accepted."""

    step: str
    label: str
    what: str
    accepted: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    in_doubt: int = 0
    skipped: int = 0


class Fate(NamedTuple):
    """What became of one recipient.

    Attributes:
        row: The line in the audience's file; 0 where there is none.
        state: ``finished``, ``failed``, ``in_doubt``, ``running``, ``waiting``, ``paused``, ``held``,
            ``cancelled``, ``skipped`` or ``invalid``.
        step: The label of the last step that was reached.
        status: How far its message has come.
        reason: Why it failed, is in doubt or was left out.
        variables: A value for each input; nothing for those who were left out before any run of theirs.
        timezone: The IANA name of their time zone, where the campaign asked for it.
    """

    run: str
    recipient: Recipient
    row: int
    state: str
    step: str = ""
    status: str = ""
    reason: str = ""
    updated_at: float = 0.0
    variables: Mapping[str, Json] = _NOTHING
    timezone: str = ""


class CampaignReport(NamedTuple):
    """What became of a campaign.

    Attributes:
        states: How many recipients are in each state.
        reasons: Why recipients failed, with how many, the most frequent first.
        timeline: Start of a span in seconds since the epoch, messages accepted in it, messages failed in it.
        fates: Every recipient, in the order of the audience; perhaps a million, read as they are asked for.
        troubled: Those of them who failed or are in doubt.
    """

    campaign: Campaign
    tallies: tuple[StepTally, ...]
    states: Mapping[str, int]
    reasons: tuple[tuple[str, int], ...]
    timeline: tuple[tuple[float, int, int], ...]
    started: float
    updated: float
    fates: Iterable[Fate]
    troubled: Iterable[Fate] = ()
