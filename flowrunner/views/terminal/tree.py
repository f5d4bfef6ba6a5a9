"""A flow that listens in a terminal: the conversation, and below each question the ways on from it, indented."""

from collections.abc import Iterable, Iterator
from typing import Literal

from flowrunner.engine.ahead.outline import Outline, Scene, Way, outline
from flowrunner.model import Message, Rendering
from flowrunner.views.message.answers import comes_after, leads_to
from flowrunner.views.message.quoting import quoted, quotes
from flowrunner.views.quiet import quiet
from flowrunner.views.terminal.chat import bubble, columns_of, flush, heading
from flowrunner.views.terminal.paragraphs import plain
from flowrunner.views.terminal.styles import BOLD, CYAN, DIM, paint

_SIGNS = {"file": "▽", "turn": "▽"}
"""Of what always happens; the others are ways that may be taken."""


def branches(rendering: Rendering, *, width: int, colour: bool) -> str:
    """The whole flow, every branch once; see `flowrunner.views.terminal.chat.conversation` for the arguments."""
    its, columns = outline(rendering), columns_of(width)
    draw = _Tree(rendering, columns, colour)
    drawn = [heading(rendering, columns=columns, colour=colour), *draw.scenes(its.scenes, 0), *draw.anytime(its)]
    return "\n\n".join(drawn)


class _Tree:
    """Draws scenes: a text each, below which its ways stand, further in.

    Bubbles stand at the terminal's right edge however deep they are; what is left of them has room for the lines that
    show where one is.
    """

    def __init__(self, rendering: Rendering, columns: int, colour: bool) -> None:
        self._files, self._columns, self._colour = rendering.flow.bundle.media, columns, colour
        self._known = quotes(rendering.acts.values())
        self._deepest = columns // 10  # a bubble leaves a fifth of the columns free

    def anytime(self, its: Outline) -> Iterator[str]:
        if its.anytime:
            yield paint("Whenever they write:", BOLD, self._colour)
            yield from self._ways(its.anytime, 0)

    def scenes(self, scenes: Iterable[Scene], depth: int) -> Iterator[str]:
        for scene in scenes:
            yield from self._scene(scene, depth)

    def _scene(self, scene: Scene, depth: int) -> Iterator[str]:
        action = scene.action
        if isinstance(action, Message):
            quote = quoted(action.body, self._known)
            drawn = bubble(action, width=self._columns, colour=self._colour, files=self._files, quotes=quote)
            note = f"depends on the answer to {' and '.join(scene.depends)}"
            under = [self._words(note, "right", depth)] if scene.depends else []
            yield "\n".join([self._before(drawn, depth), *under])
        elif said := quiet(action):
            yield self._words(f"· {said} ·", "centre", depth)
        yield from self._ways(scene.ways, depth)

    def _ways(self, ways: Iterable[Way], depth: int) -> Iterator[str]:
        """Each way: what leads there, and below that what happens then."""
        for way in ways:
            said = comes_after(way)
            after = [self._words(f"· {said} ·", "centre", depth + 1)] if said else []
            yield "\n".join([self._head(way, depth), *self.scenes(way.scenes, depth + 1), *after])

    def _head(self, way: Way, depth: int) -> str:
        sign = _SIGNS.get(way.kind, "▶" if way.is_taken else "▷")
        words = leads_to(way)
        head = plain(words, BOLD if way.is_taken else "")._replace(first=f"{sign} ", rest="  ")
        if way.kind == "answer" and way.name not in words:
            head = head._replace(spans=(*head.spans, (f"  {way.name}", DIM)))
        return self._beside(flush([head], self._columns - self._indent(depth), self._colour), depth)

    def _words(self, text: str, align: Literal["centre", "right"], depth: int) -> str:
        said = plain(text, DIM)._replace(align=align)
        return self._beside(flush([said], self._columns - self._indent(depth), self._colour), depth)

    def _indent(self, depth: int) -> int:
        return 2 * min(depth, self._deepest)

    def _lines(self, depth: int) -> str:
        return paint("│ " * min(depth, self._deepest), CYAN, self._colour) if depth else ""

    def _beside(self, lines: Iterable[str], depth: int) -> str:
        return "\n".join(self._lines(depth) + line for line in lines)

    def _before(self, drawn: str, depth: int) -> str:
        """A drawing with what shows how deep it stands in place of the spaces that it begins with."""
        return self._beside((line[self._indent(depth) :] for line in drawn.split("\n")), depth)
