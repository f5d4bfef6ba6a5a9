"""What the steps after a question may read of its answer, as ``start.text`` and so on."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from flowrunner.engine.answers.matching import FILES, Option, options_of
from flowrunner.engine.answers.moments import Day, Hour
from flowrunner.engine.history.answered import Answered
from flowrunner.model import Inbound, Json, Message, Reply

_PLACE: Final = ("latitude", "longitude", "name", "address")
_MEDIA: Final = {"id": "media_id", "url": "url", "filename": "filename", "mime_type": "mime_type"}


def answer_view(
    reply: Reply, question: Message | None, answered: Answered | None, said: Sequence[Inbound], zone: tzinfo | None
) -> Mapping[str, Any]:
    """The names that a question has beside those of every message; what is not known has none.

    Args:
        reply: What may be answered.
        question: Its message; None where it was left out.
        answered: What was answered; None where nothing was yet.
        said: The messages that it was, at least one where anything was written.
        zone: In which moments are told.
    """
    if answered is None:
        return {"answered": False}
    is_met = answered.branch[:1] == "a"
    view: dict[str, Any] = {"answered": is_met, "answer": answered.name}
    if not said:
        return view
    view["text"] = answered.text
    if is_met and answered.value is not None:
        view["value"] = value_of(reply, answered.value)
    if answered.choice:
        options = options_of(question) if question is not None else ()
        its = next((each for each in options if each.id == answered.choice), None)
        its = its or Option("row" if said[-1].kind == "row" else "button", answered.choice, said[-1].text)
        view |= {"choice": its.id, its.kind: its.id, "title": its.title}
    for each in said:
        view |= _of_message(each, zone)
    return view


def value_of(reply: Reply, value: Json) -> Any:
    """An answer's value as expressions have it: days and times of day, which events keep as text, as such."""
    if reply.expect == "date" and isinstance(value, str):
        return Day.fromisoformat(value)
    if reply.expect == "time" and isinstance(value, str):
        return Hour.fromisoformat(value)
    return value


def _of_message(said: Inbound, zone: tzinfo | None) -> Mapping[str, Any]:
    view: dict[str, Any] = {"at": datetime.fromtimestamp(said.at, zone), "message_id": said.id}
    if said.kind in FILES:
        media = {name: said.data[key] for name, key in _MEDIA.items() if said.data.get(key)}
        view["media"] = {"type": said.kind, **media, **({"caption": said.text} if said.text else {})}
    elif said.kind == "location":
        view["location"] = {name: said.data[name] for name in _PLACE if said.data.get(name) not in (None, "")}
    elif said.kind == "form":
        view["form"] = said.data.get("response")
    return view
