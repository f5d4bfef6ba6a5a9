"""What came of a test as a person reads it in a terminal. The first line is the one that editors know how to follow."""

from collections.abc import Iterator, Sequence
from unicodedata import normalize

from flowrunner.diagnostics import Location
from flowrunner.diff.values import Span
from flowrunner.testing.outcomes import Failure, Outcome
from flowrunner.views.problems.text import EXCERPT, excerpt, numbered
from flowrunner.views.terminal.cells import head
from flowrunner.views.terminal.styles import BLUE, BOLD, DIM, GREEN, RED, STRIKE, UNDERLINE, paint
from flowrunner.views.tests.told import heading, line_of, origin, summary
from flowrunner.views.visible import visible

_BEFORE = 2
"""Lines of the test file that are shown above the one that fails."""
_WRONG = f"{BOLD};{RED}"
_SAME = 60
"""Characters that are shown at each end of what two long texts have in common."""
_CHAT = 6
"""Lines of the chat that are shown; how many more there are is said."""
_STYLES = {"same": "", "removed": f"{RED};{STRIKE}", "added": f"{GREEN};{UNDERLINE}"}


def told(outcome: Outcome, text: str, *, colour: bool, named: bool = False, whole_chat: bool = False) -> str:
    """What came of one test: all of what failed; of what passed a line where it is ``named``, else nothing.

    What a file or a message holds is never passed to the terminal raw.

    Args:
        outcome: The outcome.
        text: The text of its test file.
        colour: Draw for a terminal, with escape codes.
        named: Name what passed, too.
        whole_chat: Show all of the chat up to the failure.
    """
    case = outcome.case
    if outcome.verdict == "passed":
        return f"{paint('passed', GREEN, colour)}  {visible(case.name)}" if named else ""
    if outcome.verdict == "internal":
        place = paint(visible(str(case.at)), BOLD, colour)
        word = paint("internal", _WRONG, colour)
        lines = [f"{place}: {word}: {visible(case.name)}", *_indented(outcome.internal)]
        return "\n".join([*lines, "  flowrunner itself went wrong; nothing is known of the flow"])
    parts = [line for failure in outcome.failures for line in _failure(outcome, failure, text, colour)]
    return "\n".join([*parts, *_chat(outcome, colour, whole=whole_chat)])


def closing(outcomes: Sequence[Outcome], left: int, took: float, *, colour: bool) -> str:
    """The last line, which counts the tests."""
    is_well = all(outcome.verdict == "passed" for outcome in outcomes)
    return paint(summary(outcomes, left, took), f"{BOLD};{GREEN if is_well else RED}", colour)


def _failure(outcome: Outcome, failure: Failure, text: str, colour: bool) -> Iterator[str]:
    place = paint(visible(str(failure.at)), BOLD, colour)
    yield f"{place}: {paint('failed', f'{BOLD};{RED}', colour)}: {visible(heading(outcome, failure))}"
    yield from _excerpt(failure.at, text, colour)
    said = _said(failure, colour)
    where = visible(origin(failure.origin))
    yield f"  {said}{'  ' if where else ''}{paint(where, DIM, colour)}"
    if failure.expected is not None and failure.got is None:
        yield f"  expected: {visible(failure.expected)}"
    if failure.hint:
        yield f"  {paint('hint:', BLUE, colour)} {visible(failure.hint)}"


def _said(failure: Failure, colour: bool) -> str:
    """What happened, with what differs marked: in colours, or by signs where there are none."""
    says = visible(failure.says)
    spans = failure.difference
    if not spans:
        return f"{says}: {_in_one(failure.got)}" if failure.got is not None else says
    signs = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
    pieces = []
    for span in _told_apart(spans):
        before, after = ("", "") if colour else signs[span.kind]
        text = _in_one(span.text)
        if span.kind == "same" and len(text) > 2 * _SAME:
            text = f"{text[:_SAME]} … {text[-_SAME:]}"
        pieces.append(paint(f"{before}{text}{after}", _STYLES[span.kind], colour))
    return f"{says}: {''.join(pieces)}"


def _told_apart(spans: Sequence[Span]) -> Iterator[Span]:
    """The spans; what differs and looks the same, such as a no-break space for a space, by its code points."""
    changed = [normalize("NFKC", span.text) for span in spans if span.kind != "same"]
    for span in spans:
        alike = span.kind != "same" and changed.count(normalize("NFKC", span.text)) > 1
        yield span._replace(text="".join(map(_spelled, span.text))) if alike else span


def _spelled(sign: str) -> str:
    return sign if sign.isascii() and sign.isprintable() else f"<U+{ord(sign):04X}>"


def _in_one(text: str) -> str:
    """A text on one line: its line breaks are seen."""
    return visible(text.replace("\n", "⏎"))


def _excerpt(at: Location, text: str, colour: bool) -> Iterator[str]:
    """The line of the test file, with those above it."""
    lines = text.split("\n")
    for number in range(max(at.line - _BEFORE, 1), min(at.line, len(lines) + 1)):
        yield f"{numbered(number, colour)} {head(visible(lines[number - 1].rstrip()), EXCERPT)}".rstrip()
    if 0 < at.line <= len(lines):
        yield from excerpt(at, lines[at.line - 1], _WRONG, colour)


def _chat(outcome: Outcome, colour: bool, *, whole: bool) -> Iterator[str]:
    """The chat up to the failure, its last lines where it is long."""
    if not outcome.chat:
        yield "  nothing was said before"
        return
    shown = outcome.chat if whole else outcome.chat[-_CHAT:]
    hidden = len(outcome.chat) - len(shown)
    more = f" ({hidden} more before: --chat shows all of it)" if hidden else ""
    yield paint(f"  the chat so far{more}:", DIM, colour)
    for entry in shown:
        yield paint(f"    {head(visible(line_of(entry)), EXCERPT)}", DIM, colour)


def _indented(text: str) -> Iterator[str]:
    return (f"    {visible(line)}" for line in text.strip().split("\n"))
