"""What became of questions: who was asked, who took which branch, who was silent. No line ends with a line break."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from flowrunner.model.campaigns import QuestionTally
from flowrunner.views.report.charts import share
from flowrunner.views.terminal.cells import head, pad
from flowrunner.views.terminal.styles import BOLD, CYAN, DIM, GREEN, YELLOW, paint
from flowrunner.views.visible import visible

_NAME: Final = 24
"""Cells of a branch's name; a longer one is cut, as is one beside which a narrow terminal has no room for figures."""
_FIGURES: Final = 19
_WIDEST: Final = 40
"""Cells of a bar that stands for everybody who was asked."""
_WORDS: Final = {"otherwise": "something else", "any": "anything"}
_STYLES: Final = {"answered": GREEN, "otherwise": YELLOW, "silent": DIM, "open": CYAN}


class Bar(NamedTuple):
    """One way on from a question.

    Attributes:
        kind: ``answered``, ``otherwise``, ``silent`` or ``open``.
        name: What it is called.
        number: How many went that way.
    """

    kind: str
    name: str
    number: int


def bars(its: QuestionTally) -> list[Bar]:
    """The ways on from a question: each branch that somebody took, silence, and who did neither."""
    found = [
        Bar("otherwise" if name == "otherwise" else "answered", _WORDS.get(name) or its.words.get(name, name), count)
        for name, count in its.answered.items()
    ]
    found += [Bar("silent", "silent", its.silent)] if its.silent else []
    return found + ([Bar("open", "not answered", its.open)] if its.open else [])


def asked(its: QuestionTally) -> str:
    """``120 asked, 98 answered, 30 reminded``."""
    answered = sum(its.answered.values())
    reminded = f", {its.reminded:,} reminded" if its.reminded else ""
    return f"{its.asked:,} asked, {answered:,} answered{reminded}"


def questions_drawn(questions: Sequence[QuestionTally], *, width: int, colour: bool) -> Iterator[str]:
    """Each question that somebody was asked, with a bar for each way on."""
    for number, its in enumerate(each for each in questions if each.asked):
        if number:
            yield ""
        yield f"{paint(visible(its.label), BOLD, colour)}  {asked(its)}"
        yield from (_drawn(each, its.asked, width, colour) for each in bars(its))


def _drawn(bar: Bar, base: int, width: int, colour: bool) -> str:
    size = min(max(width - _FIGURES, 8), _NAME)
    name = pad(head(visible(bar.name), size), size)
    figures = f"  {name}{bar.number:>9,}  {share(bar.number, base):>6}"
    room = min(width - len(figures) - 2, _WIDEST)
    filled = "█" * max(round(room * bar.number / base), 1) if room > 0 else ""
    return f"{figures}  {paint(filled, _STYLES[bar.kind], colour)}".rstrip()
