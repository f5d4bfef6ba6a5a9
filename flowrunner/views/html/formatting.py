"""A message's text as HTML: WhatsApp's formatting as elements, its addresses as links."""

from collections.abc import Iterable
from itertools import groupby

from flowrunner.views.html.page import safe
from flowrunner.views.message.formatting import Format, FormattedLine, Segment, lines

_TAGS: dict[Format, tuple[str, str]] = {
    "bold": ("<strong>", "</strong>"),
    "italic": ("<em>", "</em>"),
    "strike": ("<s>", "</s>"),
    "code": ("<code>", "</code>"),
    "block": ('<code class="block">', "</code>"),
}


def link(url: str, text: str = "") -> str:
    """A link to an http or https address, or its plain text where it is another: nothing else may be followed."""
    shown = safe(text or url)
    if not url.lower().startswith(("http://", "https://")):
        return shown
    return f'<a href="{safe(url)}" target="_blank" rel="noreferrer noopener">{shown}</a>'


def written(text: str) -> str:
    """The text as paragraphs, quotes and lists; its writing direction is its own."""
    return "".join(_GROUPS[kind](list(its)) for kind, its in groupby(lines(text), lambda line: line.kind))


def _text(its: list[FormattedLine]) -> str:
    shown = "\n".join(_segments(line.segments) for line in its)
    # The last line break of a paragraph is not drawn.
    return f'<p dir="auto">{shown}{"" if its[-1].segments else chr(10)}</p>'


def _quote(its: list[FormattedLine]) -> str:
    return f'<blockquote dir="auto">{chr(10).join(_segments(line.segments) for line in its)}</blockquote>'


def _bullets(its: list[FormattedLine]) -> str:
    items = "".join(f'<li dir="auto">{_segments(line.segments)}</li>' for line in its)
    return f"<ul>{items}</ul>"


def _numbers(its: list[FormattedLine]) -> str:
    items = "".join(f'<li value="{int(line.number)}" dir="auto">{_segments(line.segments)}</li>' for line in its)
    return f"<ol>{items}</ol>"


_GROUPS = {"text": _text, "quote": _quote, "bullet": _bullets, "number": _numbers}


def _segments(segments: Iterable[Segment]) -> str:
    return "".join(map(_segment, segments))


def _segment(segment: Segment) -> str:
    shown = safe(segment.text)
    for each in reversed(segment.formats):
        if each == "link":
            shown = link(segment.text)
        else:
            before, after = _TAGS[each]
            shown = f"{before}{shown}{after}"
    return shown
