"""A run that a listener or a worker goes on with is put off where the API is out of reach, or refuses the sender.

Its person waits, and nobody may be there to resume it.
"""

import random
from typing import TYPE_CHECKING, Final

from flowrunner.client import Retryable, TransportError
from flowrunner.delivery.queries import said
from flowrunner.delivery.uploads import UploadError
from flowrunner.model import Event, EventKind, Json, Step

if TYPE_CHECKING:
    from flowrunner.delivery.session import Session

_FIRST: Final = 240.0
_MOST: Final = 600.0
"""Seconds that it waits at most, the first time and ever after: twice as long each time in between."""


def passes(refusal: TransportError) -> bool:
    """Whether what was surely not taken may be taken later as it is: it is not about this message, or this person."""
    return refusal.concerns == "sender" or (isinstance(refusal, Retryable) and refusal.concerns != "recipient")


def times_put_off(last: Event | None) -> int:
    """How often in a row a run was put off whose last event that is."""
    return int(last.detail.get("put_off", 0)) if last is not None else 0


def recall(session: "Session", last: Event | None) -> None:
    """Take into account how often in a row a run was put off that is gone on with now."""
    if session.put_off is not None:
        session.put_off = times_put_off(last)


def put_off(before: int, now: float, told: dict[str, Json]) -> dict[str, Json]:
    """What the `paused` event says of a run that was put off so often ``before``, for the reason that is ``told``.

    Of a thousand that an outage has met together no two need be tried again at one moment.
    """
    most = min(_FIRST * 2 ** min(before, 8), _MOST)
    wait = round(random.uniform(most / 2, most), 1)  # noqa: S311  # jitter, no secret
    return {"wake_at": now + wait, "wait": wait, "put_off": before + 1, **told}


async def refused(
    session: "Session", step: Step, refusal: TransportError | UploadError, *, is_begun: bool = False,
    if_quiet: bool = False,
) -> Event:  # fmt: skip
    """Write that a message was surely not taken: the run has failed, or is put off.

    Args:
        session: The run.
        step: The message's.
        refusal: Why.
        is_begun: Its request has left.
        if_quiet: Have it failed only where its person has written nothing that the run has not read.
    """
    if isinstance(refusal, UploadError):
        told, cause = {"reason": refusal.message, "hint": refusal.hint}, refusal.refusal
    else:
        told, cause = said(refusal), refusal
    if session.put_off is not None and cause is not None and passes(cause):
        return await later(session, step if is_begun else None, told)
    unsent: dict[str, Json] = {} if is_begun else {"unsent": True}
    return await session.write(EventKind.FAILED, step, if_quiet=if_quiet, **told, **unsent)


async def later(session: "Session", step: Step | None, told: dict[str, Json]) -> Event:
    """Have a run wait, in one commit with that the message of this step, which was begun, was not taken."""
    if step is not None:
        session.note(EventKind.RETRYING, step, **told)
    heard: dict[str, Json] = {"heard": session.read} if session.run.listens else {}
    detail = put_off(session.put_off or 0, session.clock.now(), told) | heard
    return await session.write(EventKind.PAUSED, **detail)
