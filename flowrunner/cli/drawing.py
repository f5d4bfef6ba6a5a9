"""Previews drawn: what each ``--format`` of text is."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flowrunner.cli.console import colour, is_terminal, width
from flowrunner.views.preview import Preview

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic


def draw(form: str, previews: Sequence[Preview], *, to_terminal: bool = False, root: str = "") -> str:
    """The previews as ``chat``, ``html``, ``json`` or ``curl``.

    Args:
        form: Which.
        previews: One for each recipient.
        to_terminal: The chat may take its width and its colours; what steers a terminal is escaped in JSON.
        root: Where the commands post to: the API's base address with its version.
    """
    if form == "chat":
        return _chat(previews, to_terminal)
    if form == "html":
        return _html(previews)
    text = _json(previews) if form == "json" else _curl(previews, root)
    if to_terminal and is_terminal():
        from flowrunner.views.visible import escaped

        return escaped(text)
    return text


def title(previews: Sequence[Preview]) -> str:
    """The flow's name, or its file's where it cannot be read."""
    return next((its.rendering.flow.name for its in previews if its.rendering), previews[0].label)


def problems(previews: Sequence[Preview]) -> "Iterable[Diagnostic]":
    """All there is to say, each once."""
    return dict.fromkeys(each for its in previews for each in its.diagnostics)


def _chat(previews: Sequence[Preview], to_terminal: bool) -> str:
    from flowrunner.views.terminal.chat import conversation

    columns, styles = (width(), colour()) if to_terminal else (80, False)
    return "\n\n\n".join(conversation(its.rendering, width=columns, colour=styles) for its in previews if its.rendering)


def _json(previews: Sequence[Preview]) -> str:
    """The messages; of several people, a list of their lists."""
    from flowrunner.views.requests import message_list

    lists = [message_list(its.rendering) for its in previews if its.rendering]
    return lists[0] if len(lists) == 1 else "[\n" + ",\n".join(lists) + "\n]"


def _html(previews: Sequence[Preview]) -> str:
    from flowrunner.views.html.preview import as_html

    return as_html(previews, title=title(previews))


def _curl(previews: Sequence[Preview], root: str) -> str:
    from flowrunner.dialects import kapso_v1
    from flowrunner.views.requests import as_curl

    return as_curl([its.rendering for its in previews if its.rendering], root=root, post=kapso_v1.post)
