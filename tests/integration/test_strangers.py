"""The API answers for somebody else: nothing is sent to them, or it is said that something may have been."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flowrunner.emulator.api.state import EmulatorState
from support.answering import Answering, Asked, Reply, answering, listed
from support.campaigns import QUICK
from support.journals import blocking
from support.program import flow, flowrunner

ANA, BEA = "+5215512345601", "+5215599999999"
FAST = (*QUICK, "--max-wait", "1")


def api(
    conversations: list[Mapping[str, Any]],
    receipt: Mapping[str, Any] | None = None,
    one: Mapping[str, Any] | None = None,
) -> Answering:
    """An API that lists these conversations whatever is asked, and names these in its yes."""
    taken: list[dict[str, Any]] = []

    def answer(asked: Asked) -> Reply:
        if asked.path == "/whatsapp_conversations":
            return listed(*conversations)
        if asked.path.count("/") == 2:
            return Reply(200, {"data": one or {}})
        if asked.method == "GET":
            return listed(*taken)
        message = {
            "id": f"m{len(taken)}",
            "direction": "outbound",
            "message_type": "text",
            **asked.message,
            "status": "read",
        }
        if receipt is None:
            taken.append(message)
        return Reply(201, {"data": {**message, **(receipt or {})}})

    return answer


def talk(talk_id: str, phone: str, status: str = "active") -> dict[str, str]:
    return {"id": talk_id, "phone_number": phone, "status": status}


REFUSED = {
    "an ignored filter": ([talk("c9", BEA)], f"no active conversation with {ANA}, but one with {BEA}"),
    "an ended one": ([talk("c1", ANA, "ended")], f"no active conversation with {ANA}"),
    "nobody's": ([{"id": "c1", "status": "active"}], "somebody whose number it does not give"),
    "two of theirs": ([talk("c1", ANA), talk("c2", ANA)], f"2 active conversations with {ANA}: c1, c2"),
}


@pytest.mark.parametrize(("conversations", "reason"), REFUSED.values(), ids=REFUSED)
def test_nothing_is_sent_to_who_was_not_asked_for(
    tmp_path: Path, conversations: list[Mapping[str, Any]], reason: str
) -> None:
    """`run --phone`, and a person of an audience."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola Ana"}'])
    audience = tmp_path / "p.csv"
    audience.write_text(f"phone\n{ANA}\n", encoding="utf-8")
    with answering(api(conversations)) as served:
        one = flowrunner("run", file, "--phone", ANA, "--api-url", served.url, *FAST, cwd=tmp_path)
        many = flowrunner(
            "run", file, "--audience", audience, "--yes-send-to", "1", "--api-url", served.url, *FAST, cwd=tmp_path
        )
    assert (one.returncode, many.returncode) == (1, 3), one.stderr + many.stderr
    assert reason in one.stderr
    assert "hint: " in one.stderr
    report = flowrunner("report", many.stderr.split("campaign ")[1].split()[0], "--format", "json", cwd=tmp_path)
    assert reason.replace(ANA, "this number") in report.stdout
    assert served.sent == []


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (talk("B", ANA), "asked for conversation A, the API answered for conversation B"),
        (talk("A", ANA, "ended"), "conversation A has ended"),
        ({"id": "A", "phone_number": ANA}, "conversation A may not be active"),
    ],
)
def test_a_conversation_is_the_one_that_was_named(tmp_path: Path, one: Mapping[str, Any], reason: str) -> None:
    """`run --conversation`."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola Ana"}'])
    with answering(api([], one=one)) as served:
        done = flowrunner("run", file, "--conversation", "A", "--api-url", served.url, *FAST, cwd=tmp_path)
    assert done.returncode == 1
    assert reason in done.stderr
    assert served.sent == []


RECEIPTS = [
    {"conversation_id": "c9"},
    {"phone_number": BEA},
    {"contact": {"wa_id": BEA.removeprefix("+")}},
    {"conversation": {"id": "c9", "phone_number": BEA}},
]


@pytest.mark.parametrize("receipt", RECEIPTS)
def test_a_yes_that_names_somebody_else_is_in_doubt_and_never_sent_again_by_itself(
    tmp_path: Path, receipt: Mapping[str, Any]
) -> None:
    """They may have it now: a person looks, and decides. What follows is not sent either."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola Ana"}', '{message: "two"}'])
    with answering(api([talk("c1", ANA)], receipt)) as served:
        done = flowrunner("run", file, "--phone", ANA, "--api-url", served.url, *FAST, cwd=tmp_path)
        assert done.returncode == 4, done.stdout + done.stderr
        whom = BEA.removeprefix("+") if "contact" in receipt else receipt.get("phone_number", "conversation c9")
        assert f"says that it went to {whom}" in done.stdout
        for _ in range(2):
            again = flowrunner("resume", *FAST, cwd=tmp_path)
            assert again.returncode == 4, again.stdout + again.stderr
            assert "who got it?" in again.stdout
        assert served.sent == [("c1", "Hola Ana")]
        skipped = flowrunner("resume", "--in-doubt", "skip", *FAST, cwd=tmp_path)
    assert skipped.returncode == 4
    assert served.sent == [("c1", "Hola Ana"), ("c1", "two")]


def test_a_yes_that_names_somebody_else_is_settled_by_the_list(tmp_path: Path) -> None:
    """Where the message is in the right conversation by its id, only the answer was wrong."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola Ana"}'])
    taken: list[dict[str, Any]] = []

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            taken.append({"id": "m1", "direction": "outbound", "message_type": "text", **asked.message})
            return Reply(201, {"data": {"id": "m1", "phone_number": BEA}})
        return listed(*taken) if asked.path.endswith("messages") else listed(talk("c1", ANA))

    with answering(answer) as served:
        first = flowrunner("run", file, "--phone", ANA, "--api-url", served.url, *FAST, cwd=tmp_path)
        second = flowrunner("resume", *FAST, cwd=tmp_path)
    assert (first.returncode, second.returncode) == (4, 0), second.stdout + second.stderr
    assert served.sent == [("c1", "Hola Ana")]


def test_a_doubt_is_not_settled_by_somebody_elses_list(tmp_path: Path) -> None:
    """An empty place in the wrong list is no proof: nothing is sent again."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola Ana"}'])

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST":
            return Reply(500, {"error": "An unexpected error occurred"})
        if asked.path.endswith("messages"):
            return listed(
                {"id": "x", "direction": "inbound", "message_type": "text", "content": "?", "phone_number": BEA}
            )
        return listed(talk("c1", ANA))

    with answering(answer) as served:
        done = flowrunner("run", file, "--phone", ANA, "--api-url", served.url, *FAST, cwd=tmp_path)
    assert done.returncode == 4
    assert f"listed one of {BEA}" in done.stdout
    assert served.sent == [("c1", "Hola Ana")]


SPELT = [
    ("+525512345601", "+5215512345601"),
    ("+5531987654321", "+553187654321"),
    ("+541123456789", "+5491123456789"),
    ("+5493512345678", "+54351152345678"),
]


@pytest.mark.parametrize(("typed", "stored"), SPELT)
def test_one_person_is_found_and_protected_in_either_spelling(
    tmp_path: Path, state: EmulatorState, url: str, typed: str, stored: str
) -> None:
    """An audience with the one finds the conversation of the other, and neither gets the flow twice."""
    state.conversations.create(stored, conversation_id="theirs")
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])
    sheets = {}
    for name, phone in (("typed", typed), ("stored", stored)):
        sheets[name] = tmp_path / f"{name}.csv"
        sheets[name].write_text(f"phone\n{phone}\n", encoding="utf-8")
    options = ("--api-url", url, *FAST)
    first = flowrunner("run", file, "--audience", sheets["typed"], "--yes-send-to", "1", *options, cwd=tmp_path)
    assert first.returncode == 0, first.stdout + first.stderr
    for sheet in sheets.values():
        again = flowrunner("run", file, "--audience", sheet, "--yes-send-to", "1", *options, cwd=tmp_path)
        assert "1 had this flow before" in again.stdout
    for phone in (typed, stored):
        single = flowrunner("run", file, "--phone", phone, *options, cwd=tmp_path)
        assert single.returncode == 1
        assert "was sent to this conversation" in single.stderr
    assert [each.conversation_id for each in state.received()] == ["theirs"]


def test_who_had_it_alone_is_left_out_of_an_audience_in_another_spelling(
    tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """And a list of people to leave out names them, too."""
    state.conversations.create("+5215512345601", conversation_id="theirs")
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])
    other = flow(tmp_path / "other.yaml", ['{message: "Hola"}'])
    options = ("--api-url", url, *FAST, "--yes-send-to", "1")
    audience, list_ = tmp_path / "p.csv", tmp_path / "no.csv"
    audience.write_text("phone\n+525512345601\n", encoding="utf-8")
    list_.write_text("+5215512345601\n", encoding="utf-8")
    assert flowrunner("run", file, "--phone", "+5215512345601", "--api-url", url, *FAST, cwd=tmp_path).returncode == 0
    again = flowrunner("run", file, "--audience", audience, *options, cwd=tmp_path)
    assert "1 had this flow before" in again.stdout
    left = flowrunner("run", other, "--audience", audience, "--exclude", list_, *options, cwd=tmp_path)
    assert "nobody is left to send to" in left.stdout
    assert len(state.received()) == 1


def test_one_api_is_one_target_however_it_is_written(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """``localhost``, a slash, ``/api/v1``, capitals: not sent again, nor after an older flowrunner's run."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])
    host = url.removeprefix("http://")
    port = host.rpartition(":")[2]
    spelt = [url, f"{url}/", f"{url}/api/v1", f"http://localhost:{port}", f"HTTP://LocalHost.:{port}//"]
    for number, each in enumerate(spelt):
        done = flowrunner("run", file, "--conversation", "c1", "--api-url", each, *FAST, cwd=tmp_path)
        assert done.returncode == (1 if number else 0), done.stderr
    with blocking(tmp_path / ".flowrunner/journal.db") as book:
        old = book.runs()[0].run._replace(id="old", flow_name="other", target=f"http://LOCALHOST:{port}/")
        book.begin(old)
    other = flow(tmp_path / "other.yaml", ['{message: "Hola"}'])
    done = flowrunner("run", other, "--conversation", "c1", "--api-url", url, *FAST, cwd=tmp_path)
    assert done.returncode == 1
    assert "has not finished" in done.stderr
    assert len(state.received()) == 1


def test_a_huge_retry_after_closes_the_door_for_nobody_else(tmp_path: Path) -> None:
    """Each is refused by itself within `--max-wait`; a campaign is not held for the day that one answer says."""
    file = flow(tmp_path / "hello.yaml", ['{message: "Hola"}'])
    audience = tmp_path / "p.csv"
    audience.write_text("conversation\nc1\nc2\nc3\n", encoding="utf-8")

    def answer(asked: Asked) -> Reply:
        if asked.method == "POST" and "/c1/" in asked.path:
            return Reply(429, {"error": "Rate limit exceeded"}, {"Retry-After": "86400"})
        if asked.method == "GET":  # whose window is open it does not tell
            return Reply(400, {"error": "No"})
        return Reply(201, {"data": {"id": f"m{asked.path}"}})

    with answering(answer) as served:
        done = flowrunner(
            "run", file, "--audience", audience, "--yes-send-to", "3", "--api-url", served.url, *FAST, cwd=tmp_path
        )
    assert done.returncode == 3
    assert "2 finished, 1 failed" in done.stdout
    report = flowrunner("report", done.stderr.split("campaign ")[1].split()[0], cwd=tmp_path)
    assert "Rate limit exceeded (HTTP 429)" in report.stdout
