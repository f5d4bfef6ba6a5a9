"""What to do with a message that was perhaps taken."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from flowrunner.delivery.session import Tell
from flowrunner.model import Message

Policy = Literal["reconcile", "stop", "ask", "resend", "skip"]
Choice = Literal["stop", "resend", "skip"]
Ask = Callable[[Message, str], Awaitable[Choice]]
"""Asks a person about a message; gets the reason why a look-up could not tell."""


class Doubts(NamedTuple):
    """What to do with a message in doubt.

    Attributes:
        policy: ``reconcile`` looks it up and, where that does not tell, asks or stops.
        timeout: Seconds after which a request of ours has ended, one way or the other.
        grace: Seconds more that the API may need to list what it took.
        patience: Seconds that the list is asked for again where it cannot be read.
        ask: Asks a person; None where there is none.
        tell: Told what is waited for; None where nobody watches.
    """

    policy: Policy = "reconcile"
    timeout: float = 30.0
    grace: float = 5.0
    patience: float = 120.0
    ask: Ask | None = None
    tell: Tell | None = None

    @property
    def looks_up(self) -> bool:
        """Whether the conversation is read."""
        return self.policy in ("reconcile", "ask")

    def say(self, action: Message, text: str, seconds: float) -> None:
        """Say what is waited for, where somebody watches."""
        if self.tell is not None and seconds >= 1:
            self.tell(f"step {action.step.label}: {text}", seconds)
