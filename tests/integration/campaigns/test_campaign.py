"""`run --audience`: everybody is checked first, then everybody is sent to, each once and in order."""

import gzip
import json
import random
import signal
import time
from pathlib import Path

import pytest

from flowrunner.emulator.api.faults import parse_fault
from flowrunner.emulator.api.state import EmulatorState
from support.campaigns import QUICK, expected, people, received
from support.program import flowrunner, start


def test_everybody_gets_every_message_once_and_in_order(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Text as typed, from CSV; the number of people must be said, and be right."""
    audience = people(tmp_path / "p.csv", 25)
    options = ("run", file, "--audience", audience, "--api-url", url, *QUICK)
    unsaid = flowrunner(*options, cwd=tmp_path)
    assert unsaid.returncode == 1
    assert "--yes-send-to 25" in unsaid.stderr
    assert flowrunner(*options, "--yes-send-to", "24", cwd=tmp_path).returncode == 1
    assert received(state) == {}
    done = flowrunner(*options, "--yes-send-to", "25", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "25 people, 75 messages" in done.stderr
    assert done.stdout.strip() == "25 finished"
    assert received(state) == expected(25)
    again = flowrunner(*options, "--yes-send-to", "25", cwd=tmp_path)
    assert again.returncode == 0
    assert (
        "nobody is left to send to: 25 had this flow before (send it again: --again or --not-within 7d)" in again.stdout
    )
    assert received(state) == expected(25)


def test_every_bad_cell_is_said_with_its_place_and_nothing_is_sent(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """A short name, a missing one, a text too long for its step, a repeated recipient, a broken phone."""
    audience = tmp_path / "p.csv"
    audience.write_text(
        f"conversation,name,code\nc1,Ana,1\nc2,A,2\nc3,,3\nc4,Bea,{'x' * 5000}\nc1,Ana,5\nc6,Eva,6\n", encoding="utf-8"
    )
    done = flowrunner("run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "6", cwd=tmp_path)
    assert done.returncode == 1
    for place in ("p.csv:3:2", "p.csv:4:", "p.csv:5:3", "p.csv:6:1"):
        assert place in done.stderr, place
    assert f"{file}:6:" in done.stderr, "the step that a value breaks is named"
    assert "nothing was sent" in done.stderr
    assert "fill in its cell" in done.stderr
    assert "--var" not in done.stderr
    assert received(state) == {}
    rest = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "2", "--skip-invalid",
        "--skip-repeated", *QUICK, cwd=tmp_path,
    )  # fmt: skip
    assert rest.returncode == 0, rest.stderr
    assert sorted(received(state)) == ["c1", "c6"]
    assert "2 finished" in rest.stdout


def test_phones_are_looked_up_and_people_can_be_excluded(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """Semicolons, a packed JSON Lines file, a do-not-contact list in another notation."""
    rows = [{"phone": f"+52155123456{n:02}", "name": f"Ana {n}"} for n in range(4)]
    audience = tmp_path / "p.jsonl.gz"
    audience.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
    (tmp_path / "no.txt").write_text("+52 1 55 1234 5601\n", encoding="utf-8")
    done = flowrunner(
        "run", file, "--audience", audience, "--exclude", "no.txt", "--api-url", url, "--yes-send-to", "3", *QUICK,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 left out" in done.stdout
    names = sorted(texts[0] for texts in received(state).values())
    assert names == ["one Ana 0", "one Ana 2", "one Ana 3"]


def test_a_canary_goes_first_and_resume_does_the_rest(
    tmp_path: Path, file: Path, state: EmulatorState, url: str
) -> None:
    """The campaign stops after the first N; `runs` shows it; `resume` needs only its id."""
    audience = people(tmp_path / "p.csv", 9)
    first = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "9", "--canary", "2", "--window", "2",
        *QUICK, cwd=tmp_path,
    )  # fmt: skip
    assert first.returncode == 0
    assert len(received(state)) == 2
    campaign = first.stderr.split()[-1]
    assert first.stderr.endswith(f"send to the others: flowrunner resume {campaign}\n")
    assert f"campaign {campaign}" in flowrunner("runs", cwd=tmp_path).stdout
    assert "2 finished" in flowrunner("runs", campaign, cwd=tmp_path).stdout
    audience.unlink()
    rest = flowrunner("resume", campaign, *QUICK, cwd=tmp_path)
    assert rest.returncode == 0, rest.stderr
    assert received(state) == expected(9)


def test_too_many_failures_stop_a_campaign(tmp_path: Path, file: Path, state: EmulatorState, url: str) -> None:
    """Twenty may fail; then it stops and says so."""
    state.faults.add(parse_fault("status:code=403"))
    audience = people(tmp_path / "p.csv", 200)
    done = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "200", "--window", "5", *QUICK,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3
    assert "runs failed" in done.stderr
    assert received(state) == {}
    failed = int(next(part for part in done.stdout.split(", ") if "failed" in part).split()[0])
    assert 20 < failed <= 30


@pytest.mark.parametrize(("code", "hint"), [(401, "KAPSO_API_KEY"), (402, "balance")])
def test_a_refusal_of_the_sender_stops_a_campaign_before_the_next_person(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, code: int, hint: str
) -> None:
    """What no other person would be let through with is tried with nobody else; once it is mended, resume goes on."""
    state.faults.add(parse_fault(f"status:code={code},after=4,count=1"))
    audience = people(tmp_path / "p.csv", 9)
    done = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "9", "--window", "1", *QUICK,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 3
    assert "stopped: " in done.stderr
    assert hint in done.stderr.partition("stopped: ")[2]
    got = received(state)
    assert (len(got), got["c0"]) == (2, expected(1)["c0"])
    assert flowrunner("resume", *QUICK, cwd=tmp_path).returncode == 0
    assert received(state) == expected(9)


@pytest.mark.parametrize(
    ("count", "kills"), [(120, 4), pytest.param(5_000, 20, marks=pytest.mark.soak)], ids=["slice", "soak"]
)
def test_killed_at_any_instant_nobody_is_doubled_and_nobody_missed(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, count: int, kills: int
) -> None:
    """kill -9 again and again, resumed each time."""
    chance = random.Random(7)  # noqa: S311  # the same kills each time
    audience = people(tmp_path / "p.csv", count)
    sizes = ("--window", "20", "--yes-send-to", str(count))
    command: tuple[str | Path, ...] = ("run", file, "--audience", audience, "--api-url", url, *sizes)
    for _ in range(kills):
        program = start(*command, *QUICK, cwd=tmp_path)
        before = len(state.received())
        wanted = before + chance.randint(1, max(2 * count // kills, 3))
        while program.poll() is None and len(state.received()) < wanted:
            time.sleep(0.005)
        program.send_signal(signal.SIGKILL)
        program.communicate()
        listed = flowrunner("runs", cwd=tmp_path).stdout
        command = ("resume", listed.split()[1])
    done = flowrunner(*command, *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert received(state) == expected(count)
    assert done.stdout.strip() == f"{count:,} finished"


def test_an_audience_is_previewed_and_validated_without_sending(tmp_path: Path, file: Path) -> None:
    """One person's chat; every problem of everybody, in any format."""
    audience = tmp_path / "p.csv"
    audience.write_text("conversation,name\nc1,Ana\nc2,Bea\nc3,C\n", encoding="utf-8")
    shown = flowrunner("preview", file, "--audience", audience, "--row", "2", "--format", "json", cwd=tmp_path)
    assert json.loads(shown.stdout)[0]["content"] == "one Bea"
    assert "p.csv:4:2" in flowrunner("preview", file, "--audience", audience, "--rows", "3", cwd=tmp_path).stderr
    assert (
        "there is no row 9" in flowrunner("preview", file, "--audience", audience, "--rows", "9", cwd=tmp_path).stderr
    )
    checked = flowrunner("validate", file, "--audience", audience, "--format", "json", cwd=tmp_path)
    assert checked.returncode == 1
    [problem] = json.loads(checked.stdout)["diagnostics"]
    assert problem["code"] == "bad-variable"
    piped = flowrunner("validate", "-", "--audience", audience, cwd=tmp_path, stdin=file.read_text(encoding="utf-8"))
    assert (piped.returncode, "p.csv:4:2" in piped.stdout) == (1, True)
    audience.write_text("conversation,name\nc1,Ana\nc2,Bea\n", encoding="utf-8")
    well = flowrunner("validate", file, "--audience", audience, cwd=tmp_path)
    assert (well.returncode, well.stdout) == (0, "1 flow and 2 people checked, no problems\n")
    audience.write_text("conversation,name,town\nc1,Ana,Lima\nc2,Bea,Lima\n", encoding="utf-8")
    warned = flowrunner("validate", file, "--audience", audience, cwd=tmp_path)
    assert (warned.returncode, warned.stdout.endswith("1 flow and 2 people checked\n")) == (0, True)
    alone = json.loads(flowrunner("validate", file, "--format", "json", cwd=tmp_path).stdout)
    assert alone["summary"] == {"errors": 0, "warnings": 0, "files": 1, "people": 0}


def test_of_thousands_of_rows_exactly_the_faulty_ones_are_reported(tmp_path: Path, file: Path) -> None:
    """137 seeded faults of 12 kinds, each with its cell; nothing else."""
    faults = {
        "short": ("c{n},A,1", 2), "missing": ("c{n},,1", None), "long": ("c{n}," + "x" * 4100 + ",1", 2),
        "longcode": ("c{n},Ana," + "y" * 4100, 3), "cells": ("c{n},Ana,1,surplus", None), "few": ("c{n}", None),
        "nobody": (",Ana,1", 1), "repeat": ("c0,Ana,1", 1), "space": ("c {n},Ana,1", 1), "slash": ("c/{n},Ana,1", 1),
        "dots": ("..,Ana,1", 1), "accent": ("ç{n},Ana,1", 1),
    }  # fmt: skip
    chance = random.Random(11)  # noqa: S311  # the same faults each time
    wrong = dict(zip(sorted(chance.sample(range(5, 3_000), 137)), chance.choices(list(faults), k=137), strict=True))
    lines = [faults[wrong[n]][0].replace("{n}", str(n)) if n in wrong else f"c{n},Ana {n},{n}" for n in range(3_000)]
    audience = tmp_path / "p.csv"
    audience.write_text("conversation,name,code\n" + "\n".join(lines) + "\n", encoding="utf-8")
    checked = flowrunner("validate", file, "--audience", audience, "--format", "json", cwd=tmp_path)
    shown = flowrunner("validate", file, "--audience", audience, cwd=tmp_path)
    assert shown.stdout.count(": error[") == 20
    more = f"and 117 more in {audience}; --format json shows them all"
    assert shown.stdout.endswith(f"{more}\n1 flow and 3,000 people checked\n")
    assert json.loads(checked.stdout)["summary"] == {"errors": 137, "warnings": 0, "files": 2, "people": 3_000}
    found = {}
    for each in json.loads(checked.stdout)["diagnostics"]:
        place = each["location"] if isinstance(each.get("location"), dict) else each
        found.setdefault(place["line"] - 2, []).append(place["column"])
    assert sorted(found) == sorted(wrong)
    for n, kind in wrong.items():
        assert len(found[n]) == 1, (kind, found[n])
        assert faults[kind][1] in {None, found[n][0]}, (kind, found[n])


@pytest.mark.parametrize("form", ["text", "html", "csv", "json", "junit"])
def test_the_report_tells_what_the_emulator_saw(
    tmp_path: Path, file: Path, state: EmulatorState, url: str, form: str
) -> None:
    """Counts per step equal what arrived; who was left out is there with the reason."""
    audience = tmp_path / "p.csv"
    audience.write_text("conversation,name\nc1,Ana\nc2,Bea\nc3,C\nc4,Eva\n", encoding="utf-8")
    done = flowrunner(
        "run", file, "--audience", audience, "--api-url", url, "--yes-send-to", "3", "--skip-invalid", *QUICK,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    campaign = flowrunner("runs", cwd=tmp_path).stdout.split()[1]
    made = flowrunner("report", campaign, "--format", form, "--output", "r", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    told = (tmp_path / "r").read_text(encoding="utf-8")
    for name in ("c1", "c2", "c4", "p.csv"):
        assert name in told
    if form == "json":
        steps = json.loads(told)["steps"]
        assert [step["accepted"] for step in steps] == [3, 3, 3]
        assert len(state.received()) == 9
