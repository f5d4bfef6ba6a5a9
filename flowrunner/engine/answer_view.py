"""What the steps after a question may read of its answer, as ``start.text`` and so on."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, Final

from flowrunner.engine.answered import SILENCE, Answered
from flowrunner.model import Inbound, Json, Reply

MEDIA: Final = frozenset(["image", "video", "audio", "sticker", "document"])
"""The kinds of what is written that are files."""

_PLACE: Final = ("latitude", "longitude", "name", "address")
_MEDIA: Final = {"id": "media_id", "url": "url", "filename": "filename", "mime_type": "mime_type"}


def answer_view(
    reply: Reply, answered: Answered | None, said: Sequence[Inbound], zone: tzinfo | None
) -> Mapping[str, Any]:
    """The names that a question has beside those of every message; what is not known has none.

    Args:
        reply: The question.
        answered: What was answered; None where nothing was yet.
        said: The messages that it was, at least one where anything was answered.
        zone: In which moments are told.
    """
    if answered is None or answered.branch == SILENCE:
        return {"answered": False} if answered is None else {"answered": False, "answer": answered.name}
    view: dict[str, Any] = {"answered": True, "answer": answered.name, "text": answered.text}
    if answered.value is not None:
        view["value"] = value_of(reply, answered.value)
    if answered.choice:
        view["choice"] = answered.choice
    for each in said:
        view |= _of_message(each, answered, zone)
    return view


def value_of(reply: Reply, value: Json) -> Any:
    """An answer's value as expressions have it: days and times of day, which events keep as text, as such."""
    if reply.expect == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if reply.expect == "time" and isinstance(value, str):
        return time.fromisoformat(value)
    return value


def _of_message(said: Inbound, answered: Answered, zone: tzinfo | None) -> Mapping[str, Any]:
    view: dict[str, Any] = {"at": datetime.fromtimestamp(said.at, zone), "message_id": said.id}
    if said.kind in ("button", "row"):
        view["title"] = said.text
        if choice := said.choice or answered.choice:
            view[said.kind] = choice
    elif answered.choice:
        view["title"] = said.text
    if said.kind in MEDIA:
        media = {name: said.data[key] for name, key in _MEDIA.items() if said.data.get(key)}
        view["media"] = {"type": said.kind, **media, **({"caption": said.text} if said.text else {})}
    elif said.kind == "location":
        view["location"] = {name: said.data[name] for name in _PLACE if said.data.get(name) not in (None, "")}
    elif said.kind == "form":
        view["form"] = said.data.get("response")
    return view
