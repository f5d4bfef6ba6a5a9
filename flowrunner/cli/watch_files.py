"""``preview --watch``: drawn again whenever one of its files is saved, until Ctrl-C."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from flowrunner.app.output_files import write_whole
from flowrunner.app.reviewing.preview import PreviewRequest, read_previews
from flowrunner.app.reviewing.watched_files import files_beside
from flowrunner.cli.console import DONE, complain, open_in_browser, say, tell, width
from flowrunner.cli.preview_formats import draw, problems, title
from flowrunner.cli.streams import output_has_ended
from flowrunner.clock import SYSTEM
from flowrunner.templates.finding import find_templates
from flowrunner.views.preview import Preview, kept

_EVERY: Final = 0.25
"""Seconds between two looks at the files."""


def watch_chat(request: PreviewRequest) -> int:
    """Draw the chat in the terminal, on a clear screen each time, as long as somebody reads it.

    It is drawn anew for another width of the terminal, too.
    """
    for previews in _saved(request, width):
        click.clear()
        say(draw("chat", previews, to_terminal=True))
        complain(problems(previews))
        if output_has_ended():
            return DONE
    raise AssertionError("the files are watched until Ctrl-C")


def watch_page(request: PreviewRequest, output: Path | None, *, opened: bool) -> int:
    """Serve the page on this machine; whoever looks at it sees it change, errors beside the last good chat."""
    from flowrunner.cli.page_server import PageServer
    from flowrunner.views.html.preview import as_html

    shown: Sequence[Preview] = ()
    with PageServer() as server:
        for number, previews in enumerate(_saved(request)):
            complain(problems(previews))
            if output is not None:
                write_whole(output, [draw("html", previews), "\n"], inputs=request.sources)
            shown = kept(shown, previews)
            server.show(as_html(shown, title=title(shown), script=server.script()))
            if number:
                tell(f"{time.strftime('%H:%M:%S', time.localtime(SYSTEM.now()))} reloaded")
            else:
                say(f"the preview is at {server.url}; Ctrl-C ends it")
                if opened and (code := open_in_browser(server.url)):
                    return code
    raise AssertionError("the files are watched until Ctrl-C")


def _saved(request: PreviewRequest, size: Callable[[], int] = lambda: 0) -> Iterator[Sequence[Preview]]:
    """What the files say now, and again each time one of them was saved, or `size` has changed."""
    while True:
        files = [*request.sources, *files_beside(request.flow)]
        before = _stamps(files, request.flow), size()
        yield read_previews(request)
        while (_stamps(files, request.flow), size()) == before:
            SYSTEM.block(_EVERY)


def _stamps(files: Sequence[Path], flow: Path) -> list[tuple[int, int] | None]:
    """Those of the files, and of the ``templates.json`` that goes with the flow, if there is one by now."""
    templates = find_templates(flow.parent)
    return [_stamp(path) for path in ([*files, templates] if templates is not None else files)]


def _stamp(path: Path) -> tuple[int, int] | None:
    """When a file was saved and how long it is; None where there is none, or an editor puts another in its place."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # no file can have some names
        return None
    return found.st_mtime_ns, found.st_size
