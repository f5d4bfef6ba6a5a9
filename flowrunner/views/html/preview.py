"""A flow as the conversation its recipients will see: one HTML file that asks nothing of any network."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from flowrunner.engine.ahead.outline import outline
from flowrunner.model import Action, Message, Pause, Rendering
from flowrunner.model.media import references
from flowrunner.numbers import as_shown
from flowrunner.views.html.bubble import bubble
from flowrunner.views.html.page import asset, draw
from flowrunner.views.message.answers import comes_after, leads_to
from flowrunner.views.message.body import drawable, kind
from flowrunner.views.message.quoting import quoted, quotes
from flowrunner.views.preview import Preview
from flowrunner.views.quiet import quiet
from flowrunner.views.story import Remark, Said, story


def as_html(previews: Sequence[Preview], *, title: str, script: str = "") -> str:
    """The whole page; with several previews, each is a tab. All of it can be read without a script, and on paper.

    Args:
        previews: One or more.
        title: What the page is called: the flow's name.
        script: More script, which may speak with the server the page came from.
    """
    return _page(previews, title, asset("html/preview.js") + script, connects=bool(script))


def as_picture(previews: Sequence[Preview], *, title: str) -> str:
    """The conversations alone, one under the other, for a picture; the page writes its height to ``data-height``."""
    return _page(previews, title, _MEASURE, is_picture=True)


_MEASURE = """
addEventListener("load", () => {  // a picture has its height only then
  const page = document.documentElement;
  page.dataset.height = Math.ceil(document.querySelector("main").getBoundingClientRect().height);
});
"""


def _page(
    previews: Sequence[Preview], title: str, script: str, *, connects: bool = False, is_picture: bool = False
) -> str:
    return draw(
        "html/preview.html",
        title=title, style=asset("html/chat.css") + asset("html/preview.css"), script=script, connects=connects,
        previews=previews, is_picture=is_picture, conversation=_conversation, bubble=bubble, drawable=drawable,
        kind=kind, quiet=quiet, as_shown=as_shown, references=references, outline=outline, quote=_quote,
        leads_to=leads_to, comes_after=comes_after,
    )  # fmt: skip


def _conversation(rendering: Rendering) -> Iterator[tuple[str, str, Action | Said | Remark, str]]:
    """Each action with the day, where it is another than before, and the time; the clock goes on by the pauses.

    Behind a message stands how that begins which it quotes. When somebody answers nobody knows: no time is told then.
    """
    known = quotes(rendering.actions)
    at: datetime | None = datetime.fromisoformat(rendering.now)
    day = None
    for action in story(rendering):
        if isinstance(action, Pause) and at is not None:
            at += timedelta(seconds=action.seconds)
        elif isinstance(action, (Said, Remark)):
            at = None
        said = quoted(action.body, known) if isinstance(action, Message) else ""
        if at is None:
            yield "", "", action, said
        else:
            yield f"{at.day} {at:%B %Y}" if at.date() != day else "", f"{at:%H:%M}", action, said
            day = at.date()


def _quote(rendering: Rendering, message: Message) -> str:
    """How the message begins that this one quotes, wherever in the tree that is."""
    return quoted(message.body, quotes(rendering.acts.values()))
