"""What crosses the journal's interface, beside the values of `flowrunner.model`."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from flowrunner.model import Json, Recipient, Run

RunState = Literal["unfinished", "finished", "failed", "in_doubt", "cancelled"]
"""Where a run stands, by the last of its events that says so; a cancelled one may still come to an end in flight."""

Standing = Literal["new", "waiting", "held", "undelivered", "left_out", RunState]
"""The same, told apart further; for a caller `new`, `waiting` and `held` are unfinished too.

``new`` is a campaign's run before its first event. ``waiting`` is one in a pause step, ``held`` one that was told to
wait outside of its steps; both until their ``wake_at``. ``undelivered`` is one that reached its end, and of which it
was learnt afterwards that a message did not arrive, ``left_out`` one that ended before its first message; for a caller
both are finished.
"""

OPEN: Final[tuple[Standing, ...]] = ("new", "unfinished", "waiting", "held", "in_doubt")
"""Whose run is still to be carried out to its end; who failed is not."""


class RunRecord(NamedTuple):
    """A run as the journal knows it.

    Attributes:
        state: What the last event says, else ``unfinished``: running somewhere or stopped. A process that died in the
            middle of a send leaves ``unfinished`` and an open step.
        may_have_had: Whether its person had anything of it, or may have: what `may_have_had` says of its events.
        updated_at: When its last event was, else when it began; seconds since the epoch.
        undelivered: It is finished, and afterwards it was learnt that a message did not arrive.
        again: It was begun although its person may have had the flow before.
    """

    run: Run
    state: RunState
    may_have_had: bool
    updated_at: float
    undelivered: bool
    again: bool


class Sent(NamedTuple):
    """A message of ours that was begun in a conversation, or taken there.

    Attributes:
        message_id: The API's id; empty where it was begun.
    """

    run: str
    step: str
    message_id: str


class Followed(NamedTuple):
    """A run with messages that may still come further.

    Attributes:
        has_ended: It reached its end: nothing that is learnt can change how it goes on.
        messages: The API's id of each -> its step's address, and how far it has come, as in ``RANKS``.
    """

    run_id: str
    conversation: str
    has_ended: bool
    messages: Mapping[str, tuple[str, int]]


class Claim(NamedTuple):
    """The right to send to one conversation.

    Attributes:
        conversation: The key the caller chose.
        owner: Who holds it: one worker, never two.
        epoch: 1 at first, one more whenever it goes to another owner; what fences off a late one.
        until: From then on another owner may take it, on the clock of `flowrunner.clock.Clock.up`: what is counted by
            the wall ends early or late when that is set.
    """

    conversation: str
    owner: str
    epoch: int
    until: float


class Busy(NamedTuple):
    """Another owner holds the conversation, until then unless it renews."""

    owner: str
    until: float


class Beginning(NamedTuple):
    """One run of a campaign, before it begins.

    Attributes:
        run_id: Its id; ids that rise with the line are written fastest.
        line: Its line in the audience's file.
        zone: The IANA name of the recipient's time zone; empty where it does not matter.
    """

    run_id: str
    recipient: Recipient
    variables: Mapping[str, Json]
    line: int
    zone: str = ""


class Omission(NamedTuple):
    """Somebody who was left out before any run of theirs began, and why."""

    line: int
    recipient: Recipient
    state: Literal["skipped", "invalid"]
    reason: str


class Member(NamedTuple):
    """One run of a campaign.

    Attributes:
        key: Its place in the order of the audience; what a page ends at.
        line: Its line in the audience's file.
        standing: ``new`` before its first event, else what the last of its events makes of it.
        zone: As it was begun with.
    """

    key: int
    line: int
    standing: Standing
    run: Run
    zone: str = ""
