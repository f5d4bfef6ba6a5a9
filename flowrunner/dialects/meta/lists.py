"""What Kapso's proxy is asked: the conversations of a person, their messages, one message; lists by cursors.

https://docs.kapso.ai/api/meta/whatsapp/messages/list-messages: no list has a filter for a person but that of the
conversations, which has one for the phone.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from flowrunner.dialects.errors import STEADY, Rejected, Retryable
from flowrunner.dialects.meta.answers import conversation, message, one, page
from flowrunner.dialects.reading import plain
from flowrunner.dialects.values import Conversation, RemoteMessage, Request, Window
from flowrunner.model import CONVERSATION_ID, Inbound, Json, Recipient
from flowrunner.phones.spellings import all_spellings
from flowrunner.spec.facts import WINDOW

if TYPE_CHECKING:
    from flowrunner.dialects import Ask, Wanted

ASTRAY: Final = "check the API's URL and the number; if they are right, tell Kapso about this answer"
"""What to do about an answer that is about somebody else."""
_LARGEST_PAGE: Final = 16 << 20
_PER_PAGE: Final = 100
_LEAST_OF_A_PAGE: Final = 20
"""What a full page has at least: so many by default, should the API not heed how many are asked for."""
_MOST_PAGES: Final = 200
# Whoever was just written to is among the first: the newest are listed first.
_MOST_PAGES_OF_ALL_PEOPLE: Final = 20
# What all people wrote, while nobody listened.
_MOST_PAGES_HEARD: Final = 1000


async def messages(
    recipient: Recipient,
    ask: "Ask",
    *,
    to_the_end: bool,
    since: float = 0.0,
    number: str = "",  # noqa: ARG001  # it stands in every path
) -> list[RemoteMessage]:
    """All messages with somebody, in every conversation that they have had; see `Dialect.messages`.

    Raises:
        Rejected: The list has a message of somebody else's, so it proves nothing.
        Retryable: It lacks the newest message that the conversation has.
    """
    found: list[RemoteMessage] = []
    for its in await _of_person(recipient, ask, since):
        if its.active_at and its.active_at < since:
            continue
        before = len(found)
        whom = recipient._replace(conversation=its.conversation_id)
        filters = {"conversation_id": its.conversation_id}
        async for item in _all(ask, "/messages", filters, _MOST_PAGES, to_the_end=to_the_end):
            each = message(item)
            if stranger := each.named.stranger(whom):
                about = f"asked for the messages of conversation {its.conversation_id}"
                raise Rejected(f"{about}, the API listed one of {stranger}", hint=ASTRAY)
            found.append(each)
        # No count tells whether a list is whole, but what comes next in it than the message in question is known.
        if its.newest_id and all(each.message_id != its.newest_id for each in found[before:]):
            reason = f"the list lacks message {its.newest_id}, which its conversation has"
            raise Retryable(reason, backoff=STEADY, hint="the API may show it in a moment")
    return found


async def conversations(recipient: Recipient, ask: "Ask", *, number: str = "") -> list[Conversation]:  # noqa: ARG001
    """All of a person, active or ended: by phone, else by user id, else the one with the id; see `Dialect`."""
    return await _of_person(recipient, ask)


async def _of_person(
    recipient: Recipient, ask: "Ask", since: float | None = None, *, to_the_end: bool = True
) -> list[Conversation]:
    """As `conversations`; with ``since`` all of a user id's in which something may have been written since then."""
    if recipient.phone:
        spelt = all_spellings(recipient.phone)
        found = [each for phone in spelt for each in await _of_phone(phone, ask, to_the_end=to_the_end)]
        theirs = [each for each in found if not each.named.stranger(Recipient("", recipient.phone, recipient.user_id))]
        if not theirs and recipient.user_id:  # it may be kept without their number
            theirs = await _of_user(recipient.user_id, ask, since)
    elif recipient.user_id:
        theirs = await _of_user(recipient.user_id, ask, since)
    else:
        its = conversation(
            await ask(
                Request("GET", f"{_CONVERSATIONS}/{_id(recipient)}?{urlencode({'fields': _OF_CONVERSATION})}"), one
            )
        )
        if stranger := its.named.stranger(recipient):
            reason = f"asked for conversation {recipient.conversation}, the API answered for {stranger}"
            raise Rejected(reason, hint=ASTRAY)
        theirs = [its, *(await conversations(Recipient("", its.phone), ask) if its.phone else ())]
    return list({each.conversation_id: each for each in theirs}.values())


async def reachable(since: float, ask: "Ask", *, number: str = "") -> list[Conversation]:  # noqa: ARG001
    """The active ones in which something was written since then; see `Dialect.reachable`."""
    filters = {"status": "active", **_active(since)}
    items = _all(ask, _CONVERSATIONS, filters, _MOST_PAGES, to_the_end=True)
    return [conversation(item) async for item in items]


async def window(recipient: Recipient, ask: "Ask", *, number: str = "") -> Window:  # noqa: ARG001
    """Until when more than templates may be sent; see `Dialect.window`."""
    newest = max(await conversations(recipient, ask), key=lambda each: each.inbound_at, default=None)
    if newest is None:
        return Window()
    return Window(newest.inbound_at + WINDOW if newest.inbound_at else 0.0, newest.conversation_id)


async def last_inbound(recipient: Recipient, ask: "Ask") -> str:
    """WhatsApp's id of what somebody wrote last; see `Dialect.last_inbound`."""
    came_in: list[RemoteMessage] = []
    for its in await conversations(recipient, ask):
        filters = {"conversation_id": its.conversation_id, "direction": "inbound"}
        came_in += [message(item) async for item in _all(ask, "/messages", filters, _MOST_PAGES, to_the_end=False)]
    theirs = [each for each in came_in if each.direction == "inbound"]
    return max(theirs, key=lambda each: each.created_at).message_id if theirs else ""


async def status(message_id: str, ask: "Ask") -> RemoteMessage:
    """One message with Meta's statuses of it, which the proxy's own answer lacks; see `Dialect.status`.

    https://docs.kapso.ai/api/platform/v1/messages/get-message
    """
    path = f"/platform/v1/whatsapp/messages/{quote(message_id, safe='')}"
    return message(await ask(Request("GET", path, is_beside=True), one))


async def heard(
    since: float,
    ask: "Ask",
    *,
    number: str = "",  # noqa: ARG001  # it stands in every path
    wanted: "Wanted | None" = None,  # noqa: ARG001  # one list has it all
) -> list[tuple[Recipient, Inbound]]:
    """What all people wrote since then: a request for each hundred messages; see `Dialect.heard`."""
    filters = {"direction": "inbound", "since": _iso(since)}
    return await _heard(ask, filters, _MOST_PAGES_HEARD)


async def heard_of(recipient: Recipient, since: float, ask: "Ask", *, number: str = "") -> list[Inbound]:  # noqa: ARG001
    """What one person wrote since then, by a conversation that says that they did; see `Dialect.heard_of`."""
    found: list[Inbound] = []
    for its in await _of_person(recipient, ask, since, to_the_end=False):
        if its.inbound_at and its.inbound_at < since:
            continue
        filters = {"conversation_id": its.conversation_id, "direction": "inbound", "since": _iso(since)}
        found += [each for _, each in await _heard(ask, filters, _MOST_PAGES)]
    return sorted(found, key=lambda each: each.at)


async def _heard(ask: "Ask", filters: Mapping[str, str], most: int) -> list[tuple[Recipient, Inbound]]:
    from flowrunner.dialects.meta.hearing import inbound_of  # only who listens needs it
    from flowrunner.dialects.said import person

    found: list[tuple[Recipient, Inbound]] = []
    async for item in _all(ask, "/messages", filters, most, to_the_end=False, fields=_OF_INBOUND):
        its, each = message(item), inbound_of(item)
        if each is not None and its.direction == "inbound":
            found.append((person(its.named), each))
    return sorted(found, key=lambda each: each[1].at)


_CONVERSATIONS: Final = "/conversations"
# Named each: ``kapso()`` is all of them by the API's description, and none by its own library.
_OF_CONVERSATION: Final = "kapso(last_inbound_at,last_message_id)"
_OF_MESSAGE: Final = "kapso(direction,status,phone_number,whatsapp_conversation_id,content,message_type_data)"
_OF_INBOUND: Final = "kapso(direction,phone_number,whatsapp_conversation_id,media_data,media_url)"


async def _of_phone(phone: str, ask: "Ask", *, to_the_end: bool) -> list[Conversation]:
    items = _all(ask, _CONVERSATIONS, {"phone_number": phone}, _MOST_PAGES_OF_ALL_PEOPLE, to_the_end=to_the_end)
    return [conversation(item) async for item in items]


async def _of_user(user_id: str, ask: "Ask", since: float | None) -> list[Conversation]:
    """The first that is listed; or all that were active since then. There is no filter for user ids."""
    found: list[Conversation] = []
    filters = _active(since) if since else {}
    async for item in _all(ask, _CONVERSATIONS, filters, _MOST_PAGES_OF_ALL_PEOPLE, to_the_end=True):
        if user_id in (its := conversation(item)).named.user_ids:
            found.append(its)
            if since is None:
                break
    return found


def _active(since: float) -> Mapping[str, str]:
    return {"last_active_since": _iso(since)}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _id(recipient: Recipient) -> str:
    if not re.fullmatch(CONVERSATION_ID, recipient.conversation):
        raise Rejected(
            f"{plain(recipient.conversation)!r} is not a conversation id",
            hint="copy the id from Kapso, or name the person by --phone",
        )
    return recipient.conversation


async def _all(
    ask: "Ask", path: str, filters: Mapping[str, str], most: int, *, to_the_end: bool, fields: str = ""
) -> AsyncIterator[Mapping[str, Json]]:
    """Every item of a list, each id once.

    What is added meanwhile stands before the first page, and moves none: a cursor names an item, not a place. The last
    page has a cursor, too, and what follows it is empty, or the same once more.
    """
    known: set[object] = set()
    after = ""
    for _ in range(most):
        cursor = {"after": after} if after else {}
        fields = fields or (_OF_CONVERSATION if path == _CONVERSATIONS else _OF_MESSAGE)
        asked = urlencode({**filters, "limit": _PER_PAGE, **cursor, "fields": fields})
        got = await ask(Request("GET", f"{path}?{asked}", most_bytes=_LARGEST_PAGE), page)
        before = len(known)
        for item in got.items:
            name = str(item.get("id") or "") or object()  # one without an id cannot be told from another
            if name not in known:
                known.add(name)
                yield item
        is_short = len(got.items) < _LEAST_OF_A_PAGE and not to_the_end
        if not got.after or got.after == after or len(known) == before or is_short:
            return
        after = got.after
    reason = f"the list has more than {most * _PER_PAGE} entries"
    raise Rejected(reason, hint="name the person by phone or by conversation")
