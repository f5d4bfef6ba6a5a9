"""Where webhooks come, and whose they are."""

from collections.abc import Sequence
from typing import NamedTuple

from flowrunner.dialects import dialect_of
from flowrunner.dialects.webhooks.values import Part


class Hook(NamedTuple):
    """What one sender is told by.

    Attributes:
        name: The sender's name, which is the path's end, too.
        target: What the journal calls its API.
        dialect: What that speaks.
        number: The number that sends, see `flowrunner.client.targets.Target`; empty for the only one.
        secret: What payloads are signed with; never empty.
        verify: What Meta says when the address is entered, to be recognised; empty where nobody says anything.
    """

    name: str
    target: str
    dialect: str
    number: str
    secret: str
    verify: str = ""

    def __repr__(self) -> str:
        return f"Hook({self.name!r}, {self.target!r})"


def path(name: str) -> str:
    """Where the webhooks of the sender with that name come."""
    return f"/webhooks/{name}"


def whose(part: Part, hook: Hook, hooks: Sequence[Hook]) -> Hook | None:
    """Whose number a part is about; None where it is a number of nobody here.

    Meta tells one address of all numbers of an account. What was signed with one secret is told to senders of that
    secret alone.
    """
    trusted = [hook, *(each for each in hooks if each != hook and each.secret == hook.secret)]
    return next((each for each in trusted if _is_of(part, each)), None)


def _is_of(part: Part, hook: Hook) -> bool:
    told = part.numbers.get(dialect_of(hook.dialect).NUMBER.name, "")
    return not told or not hook.number or told == hook.number
