"""One message as WhatsApp draws it, as HTML; ``chat.css`` gives it its looks, and it needs no script."""

import re
from collections.abc import Mapping, Sequence

from flowrunner.model import Json
from flowrunner.model.media import MediaFile
from flowrunner.model.plain import NOTHING
from flowrunner.model.templates import Template
from flowrunner.views.html.page import draw
from flowrunner.views.message.approved import approved
from flowrunner.views.message.body import header, kind, media_source
from flowrunner.views.message.files import labels

# What Unicode calls an emoji, with what may follow it (https://www.unicode.org/reports/tr51/#EBNF_and_Regex), as far as
# it is drawn as a picture without being asked to.
_PICTURE = (
    "[\U0001f000-\U0001faff\u231a-\u23ff\u2600-\u27bf\u2b05-\u2b55\u3297\u3299](?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
)
_EMOJI = (
    rf"(?:[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|[\u00a9-\u3030]\ufe0f|"
    rf"{_PICTURE}[\U000e0020-\U000e007f]*(?:\u200d{_PICTURE})*)"
)
_FEW_EMOJI = re.compile(rf"\s*(?:{_EMOJI}\s*){{1,3}}")


def bubble(
    body: Mapping[str, Json],
    *,
    ours: bool = True,
    clock: str = "",
    status: str = "",
    reason: str = "",
    reactions: Sequence[str] = (),
    live: bool = False,
    opened: bool = False,
    name: str = "",
    quoted: str = "",
    pictures: Mapping[str, str] = NOTHING,
    files: Mapping[str, MediaFile] = NOTHING,
    template: Template | None = None,
) -> str:
    """One message: an ``article`` without any ``id``, at its side of the chat; a type without a drawing as JSON.

    Nothing is fetched: pictures that are not at hand are placeholders, their addresses stand below the bubble. Any text
    may be any value.

    Args:
        body: The object posted as ``message``, or one of that shape from the customer.
        ours: Whether the business sent it: the right side. Otherwise the customer did: the left side.
        clock: When, as it shall be shown: ``14:05``.
        status: ``pending``, ``sent``, ``delivered``, ``read``, ``failed``, or empty for no ticks.
        reason: Why it failed.
        reactions: The emoji on its lower edge.
        live: Reply buttons and list rows are ``button`` elements with ``data-reply-kind`` (``button_reply`` or
            ``list_reply``), ``data-reply-id``, ``data-reply-title`` and ``data-reply-description``.
        opened: A list stands open.
        name: Begins its accessible name: ``Step hello``.
        quoted: The beginning of the message that it answers; by default the id that its author wrote.
        pictures: Those that can be shown, as ``data:`` addresses, by the files as the message names them.
        files: What is known of the files that it is sent with, as a bundle has them.
        template: What WhatsApp makes it of, where that is known; without it only the values are shown.
    """
    sort = kind(body)
    reacts = sort == "reaction"
    return draw(
        "html/bubble.html",
        body=body, sort=sort, clock=clock, status=status, reason=reason, live=live, opened=opened,
        quoted=quoted or str(body.get("reply_to") or ""),
        # A reaction is drawn on the message it is for, and that is one of the other side.
        side="ours" if ours != reacts else "theirs",
        chips=[each for each in (body.get("reaction_emoji") if reacts else "", *reactions) if each],
        label=": ".join(filter(None, (name or ("Sent" if ours else "Received"), sort))),
        is_emoji=sort == "text" and _FEW_EMOJI.fullmatch(str(body.get("content", ""))),
        source=" · ".join(filter(None, (_source(body), *labels(body, files)))), pictures=pictures,
        its=approved(body, template) if template is not None and template.components else None,
    )  # fmt: skip


def _source(body: Mapping[str, Json]) -> str:
    """Where a message's file comes from, which WhatsApp does not show; empty where it has none."""
    sort = kind(body)
    if sort in {"template", "interactive"} and body.get("header_type") in {"image", "video", "document"}:
        return str(body.get("header_params") or media_source(header(body)))
    return media_source(body) if sort in {"image", "video", "audio", "document", "sticker"} else ""
