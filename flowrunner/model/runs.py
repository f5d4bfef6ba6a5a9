"""One flow for one recipient, and the facts of it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from flowrunner.model.flows import Bundle
from flowrunner.model.plain import NOTHING, Json
from flowrunner.model.recipients import Recipient


class Run(NamedTuple):
    """One flow for one recipient, with all that is needed to render it again to the same bytes.

    Attributes:
        id: Short and unique; what `runs` and `resume` take.
        target: The API's base URL, or ``emulator`` for the embedded one.
        variables: The values that were given, by name (defaults not filled in).
        now: The moment the run began, ISO 8601 with offset; what ``now`` is in expressions.
        created_at: The same moment in seconds since the epoch.
        listens: Whether its flow hears what its person writes, see `flowrunner.model.Flow`.
    """

    id: str
    flow_name: str
    bundle: Bundle
    recipient: Recipient
    target: str
    variables: Mapping[str, Json]
    now: str
    created_at: float
    listens: bool = False


class EventKind(StrEnum):
    """The facts of a run. `begun` is written before a request leaves; the rest are what followed.

    `waited` ends the wait for a status, whether it came or not; `window` is what the API said of the recipient's
    24 hours when a step asked; after `cancelled` nothing of the run is ever sent.

    Of a flow that listens: `asked` parks the run at a question, until ``wake_at``; `heard` is something that its person
    wrote, by whoever learnt of it first; `answered` is what that, or silence, was taken for; `opted_out` and
    `handed_over` end the run.

    What an API tells of a message unasked is one of `sent`, `delivered`, `read` or, marked ``learnt``, `failed`; with
    WhatsApp's id of it under ``wamid``, where the API took it with one of its own.
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
    WINDOW = "window"
    SKIPPED = "skipped"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    ASKED = "asked"
    HEARD = "heard"
    ANSWERED = "answered"
    OPTED_OUT = "opted_out"
    HANDED_OVER = "handed_over"


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
    detail: Mapping[str, Json] = NOTHING


class Told(NamedTuple):
    """What an API told of a message without being asked.

    Attributes:
        ids: Every id that it told of it: the API's own, WhatsApp's.
        kind: How far it has come: `sent`, `delivered`, `read` or `failed`.
        at: When, in seconds since the epoch by the API's clock; 0.0 where it did not tell.
        reason: Why it failed.
        reference: What it was posted with, see `flowrunner.dialects.Dialect.post`; empty where the API did not tell.
    """

    ids: tuple[str, ...]
    kind: EventKind
    at: float = 0.0
    reason: str = ""
    reference: str = ""
