"""A listener takes in what an API tells, and goes on with the runs that waited for it: real processes and sockets."""

import asyncio
import json
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import flowrunner as flowrunner_
from flowrunner.clock import SYSTEM
from flowrunner.dialects.webhooks.signing import signature
from flowrunner.journal import JournalAwayError, open_journal
from flowrunner.journal.sqlite.errors import explain
from flowrunner.journal.tables.journal import TablesJournal
from support import told
from support.listening import PHONE, SECRET, Listening, Town, town
from support.numbers import sending_as
from support.program import KEY, flowrunner
from support.receiving import receiving

FLOW = """\
name: setup
steps:
  - id: start
    message:
      message_type: interactive
      interactive_type: button
      body_text: Shall we begin?
      buttons: [{id: now, title: Now}, {id: later, title: Later}]
    reply:
      within: 20h
      answers:
        - button: now
          steps: [{message: Here we go.}]
        - button: later
          steps: [{message: No hurry.}, {end: handed_over}]
      otherwise: [{message: You said something else.}]
      no_reply: continue
  - message: Goodbye.
anytime:
  - words: [stop]
    end: opted_out
"""
SECRET_OPTION = ("--webhook-secret-env", "WEBHOOK_SECRET")


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    path = tmp_path / "setup.yaml"
    path.write_text(FLOW, encoding="utf-8")
    return path


def becomes(what: Callable[[], object], wanted: object) -> None:
    """Wait until it is so; fails with what it is instead."""
    until = time.monotonic() + 20
    while what() != wanted and time.monotonic() < until:
        time.sleep(0.02)
    assert what() == wanted


def opted_out(its: Town) -> bool:
    return PHONE[-10:] in flowrunner("optouts", "list", "--journal", its.folder / "j.db", cwd=its.folder).stdout


def asked(its: Town, flow: Path) -> None:
    done = its.run(flow)
    assert done.returncode == 0, done.stdout + done.stderr
    assert its.sent() == ["Shall we begin?"]


@pytest.mark.parametrize(
    ("dialect", "form"), [("kapso-v1", "kapso"), ("kapso-v1", "kapso-v1"), ("meta", "kapso"), ("meta", "meta")]
)
def test_a_run_that_was_asked_goes_on_as_soon_as_a_webhook_tells_the_answer(
    tmp_path: Path, flow: Path, dialect: str, form: str
) -> None:
    """In each form of webhooks; the receiver ends well when it is told to."""
    with town(tmp_path, dialect) as its, its.listening(*SECRET_OPTION) as listening:
        its.told(listening, form)
        asked(its, flow)
        its.says(its.tap("now"))
        becomes(its.sent, ["Shall we begin?", "Here we go.", "Goodbye."])
        becomes(lambda: "finished" in "".join(listening.lines), True)
        assert listening.stop() == 0
    events = [json.loads(line)["event"] for line in listening.lines]
    assert events == ["listening", "finished", "stopping", "stopped"]
    said = "".join(listening.lines)
    assert not [each for each in (PHONE[1:], KEY, SECRET, "Here we go", "Shall we") if each in said]


def test_a_receiver_that_was_down_asks_what_it_has_missed(tmp_path: Path, flow: Path) -> None:
    """Once, as it starts; then it is told."""
    with town(tmp_path) as its:
        asked(its, flow)
        its.says(its.tap("later"))
        with receiving() as program, its.listening(*SECRET_OPTION, "--notify", program.url) as listening:
            becomes(its.sent, ["Shall we begin?", "No hurry."])
            [heard] = program.wait_for(1)
            assert json.loads(heard.body)["event"] == "run.handed_over"
            assert listening.stop(signal.SIGINT) == 0


def test_an_api_that_is_spelt_otherwise_is_the_same(tmp_path: Path, flow: Path) -> None:
    """A run was begun at ``localhost``, and the listener's API is at 127.0.0.1."""
    with town(tmp_path) as its, its.listening(*SECRET_OPTION) as listening:
        its.told(listening, "kapso")
        its.api[1] = its.url.replace("127.0.0.1", "localhost")
        asked(its, flow)
        its.says(its.tap("now"))
        becomes(its.sent, ["Shall we begin?", "Here we go.", "Goodbye."])
        becomes(lambda: '"sender": "default"}' in "".join(listening.lines), True)


def unheard(lines: list[str]) -> list[tuple[str, int]]:
    told_of = [json.loads(line) for line in lines if "not listened to" in line]
    return [(each["target"], each["waiting"]) for each in told_of]


def test_runs_that_wait_where_nobody_listens_are_warned_of(tmp_path: Path, flow: Path) -> None:
    """As after their sender's dialect was changed; what waits where it listens is none of them."""
    with town(tmp_path, "kapso-v1") as its:
        asked(its, flow)
        waits = [(f"{its.url}/api/v1", 1)]
        again = ["--api-url", its.url, *sending_as("meta"), "--journal", its.folder / "j.db"]
        with Listening(*again, *SECRET_OPTION, cwd=its.folder) as listening:
            becomes(lambda: unheard(listening.lines), waits)
        once = flowrunner("listen", "--once", *again, cwd=its.folder)
        assert (once.returncode, unheard(once.stderr.splitlines())) == (0, waits)
        with its.listening(*SECRET_OPTION) as listening:
            its.told(listening, "kapso")
            its.says(its.tap("now"))
            becomes(its.sent, ["Shall we begin?", "Here we go.", "Goodbye."])
            assert unheard(listening.lines) == []


def test_a_receiver_that_was_frozen_goes_on_with_what_was_told_meanwhile(tmp_path: Path, flow: Path) -> None:
    """Once, although it may have been told twice."""
    with town(tmp_path) as its, its.listening(*SECRET_OPTION) as listening:
        its.told(listening, "kapso")
        asked(its, flow)
        listening.process.send_signal(signal.SIGSTOP)
        its.says(its.tap("now"))
        listening.process.send_signal(signal.SIGCONT)
        becomes(its.sent, ["Shall we begin?", "Here we go.", "Goodbye."])


def test_polling_needs_no_webhook(tmp_path: Path, flow: Path) -> None:
    """Nor a secret; the path of webhooks is not there then."""
    with town(tmp_path) as its, its.listening("--poll") as listening:
        assert httpx.post(f"{listening.url}/webhooks/default", content=b"{}", trust_env=False).status_code == 404
        asked(its, flow)
        its.says({"message_type": "text", "content": "maybe"})
        becomes(its.sent, ["Shall we begin?", "You said something else.", "Goodbye."])


def test_who_says_stop_is_written_to_no_more(tmp_path: Path, flow: Path) -> None:
    """Whatever is sent next."""
    with town(tmp_path) as its, its.listening(*SECRET_OPTION) as listening:
        its.told(listening, "kapso")
        asked(its, flow)
        its.says({"message_type": "text", "content": "STOP"})
        becomes(lambda: any('"opted_out"' in line for line in listening.lines), True)
        assert its.run(flow, "--again").returncode == 1
        assert its.sent() == ["Shall we begin?"]


def test_what_is_forged_or_replayed_changes_nothing(tmp_path: Path, flow: Path) -> None:
    """Ten megabytes do not, either; the receiver stays well."""
    with town(tmp_path) as its, its.listening(*SECRET_OPTION) as listening:
        asked(its, flow)
        tap = told.meta_message(
            "interactive", {"type": "button_reply", "button_reply": {"id": "now", "title": "Now"}},
            **{"from": PHONE[1:], "timestamp": str(int(time.time()) + 1)},
        )  # fmt: skip
        body = told.body(told.meta(messages=[tap])).replace(told.NUMBER.encode(), its.api[5].encode())
        hook = f"{listening.url}/webhooks/default"

        def post(content: bytes, secret: str, key: str = "k") -> int:
            headers = {"X-Hub-Signature-256": f"sha256={signature(secret, content)}", "X-Idempotency-Key": key}
            return httpx.post(hook, content=content, headers=headers, trust_env=False).status_code

        assert post(body, "another") == 401
        assert post(b"x" * (10 << 20), SECRET) == 413
        assert its.sent() == ["Shall we begin?"]
        assert [post(body, SECRET), post(body, SECRET), post(body, SECRET, "k2")] == [200, 200, 200]
        becomes(its.sent, ["Shall we begin?", "Here we go.", "Goodbye."])
        assert listening.get("/healthz").json()["senders"]["default"]["webhooks"] is True
        figures = listening.get("/metrics").text.splitlines()
        assert 'flowrunner_webhooks_total{sender="default",answer="401"} 1' in figures
        assert 'flowrunner_webhook_duplicates_total{sender="default"} 1' in figures
        assert 'flowrunner_waiting{sender="default"} 0' in figures


def test_webhooks_under_way_are_answered_before_it_ends(tmp_path: Path) -> None:
    """SIGTERM takes no more connections, and lets those that are there speak out."""
    body = told.body(told.meta(messages=[told.meta_message("text", {"body": "hi"})]))
    head = (
        f"POST /webhooks/default HTTP/1.1\r\nHost: here\r\nX-Webhook-Signature: {signature(SECRET, body)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with town(tmp_path) as its, its.listening(*SECRET_OPTION) as listening:
        host, port = listening.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as open_one:
            open_one.sendall(head.encode() + body[:10])
            assert listening.get("/healthz").status_code == 200  # so that the other has been looked at, too
            listening.process.send_signal(signal.SIGTERM)
            becomes(lambda: '"stopping"' in "".join(listening.lines), True)
            open_one.sendall(body[10:])
            assert open_one.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert listening.process.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), 10)


def test_a_python_program_listens_by_one_call(tmp_path: Path) -> None:
    """Until it sets its event; what it is given to write is the log."""
    lines: list[str] = []

    async def listen() -> tuple[int, int]:
        stop, up = asyncio.Event(), asyncio.Event()
        urls: list[str] = []

        def ready(url: str) -> None:
            urls.append(url)
            up.set()

        sender = flowrunner_.Sender(KEY, "http://127.0.0.1:9", dialect="meta", number=told.NUMBER)
        listened = [flowrunner_.Listened("sales", sender, SECRET, "token")]
        options = {"journal": tmp_path / "j.db", "port": 0, "stop": stop, "ready": ready, "log": lines.append}
        task = asyncio.create_task(flowrunner_.listen_async(listened, **options))
        await up.wait()
        body = told.body(told.meta(statuses=[told.meta_status("sent")]))
        async with httpx.AsyncClient(base_url=urls[0], trust_env=False) as client:
            headers = {"X-Hub-Signature-256": f"sha256={signature(SECRET, body)}"}
            taken = await client.post("/webhooks/sales", content=body, headers=headers)
            health = await client.get("/healthz")
        stop.set()
        await task
        return taken.status_code, health.status_code

    assert asyncio.run(listen()) == (200, 200)
    assert [json.loads(line)["event"] for line in lines] == ["listening", "stopping", "stopped"]


def test_it_is_well_again_once_the_journal_can_be_written_though_no_webhook_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At night there may be none for hours, and who watches it would start it again and again."""
    written = {name: getattr(TablesJournal, name) for name in ("tell", "note_listener")}

    async def away(*_: Any) -> Any:
        raise JournalAwayError("it is away")

    async def listen() -> list[int]:
        stop = asyncio.Event()
        up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        sender = flowrunner_.Sender(KEY, "http://127.0.0.1:9", dialect="meta", number=told.NUMBER)
        async with open_journal(tmp_path / "j.db", clock=SYSTEM) as journal:
            await journal.note_listener(sender.target, time.time())  # its webhooks are known to come
        listened = [flowrunner_.Listened("sales", sender, SECRET)]
        options = {"journal": tmp_path / "j.db", "port": 0, "stop": stop, "ready": up.set_result}
        task = asyncio.create_task(flowrunner_.listen_async(listened, **options))
        body = told.body(told.meta(statuses=[told.meta_status("sent")]))
        headers = {"X-Hub-Signature-256": f"sha256={signature(SECRET, body)}"}
        async with httpx.AsyncClient(base_url=await up, trust_env=False) as client:
            for name in written:
                monkeypatch.setattr(TablesJournal, name, away)
            taken = await client.post("/webhooks/sales", content=body, headers=headers)
            seen = [taken.status_code, (await client.get("/healthz")).status_code]
            for name, its in written.items():
                monkeypatch.setattr(TablesJournal, name, its)
            for _ in range(200):
                await asyncio.sleep(0.1)
                if (health := await client.get("/healthz")).status_code == 200:
                    break
        stop.set()
        await task
        return [*seen, health.status_code]

    assert asyncio.run(listen()) == [503, 503, 200]


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR])
def test_a_disk_that_is_full_for_a_while_does_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """It says so, is not well meanwhile, and goes on with the runs as soon as it can."""
    error = sqlite3.OperationalError("as SQLite says it")
    error.sqlite_errorcode = code
    lines: list[str] = []
    tried: list[None] = []
    again = asyncio.Event()
    due = TablesJournal.due

    async def looked(*asked: Any, **more: Any) -> Any:
        tried.append(None)
        if len(tried) == 1:
            raise explain(error, tmp_path / "j.db")
        again.set()
        return await due(*asked, **more)

    monkeypatch.setattr(TablesJournal, "due", looked)

    async def listen() -> None:
        stop = asyncio.Event()
        sender = flowrunner_.Sender(KEY, "http://127.0.0.1:9", dialect="meta", number=told.NUMBER)
        listened = [flowrunner_.Listened("sales", sender, SECRET)]
        options = {"journal": tmp_path / "j.db", "port": 0, "stop": stop, "log": lines.append}
        task = asyncio.create_task(flowrunner_.listen_async(listened, **options))
        await asyncio.wait([task, asyncio.create_task(again.wait())], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await task

    asyncio.run(listen())
    assert [json.loads(line)["event"] for line in lines] == ["listening", "no journal", "stopping", "stopped"]


REFUSED = {
    "no secret": ([], 1, "nobody could tell whose the webhooks of default are"),
    "a secret that is not set": (["--webhook-secret-env", "NOT_THERE"], 1, "NOT_THERE"),
    "a program elsewhere over http": (["--poll", "--notify", "http://crm.example.com/"], 1, "over http"),
    "an API that lists nothing": (
        ["--poll", "--api-url", "https://graph.facebook.com", "--dialect", "meta", "--number", "1"], 1, "webhooks alone"
    ),
    "one number by two names": (
        ["--poll", "--config", "two.toml"], 1, "b and a are one number"
    ),
    "no such sender": (["--sender", "sales"], 1, "no sender sales"),
    "a port that is none": (["--port", "99999"], 2, "--port"),
}  # fmt: skip


@pytest.mark.parametrize(("options", "code", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_listened_to_is_refused_at_once(
    tmp_path: Path, options: list[str], code: int, says: str
) -> None:
    """With a remedy, before anything is opened."""
    urls = {"a": "http://localhost:9", "b": "http://127.0.0.1:9/"}
    two = "".join(f'[senders.{name}]\nurl = "{url}"\n' for name, url in urls.items())
    (tmp_path / "two.toml").write_text(two, encoding="utf-8")
    done = flowrunner("listen", *options, cwd=tmp_path)
    assert done.returncode == code
    assert says in done.stderr
    assert "hint:" in done.stderr or code == 2
    assert not (tmp_path / ".flowrunner").exists()


def test_senders_of_the_file_have_a_path_each(tmp_path: Path) -> None:
    """Those with a secret; an address that is taken is said."""
    (tmp_path / "flowrunner.toml").write_text(
        '[senders.sales]\ndialect = "meta"\nnumber = "1"\nurl = "http://127.0.0.1:9"\n'
        'webhook_secret_env = "WEBHOOK_SECRET"\n'
        '[senders.support]\ndialect = "meta"\nnumber = "2"\nurl = "http://127.0.0.1:9"\n'
        'webhook_secret_env = "WEBHOOK_SECRET"\n[senders.other]\n',
        encoding="utf-8",
    )
    from support.listening import Listening

    with Listening(cwd=tmp_path) as listening:
        body = told.body(told.meta())
        headers = {"X-Webhook-Signature": signature(SECRET, body)}
        answers = [
            httpx.post(f"{listening.url}/webhooks/{name}", content=body, headers=headers, trust_env=False).status_code
            for name in ("sales", "support", "other")
        ]
        assert answers == [200, 200, 404]
        port = listening.url.rpartition(":")[2]
        done = flowrunner("listen", "--port", port, "--poll", cwd=tmp_path, WEBHOOK_SECRET=SECRET)
        assert (done.returncode, "cannot be used" in done.stderr) == (1, True)


@pytest.mark.parametrize(("offset", "said"), [(3600.0, r"3600\.0 s ahead of"), (-5.1, r"5\.1 s behind")])
def test_whose_clock_is_not_the_database_s_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offset: float, said: str
) -> None:
    """Pauses of everybody would end by it."""

    async def told(_: TablesJournal) -> float:
        return offset

    monkeypatch.setattr(TablesJournal, "clock_offset", told)
    listened = [flowrunner_.Listened("sales", flowrunner_.Sender(KEY, "http://127.0.0.1:9"), SECRET)]
    with pytest.raises(flowrunner_.RefusedError, match=f"this machine's clock is {said} the database's"):
        flowrunner_.listen(listened, journal=tmp_path / "j.db", port=0)


def test_who_says_stop_while_no_run_waits_is_heard_by_polling_too(tmp_path: Path, flow: Path) -> None:
    """Their run is over: once the API is asked, as seldom as that is then, nobody else writes to them."""
    with town(tmp_path) as its:
        asked(its, flow)
        with its.listening("--poll") as listening:
            its.says({"message_type": "text", "content": "maybe"})
            becomes(its.sent, ["Shall we begin?", "You said something else.", "Goodbye."])
            its.says({"message_type": "text", "content": "Stop!"})
            becomes(lambda: opted_out(its), True)
            assert listening.stop() == 0
        assert its.run(flow, "--again").returncode == 1


def test_who_said_stop_while_the_receiver_was_down_is_heard_once_it_is_back(tmp_path: Path, flow: Path) -> None:
    """No run waits, and no webhook tells it again."""
    with town(tmp_path) as its:
        with its.listening(*SECRET_OPTION) as listening:
            its.told(listening, "meta")
            asked(its, flow)
            its.says(its.tap("now"))
            becomes(its.sent, ["Shall we begin?", "Here we go.", "Goodbye."])
            becomes(lambda: 'news="yes"' in listening.get("/metrics").text, True)
            time.sleep(1.2)
            assert listening.stop() == 0
        its.state.webhooks.clear()
        its.says({"message_type": "text", "content": "stop"})
        with its.listening(*SECRET_OPTION) as listening:
            becomes(lambda: opted_out(its), True)
            assert listening.stop() == 0


def test_a_receiver_whose_journal_was_moved_takes_nothing_and_is_not_well(tmp_path: Path) -> None:
    """Whatever is told is told again; who watches it sees it, though nothing had to be written before."""
    with town(tmp_path) as its, its.listening(*SECRET_OPTION) as listening:
        assert listening.get("/healthz").status_code == 200
        for each in tmp_path.glob("j.db*"):
            each.rename(tmp_path / f"moved-{each.name}")
        hi = told.body(told.meta(messages=[told.meta_message("text", {"body": "hi"})]))
        hi = hi.replace(told.NUMBER.encode(), its.api[5].encode())
        headers = {"X-Webhook-Signature": signature(SECRET, hi)}
        hook = f"{listening.url}/webhooks/default"
        assert httpx.post(hook, content=hi, headers=headers, trust_env=False).status_code == 503
        assert (listening.get("/healthz").status_code, listening.get("/healthz").json()["status"]) == (503, "failing")
