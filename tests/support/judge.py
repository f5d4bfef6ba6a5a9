"""An API of both shapes on a real socket that misbehaves by dice and keeps what it took; it shares no code.

It has a clock, ids and a list of its own. What it does to a message it does at random, but it keeps what an API is held
to: what it took is in its list within its grace, and a list that lacks something lacks what was answered before, too.
"""

import json
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

NUMBER = "1050"
"""The number that sends, as Meta's paths have it."""
POSTED = {
    "fine": 40,
    "cut before": 4,
    "cut after": 5,
    "half an answer": 3,
    "5xx before": 3,
    "5xx after": 5,
    "busy": 3,
    "too fast": 1,
    "slow": 5,
    "too slow": 2,
    "taken late": 2,
    "a yes that cannot be read": 1,
}
"""What becomes of a message, and how often."""
READ = {"fine": 20, "5xx": 2, "cut": 2, "slow": 2, "an earlier state": 3, "without the newest": 3}
"""Likewise of a question."""

Record = dict[str, Any]


class Judge:
    """The other side.

    Attributes:
        dialect: Which API it is: ``kapso-v1`` or ``meta``.
        ahead: Seconds that its clock is ahead of this machine's.
        timeout: Seconds after which whoever asks gives up.
        grace: Seconds in which it lists what it took.
        ids: The form of its ids.
        echoes: Whether statuses tell what a message was posted with.
        limits: Whether it says at times that it is asked too often: who sends may wait for the next minute then.
        calm: Whether it behaves from now on.
        talks: Who its people are: phones with their conversations.
        taken: What it took, in order.
        done: What it did, and how often.
    """

    def __init__(
        self, dialect: str, phones: list[str], *, seed: int, timeout: float, grace: float,
        ahead: float = 0.0, ids: str = "wamid", echoes: bool = True, limits: bool = True,
    ) -> None:  # fmt: skip
        self.dialect, self.ahead, self.timeout, self.grace = dialect, ahead, timeout, grace
        self.ids, self.echoes, self.limits, self.calm, self.latency = ids, echoes, limits, False, 0.03
        self.talks = {phone: f"{uuid.UUID(int=number + 1)}" for number, phone in enumerate(phones)}
        self.taken: list[Record] = []
        self.done: Counter[str] = Counter()
        self.began = self.now()
        self._dice, self._lock = Random(seed), threading.Lock()  # noqa: S311  # it keeps no secret

    def now(self) -> float:
        return time.time() + self.ahead

    def sent(self, phone: str) -> list[str]:
        """The texts that somebody got, in order."""
        with self._lock:
            return [each["text"] for each in self.taken if each["phone"] == phone]

    def thrown(self, kinds: dict[str, int]) -> str:
        with self._lock:
            its = "fine" if self.calm else self._dice.choices([*kinds], [*kinds.values()])[0]
            self.done[its] += 1
            return its

    def take(self, kind: str, phone: str, posted: Record, came: float) -> Record | None:
        """Take a message that came at that moment: it is in the list in time. None where it would be too late."""
        with self._lock:
            at, last = self.now(), came + self.timeout + self.grace / 2
            if at > last:
                return None
            kept = {
                "id": self._id(), "phone": phone, "at": at, "posted": posted, "answered": False, "kind": kind,
                "text": posted["content"] if self.dialect == "kapso-v1" else posted["text"]["body"],
                "shown": at if self.calm else self._dice.uniform(at, last), "came": came,
            }  # fmt: skip
            self.taken.append(kept)
            return kept

    def listed(self, phone: str, kind: str) -> list[Record]:
        """What is in somebody's list now, the newest first.

        Nothing is shown before what came before it: what has not come yet is missing from some place on. What is
        missing beside that comes with something else that whoever asks knows of.
        """
        with self._lock:
            mine = [each for each in self.taken if each["phone"] == phone]
            now, there = self.now(), 0
            while there < len(mine) and mine[there]["shown"] <= now:
                there += 1
            found = mine[:there]
            # Whoever sent what comes after it had its answer: an answer alone may have come to somebody who just died.
            last = mine[-1]["text"] if mine else ""
            known = [place for place, each in enumerate(found) if each["answered"] and each["text"] != last]
            if kind == "an earlier state" and known:
                found = found[: known[-1]]
            elif kind == "without the newest" and known:
                found = [each for place, each in enumerate(found) if place != known[-1]]
            return found[::-1]

    def _id(self) -> str | int:
        number = len(self.taken) + 1
        return {
            "uuid": str(uuid.UUID(int=self._dice.getrandbits(128))),
            "wamid": f"wamid.HBgN{self._dice.getrandbits(96):024X}",
            "number": 10**15 + number,
            "long": f"wamid.{self._dice.getrandbits(800):0200X}==",
        }[self.ids]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    judge: Judge

    def do_POST(self) -> None:
        judge, came = self.judge, self.judge.now()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(judge.latency)
        if judge.dialect == "kapso-v1":
            talk, posted = self.path.split("/")[4], body["message"]
            phone = next(phone for phone, its in judge.talks.items() if its == talk)
        else:
            phone, posted = f"+{body['to']}", body
        kind = judge.thrown(POSTED)
        if kind == "cut before":
            self._cut()
        elif kind == "5xx before":
            self._answer(503, b"<html><title>Service Unavailable</title></html>", "text/html")
        elif kind == "busy" and judge.dialect == "kapso-v1":
            self._answer(409, {"error": "Another message is in-flight for this conversation, retry shortly"})
        elif kind in ("busy", "too fast") and judge.limits:
            self._answer(429, {"error": "Rate limit exceeded"}, **{"Retry-After": "1"})
        else:
            self._take(kind, phone, posted, came)

    def _take(self, kind: str, phone: str, posted: Record, came: float) -> None:
        judge = self.judge
        if kind == "taken late":  # whoever asked has just given up
            time.sleep(judge.timeout + 0.2)
        kept = judge.take(kind, phone, posted, came)
        if kept is None:
            self._cut()
            return
        if judge.dialect == "kapso-v1":
            answer = {"data": self._of_v1(kept)}
        else:
            contact = {"input": posted["to"], "wa_id": posted["to"]}
            answer = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": kept["id"]}]}
        if kind == "slow":
            time.sleep(judge.timeout / 2)
        elif kind == "too slow":
            time.sleep(judge.timeout + 0.5)
        if kind in ("cut after", "taken late"):
            self._cut()
        elif kind == "half an answer":
            raw = json.dumps(answer).encode()
            with suppress(OSError):
                self.wfile.write(
                    b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(raw) + raw[: len(raw) // 2]
                )
                self.wfile.flush()
            self._cut()
        elif kind == "5xx after":
            self._answer(
                (500, 502, 504)[len(judge.taken) % 3], {"error": {"message": "Something went wrong", "code": 131000}}
            )
        elif kind == "a yes that cannot be read":
            self._answer(201, {"success": True})
        else:
            kept["answered"] = self._answer(201 if judge.dialect == "kapso-v1" else 200, answer)

    def do_GET(self) -> None:
        judge = self.judge
        time.sleep(judge.latency)
        kind = judge.thrown(READ)
        if kind == "cut":
            self._cut()
        elif kind == "5xx":
            self._answer(502, b"Bad Gateway", "text/plain")
        else:
            if kind == "slow":
                time.sleep(judge.timeout / 2)
            parts = urlsplit(unquote(self.path))
            query = {name: each[0] for name, each in parse_qs(urlsplit(self.path).query).items()}
            of = self._v1 if judge.dialect == "kapso-v1" else self._meta
            got = of(parts.path, query, kind)
            self._answer(404 if got is None else 200, {"error": "not found"} if got is None else got)

    def _v1(self, path: str, query: dict[str, str], kind: str) -> Any:
        judge, parts = self.judge, path.split("/")[4:]
        page, size = int(query.get("page", 1)), int(query.get("per_page", 20))
        if parts[1:] == ["whatsapp_messages"]:
            phone = next(phone for phone, its in judge.talks.items() if its == parts[0])
            found = [self._of_v1(each) for each in judge.listed(phone, kind)]
        elif parts:
            phone = next(phone for phone, its in judge.talks.items() if its == parts[0])
            return {"data": self._talk(phone)}
        else:
            wanted = query.get("q[phone_number_eq]")
            found = [self._talk(phone) for phone in judge.talks if wanted in (None, phone)]
        meta = {"page": page, "per_page": size, "total_pages": -(-len(found) // size), "total_count": len(found)}
        return {"data": found[(page - 1) * size : page * size], "meta": meta}

    def _meta(self, path: str, query: dict[str, str], kind: str) -> Any:
        judge = self.judge
        if path.endswith("/conversations"):
            wanted = query.get("phone_number")
            found = [self._talk(phone) for phone in judge.talks if wanted in (None, phone, phone[1:])]
            return {"data": found, "paging": {"cursors": {}}}
        name = path.rpartition("/")[2]
        if name == "messages":
            if query.get("direction") == "inbound":
                return {"data": [], "paging": {"cursors": {}}}
            phone = next(phone for phone, its in judge.talks.items() if its == query["conversation_id"])
            found = [self._of_meta(each) for each in judge.listed(phone, kind)]
            first = int(query.get("after", 0))
            last = first + int(query["limit"])
            after = {"after": str(last)} if last < len(found) else {}
            return {"data": found[first:last], "paging": {"cursors": after}}
        one = [each for each in [*judge.taken] if each["id"] == name and each["shown"] <= judge.now()]
        return {"data": self._of_meta(one[0], told=True)} if one else None

    def _talk(self, phone: str) -> Record:
        judge = self.judge
        its = {"id": judge.talks[phone], "phone_number": phone, "status": "active"}
        if judge.dialect == "kapso-v1":
            return {**its, "last_active_at": _iso(judge.now()), "last_inbound_at": _iso(judge.began)}
        shown = judge.listed(phone, "fine")
        newest = {"last_message_id": shown[0]["id"]} if shown else {}
        return {**its, "kapso": {"last_inbound_at": _iso(judge.began), **newest}}

    def _of_v1(self, kept: Record) -> Record:
        return {
            "id": kept["id"], "message_type": "text", "content": kept["text"], "direction": "outbound",
            "status": "delivered", "processing_status": "completed", "phone_number": kept["phone"],
            "message_type_data": {"text": kept["text"]}, "created_at": _iso(kept["at"]),
            "whatsapp_conversation_id": self.judge.talks[kept["phone"]],
        }  # fmt: skip

    def _of_meta(self, kept: Record, *, told: bool = False) -> Record:
        judge = self.judge
        kapso: Record = {
            "direction": "outbound", "status": "delivered", "whatsapp_conversation_id": judge.talks[kept["phone"]],
        }  # fmt: skip
        if told:
            reference = kept["posted"].get("biz_opaque_callback_data")
            echo = {"biz_opaque_callback_data": reference} if judge.echoes and reference else {}
            kapso["statuses"] = [{"id": kept["id"], "status": "delivered", "timestamp": "1", **echo}]
        return {
            "id": kept["id"], "type": "text", "text": {"body": kept["text"]}, "to": kept["phone"][1:],
            "timestamp": str(int(kept["at"])), "kapso": kapso,
        }  # fmt: skip

    def _answer(self, status: int, body: Any, kind: str = "application/json", **more: str) -> bool:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response_only(status)
            self.send_header("Date", formatdate(self.judge.now(), usegmt=True))
            for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)
        except OSError:
            self.close_connection = True
            return False
        return True

    def _cut(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def judging(judge: Judge) -> Iterator[str]:
    """Serve it; the URL to send to."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"judge": judge}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
