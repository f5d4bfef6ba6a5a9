"""What a preview shows for one recipient."""

from collections.abc import Sequence
from typing import NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Rendering


class Sheet(NamedTuple):
    """One recipient's conversation, not yet drawn.

    Attributes:
        label: What it is called among others.
        rendering: The conversation; None where an error is in the way.
        diagnostics: All there is to say about it, by place.
    """

    label: str
    rendering: Rendering | None
    diagnostics: Sequence[Diagnostic] = ()
