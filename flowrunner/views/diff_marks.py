"""The words that differ, marked inside a message, so that whatever draws messages draws the marks with them.

A mark is a sign before and one after the words, taken from the characters that Unicode keeps for such use inside of
programs. Whoever has drawn a marked message replaces them: `bracketed` by signs that can be typed, others by styles.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from flowrunner.diagnostics import Route
from flowrunner.difference import FieldChange, Span, StepChange
from flowrunner.model import Json, Message
from flowrunner.views.cards import card
from flowrunner.views.diff_words import value

REMOVED: Final = "\ufdd0"
ADDED: Final = "\ufdd1"
END: Final = "\ufdd2"

_SIGNS: Final = re.compile(f"[{REMOVED}{ADDED}{END}]")
_APART: Final = ("media_url", "message_type", "interactive_type")
"""Fields whose text is taken apart where it is drawn, or decides how: marks in them would be torn."""


class Marked(NamedTuple):
    """A message with its marks.

    Attributes:
        body: The new one, removed words in their place.
        unseen: What is different, and not seen in the message.
    """

    body: Mapping[str, Json]
    unseen: tuple[FieldChange, ...]


def is_one_drawing(change: StepChange) -> bool:
    """Whether old and new message are drawn alike, so that one drawing can show both."""
    before, after = change.before, change.after
    return (
        isinstance(before, Message)
        and isinstance(after, Message)
        and all(before.body.get(name) == after.body.get(name) for name in ("message_type", "interactive_type"))
    )


def marked(body: Mapping[str, Json], fields: Iterable[FieldChange]) -> Marked:
    """The new message of a step that was changed, with every difference that its drawing shows."""
    found: Mapping[str, Json] = unmarked(body)
    unseen: list[FieldChange] = []
    for field in fields:
        place = field.route or (field.old_route if len(field.old_route) == 2 else ())
        seen = None
        if place[:1] == ("message",) and place[-1] not in _APART:
            seen = _with(found, place[1:], words(field))
        if seen is None or card(seen) == card(found):
            unseen.append(field)
        else:
            found = seen
    return Marked(found, tuple(unseen))


def words(field: FieldChange) -> str:
    """The old text and the new one in one, marked; every line by itself."""
    spans = field.spans or [
        Span("removed", "" if field.before is None else value(field.before, field.name)),
        Span("added", "" if field.after is None else value(field.after, field.name)),
    ]
    return "".join(_marked(unmarked(span.text), span.kind) for span in spans)


def unmarked(data: Json) -> Json:
    """Data without anything that could be taken for a mark."""
    if isinstance(data, Mapping):
        return {name: unmarked(item) for name, item in data.items()}
    if isinstance(data, list):
        return [unmarked(item) for item in data]
    return _SIGNS.sub(lambda sign: f"<U+{ord(sign[0]):04X}>", data) if isinstance(data, str) else data


def bracketed(text: str) -> str:
    """Marked text as git writes it: ``[-old-]{+new+}``."""
    sign = ""

    def typed(found: "re.Match[str]") -> str:
        nonlocal sign
        last, sign = sign, found[0]
        return {REMOVED: "[-", ADDED: "{+"}.get(sign) or {REMOVED: "-]", ADDED: "+}"}.get(last, "")

    return _SIGNS.sub(typed, text)


def pieces(text: str) -> Iterable[tuple[str, str]]:
    """Marked text in pieces: each with the sign it stands under, REMOVED, ADDED or none."""
    sign = ""
    for part in re.split(f"({_SIGNS.pattern})", text):
        if _SIGNS.fullmatch(part):
            sign = "" if part == END else part
        elif part:
            yield part, sign


def _marked(text: str, kind: str) -> str:
    if kind == "same":
        return text
    start = REMOVED if kind == "removed" else ADDED
    if not text.strip():
        # Nothing but space: a line break is shown as a sign, for what has no width cannot be seen.
        text = text.replace("\n", "↵\n" if kind == "added" else "↵")
    return "\n".join(f"{start}{line}{END}" if line else "" for line in text.split("\n"))


def _with(data: Json, route: Route, put: Json) -> Json:
    """A copy of the data with a value put at a place; a list must have the place, an object gets it."""
    if not route:
        return put
    copy = list(data) if isinstance(data, list) else dict(data)
    part = route[0]
    copy[part] = _with(copy[part] if len(route) > 1 else None, route[1:], put)  # type: ignore[index]
    return copy
