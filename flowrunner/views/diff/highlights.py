"""The words that differ, highlighted inside a message, so that whatever draws messages draws the highlights with them.

A highlight is a sign before and one after the words, taken from the characters that Unicode keeps for such use inside
of programs. Whoever has drawn such a message replaces them: `bracketed` by signs that can be typed, others by styles.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final, Literal

from flowrunner.diagnostics import Route
from flowrunner.diff.values import FieldChange, Span, StepChange
from flowrunner.model import Action, Json, Message, Passed, Pause
from flowrunner.views.diff.phrases import value
from flowrunner.views.terminal.cards import card

REMOVED: Final = "\ufdd0"
ADDED: Final = "\ufdd1"
END: Final = "\ufdd2"

_SIGNS: Final = re.compile(f"[{REMOVED}{ADDED}{END}]")
_APART: Final = ("media_url", "message_type", "interactive_type")
"""Fields whose text is taken apart where it is drawn, or decides how: a highlight in them would be torn."""

Shown = Literal["removed", "added"]
"""The old side, which has what was removed, or the new one, which has what was added."""


Highlighted = tuple[Mapping[str, Json], tuple[FieldChange, ...]]
"""A message with its highlights; and what is different, but not seen in the drawing of the message."""


def one_drawing(change: StepChange) -> Message | None:
    """The new message, where it is drawn like the old one, so that one drawing can show both."""
    before, after = change.before, change.after
    if not (isinstance(before, Message) and isinstance(after, Message)):
        return None
    if before.template is not None and after.template is not None and before.template != after.template:
        return None
    decide = ("message_type", "interactive_type")
    return after if all(before.body.get(name) == after.body.get(name) for name in decide) else None


def is_other_pause(change: StepChange) -> bool:
    """Whether a pause takes longer or shorter than it did; then its one field says both."""
    return isinstance(change.before, Pause) and isinstance(change.after, Pause) and bool(change.fields)


def is_other_step(change: StepChange) -> bool:
    """Whether a step that sends nothing and waits for nothing reads otherwise: its fields are all that shows it."""
    return isinstance(change.before, Passed) and isinstance(change.after, Passed) and bool(change.fields)


def drawn_sides(change: StepChange) -> Sequence[tuple[Shown, Action]]:
    """What is drawn of a change that no one drawing shows: both sides, or the only one there is or matters."""
    found: list[tuple[Shown, Action]] = []
    if change.before is not None and (change.after is None or change.kind == "changed"):
        found.append(("removed", change.before))
    if change.after is not None:
        found.append(("added", change.after))
    return found


def highlight_both(message: Message, fields: Sequence[FieldChange]) -> Highlighted:
    """The new message of a step that was changed, with what was removed in its place.

    What was removed with the whole part it stood in has no place; a field of the message has.
    """
    places = [field.route or (field.old_route if len(field.old_route) == 2 else ()) for field in fields]
    draw = partial(card, template=message.template)
    return _highlighted(message.body, zip(fields, places, map(words, fields), strict=True), draw)


def highlight_side(
    body: Mapping[str, Json], fields: Sequence[FieldChange], side: Shown, draw: Callable[[Mapping[str, Json]], object]
) -> Highlighted:
    """One side's message of a step that was changed, with what is only on this side highlighted.

    Args:
        body: The message.
        fields: What is different.
        side: Which side it is of.
        draw: What draws it: a highlight that it does not show is not set.
    """
    places = [field.old_route if side == "removed" else field.route for field in fields]
    return _highlighted(body, zip(fields, places, (words(field, side) for field in fields), strict=True), draw)


def _highlighted(
    body: Mapping[str, Json],
    highlights: Iterable[tuple[FieldChange, Route, str]],
    draw: Callable[[Mapping[str, Json]], object],
) -> Highlighted:
    found: Mapping[str, Json] = without_signs(body)
    unseen: list[FieldChange] = []
    for field, place, text in highlights:
        seen = None
        if place[:1] == ("message",) and place[-1] not in _APART:
            seen = _with(found, place[1:], text)
        if seen is None or draw(seen) == draw(found):
            unseen.append(field)
        else:
            found = seen
    return found, tuple(unseen)


def words(field: FieldChange, side: Shown | None = None) -> str:
    """The old text and the new one in one, highlighted, every line by itself; or only what one side has."""
    spans = field.spans or [
        Span("removed", "" if field.before is None else value(field.before, field.name)),
        Span("added", "" if field.after is None else value(field.after, field.name)),
    ]
    return "".join(
        _set(without_signs(span.text), span.kind) for span in spans if span.kind in {"same", side or span.kind}
    )


def without_signs(data: Json) -> Json:
    """Data without anything that could be taken for a sign."""
    if isinstance(data, Mapping):
        return {name: without_signs(item) for name, item in data.items()}
    if isinstance(data, list):
        return [without_signs(item) for item in data]
    return _SIGNS.sub(lambda sign: f"<U+{ord(sign[0]):04X}>", data) if isinstance(data, str) else data


def bracketed(text: str) -> str:
    """Highlighted text as git writes it: ``[-old-]{+new+}``."""
    sign = ""

    def typed(found: "re.Match[str]") -> str:
        nonlocal sign
        last, sign = sign, found[0]
        return {REMOVED: "[-", ADDED: "{+"}.get(sign) or {REMOVED: "-]", ADDED: "+}"}.get(last, "")

    return _SIGNS.sub(typed, text)


def pieces(text: str, sign: str = "") -> Iterator[tuple[str, str]]:
    """Highlighted text in pieces: each with the sign it stands under, REMOVED, ADDED or none.

    Args:
        text: What may hold highlights.
        sign: What its beginning stands under. The last piece, perhaps an empty one, has what its end stands under.
    """
    for part in re.split(f"({_SIGNS.pattern})", text):
        if _SIGNS.fullmatch(part):
            sign = "" if part == END else part
        else:
            yield part, sign


def _set(text: str, kind: str) -> str:
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
