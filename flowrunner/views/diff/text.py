"""A comparison as a person reads it in a terminal. No text ends with a line break."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from flowrunner.diff.values import Case, Comparison, FieldChange, FlowDifference, StepChange, WayChange
from flowrunner.model import Action, Message, Passed
from flowrunner.views.diff.highlights import (
    ADDED,
    REMOVED,
    bracketed,
    drawn_sides,
    highlight_both,
    is_other_pause,
    is_other_step,
    one_drawing,
    pieces,
    without_signs,
    words,
)
from flowrunner.views.diff.phrases import SIGNS, counted, is_told, plural, summary, title, told, whom
from flowrunner.views.problems.text import one_line
from flowrunner.views.quiet import quiet
from flowrunner.views.terminal.cards import Card, card
from flowrunner.views.terminal.chat import NARROWEST, assumed, boxes, flush
from flowrunner.views.terminal.paragraphs import Paragraph, plain
from flowrunner.views.terminal.styles import BOLD, DIM, GREEN, RED, STRIKE, UNDERLINE, YELLOW

_STYLES = {"added": GREEN, "removed": RED, "changed": YELLOW, "moved": YELLOW, "kept": DIM}
_HIGHLIGHTS = {REMOVED: f"{RED};{STRIKE}", ADDED: f"{GREEN};{UNDERLINE}", "": ""}


def as_text(comparison: Comparison, *, width: int, colour: bool) -> str:
    """The whole comparison.

    Args:
        comparison: What is to be drawn.
        width: The terminal's columns; no line is wider.
        colour: Draw for a terminal, differing words as styles; without, there is no escape code and they are
            highlighted as git does it: ``[-old-]{+new+}``.
    """
    drawing = _Drawing(max(width, NARROWEST), colour)
    parts = [drawing.lines(plain(f"{comparison.before} → {comparison.after}: {summary(comparison)}", BOLD))]
    same = 0
    for flow in comparison.flows:
        if not is_told(flow):
            same += 1
        else:
            parts += drawing.flow(flow)
    if same and len(comparison.flows) > 1:
        parts.append(drawing.lines(plain(f"{plural(same, 'flow')} as before", DIM)))
    return "\n\n".join(parts)


class _Drawing:
    """Draws for one terminal."""

    def __init__(self, columns: int, colour: bool) -> None:
        self._columns, self._colour = columns, colour

    def lines(self, *paragraphs: Paragraph) -> str:
        return "\n".join(flush((self._painted(each) for each in paragraphs), self._columns, self._colour))

    def flow(self, flow: FlowDifference) -> Iterator[str]:
        notes = [plain(f"note: {note}", indent="  ") for note in flow.notes]
        problems = [plain(one_line(problem), indent="  ") for problem in flow.problems]
        yield self.lines(plain(f"{flow.path}: {told(flow)}", BOLD), *problems, *notes)
        for case in flow.cases:
            if case.differs or case.rows:
                yield from self._case(case)

    def _case(self, case: Case) -> Iterator[str]:
        heading = [f"{whom(case)}: "] if whom(case) else []
        heading.append(counted(case))
        values = [] if len(case.rows) > 1 else [assumed(each) for each in case.variables]
        yield self.lines(plain("".join(heading)), *values)
        if not case.differs:
            return
        for is_kept, changes in groupby(case.changes, lambda change: change.kind == "kept"):
            if is_kept:
                count = len(list(changes))
                yield self.lines(_centred(f"{plural(count, 'step')} as before"))
                continue
            for change in changes:
                yield "\n".join(part for part in self._change(change) if part)

    def _change(self, change: StepChange | WayChange) -> Iterator[str]:
        yield self.lines(plain(f"{SIGNS[change.kind]} {title(change)}", f"{BOLD};{_STYLES[change.kind]}"))
        if isinstance(change, WayChange):
            return
        if (after := one_drawing(change)) is not None:
            body, unseen = highlight_both(after, change.fields)
            yield self._boxes(card(body, template=after.template), change.kind)
            yield self._fields(unseen)
        elif is_other_step(change):
            yield self._fields(change.fields)
        elif is_other_pause(change):
            yield self.lines(_centred(f"{words(change.fields[0])} later"))
        else:
            yield from (self._action(action, side) for side, action in drawn_sides(change))

    def _fields(self, fields: Iterable[FieldChange]) -> str:
        return self.lines(*(plain(f"{field.name}: {words(field)}", indent="  ") for field in fields))

    def _action(self, action: Action, kind: str) -> str:
        if isinstance(action, Message):
            return self._boxes(card(without_signs(action.body), template=action.template), kind)
        # What sends nothing and waits for nothing is told in the line above.
        return "" if isinstance(action, Passed) else self.lines(_centred(quiet(action)))

    def _boxes(self, drawn: Card, kind: str) -> str:
        painted = drawn._replace(
            inside=tuple(tuple(map(self._painted, section)) for section in drawn.inside),
            buttons=tuple(tuple(map(self._painted, button)) for button in drawn.buttons),
            options=tuple(tuple(map(self._painted, section)) for section in drawn.options),
        )
        return boxes(painted, width=self._columns, colour=self._colour, frame=_STYLES[kind])

    def _painted(self, paragraph: Paragraph) -> Paragraph:
        if not self._colour:
            typed = paragraph.typed
            return paragraph._replace(
                spans=tuple((bracketed(text), style) for text, style in paragraph.spans),
                typed=None if typed is None else bracketed(typed),
            )
        return paragraph._replace(spans=tuple(_styled(paragraph.spans)))


def _styled(spans: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Text in its own style and in that of its highlight, which may begin and end in other spans."""
    whole = "".join(text for text, _ in spans)
    signs = iter([sign for text, sign in pieces(whole) for _ in text])
    for text, style in spans:
        shown = "".join(part for part, _ in pieces(text))
        for sign, group in groupby(shown, lambda _: next(signs)):
            yield "".join(group), ";".join(filter(None, (style, _HIGHLIGHTS[sign])))


def _centred(text: str) -> Paragraph:
    return plain(f"· {text} ·", DIM)._replace(align="centre")
