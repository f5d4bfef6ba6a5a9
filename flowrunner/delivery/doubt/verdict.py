"""Whether a message in doubt is in the list: taken, surely not taken, or neither can be said. Nothing is asked here."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from flowrunner.client import RemoteMessage, resolution
from flowrunner.dialects import Same
from flowrunner.engine.history.begun import Begun, Span
from flowrunner.journal import Sent
from flowrunner.model import Json

_LATE = 60.0
"""Seconds that the API may date a message after the time in which it should have been taken."""
_SKEW = 0.1
"""Seconds by which two clocks of the API's may differ."""
_TIGHT = 5.0
"""Seconds; so well its clock is known from its own messages, that an answer's ``Date`` adds nothing."""
SURELY = 26 * 3600.0
"""Seconds. Dates without a zone may be of any (14 hours), a clock may be set, and a proxy may write the ``Date``: what
looks like ours is another's by its age alone only if all of them together could not explain that."""


class Ours(NamedTuple):
    """What the API took from us in the conversation.

    Attributes:
        before: Ids from before the message in question was begun, in the order of acceptance.
        after: Ids from since then: other runs may have sent while it was left in doubt.
    """

    before: Sequence[str] = ()
    after: Sequence[str] = ()


def ours(sent: Sequence[Sent], run: str, step: str) -> Ours:
    """What is ours by the journal, around the last time that this step of this run was begun."""
    places = [place for place, each in enumerate(sent) if (each.run, each.step, each.message_id) == (run, step, "")]
    here = places[-1] if places else len(sent)
    before, after = ([each.message_id for each in part if each.message_id] for part in (sent[:here], sent[here:]))
    return Ours(before, after)


def missing(listed: Collection[RemoteMessage], ours: Ours) -> list[str]:
    """The ids that a list lacks which it must hold; while there are any, it proves nothing.

    A list may have a beginning: what is older may be gone, but not what came after something that is there, nor the
    last that came before the message in question, or the list does not reach back to it.
    """
    there = {message.message_id for message in listed}
    begins = next((place for place, each in enumerate(ours.before) if each in there), len(ours.before) - 1)
    return [each for each in [*ours.before[max(begins, 0) :], *ours.after] if each not in there]


def beginnings(
    begun: Begun,
    now: Iterable[Span],
    listed: Sequence[RemoteMessage],
    earlier: Mapping[str, Begun],
    passed: float | None,
) -> list[Span]:
    """The moment of `begun` by the API's clock, in each way that it is known; contradictory ones are all told.

    Args:
        begun: The moment.
        now: The same moment as the API's clock is reckoned now.
        listed: The conversation.
        earlier: Our own messages in it, by id, that were taken before that moment, and when they were begun.
        passed: Seconds from the moment to the list's arrival; None where that is not known.
    """
    spans = [*([begun.api] if begun.api else []), *now]
    for message in listed:
        before = earlier.get(message.message_id)
        if before is None or not message.created_at or before.at is None or begun.at is None:
            continue
        if before.at.boot == begun.at.boot and before.at.up <= begun.at.up:
            # It was taken in between: the later of the two moments cannot be before it, nor much later than it.
            late = begun.at.up - before.at.up + resolution(message.created_at)
            spans.append(Span(message.created_at, message.created_at + late, stored=True))
    newest = max((message.created_at for message in listed), default=0.0)
    # A list cannot hold what is yet to come: then those who wrote the ``Date`` and the list have two clocks.
    return [span for span in spans if span.stored or passed is None or newest <= span.high + passed]


def known_well(spans: Sequence[Span]) -> bool:
    """Whether the API's own messages tell its clock, and closely."""
    return any(span.stored and span.high - span.low <= _TIGHT for span in spans)


def verdict(
    body: Mapping[str, Json],
    listed: Sequence[RemoteMessage],
    ours: Ours,
    spans: Sequence[Span],
    patience: float,
    bodies: Mapping[str, Mapping[str, Json]] = MappingProxyType({}),
    others: Collection[str] = (),
    *,
    is_same: Callable[[Mapping[str, Json], RemoteMessage], Same],
) -> RemoteMessage | str | None:
    """The one message that is it; None where it surely is not there; else why neither can be said.

    Args:
        body: What was sent.
        listed: The conversation.
        ours: What is known to be another message of ours.
        spans: When it was begun by the API's clock, see `beginnings`.
        patience: Seconds after its beginning in which it should have been taken.
        bodies: What was sent of others that are ours, by the API's id. Where one of them would be taken for another's
            in the form in which it is listed, no form tells anything.
        others: Ids of what surely is somebody else's, or another step's, by the references that the API told.
        is_same: As `Dialect.is_same`.
    """
    if lacking := missing(listed, ours):
        what = f"{len(lacking)} messages" if len(lacking) > 1 else f"message {lacking[0]}"
        return f"the API accepted {what} here before, but its list does not show that, so it proves nothing"
    known = {*ours.before, *ours.after, *others}
    told = [(bodies[each.message_id], each) for each in listed if each.message_id in bodies]
    is_changed = any(is_same(*pair) == "no" for pair in told)
    same: list[RemoteMessage] = []
    perhaps: list[RemoteMessage] = []
    for message in listed:
        if message.direction == "inbound" or message.message_id in known or _is_far(message, spans, patience):
            continue
        its = is_same(body, message)
        if its == "yes" and _is_near(message, spans, patience):
            same.append(message)
        elif its != "no" or is_changed:
            perhaps.append(message)
    if len(same) == 1 and not perhaps:
        return same[0]
    if not same and not perhaps:
        return None
    found = [*same, *perhaps]
    what = f"{len(found)} messages" if len(found) > 1 else "a message"
    ids = ", ".join(message.message_id or "without an id" for message in found[:5])
    when = "" if spans else ", and the time by the API's clock is not known"
    return f"{what} in the conversation could be it ({ids}){when}"


def _is_near(message: RemoteMessage, spans: Sequence[Span], patience: float) -> bool:
    """Whether it is dated when ours would be, by all that is known of the API's clock."""
    at = message.created_at
    tight = [span for span in spans if span.stored and span.high - span.low <= _TIGHT] or spans
    last = at + resolution(at)
    return bool(at and tight) and all(span.low - _SKEW <= last and at <= span.high + patience + _LATE for span in tight)


def _is_far(message: RemoteMessage, spans: Sequence[Span], patience: float) -> bool:
    """Whether by its date alone it surely is another, by all that is known of the API's clock."""
    at = message.created_at
    return bool(at and spans) and all(at < span.low - SURELY or at > span.high + patience + SURELY for span in spans)
