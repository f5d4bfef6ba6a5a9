"""The form with which a person turns a fault on: every kind with a sentence about it and a field for each parameter."""

from collections.abc import Mapping

from flowrunner.emulator.api.faults import KINDS
from flowrunner.model import Json
from flowrunner.views.html.page import safe

SAYS: Mapping[str, str] = {
    "latency": "The API waits before it takes the message.",
    "status": "The API answers with an error status, and takes the message only if told to.",
    "html": "A gateway answers with a web page instead of JSON.",
    "cut-before": "The connection breaks before the message is taken.",
    "in-flight-409": "409: another message of this conversation is in flight.",
    "agent-409": "409: an agent of Kapso's is at work in this conversation.",
    "window-422": "422: outside the 24-hour window, for everything but templates.",
    "rate-limit": "429 as soon as a key makes more requests than the limit in one window.",
    "cut-after": "The message is taken, and the connection breaks before the answer.",
    "timeout-after": "The message is taken, and the answer never comes.",
    "slow-body": "The message is taken, and the answer trickles in.",
    "malformed": "The message is taken, and the answer is broken JSON.",
    "store-late": "The message is taken, and listed and answered only later.",
    "media-late": "Pictures and other files reach the phone late.",
    "read-failed": "The message is sent, and then fails on its way to the phone.",
    "status-duplicate": "Each status is reported twice.",
    "status-reorder": "Delivered is reported before sent.",
    "status-skip": "Only read is reported, never sent or delivered.",
    "list-order": "The list of messages comes in another order.",
    "list-partial": "The last message of a page of the list is left out.",
    "list-form": "The list shows messages in another form: rounded, normalised, trimmed or cut.",
    "clock": "The API's clock is ahead by this many seconds; behind if the number is negative.",
}
"""What each kind does, in a sentence."""

_WORDS: Mapping[str, str] = {
    "code": "HTTP status",
    "error": "Error text",
    "message": "Message text",
    "reason": "Code, a word",
    "graph": "Meta's error number",
    "retry_after": "Retry-After",
    "accepted": "Takes the message",
    "limit": "Requests allowed",
    "window": "After how many seconds",
    "headers": "Retry-After as",
    "shape": "Shape of the error",
    "text": "Meta's words",
}
"""What a parameter is called on the page, where its name alone says too little."""

_COMMON: Mapping[str, tuple[str, str]] = {
    "count": ("How often", "always"),
    "after": ("Skip the first", "0"),
    "probability": ("Probability", "1"),
}


def fault_fields() -> str:
    """The fields of the form; only those of the kind that is chosen are to be shown."""
    kinds = "".join(f"<option>{kind}</option>" for kind in KINDS)
    common = "".join(_input(name, words, hint) for name, (words, hint) in _COMMON.items())
    return (
        f'<label>Kind <select name="kind">{kinds}</select></label>'
        f"{''.join(_fields(kind, parameters) for kind, parameters in KINDS.items())}"
        f'<div class="fields">{common}</div>'
    )


def _fields(kind: str, parameters: Mapping[str, Json]) -> str:
    shown = "".join(_field(kind, name, default) for name, default in parameters.items())
    return (
        f'<fieldset data-kind="{kind}" hidden disabled><legend class="unseen">{kind}</legend>'
        f'<p>{safe(SAYS[kind])}</p><div class="fields">{shown}</div></fieldset>'
    )


def _field(kind: str, name: str, default: Json) -> str:
    words = "Meta's error number" if (kind, name) == ("read-failed", "code") else _WORDS.get(name, name.capitalize())
    if isinstance(default, bool):
        default = ("no", "yes")
    if isinstance(default, tuple):
        options = "".join(f"<option>{word}</option>" for word in default)
        return f'<label>{words} <select name="{name}">{options}</select></label>'
    return _input(name, words, str(default))


def _input(name: str, words: str, hint: str) -> str:
    return f'<label>{safe(words)} <input name="{name}" placeholder="{safe(hint)}" autocomplete="off"></label>'
