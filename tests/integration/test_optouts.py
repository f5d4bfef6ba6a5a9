"""Who has said stop is written to no more, and whoever keeps the list sees it, mends it, and takes it elsewhere."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import flowrunner as program
from flowrunner.emulator.api.state import EmulatorState
from support.program import KEY, flow, flowrunner, texts

PHONE, SPELT = "+5215512345678", "+52 55 1234 5678"
Call = Callable[..., CompletedProcess[str]]


@pytest.fixture
def call(tmp_path: Path, url: str) -> Call:
    """The program in a folder with a flow, at the emulator."""
    flow(tmp_path / "hi.yaml", ["{message: one}", "{message: two}"])
    flow(tmp_path / "bye.yaml", ["{message: bye}"])

    def call(*arguments: str, stdin: str | None = None) -> CompletedProcess[str]:
        return flowrunner(*arguments, cwd=tmp_path, stdin=stdin, FLOWRUNNER_API_URL=url, FLOWRUNNER_RATE="1000/s")

    return call


def people(call: Call) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call("optouts", "list", "--format", "json").stdout)["optouts"]
    return found


@pytest.mark.parametrize("kept", [PHONE, SPELT, "c1"])
def test_nobody_who_opted_out_is_sent_a_flow(call: Call, state: EmulatorState, tmp_path: Path, kept: str) -> None:
    """By whatever name, alone, in an audience and by a plan; and the remedy that is said lets them in again."""
    if kept == "c1":
        call("run", "hi.yaml", "--conversation", "c1", "--emulator", "--journal", "other.db")
        # The phone is known of whom the conversation is, as soon as anything was sent there.
        assert call("run", "hi.yaml", "--phone", PHONE).returncode == 0
    sent = len(texts(state))
    assert call("optouts", "add", kept, "--reason", "asked").returncode == 0
    done = call("run", "bye.yaml", "--phone", PHONE)
    assert done.returncode == 1
    assert "opted out on" in done.stderr
    assert ": asked; nothing was sent" in done.stderr
    (tmp_path / "people.csv").write_text(f"phone\n{PHONE}\n")
    alone = call("run", "bye.yaml", "--audience", "people.csv", "--at-most", "9")
    assert (alone.returncode, alone.stdout) == (0, "nobody is left to send to: 1 opted out\n")
    planned = call("plan", "bye.yaml", "--phone", PHONE, "--output", "plan.jsonl")
    assert "1 opted out" in planned.stdout
    assert len(texts(state)) == sent
    remedy = done.stderr.rpartition("flowrunner ")[2].split()
    assert call(*remedy, "--yes").returncode == 0
    assert call("run", "bye.yaml", "--phone", PHONE).returncode == 0
    assert len(texts(state)) == sent + 1


@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_plan_of_which_nobody_is_left_sends_nothing(call: Call, state: EmulatorState, form: str) -> None:
    """And says so, as an audience does."""
    assert call("plan", "bye.yaml", "--phone", PHONE, "--output", "plan.jsonl").returncode == 0
    call("optouts", "add", "c1")
    call("optouts", "add", PHONE)
    done = call("run", "plan.jsonl", "--yes-send-to", "1", "--format", form)
    assert done.returncode == 0
    assert ("nobody is left to send to: 1 opted out" if form == "text" else '"reason":"opted out"') in done.stdout
    assert texts(state) == []


def test_who_opts_out_after_a_plan_was_made_is_left_out_of_it(call: Call, state: EmulatorState, tmp_path: Path) -> None:
    """And those of its people who have not are sent it."""
    state.conversations.create("+34600000001", conversation_id="c2")
    (tmp_path / "people.csv").write_text(f"phone\n{PHONE}\n+34600000001\n")
    assert call("plan", "bye.yaml", "--audience", "people.csv", "--output", "plan.jsonl").returncode == 0
    call("optouts", "add", PHONE)
    assert call("run", "plan.jsonl", "--yes-send-to", "1").returncode == 0
    assert [each.conversation_id for each in state.received()] == ["c2"]
    report = json.loads(call("runs", "--format", "json").stdout)["campaigns"][0]
    assert report["states"] == {"finished": 1, "skipped": 1}
    rows = [*csv.DictReader(io.StringIO(call("report", report["id"], "--format", "csv").stdout))]
    assert {row["phone"]: (row["state"], row["reason"]) for row in rows} == {
        PHONE: ("skipped", "opted out"), "+34600000001": ("finished", ""),
    }  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json", "text"])
def test_what_is_exported_is_imported_elsewhere(call: Call, tmp_path: Path, form: str) -> None:
    """By a file or by standard input; CSV and JSON say all that is known."""
    call("optouts", "add", PHONE, "US.1349", "--reason", "=stop")
    (tmp_path / "more.csv").write_text("phone,conversation,reason,at\n+34600000001,c-9,baja,2026-11-01T10:00:00.250Z\n")
    assert call("optouts", "import", "more.csv").stdout == "1 person opted out\n"
    said = call("optouts", "export", "--format", form).stdout
    again = call("optouts", "import", "-", "--journal", "other.db", stdin=said)
    assert again.stdout == "3 people opted out\n", again.stderr
    known = call("optouts", "import", "-", "--journal", "other.db", stdin=said)
    assert known.stdout == "0 people opted out, 3 had opted out before\n"
    assert call("optouts", "export", "--format", form, "--output", "whole").returncode == 0
    assert (tmp_path / "whole").read_text().split() == said.split()
    if form != "text":
        other = json.loads(call("optouts", "list", "--format", "json", "--journal", "other.db").stdout)["optouts"]
        for each, its in zip(people(call), other, strict=True):
            its["reason"], each["at"] = its["reason"].removeprefix("'"), pytest.approx(each["at"], abs=1e-5)
            assert its == each


def test_who_said_stop_to_two_apis_is_one_line(call: Call) -> None:
    """With all that they said, since the first of it; who shares but a conversation's id is somebody else."""
    said = (
        "phone,user_id,conversation,reason,at,run,target\n"
        f"{PHONE},MX.1,c-1,stop,2026-11-02T10:00Z,,https://a.example.com/api/v1\n"
        "+34600000001,,c-2,stop,2026-11-03T10:00Z,,https://a.example.com/api/v1\n"
        f"{SPELT},,c-2,baja,2026-11-01T10:00Z,,meta https://a.example.com/meta/whatsapp/v24.0/1\n"
    )
    assert call("optouts", "import", "-", stdin=said).returncode == 0
    head, *rows = call("optouts").stdout.splitlines()
    assert head.split() == ["PERSON", "SINCE", "REASON", "RUN"]
    assert [row.split() for row in rows] == [
        [PHONE, "2026-11-01", "10:00", "stop,", "baja", "-"], ["+34600000001", "2026-11-03", "10:00", "stop", "-"],
    ]  # fmt: skip
    assert len(people(call)) == 3
    assert call("optouts", "remove", PHONE, SPELT, "--yes").stdout.startswith("1 person removed")
    assert [each["phone"] for each in people(call)] == ["+34600000001"]


def test_a_file_of_which_a_line_is_wrong_adds_nobody(call: Call) -> None:
    """Every such line is said with its place."""
    done = call("optouts", "import", "-", stdin="phone,at\n+34600000001,\n12,\n+34600000002,soon\n")
    assert done.returncode == 1
    assert "<stdin>:3:1: error[bad-recipient]" in done.stderr
    assert "<stdin>:4:2: error[bad-recipient]" in done.stderr
    assert people(call) == []
    assert call("optouts").stdout.startswith("nobody has opted out")


@pytest.mark.parametrize("at", ["nan", "inf", "1e400", "99999999999999999", "-5", "0001-01-01", "99999-01-01"])
def test_a_moment_that_no_calendar_has_is_refused(call: Call, at: str) -> None:
    """Kept, it would keep the whole list from being shown."""
    done = call("optouts", "import", "-", stdin=f"phone,at\n+34600000001,{at}\n")
    assert done.returncode == 1
    assert f"<stdin>:2:2: error[bad-recipient]: '{at}' is not a moment" in done.stderr
    assert people(call) == []


@pytest.mark.parametrize(
    ("at", "hint"),
    [
        ("26 November 2026", "write 2026-11-26"),
        ("26/11/2026 9:00", "write 2026-11-26 09:00"),
        ("0001-01-01", "write it like 2026-12-01T09:00Z"),
    ],
)
def test_a_moment_in_another_way_is_told_as_it_is_written(call: Call, at: str, hint: str) -> None:
    """Written so, it is taken."""
    done = call("optouts", "import", "-", stdin=f"phone,at\n+34600000001,{at}\n")
    assert f"hint: {hint}\n" in done.stderr
    mended = hint.removeprefix("write ").removeprefix("it like ")
    assert call("optouts", "import", "-", stdin=f"phone,at\n+34600000001,{mended}\n").returncode == 0


def test_who_is_removed_is_shown_and_asked_for_first(call: Call) -> None:
    """Without a terminal nobody is; and all that were named, or none."""
    call("optouts", "add", PHONE, "+34600000001")
    refused = call("optouts", "remove", SPELT)
    assert refused.returncode == 1
    assert PHONE in refused.stderr
    assert "--yes" in refused.stderr
    assert call("optouts", "remove", SPELT, "+34600000009", "--yes").returncode == 1
    assert len(people(call)) == 2
    assert call("optouts", "remove", SPELT, "--yes").stdout == "1 person removed: they can be written to again\n"
    assert [each["phone"] for each in people(call)] == ["+34600000001"]


@pytest.mark.parametrize("text", ["5512345678", "", "+52"])
def test_a_person_who_cannot_be_told_is_refused_with_a_remedy(call: Call, text: str) -> None:
    """Nobody is added of those who were named beside them."""
    done = call("optouts", "add", PHONE, text)
    assert done.returncode == 1
    assert "hint:" in done.stderr
    assert people(call) == []


def test_the_list_is_kept_from_python(url: str, tmp_path: Path, state: EmulatorState) -> None:
    """The same as on the command line, by a phone as it was typed or by a recipient."""
    journal = tmp_path / "journal.db"
    assert program.opt_out("55 1234 5678", journal=journal, region="MX", reason="asked") is True
    assert program.opt_out(program.Recipient(phone=PHONE), journal=journal) is False
    (tmp_path / "more.txt").write_text("+34600000001\n+34600000002\n")
    assert program.import_optouts(tmp_path / "more.txt", journal=journal, reason="baja") == (2, 0)
    assert [(each.recipient.label, each.reason) for each in program.optouts(journal=journal)] == [
        ("+525512345678", "asked"), ("+34600000001", "baja"), ("+34600000002", "baja"),
    ]  # fmt: skip
    loaded = program.load(flow(tmp_path / "hi.yaml", ["{message: one}"]))
    rendering = program.render(loaded, {}, recipient=program.Recipient(phone=PHONE))
    with pytest.raises(program.OptedOutError, match=r"opted out on .*: asked; nothing was sent"):
        program.run(rendering, key=KEY, journal=journal, api_url=url)
    assert program.opt_in(PHONE, journal=journal) is True
    assert program.run(rendering, key=KEY, journal=journal, api_url=url).state == "finished"
    assert len(texts(state)) == 1
