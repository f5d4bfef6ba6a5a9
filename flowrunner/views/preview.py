"""What a preview shows for one recipient."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Rendering
from flowrunner.model.plain import NOTHING


class Preview(NamedTuple):
    """One recipient's conversation, not yet drawn.

    Attributes:
        label: What it is called among others, whatever is wrong with it.
        rendering: The conversation; None where an error is in the way.
        diagnostics: All there is to say about it, by place.
        name: What the recipient is called, if the audience says so.
        pictures: The pictures it is drawn with, as ``data:`` addresses, by the files as the flow names them.
        window: When they wrote last, as it is drawn: ``within 24 hours`` or ``after 24 hours``; empty where the flow
            does not ask that, so that there is one case alone.
        stale: The conversation is the last one that could be drawn, from before the errors.
        is_path: Of a flow that listens one path is drawn, and not every branch.
    """

    label: str
    rendering: Rendering | None
    diagnostics: Sequence[Diagnostic] = ()
    name: str = ""
    pictures: Mapping[str, str] = NOTHING
    window: str = ""
    stale: bool = False
    is_path: bool = False

    @property
    def shows_tree(self) -> bool:
        """Whether every branch is drawn."""
        return self.rendering is not None and bool(self.rendering.acts) and not self.is_path

    @property
    def heading(self) -> str:
        """What stands above the conversation and on its tab."""
        return ", ".join(filter(None, (self.label, self.name, self.window)))


def kept(last: Sequence[Preview], previews: Sequence[Preview]) -> list[Preview]:
    """The previews, where one lacks its conversation with the one it had before, marked as stale.

    Args:
        last: What was shown before.
        previews: What the files say now; a single one where the flow itself cannot be read.
    """
    before = {each.label: each for each in last if each.rendering is not None}
    if len(previews) == 1 and previews[0].rendering is None and previews[0].label not in before:
        return [old._replace(diagnostics=previews[0].diagnostics, stale=True) for old in before.values()] or [*previews]
    return [
        old._replace(diagnostics=new.diagnostics, stale=True)
        if new.rendering is None and (old := before.get(new.label))
        else new
        for new in previews
    ]
