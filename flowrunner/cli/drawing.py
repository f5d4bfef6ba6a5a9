"""A preview's sheets drawn: what each ``--format`` of text is."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flowrunner.cli.console import colour, is_terminal, width
from flowrunner.views.preview import Preview

if TYPE_CHECKING:
    from flowrunner.diagnostics import Diagnostic


def draw(form: str, sheets: Sequence[Preview], *, to_terminal: bool = False, root: str = "") -> str:
    """The sheets as ``chat``, ``html``, ``json`` or ``curl``.

    Args:
        form: Which.
        sheets: One for each recipient.
        to_terminal: The chat may take its width and its colours; what steers a terminal is escaped in JSON.
        root: Where the commands post to: the API's base address with its version.
    """
    if form == "chat":
        return _chat(sheets, to_terminal)
    if form == "html":
        return _html(sheets)
    text = _json(sheets) if form == "json" else _curl(sheets, root)
    if to_terminal and is_terminal():
        from flowrunner.views.visible import escaped

        return escaped(text)
    return text


def title(sheets: Sequence[Preview]) -> str:
    """The flow's name, or its file's where it cannot be read."""
    return next((sheet.rendering.flow.name for sheet in sheets if sheet.rendering), sheets[0].label)


def problems(sheets: Sequence[Preview]) -> "Iterable[Diagnostic]":
    """All there is to say, each once."""
    return dict.fromkeys(each for sheet in sheets for each in sheet.diagnostics)


def _chat(sheets: Sequence[Preview], to_terminal: bool) -> str:
    from flowrunner.views.terminal.chat import conversation

    columns, styles = (width(), colour()) if to_terminal else (80, False)
    return "\n\n\n".join(
        conversation(sheet.rendering, width=columns, colour=styles) for sheet in sheets if sheet.rendering
    )


def _json(sheets: Sequence[Preview]) -> str:
    """The messages; of several people, a list of their lists."""
    from flowrunner.views.requests.json import message_list

    lists = [message_list(sheet.rendering) for sheet in sheets if sheet.rendering]
    return lists[0] if len(lists) == 1 else "[\n" + ",\n".join(lists) + "\n]"


def _html(sheets: Sequence[Preview]) -> str:
    from flowrunner.views.html.preview import as_html

    return as_html(sheets, title=title(sheets))


def _curl(sheets: Sequence[Preview], root: str) -> str:
    from flowrunner.dialects import kapso_v1
    from flowrunner.views.requests.curl import as_curl

    return as_curl([sheet.rendering for sheet in sheets if sheet.rendering], root=root, post=kapso_v1.post)
