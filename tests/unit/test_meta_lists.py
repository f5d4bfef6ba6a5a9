"""What Kapso's proxy is asked of somebody whom no filter of its lists names."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from flowrunner.dialects.errors import Rejected
from flowrunner.dialects.meta import heard, messages, window
from flowrunner.dialects.values import Answer, Request
from flowrunner.model import Recipient

ANA = Recipient(user_id="MX.7")
NOW = 1_764_115_200.0
HOUR = 3600.0


def conversation(name: str, active: float, user_id: str = ANA.user_id, **kapso: Any) -> dict[str, Any]:
    at = datetime.fromtimestamp(active, UTC).isoformat()
    its = {"id": name, "phone_number": None, "business_scoped_user_id": user_id, "last_active_at": at}
    return {**its, "status": "active", "kapso": kapso}


class Proxy:
    """Conversations in the order given, each with a message of its own name."""

    def __init__(self, *conversations: dict[str, Any]) -> None:
        self.conversations = conversations
        self.asked: list[dict[str, str]] = []

    async def __call__(self, request: Request, read: Callable[[Answer], Any]) -> Any:
        path, query = urlsplit(request.path).path, parse_qs(urlsplit(request.path).query)
        self.asked.append({"path": path, **{name: each[0] for name, each in query.items()}})
        if path == "/conversations":
            since = query.get("last_active_since", ["0"])[0].replace("Z", "+00:00")
            found = [each for each in self.conversations if each["last_active_at"] >= since]
        elif path.startswith("/conversations/"):
            return read(Answer(200, {}, json.dumps(self.conversations[0])))
        else:
            found = [{"id": f"wamid.{query['conversation_id'][0]}", "type": "text", "kapso": {"direction": "outbound"}}]
        return read(Answer(200, {}, json.dumps({"data": found, "paging": {"cursors": {}}})))


def of(*places: int) -> list[dict[str, Any]]:
    there = [
        conversation("newest", NOW),
        conversation("another's", NOW, "MX.8"),
        conversation("before", NOW - 2 * HOUR),
        conversation("long-ago", NOW - 99 * HOUR),
    ]
    return [there[place] for place in places]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)], ids=str)
def test_of_a_user_id_each_conversation_is_read_that_may_hold_the_message(order: tuple[int, ...]) -> None:
    """A message in doubt stands in an older one, where that ended and they have written since."""
    proxy = Proxy(*of(*order))
    found = asyncio.run(messages(ANA, proxy, to_the_end=True, since=NOW - 3 * HOUR))  # type: ignore[arg-type]
    assert {each.message_id for each in found} == {"wamid.newest", "wamid.before"}
    assert [each["path"] for each in proxy.asked].count("/conversations") == 1


def test_a_window_tells_its_conversation_and_the_newest_counts() -> None:
    """Whoever has a conversation, and none in which they may be written to, is told from who has none."""
    at = datetime.fromtimestamp(NOW, UTC).isoformat()
    for there, expected in (
        ([], (0.0, "")),
        ([conversation("c1", NOW)], (0.0, "c1")),
        ([conversation("c1", NOW, last_inbound_at=at)], (NOW + 24 * HOUR, "c1")),
    ):
        found = asyncio.run(window(ANA, Proxy(*there)))  # type: ignore[arg-type]
        assert (found.until, found.conversation) == expected


def test_an_answer_about_another_conversation_is_refused() -> None:
    """What a proxy mixes up is not taken for whom was asked for."""
    with pytest.raises(Rejected, match="asked for conversation c1, the API answered for conversation c2"):
        asyncio.run(messages(Recipient("c1"), Proxy(conversation("c2", NOW)), to_the_end=True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "size", "requests"), [(45, 20, 3), (45, 100, 2), (19, 20, 1), (0, 20, 1), (230, 100, 4)]
)
def test_what_people_wrote_is_read_as_far_as_it_goes_however_long_a_page_is(
    count: int, size: int, requests: int
) -> None:
    """20 is a page where the API does not heed how many are asked for; a shorter one is the last."""
    asked: list[str] = []

    async def ask(request: Request, read: Callable[[Answer], Any]) -> Any:
        asked.append(request.path)
        first = int(parse_qs(urlsplit(request.path).query).get("after", ["0"])[0])
        its = [
            {"id": f"wamid.{number}", "type": "text", "text": {"body": "Hola"}, "from": "5215512345678",
             "timestamp": f"{NOW:.0f}", "kapso": {"direction": "inbound"}}
            for number in range(first, min(first + size, count))
        ]  # fmt: skip
        after = str(first + len(its)) if its else None
        return read(Answer(200, {}, json.dumps({"data": its, "paging": {"cursors": {"after": after}}})))

    assert len(asyncio.run(heard(NOW - 60, ask))) == count
    assert len(asked) == requests
