"""A comparison as a comment on a pull request, in GitHub's Markdown. No text ends with a line break.

What flows hold stands only where Markdown reads nothing: in `<pre>`, its signs escaped, and in code spans. No text
there becomes HTML, a link, an image, a mention or a reference: https://github.github.com/gfm/#html-blocks
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from shlex import quote
from typing import Final

from flowrunner.diff.values import Case, Comparison, FlowDifference, StepChange, WayChange
from flowrunner.model import Action, Message, Passed
from flowrunner.views.diff.highlights import (
    ADDED,
    REMOVED,
    drawn_sides,
    highlight_both,
    is_other_pause,
    is_other_step,
    one_drawing,
    pieces,
    without_signs,
    words,
)
from flowrunner.views.diff.phrases import (
    SIGNS,
    counted,
    is_told,
    plural,
    summary,
    title,
    told,
    value,
    whom,
)
from flowrunner.views.problems.text import text as problems_text
from flowrunner.views.quiet import quiet
from flowrunner.views.terminal.cards import Card, card
from flowrunner.views.terminal.paragraphs import Paragraph, fold, text_of
from flowrunner.views.visible import visible

MOST: Final = 60_000
"""Characters of the whole text. GitHub takes 65,536 in a comment; the rest is for what a workflow adds."""

_LONG: Final = 15
"""Lines of a change that are shown at once; a longer one is folded."""

_CELLS: Final = 80

_Block = tuple[str, int]
"""A piece that is shown whole or not at all, and how many changes are in it."""


def as_markdown(comparison: Comparison) -> str:
    """The whole comparison, as far as it fits into a comment; what does not is counted.

    The first line is a comment by which a workflow finds the text that it posted before.
    """
    sides = " ".join(quote(side[:1000]) for side in (comparison.before, comparison.after))
    total = sum(change.kind != "kept" for flow in comparison.flows for case in flow.cases for change in case.changes)
    parts: list[str] = []
    room, shown = MOST - 500 - len(sides), 0
    for text, changes in _blocks(comparison):
        room -= len(text) + 2
        if room < 0:
            more = f"**And {plural(total - shown, 'more change')}.**" if total > shown else "**And more.**"
            parts.append(f"{more} All of it: {_code(f'flowrunner diff {sides}')}")
            break
        parts.append(text)
        shown += changes
    return "\n\n".join(parts)


def _blocks(comparison: Comparison) -> Iterator[_Block]:
    sides = f"{_code(comparison.before)} → {_code(comparison.after)}"
    yield f"<!-- flowrunner diff -->\n### What customers will see differently\n\n{sides}: {summary(comparison)}", 0
    for flow in comparison.flows:
        if is_told(flow):
            yield from _flow(flow)


def _flow(flow: FlowDifference) -> Iterator[_Block]:
    listed = "\n".join(f"- {_code(note)}" for note in flow.notes)
    yield f"#### {_code(flow.path)}: {told(flow)}" + (f"\n\n{listed}" if listed else ""), 0
    if flow.problems:
        yield _pre(problems_text(flow.problems, colour=False)), 0
    for case in flow.cases:
        if case.differs or case.rows:
            yield _case(case), 0
        if case.differs:
            yield from ((_change(change), 1) for change in case.changes if change.kind != "kept")


def _case(case: Case) -> str:
    who = f"**{whom(case)}:** " if whom(case) else ""
    kept = case.counts["kept"]
    values = [f"{each.name} = {value(each.value)} ({each.origin})" for each in case.variables]
    with_values = f", with {', '.join(map(_code, values))}" if values and len(case.rows) <= 1 else ""
    return f"{who}{counted(case)}{f', {kept} as before' if kept else ''}{with_values}"


def _change(change: StepChange | WayChange) -> str:
    said = f"{SIGNS[change.kind]} {title(change)}"
    shown = "" if isinstance(change, WayChange) else "\n".join(_drawn(change))
    if not shown:
        return f"**{_code(said)}**"
    if shown.count("\n") < _LONG:
        return f"**{_code(said)}**\n\n{_pre(shown)}"
    return f"<details><summary><b><code>{_escaped(said)}</code></b></summary>\n\n{_pre(shown)}\n\n</details>"


def _drawn(change: StepChange) -> Iterator[str]:
    if (after := one_drawing(change)) is not None:
        body, unseen = highlight_both(after, change.fields)
        yield from _lines(card(body, template=after.template))
        if unseen:
            yield ""
            yield from (f"{field.name}: {words(field)}" for field in unseen)
    elif is_other_step(change):
        yield from (f"{field.name}: {words(field)}" for field in change.fields)
    elif is_other_pause(change):
        yield f"{words(change.fields[0])} later"
    else:
        sides = drawn_sides(change)
        for side, action in sides:
            if len(sides) > 1:
                yield from ["before:"] if side == "removed" else ["", "now:"]
            yield from _action(action)


def _action(action: Action) -> Iterator[str]:
    if isinstance(action, Message):
        yield from _lines(card(without_signs(action.body), template=action.template))
    elif not isinstance(action, Passed):
        yield quiet(action)


def _lines(drawn: Card) -> Iterator[str]:
    """A message without its frames."""
    for number, section in enumerate((*drawn.inside, *drawn.options)):
        if number:
            yield "───"
        yield from _folded(section)
    for button in drawn.buttons:
        yield f"[{' '.join(_folded(button))}]"


def _folded(paragraphs: Iterable[Paragraph]) -> Iterator[str]:
    return (text_of(line) for line, _ in fold(paragraphs, _CELLS, colour=False))


def _pre(text: str) -> str:
    # Every line is set in: some programs take a line of a comment that begins with a slash for a command to them.
    inside = "\n".join(f"  {line}" if line else "" for line in text.split("\n"))
    return f"<pre>\n{''.join(_piece(part, sign) for part, sign in pieces(inside))}\n</pre>"


def _piece(text: str, sign: str) -> str:
    tag = {REMOVED: "del", ADDED: "ins"}.get(sign)
    return f"<{tag}>{_escaped(text)}</{tag}>" if tag else _escaped(text)


def _escaped(text: str) -> str:
    return escape(visible(text, keep="\n"), quote=False).replace("@", "&#64;")


def _code(text: str) -> str:
    """A code span: nothing in it is read as Markdown or HTML."""
    shown = visible(text)
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    space = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) or not shown.strip() else ""
    return f"{ticks}{space}{shown}{space}{ticks}"
