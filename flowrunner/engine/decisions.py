"""What may come next in a run, as values: what `flowrunner.engine.decide` gives, and delivery carries out."""

from typing import Literal, NamedTuple

from flowrunner.model import Message, MessageStep, OnTimeout, PauseStep, Step


class Send(NamedTuple):
    """Hand the message over: it surely is not with its recipient."""

    message: Message


class Reconcile(NamedTuple):
    """Find out whether the message was taken. None: the run as a whole is in doubt, part of its journal was lost."""

    message: Message | None


class WaitForStatus(NamedTuple):
    """Wait until the message has come as far as ``rank`` (as in `RANKS`), for ``timeout`` seconds."""

    step: MessageStep
    rank: int
    timeout: float
    on_timeout: OnTimeout


class WaitForMoment(NamedTuple):
    """Wait for the end of a pause.

    Attributes:
        until: Seconds since the epoch.
        left: Seconds that are left of it; never more than the pause has.
    """

    step: PauseStep
    until: float
    left: float


class LookAtWindow(NamedTuple):
    """Ask whether the recipient may be sent free text, and write it down: the step depends on it."""

    step: Step


class Skip(NamedTuple):
    """Write down that the step is left out, and why."""

    step: Step
    reason: str


class End(NamedTuple):
    """Nothing comes next.

    Attributes:
        how: ``finished``; ``cancelled``; or ``changed``: what was begun of ``step`` is not what it would send now.
    """

    how: Literal["finished", "cancelled", "changed"]
    step: Step | None = None


Decision = Send | Reconcile | WaitForStatus | WaitForMoment | LookAtWindow | Skip | End
