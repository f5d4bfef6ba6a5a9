"""What a run's events tell of whom it is for, beyond what it was begun with: a part of `State`."""

from typing import Final

from flowrunner.model import NOBODY, Event, EventKind, Recipient

_NAMES: Final = frozenset(Recipient._fields)


def named_by(event: Event) -> Recipient:
    """What one event tells: where its message went, and what an answer of the API called its person."""
    detail = event.detail
    if event.kind not in (EventKind.BEGUN, EventKind.ACCEPTED, EventKind.WINDOW) or _NAMES.isdisjoint(detail):
        return NOBODY
    return Recipient(*(str(detail.get(name, "")) for name in Recipient._fields))


def told_after(told: Recipient, event: Event) -> Recipient:
    """What is told after one more event: the latest of each name.

    A message that goes to a phone may open a conversation: what was known of one before is no more than history.
    """
    if event.kind is EventKind.BEGUN and event.detail.get("by_phone"):
        return told._replace(conversation="")
    return filled(its, told) if any(its := named_by(event)) else told


def filled(one: Recipient, other: Recipient) -> Recipient:
    """The one, with each name that it lacks from the other."""
    if other in (NOBODY, one):  # most often: a run asks this before each step
        return one
    return Recipient(*(its or more for its, more in zip(one, other, strict=True)))
