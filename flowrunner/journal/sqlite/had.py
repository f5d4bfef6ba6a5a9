"""May a run's person have had something of it? One question with one answer, for everybody who asks."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal, get_args

from flowrunner.model import Event, EventKind, Json

Had = Literal["none", "open", "took", "sent"]
"""What a run's person has had of it.

``none``: surely nothing. ``open``: a message was begun, and nobody knows yet what became of it. ``took``: the API took
the latest message, and there was none before it: should WhatsApp refuse to deliver it, it was nothing. ``sent``: more
than that; or a message was given up, or sent a second time, while nobody knew whether it was taken: that is never
taken back.
"""

ALL_HAD: Final[tuple[Had, ...]] = get_args(Had)

_RESENT = "sent again, though it may have been taken"
"""Why a message was sent again, in journals whose events do not say it by ``doubtful``."""


def may_have_had(events: Iterable[Event]) -> bool:
    """Whether the person of a run with these events had anything of it, or may have.

    What was accepted, was begun without a word of what became of it, is in doubt, or was given up while in doubt,
    counts. A step that its condition left out, a refusal, and a failure of what is surely not with them do not.
    """
    had: Had = "none"
    for event in events:
        had = after(had, event)
    return had != "none"


def after(had: Had, event: Event) -> Had:
    """The same with one more event. A run's messages go one after the other: only its latest can be open."""
    match event.kind:
        case EventKind.BEGUN:
            return "open" if had == "none" else "sent"
        case EventKind.IN_DOUBT:
            # Without a step: some part of the run is not known any more.
            return ("open" if had == "none" else had) if event.step else "sent"
        case EventKind.ACCEPTED:
            return "sent" if had == "sent" else "took"
        case EventKind.SENT if had in ("none", "open"):
            return "took"
        case EventKind.DELIVERED | EventKind.READ:
            return "sent"
        case EventKind.SKIPPED if had == "open":
            return "sent"
        case EventKind.RETRYING | EventKind.FAILED if event.step and had in ("open", "took"):
            return _after_failure(had, event)
        case _:
            return had


def _after_failure(had: Had, event: Event) -> Had:
    detail = event.detail
    if detail.get("late") or detail.get("learnt"):
        return had  # said of a message that was accepted: it takes nothing back
    return "sent" if detail.get("doubtful") or detail.get("reason") == _RESENT else "none"


def effect(event: Event) -> str:
    """What `after` makes of each of `ALL_HAD`, one after the other: words of four letters, for SQL to choose from."""
    return _effect(
        event.kind, "1" if event.step else "", *map(event.detail.get, ("late", "learnt", "doubtful", "reason"))
    )


@lru_cache(maxsize=256)
def _effect(kind: EventKind, step: str, late: Json, learnt: Json, doubtful: Json, reason: Json) -> str:
    event = Event(kind, "", 0.0, step, "", {"late": late, "learnt": learnt, "doubtful": doubtful, "reason": reason})
    return "".join(after(had, event) for had in ALL_HAD)


def chained(first: str, second: str) -> str:
    """The effect of one event, then another."""
    words: list[str] = [*ALL_HAD]
    return "".join(second[4 * words.index(had) :][:4] for had in map("".join, zip(*[iter(first)] * 4, strict=True)))


AFTER_EFFECT: Final = "substr({effect}, instr('noneopentooksent', {had}), 4)"
"""The same in SQL: the word that the effect has for what the person had. Its logic is `after`'s."""
