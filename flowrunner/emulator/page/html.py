"""The parts of the emulator's page, drawn by its templates: ``page.html`` is the frame, ``parts.html`` what changes.

Every text in them is escaped, and what would turn the writing direction is shown as a sign.
"""

import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.exchanges import Exchange
from flowrunner.emulator.api.faults import KINDS, SAYS
from flowrunner.emulator.api.inbound import drawn
from flowrunner.emulator.api.messages import StoredMessage, id_of
from flowrunner.emulator.api.rewriting import can_be
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.emulator.page.played import Played
from flowrunner.model import Json
from flowrunner.spec.facts import WINDOW
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.page import exact, icon, in_lines, templates_of, trusted

_PEEK = 80
"""Characters of the last message that a conversation's row shows."""
_TAIL = 100
"""Messages among which the last is looked for that the API lists already."""
_BEGINNINGS = re.compile(r"^/(api/v1|meta/whatsapp/v[0-9.]+|platform/v1/whatsapp|v[0-9.]+)")
_IDENTIFIED = re.compile(r"^/(whatsapp_conversations/([^/?]{1,8})[^/?]*|[0-9]+)/")


def frame(played: Mapping[str, Played]) -> str:
    """The page before anything is known: the form that turns a fault on has the fields of all kinds.

    Args:
        played: What came of each conversation, by its id, where they are over; empty where they go on.
    """
    return str(_templates().get_template("page.html").render(kinds=KINDS, says=SAYS, played=played))


def talk_row(state: EmulatorState, talk: Talk) -> str:
    """One conversation in the list."""
    now, count = state.now(), state.count(talk.id)
    listed = (each for each in reversed(state.stretch(talk.id, count - _TAIL, count)) if each.created_at <= now)
    return str(_parts().talk_row(talk, next(listed, None), now))


def talk_head(state: EmulatorState, talk: Talk) -> str:
    """The conversation above its messages, with what can be done to it."""
    now, since = state.now(), talk.window_since
    until = since + WINDOW if since is not None and talk.status == "active" and talk.window_open(now) else None
    return str(_parts().talk_head(talk, now, until, state.typing.get(talk.id, 0) > now))


def turn(state: EmulatorState, message: StoredMessage, *, live: bool = True) -> str:
    """One message of the chat; empty while nobody can see it, and for what is drawn on another, such as a reaction.

    Args:
        state: Where it is.
        message: The message.
        live: Whether anything can be done with it.
    """
    now = state.now()
    if message.created_at > now or state.target(message):
        return ""
    ours, failure = message.direction == "outbound", message.failure
    template = state.templates.named(message.body) if ours else None
    can = () if ours or not live else can_be(state, message)
    drawing = bubble(
        message.body if ours else drawn(_latest(state, message)),
        ours=ours,
        clock=_local(message.created_at, "%H:%M"),
        status=message.status_at(now).status if ours else "",
        reason=f"{failure.code} {failure.text}" if failure else "",
        reactions=state.marks.reactions(message.id),
        live=ours and live,
        quoted=_answered(state, message),
        template=template.approved if template else None,
    )
    edited = None if state.marks.is_deleted(message.id) else state.marks.edited(message.id)
    words = (message.content if edited is None else edited) if "edit" in can or ours else ""
    return str(_parts().turn(message, drawing, words, can, live=live, edited=edited is not None))


def _latest(state: EmulatorState, message: StoredMessage) -> Mapping[str, Json]:
    """What a person's message says now that they may have edited or deleted it."""
    if state.marks.is_deleted(message.id):
        return {"message_type": "text", "content": "This message was deleted."}
    words = state.marks.edited(message.id)
    if words is None:
        return message.body
    return {**message.body, "caption" if "caption" in message.body else "content": words}


def _answered(state: EmulatorState, message: StoredMessage) -> str:
    """The beginning of the message that this one answers or quotes; empty where none is known."""
    context = message.body.get("context")
    wamid = context.get("id") if isinstance(context, Mapping) else message.body.get("reply_to")
    # A template goes out with its quote and is shown without.
    target = state.message(id_of(wamid)) if wamid and message.body.get("message_type") != "template" else None
    return _peek(target) if target else ""


def exchange_row(exchange: Exchange) -> str:
    """One request in the list."""
    return str(_parts().exchange_row(exchange))


def exchange_detail(exchange: Exchange) -> str:
    """One request and its answer in full."""
    return str(_parts().exchange_detail(exchange))


def faults(set_on: Sequence[Mapping[str, Json]]) -> str:
    """The faults that were turned on, as `FaultTable.data` tells of them."""
    return str(_parts().faults(set_on))


@cache
def _templates() -> Any:
    templates = templates_of(Path(__file__).parent)
    templates.globals |= {"quote": quote, "icon": icon}
    templates.filters |= {"local": _local, "peek": _peek, "short": _short, "readable": _readable}
    templates.filters |= {"exact": exact, "trusted": trusted}
    return templates


@cache
def _parts() -> Any:
    """The macros of ``parts.html``."""
    return _templates().get_template("parts.html").module


def _local(at: float, form: str) -> str:
    return time.strftime(form, time.localtime(at))


def _peek(message: StoredMessage) -> str:
    return " ".join(message.content[:_PEEK].split()) or str(message.body.get("message_type", ""))


def _short(path: str) -> str:
    """The path as far as it tells one request from another."""
    return _IDENTIFIED.sub(lambda found: f"…/{found[2]}/" if found[2] else "…/", _BEGINNINGS.sub("", path))


def _readable(kept: bytes) -> str:
    """A body as HTML, with its line breaks; JSON is indented."""
    text = kept.decode(errors="replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return in_lines(text)
