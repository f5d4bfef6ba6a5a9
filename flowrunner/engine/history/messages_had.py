"""What a run's person has had of it, event by event: a part of `flowrunner.engine.history.state`."""

from typing import Literal

from flowrunner.model import Event, EventKind

Had = Literal["none", "open", "took", "sent"]
"""What a run's person has had of it.

``none``: surely nothing. ``open``: a message was begun, and nobody knows yet what became of it. ``took``: the API took
the latest message, and there was none before it: should WhatsApp refuse to deliver it, it was nothing. ``sent``: more
than that; or a message was given up, or sent a second time, while nobody knew whether it was taken: that is never
taken back.
"""

_RESENT = "sent again, though it may have been taken"
"""Why a message was sent again, in journals whose events do not say it by ``doubtful``."""


def had_after(had: Had, event: Event) -> Had:
    """What the person had, after one more event. Messages go one after the other: only the latest can be open.

    What is ``unsent`` says nothing of that: nothing had left for the person, or it was only marked as read.
    """
    if event.detail.get("unsent"):
        return had
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
            if event.detail.get("late") or event.detail.get("learnt"):
                return had  # said of a message that was accepted: it takes nothing back
            return "sent" if event.detail.get("doubtful") or event.detail.get("reason") == _RESENT else "none"
        case _:
            return had
