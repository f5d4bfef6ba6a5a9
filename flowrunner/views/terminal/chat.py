"""A flow as the conversation its recipient will see, drawn for a terminal. No text ends with a line break."""

from collections.abc import Iterable, Iterator, Mapping

from flowrunner.model import EXAMPLE_RECIPIENT, Message, Rendering, Sample, Skipped, Variable
from flowrunner.model.media import MediaFile
from flowrunner.model.plain import NOTHING
from flowrunner.numbers import as_shown
from flowrunner.views.message.quoting import quoted, quotes
from flowrunner.views.quiet import quiet
from flowrunner.views.story import Remark, Said, story
from flowrunner.views.terminal.cards import Card, card
from flowrunner.views.terminal.cells import is_sure
from flowrunner.views.terminal.paragraphs import Paragraph, StyledLine, fold, line_width, plain, render, text_of
from flowrunner.views.terminal.styles import BOLD, CYAN, DIM, GREEN, paint

NARROWEST = 16
"""A narrower terminal is drawn for as if it had this width."""

WIDEST = 100
"""A wider terminal is drawn for as if it had this width: an eye does not follow a chat across a whole screen."""

WIDEST_BUBBLE = 60

FoldedLine = tuple[StyledLine, Paragraph]


def conversation(rendering: Rendering, *, width: int, colour: bool) -> str:
    """The whole conversation: who gets what, then every message, pause and left-out step in order.

    Args:
        rendering: What is to be drawn.
        width: The terminal's columns; no line is wider.
        colour: Draw for a terminal, WhatsApp's formatting as styles; without, there is no escape code and the
            formatting stays as typed.
    """
    columns = columns_of(width)
    known = quotes(rendering.actions)
    parts = [heading(rendering, columns=columns, colour=colour)]
    for action in story(rendering):
        match action:
            case Message():
                quote, files = quoted(action.body, known), rendering.flow.bundle.media
                parts.append(bubble(action, width=columns, colour=colour, files=files, quotes=quote))
            case Skipped():
                left_out = plain(quiet(action), DIM)._replace(align="centre")
                parts.append("\n".join(flush([left_out], columns, colour)))
            case Said(sample=sample):
                parts.append(boxes(_answer(sample), width=columns, colour=colour, frame=CYAN, is_theirs=True))
            case Remark(words=words):
                parts.append(separator(words, columns, colour))
            case _ if said := quiet(action):
                parts.append(separator(said, columns, colour))
    return "\n\n".join(parts)


def _answer(sample: Sample) -> Card:
    """What the person answers; of what is no text, its kind."""
    kind = "" if sample.kind in {"", "text", "button", "row"} else sample.kind
    return Card((tuple(plain(each, style) for each, style in ((kind, BOLD), (sample.text, "")) if each),))


def bubble(
    message: Message,
    *,
    width: int,
    colour: bool,
    ticks: str = "",
    time: str = "",
    files: Mapping[str, MediaFile] = NOTHING,
    quotes: str = "",
) -> str:
    """One outgoing message at the right edge, with its buttons or its list under it.

    Args:
        message: What is to be drawn.
        width: The terminal's columns; no line is wider.
        colour: As for `conversation`.
        ticks: How far it has come, ``✓✓``; drawn in its lower corner after ``time``.
        time: When, as it shall be shown.
        files: What is known of the files that it is sent with, as a bundle has them.
        quotes: How the message begins that it quotes.
    """
    drawn = card(message.body, files, message.template, quotes)
    return boxes(drawn, width=width, colour=colour, corner=f"{time} {ticks}".strip())


def boxes(
    drawn: Card, *, width: int, colour: bool, corner: str = "", frame: str = GREEN, is_theirs: bool = False
) -> str:
    """A card in its frames at the right edge: the bubble, its buttons, its list.

    Args:
        drawn: What stands in them.
        width: The terminal's columns; no line is wider.
        colour: As for `conversation`.
        corner: What stands in the bubble's lower corner.
        frame: The frames' style.
        is_theirs: At the left edge, where the person's answers stand.
    """
    columns = columns_of(width)
    space = min(WIDEST_BUBBLE, columns * 8 // 10) - 4
    inside = [fold(section, space, colour) for section in drawn.inside]
    buttons = [fold(button, space, colour) for button in drawn.buttons]
    options = [fold(section, space, colour) for section in drawn.options]
    if corner:
        inside[-1] += fold([plain(corner, DIM)._replace(align="right")], space, colour)
    size = max(line_width(line) for section in (*inside, *buttons, *options) for line, _ in section)
    parts = ((inside, "╭╮╰╯"), (buttons, "┌┐└┘"), (options, "┌┐└┘"))
    edge = size + 4 if is_theirs else columns
    return "\n".join(line for sections, corners in parts for line in _box(sections, corners, size, edge, colour, frame))


def columns_of(width: int) -> int:
    """The columns that a terminal is drawn for."""
    return min(max(width, NARROWEST), WIDEST)


def heading(rendering: Rendering, *, columns: int, colour: bool) -> str:
    """Who gets what: what stands above the conversation."""
    return "\n".join(flush(_heading(rendering), columns, colour))


def _heading(rendering: Rendering) -> Iterator[Paragraph]:
    flow, recipient = rendering.flow, rendering.recipient
    yield plain(flow.name, BOLD)
    if flow.description:
        yield plain(flow.description)
    if recipient.label:
        conversation_id = f"conversation {recipient.conversation}" if recipient.conversation else ""
        user_id = recipient.user_id if recipient != EXAMPLE_RECIPIENT else ""
        yield plain(f"to {' · '.join(filter(None, (recipient.phone, user_id, conversation_id)))}", DIM)
    yield from (assumed(variable) for variable in rendering.variables if variable.origin in {"default", "example"})


def assumed(variable: Variable) -> Paragraph:
    """A value that nobody gave, and where it came from."""
    value = as_shown(variable.value)
    return plain(f"{variable.name} = {value} ({variable.origin})", DIM)


def separator(text: str, columns: int, colour: bool) -> str:
    """What is no message, in the middle."""
    return "\n".join(flush([plain(f"· {text} ·", DIM)._replace(align="centre")], columns, colour))


def flush(paragraphs: Iterable[Paragraph], columns: int, colour: bool) -> Iterator[str]:
    """Paragraphs without a box, from edge to edge, line by line."""
    for line, paragraph in fold(paragraphs, columns, colour):
        yield " " * _lead(line, paragraph, columns) + render(line, colour)


def _box(
    sections: list[list[FoldedLine]], corners: str, size: int, columns: int, colour: bool, frame: str
) -> Iterator[str]:
    """The sections in a frame around `size` cells at the right edge, a rule between them; nothing without sections."""
    if not sections:
        return
    margin = " " * (columns - size - 4)
    edge = "─" * (size + 2)
    side = paint("│", frame, colour)
    yield margin + paint(f"{corners[0]}{edge}{corners[1]}", frame, colour)
    for number, section in enumerate(sections):
        if number:
            yield margin + paint(f"├{edge}┤", frame, colour)
        for line, paragraph in section:
            lead = " " * _lead(line, paragraph, size)
            # Where terminals disagree on a width, the frame's right side is put at its column, not after the text.
            counted = not colour or is_sure(text_of(line))
            trail = " " * (size - len(lead) - line_width(line) + 1) if counted else f"\x1b[{columns}G"
            yield f"{margin}{side} {lead}{render(line, colour)}{trail}{side}"
    yield margin + paint(f"{corners[2]}{edge}{corners[3]}", frame, colour)


def _lead(line: StyledLine, paragraph: Paragraph, cells: int) -> int:
    space = cells - line_width(line)
    return {"left": 0, "centre": space // 2, "right": space}[paragraph.align]
