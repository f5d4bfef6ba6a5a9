"""What was played in a conversation, as a test: made by whoever has the journal that it was sent from."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flowrunner.emulator.api.conversations import Talk


class SavedTest(NamedTuple):
    """A test that passes.

    Attributes:
        name: What its file is called.
        text: That file's text.
        notes: What to know of it, such as what was replaced, a line each.
    """

    name: str
    text: str
    notes: Sequence[str]


MakeTest = Callable[[Talk, str], SavedTest]
"""Makes it of the last run in a conversation at an address (``127.0.0.1:8600``); raises RefusedError where none can be
made. It is called in a thread of its own."""
