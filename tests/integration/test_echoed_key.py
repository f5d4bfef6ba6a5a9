"""A server that repeats the key in every part of every answer: it is in no output, no journal, no report."""

import base64
import html
import json
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.answering import Asked, Reply, Served, answering
from support.campaigns import QUICK
from support.program import KEY, flow, hasty

QUOTED = urllib.parse.quote(KEY, safe="")
FORMS = [
    *(KEY, KEY.lower(), KEY.upper(), KEY.encode().hex(), KEY.encode().hex(":"), KEY.encode().hex().upper()),
    *(urllib.parse.quote(KEY), QUOTED, urllib.parse.quote(QUOTED), urllib.parse.quote_plus(KEY), html.escape(KEY)),
    *(base64.b64encode(KEY.encode()).decode(), base64.b64encode(f"u:{KEY}".encode()).decode()),
    *(base64.b64encode(KEY.encode()).decode().rstrip("=")[:-1], base64.urlsafe_b64encode(KEY.encode()).decode()),
    *(json.dumps(KEY)[1:-1].replace("/", "\\/"), "".join(f"\\u{ord(sign):04x}" for sign in KEY), repr(KEY)[1:-1]),
]
ECHO = f"{KEY} {KEY.encode().hex()} {urllib.parse.quote(QUOTED)} {base64.b64encode(KEY.encode()).decode()}"
HEADERS = {
    "X-Request-Id": KEY,
    f"X-{KEY.encode().hex()}": KEY,
    "Server": KEY,
    "Set-Cookie": f"key={KEY}",
    "WWW-Authenticate": f"Basic {base64.b64encode(f':{KEY}'.encode()).decode()}",
    "X-RateLimit-Limit": KEY,
    "X-RateLimit-Remaining": KEY,
    "Retry-After": KEY,
    "Date": KEY,
    "Location": f"https://h.example/?key={KEY}",
}
NESTED = {KEY: {ECHO: [ECHO, {"deep": {KEY: ECHO}}]}}
ERROR = {
    **NESTED,
    "error": {"message": ECHO, "type": ECHO, "code": KEY, "error_data": {"details": ECHO}, **NESTED},
    "errors": {KEY: [ECHO], "content": [ECHO]},
    "message": ECHO,
    "code": KEY,
    "billing_url": f"https://h.example/{KEY}",
}
REFUSALS: dict[str, Reply] = {
    **{f"s{status}": Reply(status, ERROR, HEADERS, KEY) for status in (302, 400, 401, 404, 409, 418, 422, 500, 503)},
    "html": Reply(502, f"<title>{html.escape(ECHO)}</title>".encode(), {**HEADERS, "Content-Type": f"text/{KEY}"}, KEY),
    "text": Reply(422, ECHO.encode(), {**HEADERS, "Content-Type": "text/plain"}, KEY),
    "utf16": Reply(422, json.dumps(ERROR).encode("utf-16"), HEADERS, KEY),
    "escaped": Reply(422, json.dumps(ERROR).replace("/", "\\/").encode(), HEADERS, KEY),
}
IDS = {
    "id": {"id": f"m-{KEY}"},
    "hexid": {"id": KEY.encode().hex()},
    "wamid": {"id": "m-wamid", "whatsapp_message_id": f"wamid.{KEY}"},
    "whom": {"id": "m-whom", "conversation_id": f"c-{KEY}"},
    "phone": {"id": "m-phone", "phone_number": KEY},
    "failed": {"id": "m-failed"},
}


def message(**more: Any) -> dict[str, Any]:
    """A message of which every field that may hold the key does."""
    return {
        "message_type": "text", "content": ECHO, "status": KEY, "direction": KEY, "metadata": NESTED, "created_at": KEY,
        "whatsapp_message_id": ECHO, "media_url": ECHO, "message_type_data": NESTED, **NESTED, **more,
    }  # fmt: skip


def answer(asked: Asked) -> Reply:
    """Whom it is for says how it is answered."""
    _, _, whom, *rest = (*asked.path.split("/"), "", "")
    if asked.path == "/whatsapp_conversations":
        phone = asked.query["q[phone_number_eq]"]
        about = {"contact_name": ECHO, "last_active_at": ECHO, "status": "active", **NESTED}
        mine = {"+525512345601": {"id": f"c-{KEY}", "phone_number": phone}, "+525512345602": {"phone_number": KEY}}
        found = {"id": "found", "phone_number": phone, **mine.get(phone.replace("+521", "+52"), {}), **about}
        return Reply(200, {"data": [found], "meta": {"total_pages": 1, "total_count": 1, KEY: KEY}, KEY: KEY}, HEADERS)
    if not rest[0]:
        one = {"id": whom, "phone_number": "+525512345609", "status": "active", "contact_name": ECHO, **NESTED}
        return Reply(200, {"data": one}, HEADERS, KEY) if whom in IDS else REFUSALS.get(whom, REFUSALS["s404"])
    if whom in REFUSALS:
        return REFUSALS[whom]
    if asked.method == "POST":
        return Reply(201, {"data": message(**IDS.get(whom, {"id": f"m-{whom}"})), KEY: KEY}, HEADERS, KEY)
    errors = {"error": ERROR, "errors": [{"code": KEY, "title": ECHO}], "error_message": ECHO, "metadata": ERROR}
    its = {**IDS.get(whom, {"id": f"m-{whom}"}), "direction": "outbound"}
    items = [message(**its, **({"status": "failed", **errors} if whom == "failed" else {}))]
    return Reply(200, {"data": items, "meta": {"total_pages": 1, "total_count": 1}}, HEADERS, KEY)


@contextmanager
def echoing() -> Iterator[Served]:
    with answering(answer) as served:
        yield served


def found(folder: Path, said: Mapping[str, str]) -> list[str]:
    """Where any form of the key stands."""
    places = [*((name, text.encode()) for name, text in said.items())]
    places += [(str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [f"{place}: {form}" for place, content in places for form in FORMS if form.encode() in content]


def test_the_search_finds_what_is_planted() -> None:
    """A search that cannot find proves nothing: each form is in an answer as the server writes it."""
    planted = {form for form in FORMS if form in json.dumps(ERROR) + ECHO + str(HEADERS)}
    assert {KEY, KEY.encode().hex(), urllib.parse.quote(QUOTED)} <= planted
    assert len(found(Path("/nonexistent"), {form: form for form in FORMS})) >= len(FORMS)


@pytest.mark.long
def test_no_command_shows_or_keeps_what_a_server_repeats(tmp_path: Path) -> None:
    """Every command that talks to the API, every kind of answer to each of them, and what shows it afterwards."""
    file = flow(tmp_path / "two.yaml", ['{message: "one"}', '{message: "two"}'])
    audience, phones = tmp_path / "p.csv", tmp_path / "phones.csv"
    # Who refuses the key refuses it for all, and is asked no further.
    people = [*(each for each in REFUSALS if each != "s401"), *IDS, "ok"]
    audience.write_text("conversation\n" + "\n".join(people) + "\n", encoding="utf-8")
    refused = tmp_path / "refused.csv"
    refused.write_text("conversation\ns401\nok\n", encoding="utf-8")
    phones.write_text("phone\n+525512345601\n+525512345602\n+525512345603\n", encoding="utf-8")
    fast = (*QUICK, "--timeout", "10", "--grace", "0.1", "--max-wait", "0.3")
    said: dict[str, str] = {}

    def run(*command: str | Path) -> str:
        done = hasty(*command, cwd=tmp_path, PYTHONDEVMODE="1", HTTPX_LOG_LEVEL="trace")
        said[" ".join(map(str, command))] = done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    with echoing() as served:
        to = ("--api-url", served.url, *fast)
        count = str(len(people))
        whole = run("run", file, "--audience", audience, "--yes-send-to", count, "--max-failures", "100", *to)
        assert "in doubt" in whole
        campaign = whole.split("campaign ")[1].split()[0]
        run("run", file, "--audience", refused, "--yes-send-to", "2", *to)
        run("run", file, "--audience", phones, "--yes-send-to", "3", "--max-failures", "100", *to)
        run("resume", campaign, *fast)
        run("plan", file, "--audience", phones, "--output", "p.plan", "--api-url", served.url)
        run("status", "--refresh", "--max-wait", "0.3", "--rate", "100000/s")
        assert "***" in run("report", campaign, "--format", "json")
        for form in ("text", "html", "csv", "junit"):
            run("report", campaign, "--format", form)
        run("runs", campaign)
        for conversation in ("failed", "id", "whom", "s401", "html"):
            run("run", file, "--conversation", conversation, "--format", "jsonl", "--again", *to)
        run("run", file, "--phone", "+525512345601", *to)
        run("run", file, "--phone", "+525512345602", *to)
        run("run", file, "--conversation", KEY.replace("/", "").replace("+", "").replace("=", ""), *to)
        run("run", file, "--conversation", KEY, *to)
        for command in ("run", "plan", "preview"):
            for option in ("--conversation", "--phone", "--user-id"):
                run(command, file, option, KEY, *(to if command == "run" else ()))
        run("run", file, "--converation", KEY)
        run("run", file, "--rate", KEY)
        run("run", file, "--conversation", "ok", "--api-url", f"{served.url}/{KEY}", *fast)
        run("run", file, "--conversation", "ok", "--api-url", f"{served.url}/?key={KEY}", *fast)
        run("status", "--refresh", "--max-wait", "0.3", "--rate", "100000/s")
        run("runs")
    assert len(served.asked) > 50
    assert found(tmp_path, said) == []
