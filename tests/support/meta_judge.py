"""An API of Meta's shape that misbehaves as it likes and remembers everything; it shares no code with the emulator."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from flowrunner.clock import Clock

ROOT = "/meta/whatsapp/v24.0/17"
Record = dict[str, Any]


@dataclass
class MetaJudge:
    """The other side.

    Attributes:
        clock: The tests' clock.
        ahead: By how many seconds its own clock is ahead of that.
        lag: Seconds until WhatsApp says something of a message; None for never.
        echoes: Whether a status has what its message was posted with.
        lists: Whether there is anything but the sending.
        page: Most items of a page.
        last_cursor: Whether the last page has a cursor, too: ``none``, ``empty`` (what follows it is empty), ``same``
            (what follows it is that page again).
        phones: Whether people have numbers in what it tells.
        cuts: By the number of a post, whether the connection breaks before or after it was taken.
        heard: By the number of a post, what happens when it comes in.
        answers: By the number of a post, what is answered instead of taking it: status and JSON.
        held: Whether WhatsApp holds templates back.
        failures: Why WhatsApp fails what it has taken, once it says something.
        inbound: What the person wrote, by id; the newest last.
        marks: What was marked as read.
        posts: What was posted, in order.
        taken: What it has taken or others have sent, the newest last.
    """

    clock: Clock
    ahead: float = 0.0
    lag: float | None = 1.0
    echoes: bool = True
    lists: bool = True
    page: int = 100
    last_cursor: str = "empty"
    phones: bool = True
    cuts: dict[int, str] = field(default_factory=dict)
    heard: dict[int, Callable[[], None]] = field(default_factory=dict)
    answers: dict[int, tuple[int, Any]] = field(default_factory=dict)
    held: bool = False
    failures: list[Record] = field(default_factory=list)
    inbound: list[str] = field(default_factory=list)
    marks: list[Record] = field(default_factory=list)
    posts: list[Record] = field(default_factory=list)
    taken: list[Record] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def now(self) -> float:
        return self.clock.now() + self.ahead

    def keep(self, message: Record, *, whom: str, ours: bool = True) -> Record:
        """Something that is in the conversation from now on."""
        kept = {**message, "id": f"wamid.{len(self.taken):03}", "at": self.now(), "whom": whom, "ours": ours}
        self.taken.append(kept)
        return kept

    def foreign(self, count: int, text: str, whom: str = "5215512345678", **more: Any) -> None:
        """Somebody else sends the same from another program."""
        for _ in range(count):
            self.keep({"type": "text", "text": {"body": text}, **more}, whom=whom, ours=False)

    def copies(self) -> list[Any]:
        """What our program's messages said, in order."""
        return [each[each["type"]].get("body") for each in self.taken if each["ours"]]

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        body = (await receive())["body"]
        path, query = unquote(scope["path"]), {k: v[0] for k, v in parse_qs(scope["query_string"].decode()).items()}
        self.asked.append(f"{scope['method']} {path}")
        status, data = self._post(json.loads(body)) if scope["method"] == "POST" else self._get(path, query)
        date = datetime.fromtimestamp(int(self.now()), UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        await send({"type": "http.response.start", "status": status, "headers": [(b"date", date.encode())]})
        await send({"type": "http.response.body", "body": json.dumps(data).encode()})

    def _post(self, posted: Record) -> tuple[int, Any]:
        self.posts.append(posted)
        number = len(self.posts)
        self.heard.get(number, lambda: None)()
        if number in self.answers:
            return self.answers[number]
        if self.cuts.get(number) == "before":
            raise ConnectionResetError
        assert posted["messaging_product"] == "whatsapp"
        if posted.get("status") == "read":
            self.marks.append(posted)
            if self.cuts.get(number) == "after":
                raise ConnectionResetError
            return 200, {"success": True}
        whom = posted.get("to") or posted["recipient"]
        kept = self.keep({name: posted[name] for name in posted if name not in ("to", "recipient")}, whom=whom)
        if self.cuts.get(number) == "after":
            raise ConnectionResetError
        named = {"wa_id": whom if whom.isdecimal() else None, "user_id": None if whom.isdecimal() else whom}
        held = {"message_status": "held_for_quality_assessment"} if self.held else {}
        return 200, {"contacts": [{"input": whom, **named}], "messages": [{"id": kept["id"], **held}]}

    def _get(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        if not self.lists:
            return 400, {"error": {"message": "Unsupported get request", "code": 100}}
        if path == f"{ROOT}/conversations":
            wanted = query.get("phone_number", "").lstrip("+")
            people = dict.fromkeys(each["whom"] for each in self.taken)
            found = [self._conversation(each) for each in people if wanted in (each, "")]
            return 200, {"data": found, "paging": {"cursors": {}}}
        if path == f"{ROOT}/messages":
            if query.get("direction") == "inbound":
                whom = query["conversation_id"].removeprefix("c-")
                came = {"type": "text", "from": whom, "kapso": {"direction": "inbound"}}
                dated = enumerate(self.inbound, 1_705_328_000)
                return 200, {"data": [{**came, "id": each, "timestamp": str(at)} for at, each in dated]}
            mine = [each for each in self.taken if query["conversation_id"] == f"c-{each['whom']}"]
            return 200, self._paged([self._shown(each) for each in reversed(mine)], query)
        if path.startswith("/platform/v1/whatsapp/messages/"):
            found = [each for each in self.taken if each["id"] == path.rpartition("/")[2]]
            shown = [self._shown(each, self._statuses(each)) for each in found]
            return (200, {"data": shown[0]}) if shown else (404, {"error": "Message not found"})
        return 404, {"error": f"nothing at {path}"}

    def _conversation(self, whom: str) -> Record:
        is_phone = whom.isdecimal() and self.phones
        named = {"phone_number": whom if is_phone else None, "business_scoped_user_id": None if is_phone else whom}
        newest = [each["id"] for each in self.taken if each["whom"] == whom][-1]
        return {"id": f"c-{whom}", "status": "ended", **named, "kapso": {"last_message_id": newest}}

    def _paged(self, items: list[Record], query: Mapping[str, str]) -> Record:
        first = int(query.get("after", 0))
        page = items[first : first + self.page]
        after = str(first + self.page) if first + self.page < len(items) else None
        if after is None and self.last_cursor == "empty" and page:
            after = str(len(items))
        if after is None and self.last_cursor == "same":
            after = str(first)
        return {"data": page, "paging": {"cursors": {"before": "x", "after": after}}}

    def _shown(self, kept: Record, statuses: list[Record] | None = None) -> Record:
        hidden = ("at", "whom", "ours", "messaging_product", "recipient_type", "biz_opaque_callback_data", "text")
        told = {name: each for name, each in kept.items() if name not in hidden}
        if "text" in kept:
            told["text"] = kept["text"]
        kapso = {
            "direction": "outbound",
            "status": self._words(kept)[-1],
            "whatsapp_conversation_id": f"c-{kept['whom']}",
        }
        if statuses is not None:
            kapso["statuses"] = statuses
        to = kept["whom"] if kept["whom"].isdecimal() and self.phones else None
        return {**told, "timestamp": str(int(kept["at"])), "to": to, "kapso": kapso}

    def _words(self, kept: Record) -> list[str]:
        is_told = self.lag is not None and self.now() >= kept["at"] + self.lag
        words = ["sent", "failed"] if self.failures else ["sent", "delivered"]
        return words if is_told else ["pending"]

    def _statuses(self, kept: Record) -> list[Record]:
        """As they came: the later one first."""
        words = [each for each in self._words(kept) if each != "pending"]
        echo = {"biz_opaque_callback_data": kept.get("biz_opaque_callback_data")} if self.echoes else {}
        errors = {"errors": self.failures} if self.failures else {}
        return [{"id": kept["id"], "status": each, "timestamp": "1", **echo, **errors} for each in reversed(words)]
