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
    return "".join(_group(kind, list(its)) for kind, its in groupby(lines(text), lambda line: line.kind))


def _group(kind: str, its: list[FormattedLine]) -> str:
    """Neighbouring lines of one kind."""
    shown = [_segments(line.segments) for line in its]
    match kind:
        case "quote":
            return f'<blockquote dir="auto">{chr(10).join(shown)}</blockquote>'
        case "bullet":
            items = (f'<li dir="auto">{each}</li>' for each in shown)
            return f"<ul>{''.join(items)}</ul>"
        case "number":
            numbers = (int(line.number) for line in its)
            items = (f'<li value="{at}" dir="auto">{each}</li>' for at, each in zip(numbers, shown, strict=True))
            return f"<ol>{''.join(items)}</ol>"
    # The last line break of a paragraph is not drawn.
    return f'<p dir="auto">{chr(10).join(shown)}{"" if its[-1].segments else chr(10)}</p>'


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
