"""What can be wrong with a journal, and with the right to write to it."""

from flowrunner.diagnostics.errors import RefusedError


class JournalError(RefusedError):
    """The journal cannot be used; what was durable before stays. Its message names the journal.

    Raised by a write, it means that the rows of this call are not known to be on disk.
    """


class JournalAwayError(JournalError):
    """It may be over soon: another program holds the journal, or the disk is full."""


class OptedOut(Exception):  # noqa: N818 - not a fault: the person is in the right
    """Somebody wants to be written to no more; nothing was written, and nothing may be sent to them."""


class CalledOff(Exception):  # noqa: N818 - not a fault: somebody wants it so
    """A run was cancelled, or its campaign was; nothing was written, and no message of it may be begun."""


class HeardMore(Exception):  # noqa: N818 - not a fault: somebody has something to say
    """The person of a run has written more than was taken into account; nothing was written."""


class LostClaim(Exception):  # noqa: N818 - not a fault: the other owner is in the right
    """Another owner has taken the conversation; nothing was written, and nothing more may be sent to it.

    Attributes:
        conversation: The key that was claimed.
    """

    def __init__(self, conversation: str) -> None:
        super().__init__(f"another process has taken over conversation {conversation}")
        self.conversation = conversation
