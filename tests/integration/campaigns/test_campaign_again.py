"""The same flow again: to everybody, to those who had it long ago, to those who failed or did not get a message."""

import asyncio
import json
import time
from pathlib import Path

import pytest

from flowrunner.campaign import CampaignRecipient, begin_campaign, new_campaign
from flowrunner.clock import SYSTEM
from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.messages import Delays
from flowrunner.emulator.api.numbers import NUMBER_ID
from flowrunner.emulator.api.state import EmulatorState
from flowrunner.engine import moment
from flowrunner.flow import load_file
from flowrunner.model import Event, EventKind, Recipient
from support.campaigns import QUICK, people, received
from support.journals import blocking
from support.program import flow, flowrunner

JOURNAL = Path(".flowrunner") / "journal.db"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A flow of two messages."""
    return flow(tmp_path / "f.yaml", ['{message: "hi {{ name }}"}', '{message: "bye {{ name }}"}'], "{name: {}}")


def got(state: EmulatorState) -> dict[str, list[str]]:
    """What each conversation got, in the order of their names."""
    return dict(sorted(received(state).items()))


def learnt(tmp_path: Path, state: EmulatorState) -> None:
    """Everything that WhatsApp says of the messages so far is in the journal."""
    until = max(each.at for message in state.history() for each in message.statuses)
    time.sleep(max(until - time.time(), 0) + 0.05)
    done = flowrunner("status", "--refresh", "--rate", "100000/s", "--timeout", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def long_ago(tmp_path: Path, file: Path, url: str, seconds: float) -> None:
    """The first person had the flow so many seconds ago."""
    loaded, at = load_file(file), time.time() - seconds
    assert loaded.flow is not None
    campaign = new_campaign(loaded.flow, "p.csv", f"{url}/api/v1", moment(time.time()), 1, {}, SYSTEM, at)
    events = [
        Event(kind, f"{campaign.id}-0000002", at, step)
        for kind, step in ((EventKind.BEGUN, "1"), (EventKind.ACCEPTED, "1"), (EventKind.FINISHED, ""))
    ]
    (tmp_path / JOURNAL).parent.mkdir()
    with blocking(tmp_path / JOURNAL) as book:
        asyncio.run(begin_campaign(campaign, [CampaignRecipient(2, Recipient("c0"), {"name": "Ana 0"})], [], book))
        book.append(*events)


def test_again_sends_to_everybody_once_more(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """As for one person; how many had it before is said; without it, the line names the option."""
    audience = people(tmp_path / "p.csv", 3)
    run = ("run", file, "--audience", audience, "--api-url", url, *QUICK)
    assert flowrunner(*run, "--yes-send-to", "3", cwd=tmp_path).returncode == 0
    people(tmp_path / "p.csv", 4)
    refused = flowrunner(*run, "--yes-send-to", "4", cwd=tmp_path)
    assert "left out: 3 had this flow before (send it again: --again or --not-within 7d)" in refused.stderr
    assert refused.returncode == 1
    done = flowrunner(*run, "--yes-send-to", "4", "--again", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 of them had this flow, or part of it, before" in done.stderr
    assert {talk: len(texts) for talk, texts in got(state).items()} == {"c0": 4, "c1": 4, "c2": 4, "c3": 2}


def test_who_had_it_from_another_sender_is_told_before_the_question(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Once a sender's dialect is changed it begins anew with everybody: nobody should learn that from its people."""
    phones = [f"+521551234560{number}" for number in range(3)]
    for phone in phones:
        state.conversations.create(phone)
    audience = tmp_path / "p.csv"
    audience.write_text("phone,name\n" + "".join(f"{phone},Ana\n" for phone in phones))
    run = ("run", file, "--audience", audience, "--api-url", url, *QUICK)
    assert flowrunner(*run, "--yes-send-to", "3", cwd=tmp_path).returncode == 0
    by_meta = (*run, "--dialect", "meta", "--number", NUMBER_ID)
    refused = flowrunner(*by_meta, "--yes-send-to", "9", cwd=tmp_path)
    assert f"3 of them had this flow, or part of it, from {url}/api/v1, and would get it again" in refused.stderr
    assert flowrunner(*by_meta, "--yes-send-to", "3", cwd=tmp_path).returncode == 0
    again = flowrunner(*by_meta, "--again", "--yes-send-to", "9", cwd=tmp_path)
    assert ("3 of them had this flow" in again.stderr, "would get it again" in again.stderr) == (True, False)
    plan = ("plan", file, "--audience", audience, "--api-url", url, "--format", "json")
    told = flowrunner(*plan, "--dialect", "meta", "--number", "7", cwd=tmp_path).stdout
    assert {each["people"] for each in json.loads(told)["elsewhere"]} == {3}
    other = flowrunner(*plan, "--api-url", "https://api.example.com", cwd=tmp_path)
    assert json.loads(other.stdout)["elsewhere"] == []


def test_not_within_leaves_out_who_had_it_lately(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """By the person's last message of that flow; what is older does not count."""
    audience = people(tmp_path / "p.csv", 2)
    run = ("run", file, "--audience", audience, "--api-url", url, *QUICK)
    long_ago(tmp_path, file, url, 8 * 86_400)
    assert flowrunner(*run, "--not-within", "9d", "--yes-send-to", "1", cwd=tmp_path).returncode == 0
    done = flowrunner(*run, "--not-within", "7d", "--yes-send-to", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 had this flow before (within the time given by --not-within)" in done.stderr
    assert {talk: len(texts) for talk, texts in got(state).items()} == {"c0": 2, "c1": 2}
    nobody = flowrunner(*run, "--not-within", "7d", "--at-most", "5", cwd=tmp_path)
    why = "had this flow before (within the time given by --not-within)"
    assert nobody.stdout == f"nobody is left to send to: 2 {why}\n"


def test_a_plan_can_be_for_again_and_is_sent_once(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Who had the flow before it was made is in it; who had it since keeps it from being sent."""
    audience = people(tmp_path / "p.csv", 2)
    run = ("run", file, "--audience", audience, "--api-url", url, *QUICK)
    assert flowrunner(*run, "--yes-send-to", "2", cwd=tmp_path).returncode == 0
    plan = ("plan", file, "--audience", audience, "--api-url", url, "--output", "p.plan")
    assert "no plan was saved" in flowrunner(*plan, cwd=tmp_path).stdout
    assert flowrunner(*plan, "--again", cwd=tmp_path).returncode == 0
    send = ("run", "p.plan", "--yes-send-to", "2", *QUICK)
    assert flowrunner(*send, cwd=tmp_path).returncode == 0
    twice = flowrunner(*send, cwd=tmp_path)
    assert (twice.returncode, "had the flow after the plan was made" in twice.stderr) == (1, True)
    assert {talk: len(texts) for talk, texts in got(state).items()} == {"c0": 4, "c1": 4}


def test_two_that_say_again_at_once_send_once(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Both were asked for before anybody was sent to: the second one leaves to the first what that has sent since."""
    audience = people(tmp_path / "p.csv", 4)
    run = ("run", file, "--audience", audience, "--api-url", url, "--again", "--yes-send-to", "4", *QUICK)
    first = flowrunner(*run, "--canary", "1", cwd=tmp_path)
    second = flowrunner(*run, "--canary", "1", cwd=tmp_path)
    campaigns = [each.stderr.split("campaign ")[1].split()[0] for each in (first, second)]
    for each in campaigns:
        assert flowrunner("resume", each, *QUICK, cwd=tmp_path).returncode == 0
    assert {talk: len(texts) for talk, texts in got(state).items()} == {"c0": 4, "c1": 2, "c2": 2, "c3": 2}


def undelivered(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> str:
    """Of three people, the second message of one could not be delivered. Returns the campaign."""
    state.delays = Delays(sent=0.1, delivered=0.2, read=0.3)
    state.faults.add(parse_fault("read-failed:count=1,after=1,code=131053,text=Media upload error"))
    audience = people(tmp_path / "p.csv", 3)
    options = ("--audience", audience, "--api-url", url, "--yes-send-to", "3", "--window", "1")
    campaign = flowrunner("run", file, *options, *QUICK, cwd=tmp_path).stderr.split()[-1]
    learnt(tmp_path, state)
    return campaign


@pytest.mark.parametrize("named", [True, False])
def test_what_was_not_delivered_is_sent_again_by_wish(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, named: bool
) -> None:
    """That message and no other, once; `resume` alone leaves it, and says how."""
    campaign = undelivered(tmp_path, file, state, url)
    wish = f"flowrunner resume {campaign} --only undelivered"
    left = flowrunner("resume", *QUICK, cwd=tmp_path)
    assert (left.returncode, left.stdout) == (
        0,
        f"nothing to resume\ncampaign {campaign}: 1 person did not get a message\n  try again: {wish}\n",
    )
    plain = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    assert f"send the 1 undelivered again: {wish}\n" in plain.stderr
    assert "Media upload error" in plain.stderr
    assert len(state.received()) == 6
    which = (campaign,) if named else ()
    done = flowrunner("resume", *which, "--only", "undelivered", *QUICK, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "3 finished\n"), done.stderr
    texts = sorted(got(state).values(), key=len)
    assert [len(each) for each in texts] == [2, 2, 3]
    assert texts[-1][-1] == texts[-1][1]
    learnt(tmp_path, state)
    again = flowrunner("resume", campaign, "--only", "undelivered", *QUICK, cwd=tmp_path)
    assert f"nobody in campaign {campaign} is known to be undelivered" in again.stdout
    assert len(state.received()) == 7


def test_a_wish_that_was_cut_short_is_kept(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """A resend that the API refuses fails that person; `resume` then sends it, nothing else."""
    campaign = undelivered(tmp_path, file, state, url)
    state.faults.add(parse_fault("status:code=403,count=1"))
    first = flowrunner("resume", campaign, "--only", "undelivered", *QUICK, cwd=tmp_path)
    assert (first.returncode, first.stdout) == (3, "2 finished, 1 failed\n")
    assert flowrunner("resume", campaign, "--only", "failed", *QUICK, cwd=tmp_path).returncode == 0
    assert sorted(map(len, got(state).values())) == [2, 2, 3]


def test_a_single_run_is_sent_again_what_was_not_delivered(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """By its id, or as the only one."""
    state.delays = Delays(sent=0.1, delivered=0.2, read=0.3)
    state.faults.add(parse_fault("read-failed:count=1,code=131026"))
    run = ("run", file, "--conversation", "a", "--var", "name=Eva", "--api-url", url)
    assert flowrunner(*run, *QUICK, cwd=tmp_path).returncode == 0
    learnt(tmp_path, state)
    assert "undelivered" in flowrunner("runs", cwd=tmp_path).stdout
    assert "nothing to resume" in flowrunner("resume", *QUICK, cwd=tmp_path).stdout
    done = flowrunner("resume", "--only", "undelivered", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert got(state) == {"a": ["hi Eva", "bye Eva", "hi Eva"]}


@pytest.mark.parametrize("which", ["failed", "undelivered"])
def test_a_mended_flow_goes_to_those_alone_whom_it_did_not_reach(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, which: str
) -> None:
    """`run --only`: by how their last run of that flow ended; all of the flow, as it is today."""
    if which == "undelivered":
        undelivered(tmp_path, file, state, url)
    else:
        state.faults.add(parse_fault("status:code=403,count=1,after=1"))
        options = ("--audience", people(tmp_path / "p.csv", 3), "--api-url", url, "--yes-send-to", "3")
        assert flowrunner("run", file, *options, "--window", "1", *QUICK, cwd=tmp_path).returncode == 3
    before = got(state)
    file.write_text(file.read_text(encoding="utf-8").replace("bye", "ciao"), encoding="utf-8")
    run = ("run", file, "--audience", tmp_path / "p.csv", "--api-url", url, "--only", which, *QUICK)
    done = flowrunner(*run, "--yes-send-to", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"left out: 2 not among the {which}" in done.stderr
    [(talk, texts)] = [(talk, texts) for talk, texts in got(state).items() if texts != before.get(talk)]
    assert [text[:2] for text in texts[len(before[talk]) :]] == ["hi", "ci"]
    assert "nobody is left to send to" in flowrunner(*run, "--yes-send-to", "1", cwd=tmp_path).stdout


def test_only_the_failed_are_tried_again_and_the_others_wait(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Not those who have not had their turn; a pause on the way is waited for."""
    flow(file, ['{message: "hi {{ name }}"}', "{pause: 300ms}", '{message: "bye"}'], "{name: {}}")
    state.faults.add(parse_fault("status:code=403,count=1"))
    audience = people(tmp_path / "p.csv", 4)
    options = ("--audience", audience, "--api-url", url, "--yes-send-to", "4", "--canary", "2")
    first = flowrunner("run", file, *options, *QUICK, cwd=tmp_path)
    assert first.returncode == 3
    campaign = first.stderr.split("campaign ")[1].split()[0]
    done = flowrunner("resume", campaign, "--only", "failed", *QUICK, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "2 finished, 2 waiting\n"), done.stderr
    assert sorted(map(len, got(state).values())) == [2, 2]


@pytest.mark.parametrize(
    ("options", "part"),
    [
        (("--conversation", "c1", "--not-within", "7d"), "--not-within needs --audience"),
        (("--conversation", "c1", "--only", "failed"), "--only needs --audience"),
        (("--conversation", "c1", "--at-most", "7"), "--at-most needs --audience"),
        (("--audience", "p.csv", "--not-within", "week"), "'week' is not a time span"),
        (("--audience", "p.csv", "--not-within", "7d", "--only", "failed"), "cannot be combined with --not-within"),
    ],
)
def test_what_has_no_sense_is_refused(tmp_path: Path, file: Path, options: tuple[str, ...], part: str) -> None:
    """None is silently without effect."""
    done = flowrunner("run", file, *options, cwd=tmp_path)
    assert (done.returncode, part in done.stderr) == (2, True), done.stderr


@pytest.mark.parametrize(("most", "code"), [(3, 0), (5, 0), (2, 1), (0, 1)])
def test_at_most(tmp_path: Path, file: Path, state: EmulatorState, url: str, most: int, code: int) -> None:
    """For jobs by the clock: nobody knows the number, and too many are a mistake."""
    audience = people(tmp_path / "p.csv", 3)
    run = ("run", file, "--audience", audience, "--api-url", url, "--at-most", str(most), *QUICK)
    done = flowrunner(*run, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert len(state.received()) == (0 if code else 6)
    assert (f"--at-most allows {most}, but there are 3 people; nothing was sent" in done.stderr) == bool(code)


def test_the_events_of_a_campaign_are_lines_of_json(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Nothing else on standard output: run, canary, resume, and where nobody is left; the last line sums up."""
    state.faults.add(parse_fault("status:code=403,count=1"))
    audience = people(tmp_path / "p.csv", 4)
    run = ("run", file, "--audience", audience, "--api-url", url, "--format", "jsonl", "--window", "1", *QUICK)
    first = flowrunner(*run, "--yes-send-to", "4", "--canary", "2", cwd=tmp_path)
    *events, summary = map(json.loads, first.stdout.splitlines())
    assert {each["phone"] + each["conversation"] for each in events} == {"c0", "c1"}
    assert {each["line"] for each in events} == {2, 3}
    assert [each["kind"] for each in events if each["line"] == 3] == [
        "begun",
        "accepted",
        "begun",
        "accepted",
        "finished",
    ]
    assert set(events[0]) == {"kind", "run", "step", "at", "message_id", "detail", "line", "phone", "conversation"}
    assert (summary["kind"], summary["exit_code"], first.returncode) == ("summary", 3, 3)
    assert summary["states"] == {"finished": 1, "failed": 1, "waiting": 2}
    assert [each["recipients"] for each in summary["reasons"]] == [1]
    rest = flowrunner("resume", summary["campaign"], "--format", "jsonl", *QUICK, cwd=tmp_path)
    *events, summary = map(json.loads, rest.stdout.splitlines())
    assert (summary["states"], summary["exit_code"], rest.returncode) == ({"finished": 4}, 0, 0)
    assert {each["conversation"] for each in events} == {"c0", "c2", "c3"}
    nobody = json.loads(flowrunner(*run, "--yes-send-to", "4", cwd=tmp_path).stdout)
    assert (nobody["people"], nobody["left_out"]) == (0, [{"reason": "had this flow before", "people": 4}])
    assert flowrunner("resume", "--format", "jsonl", cwd=tmp_path).stdout == ""


def test_what_is_listed_can_be_read_by_programs(tmp_path: Path, file: Path, url: str) -> None:
    """runs, status and plan as JSON: with nothing there, with a campaign, with a run."""

    def data(*words: str | Path) -> dict[str, object]:
        done = flowrunner(*words, "--format", "json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    audience = people(tmp_path / "p.csv", 2)
    assert data("runs") == {"version": 1, "campaigns": [], "runs": []}
    planned = data("plan", file, "--audience", audience, "--api-url", url, "--output", "p.plan")
    assert (planned["people"], planned["messages"], planned["saved"]) == (2, 4, "p.plan")
    run = ("run", file, "--api-url", url, *QUICK)
    assert flowrunner(*run, "--audience", audience, "--yes-send-to", "2", cwd=tmp_path).returncode == 0
    assert flowrunner(*run, "--conversation", "x", "--var", "name=Eva", cwd=tmp_path).returncode == 0
    nobody = data("plan", file, "--audience", audience, "--api-url", url)
    assert (nobody["people"], nobody["left_out"]) == (0, [{"reason": "had this flow before", "people": 2}])
    listed = data("runs")
    [campaign], [single] = listed["campaigns"], listed["runs"]  # type: ignore[misc]
    assert (campaign["states"], campaign["recipients"]) == ({"finished": 2}, 2)
    assert (single["state"], single["steps"], single["flow"]) == ("finished", 2, "f")
    assert data("runs", campaign["id"])["campaign"] == campaign
    shown = data("runs", single["id"])
    assert shown["run"] == single
    assert [each["kind"] for each in shown["events"]][-1] == "finished"  # type: ignore[attr-defined]
    assert [each["accepted"] for each in data("status", campaign["id"])["steps"]] == [2, 2]  # type: ignore[attr-defined]
    assert [each["label"] for each in data("status")["runs"]] == [campaign["id"], single["id"]]  # type: ignore[attr-defined]


def test_a_second_appointment(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """The case 02-campaign-again: the line that says that nobody is left names the way."""
    case = Path(__file__).parents[2] / "data" / "cases" / "02-campaign-again"
    run = ("run", case / "appt.yaml", "--api-url", url, "--yes-send-to", "1", *QUICK)
    assert flowrunner(*run, "--audience", case / "nov.csv", cwd=tmp_path).returncode == 0
    nobody = flowrunner(*run, "--audience", case / "dec.csv", cwd=tmp_path)
    assert (nobody.returncode, "--again" in nobody.stdout) == (0, True)
    assert len(state.received()) == 1
    assert flowrunner(*run, "--audience", case / "dec.csv", "--again", cwd=tmp_path).returncode == 0
    assert [json.loads(each.raw)["message"]["template_params"] for each in state.received()] == [
        ["Ana", "2026-11-30"],
        ["Ana", "2026-12-30"],
    ]
