"""A comparison as one HTML file that asks nothing of any network: the old chat highlight_side the new one."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from flowrunner.diff.values import Case, Comparison, FieldChange, FlowDifference, StepChange
from flowrunner.model import Action, Message, Pause, Variable
from flowrunner.views.diff.highlights import ADDED, REMOVED, Shown, highlight_side, pieces, without_signs, words
from flowrunner.views.diff.phrases import counted, is_told, plural, rows, summary, title, value
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.page import asset, closing, opening, safe
from flowrunner.views.problems.text import text as problems_text
from flowrunner.views.quiet import quiet

_TAGS: Final = {REMOVED: "del", ADDED: "ins", "": ""}
_NOTHING: Final = '<div class="side none"></div>'


def as_html(comparison: Comparison) -> str:
    """The whole page. All of it can be read without a script, on a phone and on paper."""
    style = asset("html/chat.css") + asset("diff/diff.css")
    heading = "What customers will see differently"
    flows = [flow for flow in comparison.flows if is_told(flow)]
    same = len(comparison.flows) - len(flows)
    rest = f'<p class="note">{plural(same, "flow")} as before.</p>\n' if same else ""
    return (
        f"{opening(f'{comparison.before} → {comparison.after}', style, '')}<header>\n<h1>{heading}</h1>\n"
        f"<p><bdi><code>{safe(comparison.before)}</code></bdi> → <bdi><code>{safe(comparison.after)}</code></bdi>: "
        f"{safe(summary(comparison))}</p>\n{_contents(flows)}</header>\n"
        f"<main>\n{''.join(_flow(number, flow) for number, flow in enumerate(flows, 1))}{rest}</main>\n{closing('')}"
    )


def _contents(flows: Iterable[FlowDifference]) -> str:
    listed = [
        f'<li><a href="#flow-{number}"><bdi>{safe(flow.path)}</bdi></a> {_badge(flow.state)}</li>'
        for number, flow in enumerate(flows, 1)
    ]
    return f'<nav aria-label="Flows"><ul>{"".join(listed)}</ul></nav>\n' if len(listed) > 1 else ""


def _badge(what: str) -> str:
    return f'<span class="badge {what}">{"cannot be compared" if what == "unknown" else what}</span>'


def _flow(number: int, flow: FlowDifference) -> str:
    notes = "".join(f"<li>{safe(note)}</li>" for note in flow.notes)
    notes = f'<ul class="notes">{notes}</ul>\n' if notes else ""
    problems = _problems(problems_text(flow.problems, colour=False)) if flow.problems else ""
    cases = "".join(_case(f"{number}-{place}", case) for place, case in enumerate(flow.cases, 1))
    return (
        f'<section class="flow" aria-labelledby="flow-{number}">\n'
        f'<h2 id="flow-{number}"><bdi>{safe(flow.path)}</bdi> {_badge(flow.state)}</h2>\n'
        f"{notes}{problems}{cases}</section>\n"
    )


def _problems(shown: str) -> str:
    lines = "\n".join(map(safe, shown.split("\n")))
    return f'<pre class="problems" tabindex="0" aria-label="Problems">{lines}</pre>\n'


def _case(key: str, case: Case) -> str:
    if not case.differs and not case.rows:
        return ""
    who = f"{rows(case.rows)}: " if case.rows else ""
    shown = [] if len(case.rows) > 1 else case.variables
    values = "".join(map(_value, shown))
    values = f'<ul class="values" aria-label="Values">{values}</ul>' if values else ""
    steps = f'<ol class="steps">\n{"".join(_steps(key, case))}</ol>\n' if case.differs else ""
    return f'<div class="case">\n<h3>{who}{counted(case)}</h3>\n{values}{steps}</div>\n'


def _value(variable: Variable) -> str:
    name, said, origin = safe(variable.name), safe(value(variable.value)), safe(variable.origin)
    return f"<li><bdi>{name}</bdi> = <bdi>{said}</bdi> <small><bdi>{origin}</bdi></small></li>"


def _steps(key: str, case: Case) -> Iterator[str]:
    place = 0
    for is_kept, changes in groupby(case.changes, lambda change: change.kind == "kept"):
        if is_kept:
            yield f'<li class="kept"><p class="quiet">{plural(len(list(changes)), "step")} as before</p></li>\n'
            continue
        for change in changes:
            place += 1
            yield _change(f"step-{key}-{place}", change)


def _change(key: str, change: StepChange) -> str:
    unseen: list[FieldChange] = list(change.fields)
    sides = []
    for which, name, action in (("before", "Before", change.before), ("after", "After", change.after)):
        if action is None:
            sides.append(_NOTHING)
            continue
        side: Shown = "removed" if which == "before" else "added"
        drawn, not_seen = _drawn(action, change, side, f"{name}, step {action.step.label}")
        unseen = [field for field in unseen if field in not_seen]
        sides.append(f'<div class="side {which}"><p class="which">{name}</p>{drawn}</div>')
    return (
        f'<li class="{change.kind}"><h4 id="{key}">{safe(title(change))}</h4>\n'
        f'<div class="sides">{"".join(sides)}</div>{_fields(unseen)}</li>\n'
    )


def _drawn(action: Action, change: StepChange, side: Shown, name: str) -> tuple[str, tuple[FieldChange, ...]]:
    """One side of a change, and the fields that it does not show."""
    if isinstance(action, Message):
        body, unseen = highlight_side(action.body, change.fields, side, bubble)
        return tagged(bubble(body, opened=True, name=name)), unseen
    if isinstance(action, Pause) and change.fields:
        (field,) = change.fields
        return f'<p class="quiet">{tagged(safe(words(field, side)))} later</p>', ()
    return f'<p class="quiet">{safe(str(without_signs(quiet(action))))}</p>', change.fields


def _fields(fields: Iterable[FieldChange]) -> str:
    listed = "".join(
        f"<div><dt><bdi>{safe(field.name)}</bdi></dt><dd>{tagged(safe(words(field)))}</dd></div>" for field in fields
    )
    return f'<dl class="fields">{listed}</dl>' if listed else ""


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
