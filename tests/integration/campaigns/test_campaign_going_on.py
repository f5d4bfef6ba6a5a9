"""A campaign that is held, stopped, resumed, carried out twice at once, or watched: nobody is doubled or forgotten."""

import asyncio
import json
import re
import resource
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flowrunner.campaign import CampaignRecipient, begin_campaign, new_campaign
from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.rates import RateLimit
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import moment
from flowrunner.flow import load_file
from flowrunner.model import Recipient
from support.answering import Asked, Reply, answering, listed
from support.campaigns import INPUTS, QUICK, expected, people, received
from support.journals import blocking
from support.program import environment, flow, flowrunner, start
from support.terminal import Terminal


def campaign_of(folder: Path) -> str:
    """The id of the only campaign."""
    return flowrunner("runs", cwd=folder).stdout.split()[1]


def recipients(folder: Path) -> list[dict[str, str]]:
    """What the report says of everybody."""
    shown = flowrunner("report", campaign_of(folder), "--format", "json", cwd=folder)
    return list(json.loads(shown.stdout)["recipients"])


def clock(zone: str, hours: int) -> str:
    """What a clock there shows so many hours from now."""
    return f"{datetime.now(ZoneInfo(zone)) + timedelta(hours=hours):%H:%M}"


def test_in_quiet_hours_a_person_is_held_and_the_others_are_sent_to(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """By each one's clock, from the column or the phone's country; shown, kept over Ctrl-C, and not sent by resume."""
    quiet = f"{clock('Asia/Kolkata', -2)}-{clock('Asia/Kolkata', 2)}"
    audience = tmp_path / "p.csv"
    audience.write_text(
        "phone,name,timezone\n+919812345678,Asha,\n+5215512345601,Ana,America/Mexico_City\n+81312345678,Kei,Asia/Kolkata\n",
        encoding="utf-8",
    )
    command = ("run", file, "--audience", audience, "--api-url", url, "--quiet-hours", quiet, "--yes-send-to", "3")
    with start(*command, *QUICK, cwd=tmp_path) as program:
        give_up = time.monotonic() + 20
        while len(state.received()) < 3 and time.monotonic() < give_up:
            time.sleep(0.02)
        time.sleep(0.3)
        listed = flowrunner("runs", campaign_of(tmp_path), cwd=tmp_path).stdout
        program.terminate()
        _, said = program.communicate(timeout=20)
    assert program.returncode == 130, said
    assert re.search(r"2 of them are held until .* \(this computer's time\)", said)
    assert "2 held" in listed
    assert list(received(state).values()) == [["one Ana", "two Ana", "three none"]]
    held = [each for each in recipients(tmp_path) if each["state"] == "held"]
    assert [each["phone"] for each in held] == ["+919812345678", "+81312345678"]
    assert {each["reason"] for each in held} == {"held until the allowed hours"}
    with start("resume", campaign_of(tmp_path), *QUICK, cwd=tmp_path) as program:
        time.sleep(1.5)
        program.terminate()
        program.communicate(timeout=20)
    assert len(state.received()) == 3


def test_at_a_moment_everybody_is_sent_to(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Nobody before it; and one who comes to a pause is held no second time."""
    at = datetime.now(UTC) + timedelta(seconds=4)
    audience = people(tmp_path / "p.csv", 4)
    command = ("run", file, "--audience", audience, "--api-url", url, "--at", at.isoformat(), "--yes-send-to", "4")
    done = flowrunner(*command, *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "4 of them are held until 20" in done.stderr
    assert received(state) == expected(4)
    [first, *_] = state.history()
    assert first.created_at >= at.timestamp()


@pytest.mark.parametrize(
    ("options", "code", "part"),
    [
        (("--at", "2020-01-01T09:00"), 1, "--at is in the past"),
        (("--at", "soon"), 2, "is not a time: write 09:00"),
        (("--quiet-hours", "21-8"), 2, "write it like 21:00-08:00"),
        (("--quiet-hours", "21:00-08:00"), 1, "p.csv:2:1: error[unknown-time-zone]"),
    ],
)
def test_a_schedule_that_cannot_be_kept_is_refused(
    tmp_path: Path, file: Path, url: str, options: tuple[str, ...], code: int, part: str
) -> None:
    """Before anybody is sent to."""
    audience = people(tmp_path / "p.csv", 2)
    done = flowrunner("run", file, "--audience", audience, "--api-url", url, *options, cwd=tmp_path)
    assert (done.returncode, part in done.stderr) == (code, True), done.stderr


def test_a_text_that_is_sent_twice_is_not_taken_for_its_first_sending(
    tmp_path: Path, state: EmulatorState, url: str
) -> None:
    """People are named by phone: what was sent to the conversation that was found is known to be ours."""
    file = flow(tmp_path / "f.yaml", ['{message: "ping"}', '{message: "ping"}', '{message: "end"}'])
    (tmp_path / "p.csv").write_text("phone\n+5215512345601\n", encoding="utf-8")
    state.conversations.create("+5215512345601", conversation_id="found")
    state.faults.add(parse_fault("cut-before:count=1,after=1"))
    done = flowrunner("run", file, "--audience", "p.csv", "--api-url", url, "--yes-send-to", "1", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert received(state) == {"found": ["ping", "ping", "end"]}


def test_looking_people_up_keeps_to_the_limit(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """A question that the API refuses for now is asked again, and fails nobody."""
    state.rate_limit = RateLimit(15, 1.0, "no")
    rows = "".join(f"+52155123456{n:02},Ana {n}\n" for n in range(12))
    (tmp_path / "p.csv").write_text(f"phone,name\n{rows}", encoding="utf-8")
    done = flowrunner("run", file, "--audience", "p.csv", "--api-url", url, "--yes-send-to", "12", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert sorted(received(state).values()) == sorted([f"one Ana {n}", f"two Ana {n}", "three none"] for n in range(12))


def test_a_flow_that_asks_for_what_nobody_knows_is_refused(tmp_path: Path, url: str) -> None:
    """A phone does not tell the conversation's id before the run, and an empty one would be sent silently."""
    file = flow(tmp_path / "f.yaml", ['{message: "at {{ conversation.id }}"}'])
    (tmp_path / "p.csv").write_text("phone\n+5215512345601\n", encoding="utf-8")
    done = flowrunner("run", file, "--audience", "p.csv", "--api-url", url, "--yes-send-to", "1", cwd=tmp_path)
    assert done.returncode == 1
    assert "p.csv:2:1: error[undefined-value]: conversation.id is not known here" in done.stderr


def test_resume_tries_again_who_failed_first(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """As for a single run: what surely was not sent is sent, the rest stays as it is, nobody gets anything twice."""
    state.faults.add(parse_fault("status:code=403,count=21,after=6"))
    audience = people(tmp_path / "p.csv", 40)
    first = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "40", "--window", "3", *QUICK,
        cwd=tmp_path,
    )  # fmt: skip
    assert first.returncode == 3
    assert "runs failed" in first.stderr
    done = flowrunner("resume", campaign_of(tmp_path), *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "40 finished"
    assert received(state) == expected(40)


def test_a_campaign_that_was_not_written_down_whole_is_not_resumed(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Its process died before the first message: nobody would be told of the people it does not know."""
    loaded = load_file(file)
    assert loaded.flow is not None
    campaign = new_campaign(loaded.flow, "p.csv", url, moment(time.time()), 3, {}, clock=SYSTEM)
    first = [CampaignRecipient(2, Recipient("c0"), {"name": "Ana", "code": "1"})]
    (tmp_path / ".flowrunner").mkdir()
    with blocking(tmp_path / ".flowrunner" / "journal.db") as book:
        asyncio.run(begin_campaign(campaign, first, [], book))
    done = flowrunner("resume", campaign.id, *QUICK, cwd=tmp_path)
    assert (done.returncode, "was interrupted before it was written down; nothing was sent" in done.stderr) == (1, True)
    assert not state.received()
    people(tmp_path / "p.csv", 3)
    again = ("run", file, "--audience", "p.csv", "--api-url", url, "--yes-send-to", "3")
    assert flowrunner(*again, *QUICK, cwd=tmp_path).returncode == 0
    assert received(state) == expected(3)


def test_who_fails_again_does_not_keep_the_others_waiting(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Thirty people who have no conversation stop the campaign once; after that the others get it."""
    state.conversations.on_demand = False
    rows = [f"+52155123456{n:02},Ana {n}" for n in range(40)]
    for n in range(30, 40):
        state.conversations.create(f"+52155123456{n:02}", conversation_id=f"c{n}")
    (tmp_path / "p.csv").write_text("\n".join(["phone,name", *rows]) + "\n", encoding="utf-8")
    options = ("--audience", "p.csv", "--api-url", url, "--yes-send-to", "40", "--window", "1", *QUICK)
    first = flowrunner("run", file, *options, cwd=tmp_path)
    assert "runs failed" in first.stderr
    assert not state.received()
    again = flowrunner("resume", *QUICK, cwd=tmp_path)
    assert (again.returncode, again.stdout.strip()) == (3, "10 finished, 30 failed")
    assert "flowrunner report" in again.stderr
    assert len(state.received()) == 30


def test_two_campaigns_of_one_flow_send_it_once(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Whoever is sent to by one is left out of the other, though both were checked before; the report says so."""
    audience = people(tmp_path / "p.csv", 20)
    options = ("run", file, "--audience", audience, "--api-url", url, *QUICK)
    first = flowrunner(*options, "--yes-send-to", "20", "--canary", "2", cwd=tmp_path)
    one = first.stderr.split("campaign ")[1].split()[0]
    second = flowrunner(*options, "--yes-send-to", "18", "--canary", "5", cwd=tmp_path)
    other = second.stderr.split("campaign ")[1].split()[0]
    assert one != other
    assert "there is more than one to continue" in flowrunner("resume", *QUICK, cwd=tmp_path).stderr
    assert flowrunner("resume", one, *QUICK, cwd=tmp_path).stdout.strip() == "15 finished, 5 left out"
    assert flowrunner("resume", other, *QUICK, cwd=tmp_path).stdout.strip() == "5 finished, 15 left out"
    assert received(state) == expected(20)
    report = json.loads(flowrunner("report", other, "--format", "json", cwd=tmp_path).stdout)
    reasons = [each["reason"] for each in report["recipients"] if each["state"] == "skipped"]
    assert reasons == ["had this flow before"] * 15


def test_people_named_by_phone_had_it_by_their_conversation(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """That they are the same was learnt from the API's answer: they are left out before it is asked anything."""
    state.conversations.create("+5215512345601", conversation_id="c0")
    audience = people(tmp_path / "p.csv", 1)
    options = ("--api-url", url, "--yes-send-to", "1", *QUICK)
    assert flowrunner("run", file, "--audience", audience, *options, cwd=tmp_path).returncode == 0
    (tmp_path / "phones.csv").write_text("phone,name\n+5215512345601,Ana\n", encoding="utf-8")
    again = flowrunner("run", file, "--audience", "phones.csv", *options, cwd=tmp_path)
    assert again.returncode == 0
    assert again.stdout.startswith("nobody is left to send to: 1 had this flow before")
    assert received(state) == expected(1)


def test_a_list_that_cannot_match_is_refused(tmp_path: Path, file: Path, url: str) -> None:
    """Phones among conversations: nobody would be left out, and nobody would notice."""
    audience = people(tmp_path / "p.csv", 2)
    (tmp_path / "no.txt").write_text("+5215512345601\n", encoding="utf-8")
    done = flowrunner("run", file, "--audience", audience, "--exclude", "no.txt", "--api-url", url, cwd=tmp_path)
    assert (done.returncode, "nobody could be recognised" in done.stderr) == (1, True)


def test_without_a_key_no_campaign_is_written_down(tmp_path: Path, file: Path, url: str) -> None:
    """One that was could be sent later by somebody who does not know of it. It is said before anybody is checked."""
    audience = people(tmp_path / "p.csv", 2)
    with audience.open("a", encoding="utf-8") as more:
        more.write("c9,E,1\n")
    options = ("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "2")
    for key, part in (("", "there is no API key"), (" k", "the API key has a space")):
        done = flowrunner(*options, cwd=tmp_path, KAPSO_API_KEY=key)
        assert (done.returncode, part in done.stderr, "p.csv:4" in done.stderr) == (1, True, False)
    made = flowrunner(
        "plan", file, "--audience", audience, "--skip-invalid", "--api-url", url, "--output", "p.plan", cwd=tmp_path
    )
    assert made.returncode == 0, "a plan sends nothing"
    done = flowrunner("run", "p.plan", "--yes-send-to", "2", cwd=tmp_path, KAPSO_API_KEY="")
    assert (done.returncode, "there is no API key" in done.stderr) == (1, True)
    assert flowrunner("runs", cwd=tmp_path).stdout.startswith("no runs yet")


def test_a_short_list_comes_through_a_pipe(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Standard input, of which nothing is left when it is read a second time."""
    text = people(tmp_path / "p.csv", 2).read_text(encoding="utf-8")
    options = ("run", file, "--audience", "-", "--api-url", url, "--yes-send-to", "2", *QUICK)
    done = flowrunner(*options, cwd=tmp_path, stdin=text)
    assert done.returncode == 0, done.stderr
    assert received(state) == expected(2)


def test_who_is_second_finishes_what_the_first_leaves(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """The first of two processes is killed: the other one ends with everybody sent to."""
    state.faults.add(parse_fault("latency:seconds=0.05"))
    audience = people(tmp_path / "p.csv", 60)
    command = ("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "60", "--window", "30", *QUICK)
    with start(*command, cwd=tmp_path) as first:
        while len(state.received()) < 10:
            time.sleep(0.01)
        with start("resume", campaign_of(tmp_path), *QUICK, cwd=tmp_path) as second:
            time.sleep(1)
            first.kill()
            shown, said = second.communicate(timeout=60)
    assert (second.returncode, shown.strip()) == (0, "60 finished"), said
    assert received(state) == expected(60)


def test_a_canary_goes_to_its_end(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Its people's pauses, too, before the campaign stops."""
    file = flow(tmp_path / "f.yaml", ['{message: "one {{ name }}"}', "{pause: 500ms}", '{message: "two"}'], INPUTS)
    audience = people(tmp_path / "p.csv", 5)
    first = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "5", "--canary", "2", *QUICK,
        cwd=tmp_path,
    )  # fmt: skip
    assert first.returncode == 0
    assert received(state) == {f"c{n}": [f"one Ana {n}", "two"] for n in range(2)}
    assert flowrunner("resume", *QUICK, cwd=tmp_path).returncode == 0, "there is only one to go on with"
    assert received(state) == {f"c{n}": [f"one Ana {n}", "two"] for n in range(5)}
    assert flowrunner("resume", *QUICK, cwd=tmp_path).stdout == "nothing to resume\n"


def test_a_campaign_carried_out_twice_at_once_sends_once(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Whoever comes second to a conversation leaves it to the first; both end well."""
    state.faults.add(parse_fault("latency:seconds=0.1"))
    audience = people(tmp_path / "p.csv", 50)
    window = ("--window", "10")
    command = ("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "50", *window, *QUICK)
    with start(*command, cwd=tmp_path) as first:
        while len(state.received()) < 10:
            time.sleep(0.01)
        second = flowrunner("resume", campaign_of(tmp_path), *QUICK, cwd=tmp_path)
        _, said = first.communicate(timeout=60)
    assert "Traceback" not in said + second.stderr
    assert (first.returncode, second.returncode) == (0, 0), said + second.stderr
    assert received(state) == expected(50)


def test_a_journal_that_cannot_be_written_ends_a_campaign_with_a_sentence(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """And with room again, `resume` makes it whole."""
    audience = people(tmp_path / "p.csv", 150)
    command = ("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "150", *QUICK)
    done = subprocess.run(
        [sys.executable, "-m", "flowrunner", *map(str, command)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000)),
    )
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    assert "error: the journal" in done.stderr
    assert flowrunner("resume", campaign_of(tmp_path), *QUICK, cwd=tmp_path).returncode == 0
    assert received(state) == expected(150)


def test_ctrl_c_settles_what_is_in_flight(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """On a terminal: the preview, the question, a line that moves, and after Ctrl-C the way to go on."""
    state.faults.add(parse_fault("latency:seconds=0.15"))
    audience = people(tmp_path / "p.csv", 60)
    command = ("run", file, "--audience", audience, "--api-url", url, "--window", "5", *QUICK)
    with Terminal(*command, cwd=tmp_path) as terminal:
        terminal.until("one Ana 0")
        terminal.until("60 people, 180 messages")
        terminal.until("Type the number of people to send to")
        terminal.type("60\n")
        terminal.until("of 60 done")
        while not re.search(r" [1-9][\d.]* messages/s", terminal.screen):  # its first line has none
            terminal.until(" messages/s")
        terminal.interrupt()
        terminal.until("stopping")
        terminal.until("interrupted; continue with: flowrunner resume")
        assert terminal.end() == 130
    assert "Traceback" not in terminal.screen
    with blocking(tmp_path / ".flowrunner" / "journal.db") as book:
        counts = book.counts(campaign_of(tmp_path)).states
        assert not counts.get("in_doubt")
    assert flowrunner("resume", campaign_of(tmp_path), *QUICK, cwd=tmp_path).returncode == 0
    assert received(state) == expected(60)


def test_the_wrong_number_sends_nothing(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """A yes is not a number."""
    audience = people(tmp_path / "p.csv", 3)
    with Terminal("run", file, "--audience", audience, "--api-url", url, cwd=tmp_path) as terminal:
        terminal.until("Type the number")
        terminal.type("yes\n")
        terminal.until("that is not 3; nothing was sent")
        assert terminal.end() == 1
    assert not state.received()


def test_one_who_no_longer_renders_fails_alone(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """As after an update of flowrunner that refuses what an older one took: the others get it, each time it is said."""
    loaded = load_file(file)
    assert loaded.flow is not None
    campaign = new_campaign(loaded.flow, "p.csv", url, moment(time.time()), 3, {}, clock=SYSTEM)
    given = [{"name": "Ana", "code": "1"}, {"code": "2"}, {"name": "Eva", "code": "3"}]
    people = [CampaignRecipient(number + 2, Recipient(f"c{number}"), values) for number, values in enumerate(given)]
    (tmp_path / ".flowrunner").mkdir()
    with blocking(tmp_path / ".flowrunner" / "journal.db") as book:
        asyncio.run(begin_campaign(campaign, people, [], book))
    for _ in range(2):
        done = flowrunner("resume", campaign.id, *QUICK, cwd=tmp_path)
        assert "Traceback" not in done.stderr
        assert (done.returncode, done.stdout.strip()) == (3, "2 finished, 1 failed")
    assert received(state) == {"c0": ["one Ana", "two Ana", "three 1"], "c2": ["one Eva", "two Eva", "three 3"]}
    [failed] = [each for each in recipients(tmp_path) if each["state"] == "failed"]
    assert failed["reason"] == "name has no value"


def test_of_three_resumes_at_once_none_stops_for_a_doubt_that_another_settles(tmp_path: Path, file: Path) -> None:
    """As with a single run: the campaign has not ended while somebody's message is being looked up."""
    stored: list[dict[str, Any]] = []

    def answers(asked: Asked) -> Reply:
        if asked.method == "POST":
            own = {"id": f"m{len(stored)}", "direction": "outbound", "message_type": "text", **asked.message}
            stored.append({**own, "created_at": time.time()})
            if len(stored) == 1:
                hit.set()
                ended.wait(30)
            return Reply(201, {"data": stored[-1]})
        if asked.path.endswith("messages"):
            return listed(*stored)
        return Reply(200, {"data": {"id": "c0", "phone_number": "+5215512345601", "status": "active"}})

    hit, ended = threading.Event(), threading.Event()
    audience = people(tmp_path / "p.csv", 1)
    with answering(answers) as served:
        command = ("run", file, "--audience", audience, "--api-url", served.url, "--yes-send-to", "1", *QUICK)
        with start(*command, cwd=tmp_path) as program:
            assert hit.wait(30)
            program.kill()
        campaign = campaign_of(tmp_path)
        with ExitStack() as stack:
            programs = [stack.enter_context(start("resume", campaign, *QUICK, cwd=tmp_path)) for _ in range(3)]
            assert [each.wait(60) for each in programs] == [0, 0, 0]
        ended.set()
    assert [each["content"] for each in stored] == expected(1)["c0"]
