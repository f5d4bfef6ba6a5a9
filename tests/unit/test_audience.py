"""Files of recipients: what is read, what is refused as a whole, what it costs."""

import csv
import gzip
import io
import json
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.audience import read_audience, read_exclusions
from flowrunner.model import Reading
from flowrunner.source.marks import trimmed
from support.audiences import ANA, HEAD, INPUTS, LUIS, opened, rows_of, said
from support.slices import some

READ = {
    "commas": (f"phone,name\n{ANA},Ana\n", [(2, ANA, {"name": "Ana"})]),
    "semicolons": (f"phone;name\n{ANA};Ana, MX\n", [(2, ANA, {"name": "Ana, MX"})]),
    "tabs": (f"name\tphone\nAna\t{ANA}\n", [(2, ANA, {"name": "Ana"})]),
    "bars": (f"name|phone\nAna|{ANA}\n", [(2, ANA, {"name": "Ana"})]),
    "Excel's sep": (f"sep=;\r\nphone;name\r\n{ANA};Ana\r\n", [(3, ANA, {"name": "Ana"})]),
    "byte order mark": (f"\ufeffphone,name\n{ANA},Ñ\n", [(2, ANA, {"name": "Ñ"})]),
    "quoted header after a mark": (f'\ufeff"phone","name"\n{ANA},x\n', [(2, ANA, {"name": "x"})]),
    "only the phone": (f"phone\n{ANA}", [(2, ANA, {})]),
    "conversation": ("conversation,name\nc-1,Ana\n", [(2, "c-1", {"name": "Ana"})]),
    "quoted newlines": (
        f'phone,name\n"{ANA}","A\n\nna"\n{LUIS},Luis\n',
        [(2, ANA, {"name": "A\n\nna"}), (5, LUIS, {"name": "Luis"})],
    ),
    "quoted newline in the header": (f'phone,name,"no\nte"\n{ANA},Ana,\n', [(3, ANA, {"name": "Ana"})]),
    "CRLF": (
        f'phone,name\r\n{ANA},"A\r\nna"\r\n{LUIS},b\r\n',
        [(2, ANA, {"name": "A\r\nna"}), (4, LUIS, {"name": "b"})],
    ),
    "old Mac": (f"phone,name\r{ANA},Ana\r{LUIS},b\r", [(2, ANA, {"name": "Ana"}), (3, LUIS, {"name": "b"})]),
    "blank lines": (f"\n  \nphone,name\n\n{ANA},Ana\n   \n,,\n", [(5, ANA, {"name": "Ana"})]),
    "other line breaks are text": (f"phone,name\n{ANA},a\u2028b\x0bc\x85\n", [(2, ANA, {"name": "a\u2028b\x0bc"})]),
    "doubled quotes": (f'phone,name\n{ANA},"""A"" b"\n', [(2, ANA, {"name": '"A" b'})]),
    "a quote in the middle": (f'phone,name\n{ANA},5" pipe\n', [(2, ANA, {"name": '5" pipe'})]),
    "text as typed": (
        f"phone,name,plan,free\n{ANA}, 0123 ,No,12:30\n",
        [(2, ANA, {"name": "0123", "plan": "No", "free": "12:30"})],
    ),
    "typed by the input": (
        f'phone,age,vip,tags\n{ANA},42,true,"[a, No]"\n{LUIS},x,1,a\n',
        [(2, ANA, {"age": 42, "vip": True, "tags": ["a", "No"]}), (3, LUIS, {"age": "x", "vip": True, "tags": "a"})],
    ),
    "empty is not given": (f'phone,name,age\n{ANA},"",\n', [(2, ANA, {})]),
    "names of columns without regard to case and spaces": (
        f"PHONE,First Name,Time Zone\n{ANA},Ana,\n",
        [(2, ANA, {})],
    ),
    "a name in capitals": (f"Phone,NAME\n{ANA},Ana\n", [(2, ANA, {"name": "Ana"})]),
    "keys in capitals": (
        f'{{"Phone": "{ANA}", "Name": "Ana"}}\n{{"name": "Luis", "PHONE": "{LUIS}"}}\n',
        [(1, ANA, {"name": "Ana"}), (2, LUIS, {"name": "Luis"})],
    ),
    "spaces around names of columns": (f"phone , name\n{ANA},Ana\n", [(2, ANA, {"name": "Ana"})]),
    "zone is no input": (f"phone,timezone\n{ANA},Europe/Madrid\n", [(2, ANA, {})]),
    "objects": (
        f'{{"phone": "{ANA}", "name": "Ana", "age": 4}}\n\n{{"conversation": "c", "name": 7}}\n',
        [(1, ANA, {"name": "Ana", "age": 4}), (3, "c", {"name": "7"})],
    ),
    "numbers as typed": (
        f'{{"phone": "{ANA}", "name": 1.50, "free": 1e2, "plan": true}}',
        [(1, ANA, {"name": "1.50", "free": "1e2", "plan": True})],
    ),
    "null is not given": (
        f'{{"phone": "{ANA}", "conversation": null, "name": null, "note": null}}',
        [(1, ANA, {"note": None})],
    ),
    "escapes and breaks": (
        f'\ufeff{{"phone": "{ANA}", "name": "\\ud83d\\ude00\u2028\\n"}}\r\n',
        [(1, ANA, {"name": "😀"})],
    ),
}


@pytest.mark.parametrize(("content", "rows"), READ.values(), ids=READ)
def test_what_people_write_is_read(tmp_path: Path, content: str, rows: list[Any]) -> None:
    """The plain file and the packed one, whatever it is called."""
    assert rows_of(tmp_path / "people.txt", content) == rows
    assert rows_of(tmp_path / "people", gzip.compress(content.encode())) == rows


def test_numbers_without_a_country_are_of_the_region(tmp_path: Path) -> None:
    """Text in CSV, text and numbers in JSON."""
    expected: list[Any] = [(2, ANA, {}), (3, "+5215512345679", {})]
    assert rows_of(tmp_path / "a.csv", "phone\n55 1234 5678\n5215512345679\n", region="MX") == expected
    lines = '{"phone": 5512345678}\n{"phone": 5215512345679}\n'
    assert rows_of(tmp_path / "a.jsonl", lines, region="mx") == [(line - 1, *rest) for line, *rest in expected]


WHOLE = {
    "empty": (b"", "0:0 empty-file", "empty"),
    "blank": (b"\xef\xbb\xbf \n\n", "0:0 empty-file", "empty"),
    "only delimiters": (b",,\n", "0:0 empty-file", "no header"),
    "UTF-16": ("phone,name\n".encode("utf-16"), "0:0 not-utf8", "UTF-16"),
    "UTF-16 without a mark": ("phone,name\n".encode("utf-16-le"), "0:0 not-utf8", "UTF-16"),
    "a spreadsheet": (b"PK\x03\x04rest", "0:0 bad-audience", "spreadsheet"),
    "cut gzip": (gzip.compress(b"phone\n" * 9)[:12], "0:0 unreadable", "damaged"),
    "Windows-1252 in the header": ("name,phone,teléfono\n".encode("cp1252"), "1:3 not-utf8", "'é'"),
    "two of a name": (b"phone,name,name\n", "1:3 bad-audience", "two columns are named name: 2 and 3"),
    "a telephone": (b"name;telephone\n", "1:2 bad-audience", "no column"),
    "an accent": ("Teléfono,name\n".encode(), "1:1 bad-audience", "no column"),
    "phone_number": (b"phone_number\n", "1:1 bad-audience", "no column"),
    "misspelt": (b"name,phnoe\n", "1:2 bad-audience", "no column"),
    "nobody": (b"name,city\n", "1:1 bad-audience", "no column"),
    "no header": (f"{ANA},Ana\n".encode(), "1:1 bad-audience", "the first line does not name the columns"),
    "open quote in the header": (b'phone,"name\n', "1:2 bad-audience", "never closed"),
    "a JSON list": (f'[{{"phone": "{ANA}"}}]'.encode(), "1:1 bad-audience", "not an object"),
    "a JSON list over lines": (b'[\n{"phone": "1"}\n]', "1:2 bad-audience", "not JSON"),
}


@pytest.mark.parametrize(("content", "place", "message"), WHOLE.values(), ids=WHOLE)
def test_what_is_no_file_of_recipients_is_refused_as_a_whole(
    tmp_path: Path, content: bytes, place: str, message: str
) -> None:
    """One problem with a place and a remedy, and no audience."""
    audience, found = opened(tmp_path / "people.csv", content)
    assert audience is None
    assert [said(each)[0] for each in found] == [place]
    assert message in found[0].message
    assert found[0].hint
    if "no column" in message and place != "1:1 bad-audience":
        assert "did you mean phone?" in found[0].hint


def test_standard_input_is_read_as_often_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two readings at once do not disturb each other."""
    content = HEAD + "".join(f"+5255{10_000_000 + number},Ana,{number}\n" for number in range(20_000))

    class Input:
        buffer = io.BytesIO(gzip.compress(content.encode()))

    monkeypatch.setattr("sys.stdin", Input)
    audience, found = read_audience(Path("-"), inputs=INPUTS)
    assert audience is not None
    assert found == []
    with audience:
        assert audience.name == "<stdin>"
        pairs = zip(audience, audience, strict=True)
        assert sum(one == other and one.line == 2 + number for number, (one, other) in enumerate(pairs)) == 20_000


@pytest.mark.parametrize("name", ["missing.csv", "folder"])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    """The same words for the audience and for the exclusions."""
    (tmp_path / "folder").mkdir()
    audience, found = read_audience(tmp_path / name, inputs=INPUTS)
    assert audience is None
    assert [each.code for each in found] == ["unreadable"]
    exclusions, again = read_exclusions(tmp_path / name)
    assert exclusions is None
    assert again == found


def test_a_region_nobody_knows_is_refused(tmp_path: Path) -> None:
    """Before the file is opened."""
    _, found = read_audience(tmp_path / "none", inputs=INPUTS, reading=Reading("Mexico"))
    assert found[0].location.path == "--region"
    assert read_exclusions(tmp_path / "none", region="XX")[1][0].location.path == "--region"


@pytest.mark.parametrize(("form", "size"), [("csv", 12_000), ("jsonl", 9_000), ("csv.gz", 9_000)])
def test_memory_is_flat(tmp_path: Path, form: str, size: int) -> None:
    """Rows of 600 bytes take 20 each: what is kept of those met before."""
    path = tmp_path / f"people.{form}"
    phones = [f"+5255{10_000_000 + number}" for number in range(size)]
    if form == "jsonl":
        content = "".join(json.dumps({"phone": phone, "name": "Ana " * 150}) + "\n" for phone in phones)
    else:
        content = "phone,name\n" + "".join(f"{phone},{'Ana ' * 150}\n" for phone in phones)
    packed = gzip.compress(content.encode(), 1) if form.endswith("gz") else content.encode()
    path.write_bytes(packed)
    del content, packed, phones
    audience, _ = read_audience(path, inputs=INPUTS)
    assert audience is not None
    next(iter(audience))
    tracemalloc.start()
    try:
        met = sum(not row.first for row in audience)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert met == size
    assert peak < 6_000_000  # one that kept all rows would come to ten


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=some(150), deadline=None)
@given(
    table=st.lists(st.tuples(cells, cells), max_size=12),
    delimiter=st.sampled_from(",;\t|"),
    manner=st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_ALL)]),
)
def test_what_the_csv_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str]], delimiter: str, manner: tuple[str, int]
) -> None:
    """Every text, every delimiter; lines only grow."""
    people = [f"+5255{10_000_000 + number}" for number in range(len(table))]
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=manner[0], quoting=manner[1])  # type: ignore[arg-type]
    writer.writerow(["name", "phone", "plan"])
    writer.writerows((name, phone, plan) for phone, (name, plan) in zip(people, table, strict=True))
    path = tmp_path_factory.getbasetemp() / "round.csv"
    rows = rows_of(path, file.getvalue())
    expected = [{key: text for key, cell in (("name", a), ("plan", b)) if (text := trimmed(cell))} for a, b in table]
    assert [(phone, values) for _, phone, values in rows] == list(zip(people, expected, strict=True))
    assert all(one < other for (one, *_), (other, *_) in pairwise(rows))
