"""Previews drawn: what each ``--format`` of text is."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flowrunner.cli.console import colour, is_terminal, width
from flowrunner.views.preview import Preview

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic
    from flowrunner.views.requests import Way


def draw(form: str, previews: Sequence[Preview], *, to_terminal: bool = False, way: "Way | None" = None) -> str:
    """The previews as ``chat``, ``html``, ``json`` or ``curl``.

    Args:
        form: Which.
        previews: One for each recipient.
        to_terminal: The chat may take its width and its colours; what steers a terminal is escaped in JSON.
        way: How the commands post, for ``curl``.
    """
    renderings = [its.rendering for its in previews if its.rendering]
    if form == "chat":
        from flowrunner.views.terminal.chat import conversation
        from flowrunner.views.terminal.tree import branches

        columns, styles = (width(), colour()) if to_terminal else (80, False)
        return "\n\n\n".join(
            (branches if its.shows_tree else conversation)(its.rendering, width=columns, colour=styles)
            for its in previews
            if its.rendering is not None
        )
    if form == "html":
        from flowrunner.views.html.preview import as_html

        return as_html(previews, title=title(previews))
    from flowrunner.views.paths import path_tree
    from flowrunner.views.requests import as_curl, message_list
    from flowrunner.views.visible import escaped

    if way is not None:
        text = as_curl(renderings, way)
    else:
        # Of several people, a list of what each of them has.
        lists = [
            (path_tree if its.shows_tree else message_list)(its.rendering)
            for its in previews
            if its.rendering is not None
        ]
        text = lists[0] if len(lists) == 1 else "[\n" + ",\n".join(lists) + "\n]"
    return escaped(text) if to_terminal and is_terminal() else text


def title(previews: Sequence[Preview]) -> str:
    """The flow's name, or its file's where it cannot be read."""
    return next((its.rendering.flow.name for its in previews if its.rendering), previews[0].label)


def problems(previews: Sequence[Preview]) -> "Iterable[Diagnostic]":
    """All there is to say, each once."""
    return dict.fromkeys(each for its in previews for each in its.diagnostics)
