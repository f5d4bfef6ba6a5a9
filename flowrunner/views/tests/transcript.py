"""A chat as a text file: what the terminal preview draws, without colours."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from flowrunner.model import Json
from flowrunner.testing.outcomes import Entry
from flowrunner.views.terminal.cards import Card, card
from flowrunner.views.terminal.chat import boxes, separator
from flowrunner.views.terminal.paragraphs import written
from flowrunner.views.visible import visible

_COLUMNS: Final = 80
_IDS: Final = ("reply_to", "reacted_to_message_id")
_ABOVE: Final = "a message above"
"""What stands for WhatsApp's id of a message: nobody reads one, and each emulator makes its own."""


def transcript(chat: Sequence[Entry], ended: str) -> str:
    """The whole chat, a message a paragraph, an empty line between; how the run ended is the last.

    Args:
        chat: What was said and what happened.
        ended: The word for what the run has come to, as ``ends`` has it.
    """
    drawn = "\n\n".join([*_drawn(chat), separator(ended.replace("_", " "), _COLUMNS, colour=False)])
    return "".join(f"{line.rstrip()}\n" for line in drawn.split("\n"))


def bare(paragraph: str) -> str:
    """What is written in a paragraph, without its frame."""
    lines = (line.strip().strip("│╭╮╰╯┌┐└┘├┤─·").strip() for line in paragraph.split("\n"))
    return "\n".join(line for line in lines if line)


def _drawn(chat: Sequence[Entry]) -> Iterator[str]:
    for entry in chat:
        if entry.who == "event":
            yield separator(visible(entry.text), _COLUMNS, colour=False)
        elif entry.who == "bot":
            yield boxes(card(_named(entry.body)), width=_COLUMNS, colour=False)
        else:
            yield boxes(Card((written(visible(entry.text, keep="\n")),)), width=_COLUMNS, colour=False, is_theirs=True)


def _named(body: Mapping[str, Json]) -> Mapping[str, Json]:
    return {**body, **{name: _ABOVE for name in _IDS if body.get(name)}}
