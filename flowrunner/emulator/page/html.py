"""The parts of the emulator's page, as HTML: conversations, messages, requests, faults and the form that sets one."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from html import escape
from urllib.parse import quote

from flowrunner.emulator.api.conversations import Talk
from flowrunner.emulator.api.exchanges import Exchange
from flowrunner.emulator.api.faults import KINDS, SAYS, Parameter
from flowrunner.emulator.api.inbound import drawn
from flowrunner.emulator.api.messages import StoredMessage, id_of
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.model import Json
from flowrunner.spec.facts import WINDOW
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.page import exact, safe
from flowrunner.views.visible import visible

_PEEK = 80
"""Characters of the last message that a conversation's row shows."""
_TAIL = 100
"""Messages among which the last is looked for that the API lists already."""
_IDENTIFIED = re.compile(r"^/whatsapp_conversations/([^/?]{1,8})[^/?]*/")
_TOLD_APART = {"kind", "count", "struck"}
"""What stands beside a fault's parameters."""


def talk_row(state: EmulatorState, talk: Talk) -> str:
    """One conversation in the list."""
    now = state.now()
    count = state.count(talk.id)
    last = next(
        (each for each in reversed(state.stretch(talk.id, count - _TAIL, count)) if each.created_at <= now), None
    )
    return (
        f'<li data-talk="{exact(talk.id)}" data-at="{talk.last_active_at}"><a href="#{quote(talk.id, safe="")}">'
        f'<span class="who"><bdi>{safe(talk.name or talk.phone)}</bdi></span>{_clock(talk.last_active_at, now)}'
        f'<span class="peek">{_peek(last) if last else "no messages yet"}</span>'
        f'<span class="phone">{safe(talk.phone) if talk.name else ""}</span>'
        f"{'' if talk.status == 'active' and talk.window_open(now) else _condition(talk, now)}</a></li>"
    )


def _peek(message: StoredMessage) -> str:
    said = visible(" ".join(message.content[:_PEEK].split())) or safe(str(message.body.get("message_type", "")))
    return f"{'You: ' if message.direction == 'inbound' else ''}<bdi>{escape(said)}</bdi>"


def _condition(talk: Talk, now: float) -> str:
    """Whether the business may write, in a word."""
    sort, words = (
        ("ended", "ended")
        if talk.status != "active"
        else (("open", "window open") if talk.window_open(now) else ("shut", "window closed"))
    )
    return f'<span class="condition {sort}">{words}</span>'


def _clock(at: float, now: float) -> str:
    """A time of day; the day alone where that is another one."""
    today = time.localtime(at)[:3] == time.localtime(now)[:3]
    return _time(at, "%H:%M" if today else "%d %b")


def _time(at: float, form: str) -> str:
    local = time.localtime(at)
    return f'<time datetime="{time.strftime("%Y-%m-%dT%H:%M:%S%z", local)}">{time.strftime(form, local)}</time>'


def talk_head(state: EmulatorState, talk: Talk) -> str:
    """The conversation above its messages, with what can be done to it."""
    now = state.now()
    until = acts = ""
    if talk.status == "active":
        act, words = ("shut", "Close the window") if talk.window_open(now) else ("open", "Open the window")
        acts = (
            f'<button type="button" data-act="{act}">{words}</button>'
            '<button type="button" data-act="end">End<span class="rest"> the conversation</span></button>'
        )
        if act == "shut" and talk.window_since is not None:
            until = time.strftime(" until %a %H:%M", time.localtime(talk.window_since + WINDOW))
    return (
        f"<h2><bdi>{safe(talk.name or talk.phone)}</bdi></h2>"
        f'<p data-phone="{exact(talk.phone)}">{safe(talk.phone) if talk.name else ""} {_condition(talk, now)}'
        f'<span class="until">{until}</span></p>'
        f'<div class="acts">{acts}</div>'
    )


def turn(state: EmulatorState, message: StoredMessage) -> str:
    """One message of the chat; empty while nobody can see it, and for a reaction, which is drawn on its message."""
    now = state.now()
    if message.created_at > now or state.reacted_to(message):
        return ""
    ours, failure = message.direction == "outbound", message.failure
    drawing = bubble(
        message.body if ours else drawn(message.body),
        ours=ours,
        clock=time.strftime("%H:%M", time.localtime(message.created_at)),
        status=message.status_at(now).status if ours else "",
        reason=f"{failure.code} {failure.text}" if failure else "",
        reactions=state.reactions(message.id),
        live=ours,
        quoted=_answered(state, message),
    )
    react = (
        '<button type="button" class="react" aria-label="React to this message" title="React">☺</button>'
        if ours
        else ""
    )
    side = "from-us" if ours else "from-them"
    day = time.strftime("%A %d %B %Y", time.localtime(message.created_at))
    place = f'data-position="{message.position}" data-wamid="{message.wamid}" data-day="{day}"'
    return f'<div class="turn {side}" {place}>{drawing}{react}</div>'


def _answered(state: EmulatorState, message: StoredMessage) -> str:
    """The beginning of the message that a person's message answers; empty where none is known."""
    context = message.body.get("context")
    target = state.message(id_of(context.get("id"))) if isinstance(context, Mapping) else None
    return target.content[:_PEEK] if target else ""


def exchange_row(exchange: Exchange) -> str:
    """One request in the list."""
    sort, result = _result(exchange)
    took = "" if exchange.seconds is None else _milliseconds(exchange.seconds)
    return (
        f'<li data-exchange="{exchange.number}"><button type="button">'
        f'<span class="method">{safe(exchange.method)}</span> <span class="path">{safe(_short(exchange))}</span> '
        f'<span class="result {sort}">{result}</span> {_time(exchange.at, "%H:%M:%S")} <span class="took">{took}</span>'
        "</button></li>"
    )


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def _short(exchange: Exchange) -> str:
    """The path as far as it tells one request from another."""
    return _IDENTIFIED.sub(r"…/\1/", exchange.path.removeprefix("/api/v1"))


def _result(exchange: Exchange) -> tuple[str, str]:
    """How an exchange ended: a class for its looks, and a word."""
    if exchange.cut:
        return "bad", f"{exchange.status}, then cut" if exchange.status else "cut"
    if exchange.seconds is None:
        return "open", "…"
    return ("good" if exchange.status < 400 else "bad"), str(exchange.status)


def exchange_detail(exchange: Exchange) -> str:
    """One request and its answer in full; a header is never shown, for one of them is the key."""
    _, result = _result(exchange)
    took = "not answered yet" if exchange.seconds is None else _milliseconds(exchange.seconds)
    when = time.strftime("%H:%M:%S", time.localtime(exchange.at))
    return (
        f'<p class="line"><code>{safe(exchange.method)} {safe(exchange.path)}</code></p><p>{when}, {took}</p>'
        f"<h3>Request</h3>{_body(exchange.request, exchange.request_size)}"
        f"<h3>Answer: {result}</h3>{_body(exchange.answer, exchange.answer_size)}"
    )


def _body(kept: bytes, size: int) -> str:
    if not size:
        return "<p>no body</p>"
    text = kept.decode(errors="replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    shown = escape(visible(text, keep="\n"))
    cut = f"<p>the first {len(kept):,} of {size:,} bytes</p>" if size > len(kept) else ""
    return f'<pre tabindex="0">{shown}</pre>{cut}'


def faults(set_on: Sequence[Mapping[str, Json]]) -> str:
    """The faults that were turned on, as `FaultTable.data` tells of them."""
    return "".join(map(_fault, set_on))


def _fault(data: Mapping[str, Json]) -> str:
    kind, count, struck = safe(str(data["kind"])), data.get("count"), data["struck"]
    usual = {"probability": 1.0}
    shown = {key: value for key, value in data.items() if key not in _TOLD_APART and value != usual.get(key, 0)}
    details = ", ".join(f"{key} {value}" for key, value in shown.items() if value != "")
    state = "spent" if count is not None and struck >= count else "active"
    times = f"triggered {struck} of {count} times" if count is not None else f"struck {struck} times"
    return (
        f'<li class="{state}"><span><strong>{kind}</strong> {safe(details)}</span> <span class="struck">{times}</span>'
        f'<button type="button" data-clear="{kind}" aria-label="Turn off {kind}">Turn off</button></li>'
    )


_COMMON: Mapping[str, tuple[str, str]] = {
    "count": ("How often", "always"),
    "after": ("Skip the first", "0"),
    "probability": ("Probability", "1"),
}
"""What the form asks of every kind: in words, and what stands where nothing is written."""


def fault_fields() -> str:
    """The fields of the form that turns a fault on; only those of the kind that is chosen are to be shown."""
    kinds = "".join(f"<option>{kind}</option>" for kind in KINDS)
    common = "".join(_input(name, words, hint) for name, (words, hint) in _COMMON.items())
    return (
        f'<label>Kind <select name="kind">{kinds}</select></label>'
        f"{''.join(_fields(kind, parameters) for kind, parameters in KINDS.items())}"
        f'<div class="fields">{common}</div>'
    )


def _fields(kind: str, parameters: Mapping[str, Parameter]) -> str:
    shown = "".join(_field(name, parameter) for name, parameter in parameters.items())
    return (
        f'<fieldset data-kind="{kind}" hidden disabled><legend class="unseen">{kind}</legend>'
        f'<p>{safe(SAYS[kind])}</p><div class="fields">{shown}</div></fieldset>'
    )


def _field(name: str, parameter: Parameter) -> str:
    choices = ("no", "yes") if isinstance(parameter.default, bool) else parameter.choices
    if not choices:
        return _input(name, parameter.words, str(parameter.default))
    options = "".join(f"<option>{word}</option>" for word in choices)
    return f'<label>{parameter.words} <select name="{name}">{options}</select></label>'


def _input(name: str, words: str, hint: str) -> str:
    return f'<label>{safe(words)} <input name="{name}" placeholder="{safe(hint)}" autocomplete="off"></label>'
