"""An API of another make, for tests, with a clock, a database and manners of its own; nothing of the product is in it.

It is an ASGI app. Time is the test's: what it takes is counted in seconds that the test lets pass.
"""

import html
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

EPOCH = 1_790_000_000.0
LATENCY = 0.03

Record = dict[str, Any]


def zoned(at: float, zone: timezone = UTC) -> str:
    return datetime.fromtimestamp(at, zone).isoformat(timespec="milliseconds")


INDIA = timezone(timedelta(hours=5, minutes=30))
STAMPS: Mapping[str, Callable[[float], Any]] = {
    "milliseconds": lambda at: zoned(at).replace("+00:00", "Z"),
    "seconds": lambda at: datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z"),
    "epoch": int,
    "epoch as text": lambda at: str(int(at)),
    "epoch in milliseconds": lambda at: int(at * 1000),
    "another zone": lambda at: zoned(at, INDIA),
    "no zone": lambda at: zoned(at).removesuffix("+00:00"),
    "no zone, and not UTC": lambda at: zoned(at, INDIA).removesuffix("+05:30"),
    "none": lambda _: None,
}
"""How it writes when a message was made."""


def each(change: Callable[[Any], Any], data: Any) -> Any:
    """Every text and number of some data, changed."""
    if isinstance(data, dict):
        return {key: each(change, value) for key, value in data.items()}
    return [each(change, value) for value in data] if isinstance(data, list) else change(data)


def texts(change: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda data: each(lambda value: change(value) if isinstance(value, str) else value, data)


def numbers(change: Callable[[float], Any]) -> Callable[[Any], Any]:
    return lambda data: each(lambda value: change(value) if isinstance(value, float) else value, data)


FORMS: Mapping[str, Callable[[Any], Any]] = {
    "as it came": lambda data: data,
    "six decimals": numbers(lambda value: round(value, 6)),
    "numbers as text": numbers(repr),
    "rounded, as text": numbers("{:.5f}".format),
    "NFC": texts(lambda text: unicodedata.normalize("NFC", text)),
    "NFD": texts(lambda text: unicodedata.normalize("NFD", text)),
    "NFKC": texts(lambda text: unicodedata.normalize("NFKC", text)),
    "trimmed": texts(str.strip),
    "one space": texts(lambda text: " ".join(text.split())),
    "CRLF": texts(lambda text: text.replace("\n", "\r\n")),
    "escaped": texts(html.escape),
    "cut": texts(lambda text: text[:12] if len(text) > 12 else text),
    "cut with dots": texts(lambda text: f"{text[:9]}..." if len(text) > 12 else text),
    "no emoji": texts(lambda text: "".join(sign for sign in text if sign < "\U00010000")),
    "question marks": texts(lambda text: text.encode("ascii", "replace").decode()),
    "nothing": texts(lambda _: None),
}
"""What its database does to what it was sent; ids are out of its reach."""


@dataclass
class StrangeApi:
    """The other side.

    Attributes:
        passed: Seconds that have passed; the test's clock and this one share them.
        ahead: By how many seconds its clock is ahead.
        steps: After so many posts its clock is so many seconds further.
        date: How many seconds its ``Date`` is ahead of its clock; None where it sends none.
        stamp: One of `STAMPS`.
        form: One of `FORMS`.
        receipts: Whether a 201 tells ``created_at``.
        cuts: By the number of a post, whether the connection breaks before or after it was taken.
        lists: ``whole``, ``empty``, or ``lacking`` the newest of what was taken and answered.
        order: ``newest`` or ``oldest`` first.
        page: Most items of a page.
        rehosts: Keeps files under its own address.
    """

    passed: float = 1000.0
    ahead: float = 0.0
    steps: dict[int, float] = field(default_factory=dict)
    date: float | None = 0.0
    stamp: str = "milliseconds"
    form: str = "as it came"
    receipts: bool = True
    cuts: dict[int, str] = field(default_factory=dict)
    lists: str = "whole"
    order: str = "newest"
    page: int = 100
    rehosts: bool = False
    posts: int = 0
    readings: int = 0
    taken: list[Record] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)

    def now(self) -> float:
        return EPOCH + self.passed + self.ahead + sum(step for post, step in self.steps.items() if self.posts >= post)

    def foreign(self, ago: float, direction: str = "outbound", **message: Any) -> None:
        """Somebody else's message, or the customer's, as old as that."""
        self.keep({"message_type": "text", **message}, self.now() - ago, direction)

    def keep(self, message: Record, at: float, direction: str = "outbound", *, answered: bool = True) -> Record:
        kind = message.get("message_type", "text")
        content = message.get("content", message.get("caption"))
        data = {"text": content} if kind == "text" else {**message, "content": None}
        if self.rehosts and "media_url" in data:
            data["media_url"] = f"https://files.example.net/{uuid.uuid4()}"
        shape = FORMS[self.form]
        record = {
            "id": str(uuid.uuid4()),
            "phone_number": "+5215512345678",
            "message_type": kind,
            "direction": direction,
            "status": "delivered",
            "content": shape(content),
            "message_type_data": {k: shape(v) for k, v in data.items() if v is not None and k != "message_type"},
            "created_at": STAMPS[self.stamp](at),
            "answered": answered,
        }
        self.kept.append(record)
        return record

    def post(self, message: Record) -> Record | None:
        """Take a message; None where the connection breaks."""
        self.posts += 1
        cut = self.cuts.get(self.posts)
        if cut == "before":
            return None
        self.passed += LATENCY
        self.taken.append(message)
        record = self.keep(message, self.now(), answered=cut is None)
        self.passed += LATENCY
        return None if cut else record

    def listed(self, page: int) -> Record:
        self.readings += 1
        found = [*self.kept]
        if self.lists == "empty":
            found = []
        if self.lists == "lacking":
            found.remove([each for each in found if each["answered"] and each["direction"] == "outbound"][-1])
        if self.order == "newest":
            found.reverse()
        part = found[(page - 1) * self.page : page * self.page]
        return {"data": part, "meta": {"total_count": len(found), "total_pages": -(-len(found) // self.page)}}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        if request.method == "POST":
            record = self.post((await request.json())["message"])
            if record is None:
                raise ConnectionResetError
            response = JSONResponse({"data": record if self.receipts else {"id": record["id"]}}, 201)
        else:
            self.passed += LATENCY
            if request.url.path.endswith("/whatsapp_messages"):
                response = JSONResponse(self.listed(int(request.query_params["page"])))
            else:
                name = request.url.path.rpartition("/")[2]
                response = JSONResponse({"data": {"id": name, "status": "active", "phone_number": "+5215512345678"}})
        if self.date is not None:
            when = datetime.fromtimestamp(int(self.now() + self.date), UTC)
            response.headers["Date"] = when.strftime("%a, %d %b %Y %H:%M:%S GMT")
        await response(scope, receive, send)
