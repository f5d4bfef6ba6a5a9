"""Diagnostics as a person reads them in a terminal. The first line of each is the one editors know how to follow."""

from collections.abc import Iterator, Sequence

from flowrunner.diagnostics import Diagnostic, Location, Severity
from flowrunner.views.terminal.cells import head, tail, width
from flowrunner.views.terminal.styles import BLUE, BOLD, RED, YELLOW, linked, paint
from flowrunner.views.visible import visible

EXCERPT = 100
"""Cells of a source line that are shown."""

NOTES = 2
"""Notes that are shown; how many more there are is said."""

_STYLE = {Severity.ERROR: f"{BOLD};{RED}", Severity.WARNING: f"{BOLD};{YELLOW}"}


def text(diagnostics: Sequence[Diagnostic], colour: bool, *, links: bool = False) -> str:
    """All `diagnostics` in their order with a blank line between, and a last line that counts them.

    What a file holds is never passed to the terminal raw. Without diagnostics: an empty string.

    Args:
        diagnostics: What was found, at most seven lines each.
        colour: Draw for a terminal, with escape codes.
        links: The terminal makes links of text: each code leads to the page its rule comes from.
    """
    if not diagnostics:
        return ""
    parts = ["\n".join(_lines(diagnostic, colour, links)) for diagnostic in diagnostics]
    return "\n\n".join([*parts, paint(summary(diagnostics), BOLD, colour)])


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """How many and where: ``2 errors, 1 warning in 1 file``; what is no file (`is_file`) is not counted as one."""
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    counts = [(errors, "error"), (len(diagnostics) - errors, "warning")]
    files = len({diagnostic.location.path for diagnostic in diagnostics if is_file(diagnostic.location)})
    said = ", ".join(_count(number, noun) for number, noun in counts if number) or "no problems"
    return f"{said} in {_count(files, 'file')}" if files else said


def one_line(diagnostic: Diagnostic) -> str:
    """Place, code and message, as editors know to follow; not yet made visible."""
    return f"{diagnostic.location}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}"


def in_sentences(diagnostic: Diagnostic) -> str:
    """What is wrong, where it came from and how to mend it, a line each."""
    origins = [f"from {note.location}: {note.message}" for note in diagnostic.notes]
    return "\n".join([diagnostic.message, *origins, *([f"hint: {diagnostic.hint}"] if diagnostic.hint else [])])


def is_file(place: Location) -> bool:
    """Whether the place is a file, not what stands for one (``<stdin>``, ``--var name``)."""
    return not place.path.startswith(("<", "--"))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _lines(diagnostic: Diagnostic, colour: bool, links: bool) -> Iterator[str]:
    severity = diagnostic.severity
    code = linked(diagnostic.code, diagnostic.link if links else "")
    kind = paint(f"{severity}[{code}]", _STYLE[severity], colour)
    place = paint(visible(str(diagnostic.location)), BOLD, colour)
    yield f"{place}: {kind}: {visible(diagnostic.message)}"
    yield from excerpt(diagnostic.location, diagnostic.excerpt, _STYLE[severity], colour)
    for note in diagnostic.notes[:NOTES]:
        yield f"  from {visible(str(note.location))}: {visible(note.message)}"
    if len(diagnostic.notes) > NOTES:
        yield f"  and from {_count(len(diagnostic.notes) - NOTES, 'more place')}"
    if diagnostic.hint:
        yield f"  {paint('hint:', BLUE, colour)} {visible(diagnostic.hint)}"


def excerpt(place: Location, line: str, style: str, colour: bool) -> Iterator[str]:
    """The line of a file that a place is in, with its number, and below it what is marked; nothing of an empty line.

    Args:
        place: Where.
        line: The line.
        style: That of the marks.
        colour: Draw for a terminal, with escape codes.
    """
    if not place.line or not line.strip():
        return
    source = line.rstrip("\r\n")
    start = max(place.column - 1, 0)
    end = place.end_column - 1 if place.end_line == place.line else len(source)
    before, marked, after = (visible(part) for part in _cut(source, start, max(end, start + 1)))
    if width(before + marked + after) > EXCERPT:
        before = tail(before, EXCERPT // 2)
        marked = head(marked, EXCERPT - width(before))
        after = head(after, max(EXCERPT - width(before + marked), 1))
    carets = "^" * max(width(marked), 1)
    yield f"{numbered(place.line, colour)} {before}{marked}{after}"
    gutter = paint(f"{' ' * 5} |", BLUE, colour)
    yield f"{gutter} {' ' * width(before)}{paint(carets, style, colour)}"


def numbered(line: int, colour: bool) -> str:
    """What stands before a line of a file: its number."""
    return paint(f"{line:>5} |", BLUE, colour)


def _cut(source: str, start: int, end: int) -> tuple[str, str, str]:
    # What is far beyond the cells that are shown is not worth measuring: a line may be a whole file.
    far = 4 * EXCERPT
    whole = source[start : min(end, start + far)]
    # A place just after the last character is right: something is missing there.
    marked = whole.rstrip() or whole
    return source[max(start - far, 0) : start], marked, whole[len(marked) :] + source[end : end + far]
