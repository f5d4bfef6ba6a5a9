"""What v1 is asked: one conversation, or a list, page by page, until it is known to be whole."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from flowrunner.dialects.errors import STEADY, Rejected, Retryable
from flowrunner.dialects.kapso_v1.answers import Page, conversation, message, one_conversation, page
from flowrunner.dialects.reading import plain
from flowrunner.dialects.values import Answer, Conversation, RemoteMessage, Request
from flowrunner.model import CONVERSATION_ID, Inbound, Json, Recipient

if TYPE_CHECKING:
    from flowrunner.dialects import Ask, Wanted

ASTRAY: Final = "check the API's URL; if it is right, tell Kapso about this answer"
"""What to do about an answer that is about somebody else."""

# A page of a hundred long messages, each text in it up to three times, is larger than any single answer.
_LARGEST_PAGE: Final = 16 << 20
_PER_PAGE: Final = 100
_MOST_PAGES: Final = 200
_MOST_PAGES_HEARD: Final = 1000
# One person has few conversations: a list of many has ignored the filter, and would be read anew for each person.
_MOST_PAGES_OF_ONE_PERSON: Final = 10
_MOST_READINGS: Final = 3
_NO_SUCH_LIST: Final = 404
_BEYOND: Final = frozenset([400, 404, 416, 422])
"""How an API may answer for a page after its last."""


def path_to(recipient: Recipient) -> str:
    """The path of the recipient's conversation.

    Raises:
        Rejected: It has no id that can stand in a path.
    """
    if not re.fullmatch(CONVERSATION_ID, recipient.conversation):
        raise Rejected(
            f"{plain(recipient.conversation)!r} is not a conversation id",
            hint="copy the id from Kapso, or find the conversation by --phone",
        )
    return f"{_CONVERSATIONS}/{recipient.conversation}"


async def messages(
    recipient: Recipient, ask: "Ask", *, to_the_end: bool, since: float = 0.0, number: str = ""
) -> list[RemoteMessage]:
    """All messages of a conversation; or of all of a phone's, each told which one it is of; see `Dialect.messages`.

    Raises:
        Rejected: The list has a message of somebody else's, so it proves nothing about this conversation.
    """
    if recipient.conversation:
        return await _messages(recipient, ask, to_the_end=to_the_end)
    listed: list[RemoteMessage] = []
    for its in await _of_person(recipient, ask, since, number):
        there = recipient._replace(conversation=its.conversation_id)
        every = await _messages(there, ask, to_the_end=to_the_end)
        listed += (each._replace(named=each.named._replace(conversations=(its.conversation_id,))) for each in every)
    return listed


async def _messages(recipient: Recipient, ask: "Ask", *, to_the_end: bool) -> list[RemoteMessage]:
    path = f"{path_to(recipient)}/whatsapp_messages"
    listed = [message(item) for item in await _all(ask, path, {}, _MOST_PAGES, to_the_end=to_the_end)]
    for each in listed:
        if whom := each.named.stranger(recipient):
            reason = f"asked for the messages of conversation {recipient.conversation}, the API listed one of {whom}"
            raise Rejected(reason, hint=ASTRAY)
    return listed


async def _of_person(recipient: Recipient, ask: "Ask", since: float, number: str) -> list[Conversation]:
    """All of a phone's conversations, active or ended, in which something may have been written since then."""
    from flowrunner.phones.spellings import all_spellings  # who is known by conversation needs none of it

    active = {"q[last_active_at_gteq]": _moment(since)} if since > 0 else {}
    found: dict[str, Conversation] = {}
    for spelling in all_spellings(recipient.phone):
        filters = {"q[phone_number_eq]": spelling, **active, **_with(number)}
        for item in await _all(ask, _CONVERSATIONS, filters, _MOST_PAGES_OF_ONE_PERSON):
            its = conversation(item)
            is_late = not its.active_at or its.active_at >= since
            if is_theirs(its, recipient) and is_late and _is_with(its, number):
                found[its.conversation_id] = its
    return list(found.values())


def is_theirs(its: Conversation, meant: Recipient) -> bool:
    """Whether a conversation says that it is that person's: a filter may be ignored."""
    return bool(its.conversation_id and any(its.named.phones) and not its.named.stranger(meant))


async def conversations(recipient: Recipient, ask: "Ask", *, number: str = "") -> list[Conversation]:
    """The one with the id, active or ended; else the active ones with the phone; see `Dialect.conversations`."""
    if recipient.conversation:
        return [await ask(Request("GET", path_to(recipient)), one_conversation)]
    filters = {"q[phone_number_eq]": recipient.phone, "q[status_eq]": "active", **_with(number)}
    listed = map(conversation, await _all(ask, _CONVERSATIONS, filters, _MOST_PAGES_OF_ONE_PERSON))
    return [each for each in listed if _is_with(each, number)]


async def reachable(since: float, ask: "Ask", *, number: str = "") -> list[Conversation]:
    """The active ones in which something was written since then; see `Dialect.reachable`."""
    filters = {"q[status_eq]": "active", "q[last_active_at_gteq]": _moment(since), **_with(number)}
    listed = map(conversation, await _all(ask, _CONVERSATIONS, filters, _MOST_PAGES))
    return [each for each in listed if _is_with(each, number)]


async def heard(
    since: float, ask: "Ask", *, number: str = "", wanted: "Wanted | None" = None
) -> list[tuple[Recipient, Inbound]]:
    """What people wrote since then: a list of the conversations, and one more for each; see `Dialect.heard`."""
    from flowrunner.dialects.said import person  # only who listens needs it

    filters = {"q[last_active_at_gteq]": _moment(since), **_with(number)}
    found: list[tuple[Recipient, Inbound]] = []
    # While many write the list never stands still. Whoever slips through is on it again as soon as they write more, or
    # once it is asked anew, which goes back some minutes.
    talks = await _all(ask, _CONVERSATIONS, filters, _MOST_PAGES_HEARD, is_asked_again=True)
    for its in map(conversation, talks):
        whom = person(its.named)
        if not _is_with(its, number) or not re.fullmatch(CONVERSATION_ID, whom.conversation):
            continue
        if its.inbound_at and its.inbound_at < since:
            continue
        after = since if wanted is None else await wanted(whom)
        if not after or (after > since and 0 < (its.inbound_at or its.active_at) < after):
            continue
        try:
            listed = await _messages(whom, ask, to_the_end=False)
        except Rejected as refusal:
            if refusal.concerns == "sender":
                raise
            continue  # one conversation that cannot be read keeps nobody else waiting
        found += ((whom, each) for each in _inbound(listed, since))
    return sorted(found, key=lambda each: each[1].at)


async def heard_of(recipient: Recipient, since: float, ask: "Ask", *, number: str = "") -> list[Inbound]:
    """What one person wrote since then, also in a conversation that began meanwhile; see `Dialect.heard_of`."""
    whom = recipient._replace(conversation="") if recipient.phone else recipient
    listed = await messages(whom, ask, to_the_end=False, since=since, number=number)
    return sorted(_inbound(listed, since), key=lambda each: each.at)


def _inbound(listed: list[RemoteMessage], since: float) -> list[Inbound]:
    from flowrunner.dialects.kapso_v1.hearing import inbound_of

    came_in = [each for each in listed if each.direction == "inbound" and not 0 < each.created_at < since]
    return [found for each in came_in if (found := inbound_of(each.data)) is not None]


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _with(number: str) -> Mapping[str, str]:
    return {"q[whatsapp_config_id_eq]": number} if number else {}


def _is_with(its: Conversation, number: str) -> bool:
    return not number or its.number in ("", number)


async def everything(ask: "Ask", path: str, filters: Mapping[str, str]) -> list[Mapping[str, Json]]:
    """Every item of a list that is of no one person.

    Raises:
        Rejected: It is not there; that says nothing of a conversation.
    """
    try:
        return await _all(ask, path, filters, _MOST_PAGES)
    except Rejected as refusal:
        if refusal.status != _NO_SUCH_LIST:
            raise
        raise Rejected(refusal.reason, hint="check the API's URL", status=refusal.status) from None


_CONVERSATIONS: Final = "/whatsapp_conversations"


async def _all(
    ask: "Ask", path: str, filters: Mapping[str, str], most: int, *, to_the_end: bool = False,
    is_asked_again: bool = False,
) -> list[Mapping[str, Json]]:  # fmt: skip
    """Every item of a list, read again where it moved meanwhile: an item may have slipped between two pages.

    Of one that never stands still, and ``is_asked_again`` before long, all that was seen.
    """
    seen: dict[str, Mapping[str, Json]] = {}
    for _ in range(_MOST_READINGS):
        items, is_whole = await _once(ask, path, filters, most, to_the_end=to_the_end)
        if is_whole:
            return items
        seen |= {str(item.get("id")): item for item in items}
    if is_asked_again:
        return list(seen.values())
    raise Retryable("the list kept changing while it was read", backoff=STEADY, hint="others are writing there now")


async def _once(
    ask: "Ask", path: str, filters: Mapping[str, str], most: int, *, to_the_end: bool
) -> tuple[list[Mapping[str, Json]], bool]:
    """Every item of a list, each id once; and whether that are all: it may have moved from page to page."""
    found: dict[object, Mapping[str, Json]] = {}
    totals: set[int | None] = set()
    last: int | None = None
    for number in range(1, most + 1):
        asked = urlencode({**filters, "page": number, "per_page": _PER_PAGE})
        request = Request("GET", f"{path}?{asked}", most_bytes=_LARGEST_PAGE)
        got = await ask(request, partial(_page, number=number, last=last))
        known, last = len(found), last if got.pages is None else got.pages
        # One without an id cannot be told from another, so all of those are kept.
        found.update((str(item.get("id") or "") or object(), item) for item in got.items)
        if got.items or not totals:
            totals.add(got.total)
        # Without a count the end is a page that brings nothing new, as the API may give shorter pages than asked.
        if len(found) == known if to_the_end or got.pages is None else number >= got.pages:
            slipped = len(totals) > 1 or len(found) < max(total or 0 for total in totals)
            return list(found.values()), not slipped
    raise Rejected(
        f"the list has more than {most * _PER_PAGE} entries",
        hint="name the conversation by its id" if filters else "end it in Kapso; the next message opens a new one",
    )


def _page(answer: Answer, *, number: int, last: int | None) -> Page | None:
    """A page of a list, empty where it is after the last one."""
    if answer.status in _BEYOND and last is not None and last < number:
        return Page((), last, None)
    return page(answer.text) if answer.status == 200 else None
