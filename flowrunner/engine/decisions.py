"""What may come next in a run, as values: what `flowrunner.engine.decide` gives, and delivery carries out."""

from typing import Literal, NamedTuple

from flowrunner.engine.history.answered import Answered
from flowrunner.model import Message, MessageStep, OnTimeout, PauseStep, Step


class Send(NamedTuple):
    """Hand the message over: it surely is not with its recipient.

    Attributes:
        unless_replied: Only while nothing was answered to that question: the conversation is looked at once more just
            before it leaves, and what is heard there is written down instead. None for every message but a reminder.
    """

    message: Message
    unless_replied: MessageStep | None = None


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


class WaitForReply(NamedTuple):
    """Wait for what the person writes.

    Attributes:
        step: The question.
        until: When something is to be done even if nothing is heard: a reminder, the end of ``within``, or that no
            further text came within ``settle``. Seconds since the epoch.
    """

    step: MessageStep
    until: float


class TakeAnswer(NamedTuple):
    """Write down what was heard, or that nothing was, as the answer to a question; see `flowrunner.engine.answers`.

    Attributes:
        step: The question; None for what is looked at anytime.
        answered: What it was taken for.
        unless_replied: It is silence: the conversation is looked at once more before it is written down.
    """

    step: MessageStep | None
    answered: Answered
    unless_replied: bool = False


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
        how: ``finished``, ``opted_out`` or ``handed_over``; ``cancelled``; or ``changed``: what was begun of ``step``
            is not what it would send now.
        reason: The author's words for it, or what was written that led there; empty for none.
    """

    how: Literal["finished", "opted_out", "handed_over", "cancelled", "changed"]
    step: Step | None = None
    reason: str = ""


Decision = Send | Reconcile | WaitForStatus | WaitForMoment | WaitForReply | TakeAnswer | LookAtWindow | Skip | End
