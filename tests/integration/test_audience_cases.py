"""What people met with files of recipients, as they met it: copies of the field's cases, by the command itself."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flowrunner.emulator.api.state import EmulatorState
from support.program import environment, flowrunner, texts

CASES = Path(__file__).parents[1] / "data" / "cases"
TOLD = re.compile(r"^(\S+): (error|warning)\[([a-z-]+)\]: (.*)$", re.MULTILINE)


@pytest.fixture
def case(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of the case that the test's name begins with."""
    number = request.node.name.split("_")[2][:2]
    (found,) = CASES.glob(f"{number}-*")
    return Path(shutil.copytree(found, tmp_path / "case"))


def contents(output: str) -> list[str]:
    people = json.loads(output)
    return [message["content"] for rows in people for message in (rows if isinstance(rows, list) else [rows])]


def hints(output: str) -> list[str]:
    return re.findall(r"^  hint: (.*)$", output, re.MULTILINE)


def test_case_01_no_hint_names_another_clock(case: Path) -> None:
    """Abbreviations and offsets are refused, each at its cell, without a guess."""
    done = flowrunner(
        "plan", "hi.yaml", "--audience", "people.csv", "--at", "2027-01-15T09:00", "--output", "x.plan", cwd=case
    )
    assert done.returncode == 1
    assert [each[0] for each in TOLD.findall(done.stderr)] == [f"people.csv:{line}:3" for line in range(2, 12)]
    assert {code for _, _, code, _ in TOLD.findall(done.stderr)} == {"unknown-time-zone"}
    assert set(hints(done.stderr)) == {"write a name like America/Mexico_City"}


def test_case_05_cells_are_trimmed(case: Path) -> None:
    """Text and typed cells alike."""
    done = flowrunner("validate", "--strict", "hi.yaml", "--audience", "a.csv", cwd=case)
    assert (done.returncode, done.stderr) == (0, "")
    shown = flowrunner("preview", "hi.yaml", "--audience", "a.csv", "--rows", "1-2", "--format", "json", cwd=case)
    assert contents(shown.stdout) == ["Hi Ana!", "Hi Bo!"]
    assert flowrunner("validate", "--strict", "emap.yaml", "--audience", "b.csv", cwd=case).returncode == 0


def test_case_06_a_typed_cell_is_shown_with_what_is_wrong(case: Path) -> None:
    """1 and Yes are read; nothing is told to lose quotes that it has not."""
    done = flowrunner("validate", "emap.yaml", "--audience", "a.csv", cwd=case)
    assert [(place, message) for place, _, _, message in TOLD.findall(done.stdout)] == [
        ("a.csv:2:3", 'total: "12,5" is not a number'),
        ("a.csv:3:3", 'total: "1,234.50" is not a number'),
        ("a.csv:6:3", 'total: "$12.50" is not a number'),
        ("a.csv:7:5", 'n: "1.5" is not a whole number'),
    ]
    assert hints(done.stdout) == [
        "write 12.5, or pass --decimal-comma", "write 1234.50", "write 12.50", "write a whole number, such as 12",
    ]  # fmt: skip
    done = flowrunner("validate", "loc.yaml", "--audience", "loc.csv", cwd=case)
    assert 'loc.csv:2:2: error[wrong-type]: lat: "19,4194" is not a number (loc.yaml:8:17)' in done.stdout
    assert hints(done.stdout) == ["write 19.4194"]


def test_case_07_invisible_marks_in_a_phone_are_passed_over(case: Path) -> None:
    """What is left is signs that one sees, each with what to do."""
    done = flowrunner("validate", "hi.yaml", "--audience", "a.csv", "--format", "json", cwd=case)
    told = json.loads(done.stdout)["diagnostics"]
    assert [each["line"] for each in told] == [38, 39, 40, 41]
    assert told[0]["message"] == "phone: _ in +52155_12345637 is not part of a phone number"
    assert told[0]["hint"] == "write +5215512345637"


@pytest.mark.parametrize("form", ["chat", "json", "html", "curl"])
def test_case_11_a_row_without_a_value_gets_no_example(case: Path, form: str) -> None:
    """A column by its name without case and spaces is the input's; an empty cell is what validate says it is."""
    good = flowrunner("preview", "emap.yaml", "--audience", "pv.csv", "--rows", "1-2", "--format", "json", cwd=case)
    assert contents(good.stdout) == ["Hi Luz! free 3 false 1", "Hi Bo! free 4 false 1"]
    bad = flowrunner("preview", "emap.yaml", "--audience", "pv2.csv", "--rows", "1", "--format", form, cwd=case)
    checked = flowrunner("validate", "emap.yaml", "--audience", "pv2.csv", cwd=case)
    assert (bad.returncode, checked.returncode) == (1, 1)
    assert TOLD.findall(bad.stderr) == TOLD.findall(checked.stdout)
    assert [each[:3] for each in TOLD.findall(bad.stderr)] == [("pv2.csv:2:2", "error", "missing-variable")]
    assert bad.stdout == ""
    given = flowrunner("preview", "emap.yaml", "--audience", "pv2.csv", "--var", "first_name=Luz", cwd=case)
    assert given.returncode == 0


def test_case_12_an_empty_cell_stands_at_its_own_column(case: Path) -> None:
    """Not at the phone's."""
    done = flowrunner("validate", "mv.yaml", "--audience", "mv2.csv", cwd=case)
    assert [each[:3] for each in TOLD.findall(done.stdout)] == [("mv2.csv:2:2", "error", "missing-variable")]


def test_case_17_what_a_spreadsheet_writes_is_nobodys_name(case: Path) -> None:
    """Refused where it is sure, else a warning, each at its cell, by validate, preview and run."""
    done = flowrunner("validate", "--strict", "hi.yaml", "--audience", "na.csv", cwd=case)
    assert done.returncode == 1
    told = {int(place.split(":")[1]): code for place, _, code, _ in TOLD.findall(done.stdout)}
    assert told == {line: "broken-cell" if line in {2, 3, 4, 8, 9, 10} else "odd-cell" for line in range(2, 12)}
    shown = flowrunner("preview", "hi.yaml", "--audience", "na.csv", "--rows", "1-10", "--format", "json", cwd=case)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert sorted(TOLD.findall(shown.stderr)) == sorted(TOLD.findall(done.stdout))
    run = ("run", "hi.yaml", "--audience", "na.csv", "--emulator", "--yes-send-to", "4")
    assert flowrunner(*run, cwd=case).returncode == 1
    sent = flowrunner(*run, "--skip-invalid", cwd=case)
    assert sent.returncode == 0, sent.stderr
    assert [code for _, _, code, _ in TOLD.findall(sent.stderr)] == ["odd-cell"] * 4


def test_case_18_a_number_is_shown_as_it_was_typed(case: Path) -> None:
    """With its zeros."""
    shown = flowrunner("preview", "emap.yaml", "--audience", "z.csv", "--rows", "1-5", "--format", "json", cwd=case)
    assert [each.split()[3] for each in contents(shown.stdout)] == ["12.00", "12.50", "1000", "1e3", "0.10"]


def test_case_23_an_export_is_read_as_it_came(case: Path) -> None:
    """By names without case and spaces; or by those that are mapped."""
    done = flowrunner("validate", "f.yaml", "--audience", "shop.csv", cwd=case)
    assert done.returncode == 0, done.stdout
    assert "columns not used by the flow: Last Name, Email, Default Address Phone, Tags" in done.stdout
    wanted = ("--map", "first_name=Last Name", "--map", "phone=phone")
    shown = flowrunner("preview", "f.yaml", "--audience", "shop.csv", *wanted, "--format", "json", cwd=case)
    assert contents(shown.stdout) == ["Hi Paz!"]


@pytest.mark.parametrize("before", ["", "-"])
def test_case_24_the_command_that_is_named_shows_them_all(case: Path, before: str) -> None:
    """Each one of them, when it is typed as it was printed; files may be called as options are."""
    people, flow = (f"{before}{name}" for name in ("tz.csv", "hi.yaml"))
    (case / "tz.csv").rename(case / people)
    (case / "hi.yaml").rename(case / flow)
    asked = ("--audience", people, "--at", "2027-01-15T09:00", "--output", "x.plan", "--", flow)
    done = flowrunner("plan", *asked, cwd=case)
    named = re.search(r"and (\d+) more; (flowrunner .*) shows them all", done.stderr)
    assert named is not None
    command = named[2].replace("flowrunner", f"{sys.executable} -m flowrunner", 1)
    shown = subprocess.run(  # noqa: S602  # as it would be pasted
        command, shell=True, cwd=case, env=environment(), capture_output=True, encoding="utf-8", check=False
    )
    told = json.loads(shown.stdout)["diagnostics"]
    assert len(told) == 20 + int(named[1])
    assert {each["code"] for each in told} == {"unknown-time-zone"}


LATITUDE = """name: f
inputs:
  lat: {type: number}
  total: {type: number, default: 10.00}
steps:
  - message: "{{ total }} and {{ total * 2 }} at {{ lat }}"
  - message: {message_type: location, latitude: "{{ lat }}", longitude: 1}
"""


def test_an_export_of_excel_is_sent_as_it_came(tmp_path: Path, state: EmulatorState, url: str) -> None:
    """Its encoding, columns, commas and clocks are said by options, and what is not said is told with them."""
    (tmp_path / "f.yaml").write_text(LATITUDE)
    (tmp_path / "a.csv").write_bytes(
        "Cell;Name;Lat;TOTAL\n5512345678;José;19,40;1.234,50\n5512345679;Zoë;7;\n".encode("cp1252")
    )
    how = ["--map", "phone=cell", "--region", "MX"]
    for message, options in (
        ("--encoding cp1252", ["--encoding", "cp1252"]),
        ("--decimal-comma", ["--decimal-comma"]),
        ("--timezone America/Mexico_City", ["--timezone", "America/Mexico_City"]),
    ):
        refused = flowrunner("validate", "f.yaml", "--audience", "a.csv", *how, "--at", "00:00", cwd=tmp_path)
        assert refused.returncode == 1
        assert message in refused.stdout
        how += options
    state.conversations.create("+525512345678", conversation_id="a1")
    state.conversations.create("+525512345679", conversation_id="a2")
    sent = flowrunner(
        "run", "f.yaml", "--audience", "a.csv", *how, "--api-url", url, "--yes-send-to", "2", cwd=tmp_path
    )
    assert sent.returncode == 0, sent.stderr
    assert sorted(texts(state)) == [
        '{"message_type":"location","latitude":19.4,"longitude":1,"content":"19.4, 1"}',
        '{"message_type":"location","latitude":7,"longitude":1,"content":"7, 1"}',
        '{"message_type":"text","content":"1.234,50 and 2469.0 at 19,40"}',
        '{"message_type":"text","content":"10.00 and 20.0 at 7"}',
    ]


@pytest.mark.parametrize("options", [("--map", "name=x"), ("--encoding", "cp1252"), ("--decimal-comma",)])
@pytest.mark.parametrize("command", ["validate", "preview", "plan", "run"])
def test_options_of_a_file_need_one(tmp_path: Path, command: str, options: tuple[str, ...]) -> None:
    """What would have no effect is refused."""
    flow = tmp_path / "f.yaml"
    flow.write_text("name: f\nsteps: [{message: x}]\n")
    who = ("--conversation", "c") if command in {"plan", "run"} else ()
    done = flowrunner(command, flow, *options, *who, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{options[0]} needs --audience" in done.stderr
