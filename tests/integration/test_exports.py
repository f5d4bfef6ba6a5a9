"""Files of recipients as spreadsheets, databases and mailings export them: read without a word, or one problem a fault."""

# ruff: noqa: E501  # a table's row is read as one line

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowrunner.cli.group import commands

FLOW = """\
name: hi
inputs:
  name: {type: string, minLength: 1, example: Ana}
  count: {type: integer, default: 1}
  tags: {type: array, items: {type: string}, default: [a]}
  day: {type: string, format: date, default: 2026-11-26}
steps:
  - message: "Hi {{ name }}! {{ count }} {{ tags | join('+') }} {{ day }}"
"""
ANA, BO = "+5215512345601", "+5215512345602"
TOLD = re.compile(r"^a\.csv:(\S+): (?:error|warning)\[([a-z-]+)\]: .+$(?:\n  hint: (.+))?", re.MULTILINE)


def told(sheet: str) -> list[tuple[str, str, str]]:
    """Place, code and hint of all that `validate` says of a file."""
    Path("a.csv").write_bytes(sheet.encode())
    Path("flow.yaml").write_text(FLOW, encoding="utf-8")
    result = CliRunner().invoke(commands, ["validate", "--strict", "flow.yaml", "--audience", "a.csv"])
    assert result.exit_code in {0, 1}, result.output
    return TOLD.findall(result.output)


def sent(sheet: str) -> str:
    """What the first of its people is sent."""
    Path("a.csv").write_bytes(sheet.encode())
    Path("flow.yaml").write_text(FLOW, encoding="utf-8")
    asked = ["preview", "flow.yaml", "--audience", "a.csv", "--rows", "1", "--format", "json"]
    output = CliRunner().invoke(commands, asked).output
    found = re.search(r'"content":"(.*)"', output)
    assert found is not None, output
    return found[1]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.parametrize(
    ("sheet", "text"),
    [
        (f"phone,name,,\n{ANA},Ana,,\n{BO},Bo,,\n", "Hi Ana! 1 a 2026-11-26"),
        (f"phone;name;\n{ANA};Ana;\n", "Hi Ana! 1 a 2026-11-26"),
        (f"phone,name,,\n{ANA},Ana,\n{BO},Bo\n", "Hi Ana! 1 a 2026-11-26"),
        (f'phone, name\n{ANA}, "Paz, Ana"\n', "Hi Paz, Ana! 1 a 2026-11-26"),
        (f'phone, name, count\n{ANA},   "Ana ""Nita"" Paz" , 12\n', None),
        (f'phone,name,tags\n{ANA},Ana,"[a, b]"\n', "Hi Ana! 1 a+b 2026-11-26"),
        (f"phone,name,tags\n{ANA},Ana,[name]\n", "Hi Ana! 1 name 2026-11-26"),
        (f"phone,name\n'{ANA},Ana\n=\"{BO}\",Bo\n", "Hi Ana! 1 a 2026-11-26"),
        (f"phone,name,user_id\np:{ANA},Ana,'MX.1\nwhatsapp:{BO},Bo,MX.2\n", "Hi Ana! 1 a 2026-11-26"),
    ],
)  # fmt: skip
def test_an_export_is_read_as_it_is(sheet: str, text: str | None) -> None:
    """Delimiters of columns in which nothing stands; a space before a quote, which no text may follow."""
    if text is None:
        assert [each[:2] for each in told(sheet)] == [("2:2", "bad-audience")]
        return
    assert told(sheet) == []
    assert sent(sheet) == text


@pytest.mark.parametrize(
    ("sheet", "place", "code", "hint"),
    [
        # columns
        (f"phone,nmae\n{ANA},Ana\n{BO},Bo\n", "1:2", "missing-variable", 'did you mean name? Rename it, or pass --map name="nmae"'),
        (f"phone\n{ANA}\n{BO}\n", "1:1", "missing-variable", 'name its column name, or pass --map name="COLUMN", or write a default: beside it in the flow'),
        (f"phone,name,,\n{ANA},Ana,,x\n", "2:3", "bad-audience", "put quotes around a cell that holds the delimiter"),
        (f"phone,name,count\n{ANA},Paz, Ana,\n", "2:4", "bad-audience", "put quotes around a cell that holds the delimiter, or remove the delimiters at the end of the row"),
        (f"phone,name\n{ANA},Ana,,\n{BO},Bo\n", "2:3", "bad-audience", "put quotes around a cell that holds the delimiter, or remove the delimiters at the end of the row"),
        (f"phone,name,count,\n{ANA},Paz, Ana,,\n", "2:4", "bad-audience", "put quotes around a cell that holds the delimiter, or remove the delimiters at the end of the row"),
        *(
            (f"phone,{column}\n{ANA},Ana\n", "1:2", "missing-variable", f'did you mean name? Rename it, or pass --map name="{column}"')
            for column in ("Nombre", "Nome completo", "Nom", "Full Name", "名前", "الاسم", "नाम")
        ),
        # cells of a type
        (f'phone,name,tags\n{ANA},Ana,"a; b"\n', "2:3", "bad-variable", "write [a, b]"),
        (f'phone,name,tags\n{ANA},Ana,"a,b c"\n', "2:3", "bad-variable", "write [a, b c]"),
        (f'phone,name,count\n{ANA},Ana,"1,000"\n', "2:3", "bad-variable", "write 1000"),
        (f"phone,name,count\n{ANA},Ana,1.000\n", "2:3", "bad-variable", "write 1000 or 1"),
        *(
            (f"phone,name,count\n{ANA},Ana,{many}\n", "2:3", "bad-variable", "write a whole number, such as 12")
            for many in ("10k", "2 M", "5 lakh", "3 crore", "10 mil", "2万")
        ),
        *(
            (f'phone,name,day\n{ANA},Ana,"{day}"\n', "2:3", "bad-variable", "write 2026-11-26")
            for day in ("٢٦/١١/٢٠٢٦", "२६/११/२०२६", "26 नवंबर 2026", "26 نوفمبر 2026", "2026. november 26.", "2026.11.26.", "2026 11 26", "26 Νοεμβρίου 2026")
        ),
        (f"phone,name,day\n{ANA},Ana,20261126\n", "2:3", "bad-variable", "write 2026-11-26"),
        (f"phone,name,day\n{ANA},Ana,20261126 00:00:00\n", "2:3", "bad-variable", "write 2026-11-26"),
        # what nobody is called
        (f"phone,name\n{ANA},#n/a\n", "2:2", "broken-cell", "correct the formula in the spreadsheet, or empty the cell"),
        (f"phone,name\n{ANA},#Name?\n", "2:2", "broken-cell", "correct the formula in the spreadsheet, or empty the cell"),
        (f"phone,name\n{ANA},NaT\n", "2:2", "odd-cell", "empty the cell if there is no value"),
        (f"phone,name\n{ANA},=?UTF-8?Q?Jos=C3=A9?=\n", "2:2", "broken-cell", "export it again from where it came, or write the value itself"),
        (f"phone,name\n{ANA},Mar?a\n", "2:2", "odd-cell", "export the file again as UTF-8 (in Excel: CSV UTF-8), or correct the cell"),
        (f"phone,name\n{ANA},â\u20ac\u0153Anaâ\u20ac\u009d\n", "2:2", "broken-cell", "export the file again as UTF-8 (in Excel: CSV UTF-8), or correct the cell"),
        (f"phone,name\n{ANA},Å\u0081ukasz\n", "2:2", "broken-cell", "export the file again as UTF-8 (in Excel: CSV UTF-8), or correct the cell"),
        *(
            (f"phone,name\n{ANA},{left}\n", "2:2", "odd-cell", "write the value itself")
            for left in ("[[name]]", "%%name%%", "::name::", "#name#", "{!Contact.FirstName}", "$name", "«name»")
        ),
    ],
)  # fmt: skip
def test_a_fault_of_an_export_is_one_problem(sheet: str, place: str, code: str, hint: str) -> None:
    """At its cell, or at the header where all rows have it."""
    assert told(sheet) == [(place, code, hint)]


@pytest.mark.parametrize("typed", [f"'{ANA}", f"p:{ANA}", f"whatsapp:{ANA}", f"wa.me/{ANA[1:]}"])
def test_a_phone_is_shown_as_it_is_dialled(typed: str) -> None:
    """Whoever pastes it from elsewhere sees the number that is written to."""
    Path("flow.yaml").write_text("name: f\nsteps: [{message: 'at {{ recipient.phone }}'}]\n", encoding="utf-8")
    shown = CliRunner().invoke(commands, ["preview", "flow.yaml", "--phone", typed, "--format", "json"])
    assert f'"content":"at {ANA}"' in shown.output


def test_what_is_wrong_with_a_row_is_told_by_its_place() -> None:
    """A column that the head lacks comes first, then one cell after another."""
    places = [place for place, _, _ in told(f"phone,day,count,nombre\n{ANA},never,many,Ana\n{BO},2026-11-26,1,Bo\n")]
    assert places == ["1:4", "2:2", "2:3"]


def test_a_row_is_told_all_that_is_wrong_with_it() -> None:
    """A phone that is none hides no other cell; what a row without anybody has in it is nobody's."""
    rows = f"phone,name,count,day\n123,#N/A,x,26/11/2026\n{ANA},,1.5,2026-11-26\n,NULL,x,\n{ANA},Ana,x,\n"
    assert [each[:2] for each in told(rows)] == [
        ("2:1", "bad-recipient"), ("2:2", "broken-cell"), ("2:3", "bad-variable"), ("2:4", "bad-variable"),
        ("3:2", "missing-variable"), ("3:3", "bad-variable"), ("4:1", "bad-recipient"),
        ("5:1", "repeated-recipient"), ("5:3", "bad-variable"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Ana?", "Is it? It is", "a?b=c", "https://x.example/?q=a", "12:30", "$5", ":)", "Ana #1"]
)
def test_what_only_looks_odd_is_nobodys_mistake(name: str) -> None:
    """A question, an address, an hour, a price."""
    assert told(f'phone,name\n{ANA},"{name}"\n') == []


CLOCK = """\
name: clock
inputs:
  timezone: {type: string, default: America/Lima}
steps:
  - message: "It is {{ now | time('short', 'es') }}."
"""


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (["preview", "flow.yaml", "--var", "timezone=CST"], "--var timezone"),
        (["preview", "flow.yaml", "--vars", "vars.yaml"], "vars.yaml:1:11"),
        (["validate", "flow.yaml", "--audience", "a.csv"], "a.csv:2:2"),
        (["preview", "flow.yaml", "--audience", "a.csv", "--rows", "1"], "a.csv:2:2"),
        (["plan", "flow.yaml", "--audience", "a.csv", "--at", "09:00", "--output", "x.plan"], "a.csv:2:2"),
        (["test", "flow.yaml"], "flow.test.yaml:4:30"),
    ],
)
def test_a_clock_that_is_none_is_told_where_it_was_given(asked: list[str], place: str) -> None:
    """Once, not at the expression that reads it."""
    Path("flow.yaml").write_text(CLOCK, encoding="utf-8")
    Path("vars.yaml").write_text("timezone: CST\n", encoding="utf-8")
    Path("a.csv").write_text(f"phone,timezone\n{ANA},CST\n", encoding="utf-8")
    tests = "flow: flow.yaml\ntests:\n  - name: a\n    given: {vars: {timezone: CST}}\n    chat: [{bot: any}]\n"
    Path("flow.test.yaml").write_text(tests, encoding="utf-8")
    output = CliRunner().invoke(commands, asked).output
    told = re.findall(r"(?m)^(\S.*): error\[([a-z-]+)\]", output)
    assert told == [(place, "unknown-time-zone")], output
    assert "hint: write a name like America/Mexico_City" in output
