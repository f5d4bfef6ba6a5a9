"""Rows of recipients: every trap by its place, what is repeated, what is not wanted, where a value stands."""

import gzip
import os
import pickle
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.audience import read_exclusions
from flowrunner.diagnostics import Diagnostic
from flowrunner.model import Input, Recipient
from support.audiences import ANA, HEAD, LUIS, opened, said
from support.slices import some

ROWS = {
    "short": (f"{HEAD}{ANA},Ana\n", "2:3 bad-audience", "2 of 3 cells: age is missing"),
    "long": (f"{HEAD}{ANA},Ana,1,2\n", "2:4 bad-audience", "4 cells"),
    "another delimiter": (f"{HEAD}{ANA};Ana;1\n", "2:2 bad-audience", "1 of 3"),
    "no phone": (f"{HEAD},Ana,1\n", "2:1 bad-recipient", "phone is empty"),
    "blank phone": (f"{HEAD}  ,Ana,1\n", "2:1 bad-recipient", "phone is empty"),
    "bad phone": ("name,phone\nAna,+52123\n", "2:2 bad-recipient", "too short"),
    "no country": ("name,phone\nAna,5512345678\n", "2:2 bad-recipient", "no country code"),
    "rounded": ("name,phone\nAna,5.51E+9\n", "2:2 bad-recipient", "rounded"),
    "wrong delimiter of one column": (f"phone\n{ANA};Ana\n", "2:1 bad-recipient", "; in"),
    "NUL": (f"{HEAD}{ANA},A\0,1\n", "2:2 control-character", "NUL"),
    "text after a quote": (f'{HEAD}{ANA},"A"na,1\n', "2:2 bad-audience", "text follows the quote"),
    "quote closed a line later": (f'{HEAD}{ANA},"Ana,1\n{LUIS},"Luis",2\n', "2:2 bad-audience", "text follows"),
    "huge cell": (f"{HEAD}{ANA},{'x' * 140_000},1\n", "2:2 too-large", "131,072"),
    "no JSON": ('{"phone": 1;}', "1:12 bad-audience", "not JSON"),
    "a comma too many": ('{"phone": 1,}', f"1:{12 if sys.version_info >= (3, 13) else 13} bad-audience", "not JSON"),
    "words": (f'{{"phone": "{ANA}"}}\nphone: 1\n', "2:1 bad-audience", "not JSON"),
    "no object": ('{"phone": "+525512345670"}\n"x"\n', "2:1 bad-audience", "not an object"),
    "two keys": (f'{{"phone": "{ANA}", "name": 1, "name": 2}}', "1:1 bad-audience", "name appears twice"),
    "NaN": (f'{{"phone": "{ANA}", "age": NaN}}', "1:1 bad-audience", "NaN is not JSON"),
    "infinite": (f'{{"phone": "{ANA}", "age": 1e999}}', "1:1 bad-audience", "too large"),
    "too many digits": (f'{{"phone": "{ANA}", "age": {"9" * 5000}}}', "1:1 bad-audience", "too large"),
    "deep": (f'{{"phone": "{ANA}", "free": {"[" * 200_000}', "1:1 too-deep", "too deep"),
    "half a character": (f'{{"phone": "{ANA}", "name": "\\ud83d"}}', "1:1 lone-surrogate", "half"),
    "no recipient": ('{"name": "Ana", "tel": "1"}', "1:24 bad-audience", "no key says who"),
    "nothing": ("{}", "1:1 bad-audience", "no key says who"),
    "a list of phones": ('{"phone": ["+52"]}', "1:11 bad-recipient", "not text"),
    "a phone of blanks": ('{"phone": " "}', "1:11 bad-recipient", "empty"),
    "a rounded number": ('{"phone": 5.51e9}', "1:11 bad-recipient", "rounded"),
    "bad phone in JSON": ('{"name": "a", "phone": "+52"}', "1:24 bad-recipient", "not a valid phone number"),
}


@pytest.mark.parametrize(("content", "place", "message"), ROWS.values(), ids=ROWS)
def test_a_bad_row_is_told_by_its_cell_and_the_next_is_read(
    tmp_path: Path, content: str | bytes, place: str, message: str
) -> None:
    """The column is the number of the cell in CSV, of the character in JSON Lines."""
    last = b'\n{"phone": "+34612345678"}' if content[:1] in {"{", b"{"} else b"\n+34612345678,z,1"
    content = content.encode() if isinstance(content, str) else content
    if content.startswith(b"name,phone"):
        last = b"\nz,+34612345678"
    elif content.startswith(b"phone\n"):
        last = b"\n+34612345678"
    audience, found = opened(tmp_path / "people.csv", content + last)
    assert audience is not None
    assert found == []
    rows = list(audience)
    problems = [row.problem for row in rows if row.problem is not None]
    assert [said(each)[0] for each in problems] == [place]
    assert message in problems[0].message
    assert problems[0].hint
    assert rows[-1].recipient == Recipient("", "+34612345678")
    assert not any(row.ends for row in rows)
    assert list(audience) == rows
    assert pickle.loads(pickle.dumps(rows)) == rows  # noqa: S301  # a long audience is checked by several processes


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('{"phone": "+525512345670",}', "remove the comma before }"),
        ('{"phone": "+525512345670", "free": [1,]}', "remove the comma before ]"),
        ("{'phone': '+525512345670'}", 'write straight double quotes: "'),
        ("{“phone”: 1}", 'write straight double quotes: "'),
        ('{"phone": "+525512345670", "free": None}', "write null"),
        ('{"phone": "+525512345670", "free": True}', "write true"),
        ('{"phone": "+525512345670", "age": NaN}', "write null, or a number"),
        ("phone: 1", "write one object per line; jq -c '.[]' splits a list"),
    ],
)
def test_what_other_notations_have_is_put_right_in_json(tmp_path: Path, line: str, hint: str) -> None:
    """The hint is for that line, and not for a list."""
    audience, _ = opened(tmp_path / "people.jsonl", f'{{"phone": "{ANA}"}}\n{line}\n')
    assert audience is not None
    assert [row.problem.hint for row in audience if row.problem is not None] == [hint]


def test_a_file_of_excel_for_mac_is_not_called_windows_alone(tmp_path: Path) -> None:
    """Read as Windows-1252, José would be greeted as JosŽ; an apostrophe before a capital is Windows'."""
    hints = {}
    for name, encoding in (("José", "mac-roman"), ("Muñoz", "mac-roman"), ("José", "cp1252"), ("O’Hara", "cp1252")):
        audience, found = opened(tmp_path / "people.csv", f"phone,name\n{ANA},{name}\n".encode(encoding))
        rows = [] if audience is None else [row.problem for row in audience if row.problem is not None]
        (problem,) = [*found, *rows]
        hints[name, encoding] = problem.hint
    assert [name for name, hint in hints.items() if "mac-roman, whichever gives the right letter" in hint] == [
        ("José", "mac-roman"),
        ("Muñoz", "mac-roman"),
    ]


FOREIGN = {
    "Windows-1252": (f"phone,name\n{ANA},Ana\n{LUIS},José\n+34612345678,Ñ\n".encode("cp1252"), "3:2", "'é'", True),
    "Windows-1252 in JSON": (f'{{"phone": "{ANA}", "name": "é"}}\n'.encode("cp1252") * 9, "1:37", "'é'", True),
    "letters of both": (f"phone,name\n{ANA},Zoë\n".encode() + f"{LUIS},José\n".encode("cp1252"), "3:2", "'é'", False),
    "letters of both, the other first": (
        f"phone,name\n{LUIS},José\n".encode("cp1252") + f"{ANA},Zoë\n".encode(), "2:2", "'é'", False,
    ),
    "what Windows-1252 has not": (f"phone,name\n{ANA},".encode() + b"\x81\n" * 5, "2:2", "0x81", False),
}  # fmt: skip


@pytest.mark.parametrize(("content", "place", "message", "named"), FOREIGN.values(), ids=FOREIGN)
def test_a_file_in_another_encoding_is_one_error(
    tmp_path: Path, content: bytes, place: str, message: str, named: bool
) -> None:
    """At its first letter, with the option that reads it, where one surely does; what follows is not looked at."""
    path = tmp_path / "people"
    audience, _ = opened(path, content)
    assert audience is not None
    (last,) = [row for row in audience if row.problem]
    problem = last.problem
    assert problem is not None
    assert said(problem)[0] == f"{place} not-utf8"
    assert message in problem.message
    assert last.ends
    assert ("--encoding cp1252" in problem.hint) is named
    if named:
        audience, found = opened(path, content, encoding="cp1252")
        assert audience is not None, found
        assert not any(row.problem for row in audience)


ENDS = {
    "open quote": (f'{HEAD}{ANA},Ana,1\n{LUIS},"Luis,2\n', "3:2 bad-audience"),
    "open quote, long file": (f'{HEAD}{ANA},Ana,1\n{LUIS},"Luis,2\n' + f"{ANA},Ana,1\n" * 20_000, "3:2 too-large"),
    "endless line": (f"{HEAD}{ANA},Ana,1\n" + "x" * 3_000_000, "3:0 too-large"),
    "endless object": (f'{{"phone": "{ANA}"}}\n{{"name": "' + "x" * 3_000_000, "2:1 too-large"),
}


@pytest.mark.parametrize(("content", "place"), ENDS.values(), ids=ENDS)
def test_a_file_that_cannot_be_read_on_says_so_last(tmp_path: Path, content: str, place: str) -> None:
    """What may come after it is nobody's guess, so the last row says that it is not all."""
    audience, _ = opened(tmp_path / "people.csv", content)
    assert audience is not None
    rows = list(audience)
    assert [row.ends for row in rows] == [False, True]
    assert rows[-1].problem is not None
    assert said(rows[-1].problem)[0] == place
    assert list(audience) == rows


def test_a_cut_packed_file_gives_whole_rows_and_then_says_so(tmp_path: Path) -> None:
    """Half a row is never taken for a row."""
    people = "".join(
        f"+5255{10_000_000 + number * 7919 % 89_999_999},{os.urandom(20).hex()}\n" for number in range(9000)
    )
    packed = gzip.compress(f"phone,name\n{people}".encode())
    audience, _ = opened(tmp_path / "people.csv.gz", packed[: len(packed) * 2 // 3])
    assert audience is not None
    rows = list(audience)
    assert [row.line for row in rows if row.problem] == [rows[-1].line]
    assert rows[-1].ends
    assert "ends too early" in rows[-1].problem.message if rows[-1].problem else False
    assert all(len(row.values["name"]) == 40 for row in rows[:-1])


def test_a_file_that_changed_between_two_readings_is_refused(tmp_path: Path) -> None:
    """What was checked is what is sent."""
    path = tmp_path / "people.csv"
    audience, _ = opened(path, f"{HEAD}{ANA},Ana,1\n")
    assert audience is not None
    assert len(list(audience)) == 1
    path.write_text(f"{HEAD}{LUIS},Eve,1\n{ANA},Ana,1\n")
    (row,) = audience
    assert row.ends
    assert row.problem is not None
    assert "changed" in row.problem.message


REPEATED = {
    "csv": (f"name,phone\na,{ANA}\nb,{LUIS}\nc,+52 1 55 1234 5678\nd,{LUIS}\n", [(4, 2), (5, 3)], "4:2"),
    "jsonl": (f'{{"phone": "{ANA}"}}\n{{"conversation": "c"}}\n{{"conversation": "c"}}\n', [(3, 2)], "3:18"),
    "other ids": ("conversation\nc\nC\nd\n", [], ""),
    "a bad row is nobody's first": (f"phone,name\n{ANA}\n{ANA},x\n", [], ""),
}


@pytest.mark.parametrize(("content", "repeats", "place"), REPEATED.values(), ids=REPEATED)
def test_a_repeated_recipient_names_the_first_line(
    tmp_path: Path, content: str, repeats: list[tuple[int, int]], place: str
) -> None:
    """However the number is written."""
    audience, _ = opened(tmp_path / "people.csv", content)
    assert audience is not None
    rows = [row for row in audience if row.first]
    assert [(row.line, row.first) for row in rows] == repeats
    for row in rows[:1]:
        told = audience.repeated(row)
        assert said(told)[0] == f"{place} repeated-recipient"
        assert told.notes[0].location.line == row.first


def test_columns_that_nobody_wants_are_one_warning(tmp_path: Path) -> None:
    """Those that are nearly an input are told apart."""
    inputs = {"name": Input("name", {"type": "string"}, has_default=True, default="")}
    audience, found = opened(tmp_path / "people.csv", f"phone,city,nmae,cp,timezone\n{ANA},a,b,c,\n", inputs=inputs)
    assert audience is not None
    assert [said(each)[0] for each in found] == ["1:3 unknown-column", "1:2 unknown-column"]
    assert not any(each.is_error for each in found)
    assert found[0].hint == 'did you mean name? Rename it, or pass --map name="nmae"'
    assert found[1].message == "columns not used by the flow: city, cp"
    assert [row.problem for row in audience] == [None]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (f"phone;name;;;\n{ANA};Ana;;;\n{LUIS};Luis\n;;;;\n", []),
        (f"phone;name;;\n{ANA};Ana;;\n{LUIS};Luis;\u00a0\n", []),
        (f";phone;name\n0;{ANA};Ana\n1;{LUIS};Luis\n", ["column 1 has no name, and is not used by the flow"]),
        (f"phone;;name;;\n{ANA};;Ana;;\n{LUIS};x;Luis\n", ["column 2 has no name, and is not used by the flow"]),
        (
            f"phone; ;city;name;\u200b;age\n{ANA};;;Ana;;\n{LUIS};;;Luis;;\n",
            ["column not used by the flow: city", "columns 2, 5 have no names, and are not used by the flow"],
        ),
    ],
    ids=["trailing", "of some rows", "an index", "within", "several"],
)
def test_columns_without_a_name_are_nobodys(tmp_path: Path, content: str, told: list[str]) -> None:
    """Spreadsheets write those that were used once, and programs the number of a row."""
    audience, found = opened(tmp_path / "people.csv", content)
    assert audience is not None
    assert [(each.message, each.is_error) for each in found] == [(each, False) for each in told]
    assert [(row.recipient.phone, row.values, row.problem) for row in audience] == [
        (ANA, {"name": "Ana"}, None), (LUIS, {"name": "Luis"}, None),
    ]  # fmt: skip


def test_a_cell_beyond_the_last_name_is_refused(tmp_path: Path) -> None:
    """It may be one that a delimiter has cut in two; or a note beside the table."""
    audience, _ = opened(tmp_path / "people.csv", f"phone;name;;\n{ANA};Ana;x;\n{LUIS};Luis;;x\n")
    assert audience is not None
    assert [said(row.problem) for row in audience if row.problem is not None] == [
        ("2:3 bad-audience", "the row has 4 cells, the header names 2"),
        ("3:3 bad-audience", "the row has 4 cells, the header names 2"),
    ]


def test_keys_that_nobody_wants_are_told_once(tmp_path: Path) -> None:
    """Not for every line, not for every reading."""
    content = "".join(f'{{"phone": "+5255{number}", "city": 1, "nmae": ""}}\n' for number in range(10**7, 10**7 + 50))
    audience, found = opened(tmp_path / "people.jsonl", content)
    assert audience is not None
    assert found == []
    assert len([*audience, *audience]) == 100
    assert [said(each) for each in audience.warnings] == [
        ("1:47 unknown-column", "nmae is not an input of the flow"),
        ("1:36 unknown-column", "column not used by the flow: city"),
    ]


def test_every_value_has_its_place(tmp_path: Path) -> None:
    """The cell, or the character; and where a missing value should stand."""
    audience, _ = opened(tmp_path / "a.csv", f'phone,name,age\n{ANA},"a\nb",\n{LUIS},x,1\n')
    assert audience is not None
    first, second = audience
    assert str(audience.given(second)["age"].origin).endswith("a.csv:4:3")
    assert str(audience.place(first, "age")).endswith("a.csv:2:3")
    assert audience.given(first)["name"].value == "a\nb"
    text = f'{{"free": {{"phone": [1, "}}"]}}, "phone": "{ANA}", "na\\u006de" : "x" , "age":1}}'
    audience, _ = opened(tmp_path / "a.jsonl", text)
    assert audience is not None
    (row,) = audience
    for name, start in (("phone", f'"{ANA}"'), ("name", '"x"'), ("age", "1}"), ("free", '{"phone": [')):
        place = audience.place(row, name)
        assert text[place.column - 1 :].startswith(start)
    assert text[audience.place(row, "name").end_column - 1] == " "
    assert audience.place(row, "plan").column == 1
    assert audience.given(row)["age"].excerpt == text


def test_a_time_zone_that_is_not_known_is_told_at_its_cell(tmp_path: Path) -> None:
    """The name that was meant is said; without a name, the column to add."""
    content = "phone,timezone\n+525512345678,Mexico City\n+525512345679,\n+573001234567,\n+34612345678,Europe/Madrid\n"
    audience, _ = opened(tmp_path / "a.csv", content)
    assert audience is not None
    zones = [audience.zone(row) for row in audience]
    told = [each for each in zones if isinstance(each, Diagnostic)]
    assert [said(each)[0] for each in told] == ["2:2 unknown-time-zone", "3:1 unknown-time-zone"]
    assert told[0].hint == "did you mean America/Mexico_City?"
    assert "timezone" in told[1].hint
    assert [str(each) for each in zones[2:]] == ["America/Bogota", "Europe/Madrid"]


scraps = st.sampled_from(
    [b"phone", b"name", b",", b";", b'"',
     b"\n", b"\r", b"\r\n", b"+525512345678", b"5", b"{", b"}", b"[", b":", b"\\u00",
     b'{"phone":"', b"\xe9", b"\0", b"\xef\xbb\xbf", b"\x1f\x8b", "ñ".encode(), b" ", b"sep=;", b"null", b"1e9"]
)  # fmt: skip


@settings(max_examples=some(300), deadline=None)
@given(st.lists(scraps | st.binary(max_size=3), max_size=25).map(b"".join))
def test_nothing_a_file_may_hold_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Every row has a recipient or a problem, never both, and only the last one ends the file."""
    path = tmp_path_factory.getbasetemp() / "scraps"
    for start in (b"", b"phone,name\n+34612345678,x\n", b'{"phone": "+34612345678"}\n'):
        audience, found = opened(path, start + content)
        assert audience is not None or any(each.is_error and each.hint for each in found)
        read_exclusions(path)
        if audience is not None:
            rows = list(audience)
            assert all((row.problem is None) is any(row.recipient) for row in rows)
            assert all(row.problem.hint for row in rows if row.problem)
            assert not any(row.ends for row in rows[:-1])
            lines = [row.line for row in rows]
            assert lines == sorted(set(lines))
            assert all(audience.given(row) is not None for row in rows)
