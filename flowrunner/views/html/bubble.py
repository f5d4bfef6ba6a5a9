"""One message as WhatsApp draws it, as HTML; ``chat.css`` gives it its looks, and it needs no script."""

from collections.abc import Mapping, Sequence

from flowrunner.model import Json
from flowrunner.views.html.cards import inside
from flowrunner.views.html.formatting import link
from flowrunner.views.html.page import icon, safe
from flowrunner.views.message.body import kind

_TICKS = {"pending": "clock", "sent": "tick", "delivered": "ticks", "read": "ticks", "failed": "failed"}


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
) -> str:
    """One message: an ``article`` without any ``id``, at its side of the chat.

    Nothing is fetched: pictures are placeholders, their addresses stand below the bubble. Any text may be any value.

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
        quoted: The beginning of the message that it answers.
    """
    sort = kind(body)
    reacts = sort == "reaction"
    drawn = inside(body, live=live, opened=opened)
    chips = [str(body.get("reaction_emoji") or ""), *reactions] if reacts else reactions
    # A reaction is drawn on the message it is for, and that is one of the other side.
    side = "ours" if ours != reacts else "theirs"
    label = safe(": ".join(filter(None, (name or ("Sent" if ours else "Received"), sort))))
    quote = source = failure = ""
    if quoted:
        quote = f'<blockquote class="quoted" aria-label="In answer to"><p dir="auto">{safe(quoted)}</p></blockquote>'
    if drawn.source:
        source = f'<p class="source">{link(drawn.source)}</p>'
    if status == "failed" and reason:
        failure = f'<p class="failure">Not delivered: {safe(reason)}</p>'
    looks = " ".join(filter(None, ("message", side, f"is-{safe(sort)}", drawn.look)))
    return (
        f'<article class="{looks}" aria-label="{label}"><div class="bubble">'
        f"{quote}{drawn.content}{_meta(clock, status)}{drawn.actions}</div>{source}{_chips(chips)}{failure}</article>"
    )


def _meta(clock: str, status: str) -> str:
    ticks = ""
    if sign := _TICKS.get(status):
        ticks = f'<span class="ticks {status}" role="img" aria-label="{status}">{icon(sign)}</span>'
    shown = f"<span>{safe(clock)}</span>" if clock else ""
    return f'<p class="meta">{shown}{ticks}</p>' if shown or ticks else ""


def _chips(reactions: Sequence[str]) -> str:
    shown = "".join(f"<li>{safe(each)}</li>" for each in reactions if each)
    return f'<ul class="reactions" aria-label="Reactions">{shown}</ul>' if shown else ""
