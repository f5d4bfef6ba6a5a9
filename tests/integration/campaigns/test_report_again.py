"""Who failed is listed first, can be listed alone, corrected, and be an audience again."""

import csv
from pathlib import Path

from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK, received
from support.program import flow, flowrunner

INPUTS = (
    "{name: {type: string, minLength: 2}, state: {type: string, default: Puebla}, vip: {type: boolean, default: false},"
    " sum: {type: number, default: 1}, tags: {type: array, default: []}}"
)
STEP = "{message: \"{{ name }} {{ state }} {{ vip }} {{ sum }} {{ tags | join('+') }}\"}"


def test_the_failed_are_corrected_and_sent_to_again(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Every value of theirs is what it was, whatever its type; what an input is called is the input's."""
    file = flow(tmp_path / "f.yaml", [STEP], INPUTS)
    state.conversations.on_demand = False
    for number in (1, 2):
        state.conversations.create(f"+521555123450{number}", conversation_id=f"c{number}")
    rows = [
        '+5215512345601,Ana,Jalisco,true,12.5,"[a, b]"',
        "+5215512345602,Eva,,,,",
        '+5215512345603,"Zoé ""Z"" Ñ, hija",-Lima,true,-7,"[x, \'y z\']"',
        "+5215512345604,007,1e3,,,",
    ]
    (tmp_path / "p.csv").write_text("\n".join(["phone,name,state,vip,sum,tags", *rows]) + "\n", encoding="utf-8")
    state.conversations.create("+5215512345601", conversation_id="a")
    state.conversations.create("+5215512345602", conversation_id="b")
    run = ("run", file, "--api-url", url, *QUICK)
    first = flowrunner(*run, "--audience", "p.csv", "--yes-send-to", "4", cwd=tmp_path)
    campaign = first.stderr.split("campaign ")[1].split()[0]
    assert (first.returncode, first.stdout) == (3, "2 finished, 2 failed\n")
    assert "          2  there is no active conversation with this number" in first.stderr, "not one for each phone"
    assert f"flowrunner report {campaign} --state failed --format csv" in first.stderr
    shown = flowrunner("report", campaign, cwd=tmp_path).stdout
    assert shown.index("+5215512345603") < shown.index("+5215512345601")
    listed = flowrunner("report", campaign, "--state", "failed", "--format", "csv", "--output", "q.csv", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    with (tmp_path / "q.csv").open(encoding="utf-8", newline="") as lines:
        failed = list(csv.DictReader(lines))
    assert [each["phone"] for each in failed] == ["+5215512345603", "+5215512345604"]
    assert {each["report_state"] for each in failed} == {"failed"}
    assert [each["state"] for each in failed] == ["-Lima", "1e3"]
    state.conversations.create("+5215512345603", conversation_id="c")
    text = (tmp_path / "q.csv").read_text(encoding="utf-8").replace("+5215512345604", "+5215512345605")
    (tmp_path / "q.csv").write_text(text, encoding="utf-8")
    state.conversations.create("+5215512345605", conversation_id="d")
    again = flowrunner(*run, "--audience", "q.csv", "--yes-send-to", "2", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    got = received(state)
    assert got["c"] == ['Zoé "Z" Ñ, hija -Lima true -7 x+y z']
    assert got["d"] == ["007 1e3 false 1 "]


def test_hints_find_the_journal_they_speak_of(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Each names it, where it is not the usual one; a path with a space is one word."""
    file = flow(tmp_path / "f.yaml", ['{message: "hi"}'])
    state.conversations.on_demand = False
    (tmp_path / "p.csv").write_text("phone\n+5215512345601\n+5215512345602\n", encoding="utf-8")
    there = ("--journal", "my runs.db")
    first = flowrunner(
        "run", file, "--audience", "p.csv", "--api-url", url, "--yes-send-to", "2", *there, *QUICK, cwd=tmp_path
    )
    assert first.returncode == 3
    hints = [line.split(": flowrunner ", 1)[1] for line in first.stderr.splitlines() if ": flowrunner " in line]
    assert len(hints) == 2
    assert all(hint.endswith(" --journal 'my runs.db'") for hint in hints)
    campaign = first.stderr.split("campaign ")[1].split()[0]
    nothing = flowrunner("resume", *there, cwd=tmp_path).stdout
    assert f"flowrunner resume {campaign} --only failed --journal 'my runs.db'" in nothing
    unknown = flowrunner("report", "nonsense", *there, cwd=tmp_path).stderr
    assert "flowrunner runs --journal 'my runs.db' lists them" in unknown
