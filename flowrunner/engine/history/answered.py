"""What was heard of a person, and what it was taken for, as a run's events keep them."""

from collections.abc import Mapping
from typing import NamedTuple

from flowrunner.model import Event, Inbound, Json
from flowrunner.model.plain import NOTHING

SILENCE = "n"
"""The branch that is taken where nothing was answered."""
OTHERWISE = "o"
"""The branch that is taken where none of the answers was met."""


class Answered(NamedTuple):
    """What was heard, or silence, taken for an answer.

    Attributes:
        branch: Which was taken, as the addresses of its steps have it: ``a2``; ``o`` for otherwise; ``n`` for silence;
            ``g1`` where the question is put again; ``any`` where the question has no answers; ``@2`` for what is looked
            at anytime; ``late`` for a tap that is no answer.
        ids: Of the messages that it was, none for silence.
        text: What was written, one line a message.
        value: The same as the question reads it; None where it cannot be read so.
        name: What the branch is called.
        choice: The id of the button or row, also where its title was typed.
    """

    branch: str
    ids: tuple[str, ...] = ()
    text: str = ""
    value: Json = None
    name: str = ""
    choice: str = ""

    @property
    def detail(self) -> Mapping[str, Json]:
        """As an `answered` event keeps it."""
        return {**self._asdict(), "ids": list(self.ids)}


def answered_of(event: Event) -> Answered:
    """What an `answered` event keeps."""
    detail = event.detail
    ids = detail.get("ids")
    texts = {name: str(detail.get(name) or "") for name in ("branch", "text", "name", "choice")}
    return Answered(**texts, ids=tuple(map(str, ids)) if isinstance(ids, list) else (), value=detail.get("value"))


def heard(inbound: Inbound) -> Mapping[str, Json]:
    """As a `heard` event keeps it, whose ``message_id`` is that of the message."""
    return {name: value for name, value in inbound._asdict().items() if value and name != "id"}


def inbound_of(event: Event) -> Inbound:
    """What a `heard` event keeps."""
    detail = event.detail
    at, data = detail.get("at"), detail.get("data")
    texts = {name: str(detail.get(name) or "") for name in ("kind", "text", "choice", "context", "other_id")}
    when = float(at) if isinstance(at, (int, float)) else event.at
    return Inbound(event.message_id, when, **texts, data=data if isinstance(data, Mapping) else NOTHING)
