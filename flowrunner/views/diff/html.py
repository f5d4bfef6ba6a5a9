"""A comparison as one HTML file that asks nothing of any network: the old chat beside the new one."""

import re
from functools import partial
from typing import Final

from flowrunner.diff.values import Comparison, FieldChange, StepChange
from flowrunner.model import Action, Message, Pause
from flowrunner.views.diff.highlights import ADDED, REMOVED, Shown, highlight_side, pieces, without_signs, words
from flowrunner.views.diff.phrases import counted, is_told, plural, summary, title, value, whom
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.page import asset, draw, safe
from flowrunner.views.problems.text import text as problems_text
from flowrunner.views.quiet import quiet

_TAGS: Final = {REMOVED: "del", ADDED: "ins", "": ""}


def as_html(comparison: Comparison) -> str:
    """The whole page. All of it can be read without a script, on a phone and on paper."""
    flows = [flow for flow in comparison.flows if is_told(flow)]
    return draw(
        "diff/diff.html",
        title=f"{comparison.before} → {comparison.after}", style=asset("html/chat.css") + asset("diff/diff.css"),
        script="", connects=False, comparison=comparison, summary=summary(comparison), flows=flows,
        same=len(comparison.flows) - len(flows), sides=_sides, highlighted=_highlighted, headline=title,
        counted=counted, plural=plural, whom=whom, value=value, problems=partial(problems_text, colour=False),
    )  # fmt: skip


def _sides(change: StepChange) -> tuple[list[tuple[str, str, str]], list[FieldChange]]:
    """Both sides of a change: a class, what it is called, its drawing; and the fields that none of them shows."""
    unseen: list[FieldChange] = list(change.fields)
    sides = []
    for which, name, action in (("before", "Before", change.before), ("after", "After", change.after)):
        if action is None:
            sides.append(("none", "", ""))
            continue
        side: Shown = "removed" if which == "before" else "added"
        drawn, not_seen = _drawn(action, change, side, f"{name}, step {action.step.label}")
        unseen = [field for field in unseen if field in not_seen]
        sides.append((which, name, drawn))
    return sides, unseen


def _drawn(action: Action, change: StepChange, side: Shown, name: str) -> tuple[str, tuple[FieldChange, ...]]:
    """One side of a change, and the fields that it does not show."""
    if isinstance(action, Message):
        draw = partial(bubble, template=action.template)
        body, unseen = highlight_side(action.body, change.fields, side, draw)
        return tagged(draw(body, opened=True, name=name)), unseen
    if isinstance(action, Pause) and change.fields:
        (field,) = change.fields
        return f'<p class="quiet">{_highlighted(field, side)} later</p>', ()
    return f'<p class="quiet">{safe(str(without_signs(quiet(action))))}</p>', change.fields


def _highlighted(field: FieldChange, side: Shown | None = None) -> str:
    return tagged(safe(words(field, side)))


def tagged(drawn: str) -> str:
    """Drawn HTML with elements for its highlights, each around a single text, whatever a highlight reaches over."""
    sign = ""
    parts: list[str] = []
    for part in re.split("(<[^>]*>)", drawn):
        inside = part.startswith("<")
        for text, now in pieces(part, sign):
            tag = "" if inside else _TAGS[now]
            parts.append(f"<{tag}>{text}</{tag}>" if tag and text else text)
            sign = sign if inside else now
    return "".join(parts)
