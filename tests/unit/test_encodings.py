"""What a file is in: the encoding that is named, columns that are mapped, and how much a packed file may hold."""

# ruff: noqa: E501  # a table's row is read as one line

import gzip
import time
import tracemalloc
from pathlib import Path

import pytest

from flowrunner.audience import read_exclusions
from flowrunner.audience.encodings import codec
from flowrunner.model import Recipient
from flowrunner.source.files import decode
from support.audiences import ANA, HEAD, LUIS, opened, rows_of, said

PEOPLE = f"phone,name\n{ANA},José Ñandú\n{LUIS},Zoë\n"
ENCODED = [
    ("cp1252", "cp1252", PEOPLE), ("CP1252", "cp1252", PEOPLE), ("windows-1252", "cp1252", PEOPLE), ("ansi", "cp1252", PEOPLE),
    ("latin-1", "cp1252", PEOPLE.replace("Zoë", "Zoë’s €")), ("iso-8859-15", "iso8859-15", PEOPLE),
    ("mac-roman", "mac-roman", PEOPLE), ("cp850", "cp850", PEOPLE), ("cp1251", "cp1251", PEOPLE.replace("José Ñandú", "Иван").replace("ë", "е")),
    ("utf-8", "utf-8", PEOPLE), ("utf8", "utf-8-sig", PEOPLE), ("utf-16", "utf-16", PEOPLE), ("utf-16-le", "utf-16-le", PEOPLE),
    ("UTF-16BE", "utf-16-be", PEOPLE), ("utf-16-le", "utf-16", PEOPLE), ("shift_jis", "shift_jis", PEOPLE.replace("José Ñandú", "表能").replace("ë", "e")),
    ("gb18030", "gb18030", PEOPLE), ("big5", "big5", PEOPLE.replace("José Ñandú", "功夫").replace("ë", "e")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "encoding", "text"), ENCODED)
def test_a_file_is_read_in_the_encoding_that_is_named(tmp_path: Path, name: str, encoding: str, text: str) -> None:
    """Packed or not, in CSV and in JSON Lines."""
    names = [line.split(",")[1] for line in text.splitlines()[1:]]
    lines = "".join(
        f'{{"phone": "{phone}", "name": "{each}"}}\n' for phone, each in zip((ANA, LUIS), names, strict=True)
    )
    for content in (text, lines):
        for raw in (content.encode(encoding), gzip.compress(content.encode(encoding))):
            assert [values["name"] for *_, values in rows_of(tmp_path / "a", raw, encoding=name)] == names


@pytest.mark.parametrize("name", ["cp1525", "excel", "rot13", "hex", "zip", "bz2", "idna", "punycode", "undefined", "unicode_escape", "x" * 300, "a\0b", "../cp1252"])  # fmt: skip
def test_what_is_no_encoding_is_refused(name: str) -> None:
    """Before the file is opened; nothing is unpacked by it."""
    found, problem = codec(name)
    assert found == ""
    assert problem is not None
    assert (problem.code, problem.location.path) == ("bad-encoding", "--encoding")
    assert problem.hint


WRONG = [
    ("cp1252", b"phone,name\n+525512345678,\x81\n", "bad-encoding", "0x81 in line 2 is not cp1252", "name the encoding"),
    ("ascii", PEOPLE.encode(), "bad-encoding", "in line 2 is not ascii", "name the encoding"),
    ("cp1252", b"\xef\xbb\xbf" + PEOPLE.encode(), "bad-encoding", "the file is UTF-8, not cp1252", "leave out --encoding"),
    ("cp1252", PEOPLE.encode("utf-16"), "not-utf8", "the file is UTF-16", "--encoding utf-16"),
    ("", PEOPLE.encode("utf-16"), "not-utf8", "the file is UTF-16", "--encoding utf-16"),
    ("", PEOPLE.encode("utf-16-le"), "not-utf8", "perhaps UTF-16", "--encoding utf-16-le"),
    ("", PEOPLE.encode("utf-16-be"), "not-utf8", "perhaps UTF-16", "--encoding utf-16-be"),
    ("", ("phone,name\n" + "表" * 900).encode("utf-16-le"), "not-utf8", "perhaps UTF-16", "--encoding utf-16-le"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "code", "message", "hint"), WRONG)
def test_a_file_that_is_in_another_encoding_is_one_error(
    tmp_path: Path, name: str, content: bytes, code: str, message: str, hint: str
) -> None:
    """With its remedy."""
    audience, found = opened(tmp_path / "a.csv", content, encoding=name)
    assert audience is None
    (problem,) = found
    assert (problem.code, message in problem.message, hint in problem.hint) == (code, True, True)
    if "--encoding" in hint and "leave" not in hint:
        assert opened(tmp_path / "a.csv", content, encoding=hint.rsplit(maxsplit=1)[-1])[
            1
        ] == [] or "表" in content.decode("utf-16-le")


def test_a_fault_of_the_encoding_far_into_the_file_is_one_error_with_its_line(tmp_path: Path) -> None:
    """What stands before it was good."""
    good = "".join(f"+5255{number},José,1\n" for number in range(10_000_000, 10_020_000))
    content = (HEAD + good).encode("cp1252") + b"+525512345678,\x81,1\n" + b"+525512345679,x,1\n" * 100
    audience, found = opened(tmp_path / "a.csv", content, encoding="cp1252")
    assert audience is not None, found
    rows = list(audience)
    assert [row.problem is None for row in rows[:-1]] == [True] * (len(rows) - 1)
    assert rows[-1].ends
    assert rows[-1].problem is not None
    assert rows[-1].problem.code == "bad-encoding"
    assert "in line 20002" in rows[-1].problem.message


def test_another_encoding_takes_no_more_memory(tmp_path: Path) -> None:
    """It is decoded a block at a time."""
    lines = [f"+5255{number},{'José ' * 480},1\n" for number in range(10_000_000, 10_003_000)]
    audience, _ = opened(tmp_path / "a.csv", (HEAD + "".join(lines)).encode("utf-16"), encoding="utf-16")
    del lines
    assert audience is not None
    tracemalloc.start()
    try:
        assert sum(row.problem is None for row in audience) == 3_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_names_in_any_encoding_do_not_hinder_an_exclusion(tmp_path: Path) -> None:
    """Only the column that says who is looked at."""
    path = tmp_path / "no.csv"
    path.write_bytes(f"name,phone\nJosé,{ANA}\nZoë,{LUIS}\n".encode("cp1252"))
    exclusions, found = read_exclusions(path)
    assert exclusions is not None
    assert found == []
    assert all(Recipient("", phone) in exclusions for phone in (ANA, LUIS))


def test_a_packed_file_that_swells_is_refused_at_once(tmp_path: Path) -> None:
    """2 MB of 600 MB; and what people's names pack to is read."""
    bomb = gzip.compress(b"phone,name\n", 1) + gzip.compress(b"\n" * 6_000_000, 1) * 100
    assert len(bomb) < 4_000_000
    begun = time.process_time()
    audience, found = opened(tmp_path / "a.csv", bomb)
    assert audience is not None, found
    (row,) = audience
    assert time.process_time() - begun < 3
    assert row.ends
    assert row.problem is not None
    assert (row.problem.code, "more than 100 times" in row.problem.message) == ("too-large", True)
    assert read_exclusions(tmp_path / "a.csv")[0] is None


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_empty_lines_are_passed_over_and_counted(tmp_path: Path, end: bytes, form: str) -> None:
    """Millions of them, at the speed of a search; what follows has its true line."""
    if form == "jsonl" and end == b"\r":
        return  # white space within a line, there
    many = 8_000_000
    head = f"phone{end.decode()}" if form == "csv" else ""
    first, second = (phone if form == "csv" else f'{{"phone": "{phone}"}}' for phone in (ANA, LUIS))
    content = head.encode() + first.encode() + end * many + second.encode() + end * 3
    audience, found = opened(tmp_path / "a", content)
    assert audience is not None, found
    begun = time.process_time()
    rows = list(audience)
    assert time.process_time() - begun < 2
    start = 2 if form == "csv" else 1
    assert [(row.line, row.recipient.phone) for row in rows] == [(start, ANA), (start + many, LUIS)]


def test_empty_lines_within_quotes_are_text(tmp_path: Path) -> None:
    """Only between records they are nothing."""
    content = f'phone,name\n\n\n{ANA},"a\n\n\nb"\n\n\n\n{LUIS},c\n'
    assert rows_of(tmp_path / "a", content) == [(4, ANA, {"name": "a\n\n\nb"}), (11, LUIS, {"name": "c"})]


SHOP = f"First Name,Last Name,Cell,Phone\nAna,Paz,{ANA},{LUIS}\n"
MAPPED = [
    ({"name": "First Name", "phone": "Cell"}, SHOP, (2, ANA, {"name": "Ana"})),
    ({"name": "last name"}, SHOP, (2, LUIS, {"name": "Paz"})),
    ({"name": " LAST_NAME "}, SHOP, (2, LUIS, {"name": "Paz"})),
    ({"phone": "cell"}, SHOP, (2, ANA, {})),
    ({"phone": "Teléfono"}, f"Teléfono;name\n{ANA};x\n", (2, ANA, {"name": "x"})),
    ({"name": "nick"}, f"phone,name,nick\n{ANA},a,b\n", (2, ANA, {"name": "b"})),
    ({"name": "Name 2"}, f"phone,name,name 2\n{ANA},a,b\n", (2, ANA, {"name": "b"})),
    ({"conversation": "Chat"}, f"phone 2,chat\n{ANA},c1\n", (2, "c1", {})),
    ({"name": "First Name", "phone": "Cell"}, f'{{"First Name": "Ana", "Cell": "{ANA}", "phone": "{LUIS}"}}', (1, ANA, {"name": "Ana"})),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "content", "row"), MAPPED)
def test_columns_are_taken_as_they_are_mapped(
    tmp_path: Path, columns: dict[str, str], content: str, row: tuple[int, str, dict[str, str]]
) -> None:
    """What is mapped wins over what only has the name."""
    assert rows_of(tmp_path / "a", content, columns=columns) == [row]


UNMAPPED = [
    ({"nmae": "First Name"}, SHOP, "--map nmae=First Name", "nmae is not an input", "did you mean name?"),
    ({"name": "Frist Name"}, SHOP, "--map name=Frist Name", "no column Frist Name", "did you mean First Name?"),
    ({"name": "First Name", "plan": "First Name"}, SHOP, "--map", "two --map", "once"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "content", "place", "message", "hint"), UNMAPPED)
def test_a_mapping_that_is_wrong_is_told(
    tmp_path: Path, columns: dict[str, str], content: str, place: str, message: str, hint: str
) -> None:
    """With the name that was meant."""
    audience, (problem, *_) = opened(tmp_path / "a", content, columns=columns)
    assert audience is None
    assert (problem.location.path, message in problem.message, hint in problem.hint) == (place, True, True)


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (f"phone,Name,name\n{ANA},a,b\n", "1:3 bad-audience", "two columns give name: Name and name"),
        (f"Phone,phone\n{ANA},{LUIS}\n", "1:2 bad-audience", "two columns give phone: Phone and phone"),
        (f"phone,name,name\n{ANA},a,b\n", "1:3 bad-audience", "two columns are named name: 2 and 3"),
    ],
)
def test_two_columns_for_one_input_are_refused(tmp_path: Path, content: str, place: str, message: str) -> None:
    """Which one was meant is nobody's guess; the mapping says it."""
    audience, (problem,) = opened(tmp_path / "a", content)
    assert audience is None
    assert said(problem) == (place, message)
    assert audience is None
    if "give" in message:
        name = problem.hint.split("--map ")[1].split("=")[0]
        column = problem.hint.split('"')[1]
        assert opened(tmp_path / "a", content, columns={name: column})[0] is not None


def test_columns_that_nobody_wants_may_share_a_name(tmp_path: Path) -> None:
    """An export has what it has."""
    audience, found = opened(tmp_path / "a", f"phone,Tag,Tag\n{ANA},a,b\n")
    assert audience is not None
    assert not any(each.is_error for each in found)


def test_two_keys_for_one_input_are_told_at_their_line(tmp_path: Path) -> None:
    """The other lines are read."""
    audience, _ = opened(tmp_path / "a", f'{{"phone": "{ANA}", "name": "a", "Name": "b"}}\n{{"phone": "{LUIS}"}}\n')
    assert audience is not None
    bad, good = audience
    assert bad.problem is not None
    assert said(bad.problem) == ("1:1 bad-audience", "two keys give name: name and Name")
    assert good.recipient.phone == LUIS


WORDS = [
    ("shift_jis", "こんにちは、予約の確認です", "Shift-JIS", "shift-jis"), ("shift_jis", "田中", "Shift-JIS", "shift-jis"),
    ("euc_jp", "ご注文ありがとうございます", "EUC-JP", "euc-jp"), ("gbk", "您好，您的预约已确认", "GBK", "gb18030"), ("gbk", "张伟", "GBK", "gb18030"),
    ("big5", "您好，您的預約已確認", "Big5", "big5"), ("euc_kr", "안녕하세요, 예약이 확인되었습니다", "EUC-KR", "euc-kr"), ("euc_kr", "김철수", "EUC-KR", "euc-kr"),
    ("cp1251", "Здравствуйте, ваша запись подтверждена", "Windows-1251", "cp1251"), ("koi8_r", "Здравствуйте, ваша запись подтверждена", "KOI8-R", "koi8-r"),
    ("cp1251", "ЗАПИСЬ ПОДТВЕРЖДЕНА", "Windows-1251", "cp1251"), ("koi8_r", "ЗАПИСЬ ПОДТВЕРЖДЕНА", "KOI8-R", "koi8-r"),
    ("cp1251", "Анна", "Windows-1251", "cp1251"), ("koi8_r", "ПРИВЕТ", "KOI8-R", "koi8-r"), ("cp1253", "ΚΑΛΗΜΕΡΑ", "Windows-1253", "cp1253"),
    ("cp1253", "Γεια σου", "Windows-1253", "cp1253"), ("cp1253", "ευχαριστώ πολύ", "Windows-1253", "cp1253"),
    ("cp1253", "Γεια σας, το ραντεβού σας", "Windows-1253", "cp1253"), ("cp1255", "שלום, התור שלך", "Windows-1255", "cp1255"),
    ("cp1256", "مرحبا موعدك غدا", "Windows-1256", "cp1256"), ("cp874", "สวัสดีครับ", "Windows-874", "cp874"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "word", "called", "name"), WORDS)
def test_the_encoding_of_a_file_is_told_and_reads_it(
    tmp_path: Path, encoding: str, word: str, called: str, name: str
) -> None:
    """In a flow and in an audience, where it is to be passed: followed to the letter, the word is read."""
    _, problem = decode(f"name: t\nsteps:\n  - message: {word}\n".encode(encoding))
    assert problem is not None
    assert problem.message.endswith(f"is not UTF-8: the file seems to be {called}")
    people = f'phone,name\n{ANA},"{word}"\n'.encode(encoding)
    audience, found = opened(tmp_path / "a.csv", people)
    assert audience is not None, found
    [row] = audience
    assert row.problem is not None
    assert row.problem.message.endswith(f"the file seems to be {called}")
    assert row.problem.hint.endswith(f"or pass --encoding {name}")
    assert [values["name"] for *_, values in rows_of(tmp_path / "a.csv", people, encoding=name)] == [word]


@pytest.mark.parametrize("word", ["Mañana a las “cinco”", "Straße", "Ñandú", "ÁÉÍÓÚ", "Příští týden", "Zoë",
                                  "ÁÁÁ", "¿ÉÉÉ?", "ÍÓÚ", "ÓÉ ¡ÁÉ!", "ÀÉÎ", "ÑÁÑÁ", "ÅÄÖ", "ÖÖÖ", "«ÉÀ»", "“ÓÓÓ”"])  # fmt: skip
def test_letters_of_the_west_are_told_one_by_one(word: str) -> None:
    """As before: they may be of several encodings, and the letter is what a person knows."""
    encoding = "cp1250" if "Ř" in word.upper() else "cp1252"
    _, problem = decode(f"name: t\nsteps:\n  - message: {word}\n".encode(encoding))
    assert problem is not None
    assert "in Windows-1252 it would be" in problem.message


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "iso2022_jp"])
def test_what_is_ascii_byte_by_byte_is_told_too(encoding: str) -> None:
    """UTF-16 without a mark, and the encoding of Japanese mails, hold no byte that UTF-8 has not."""
    text, problem = decode("name: t\nsteps:\n  - message: 予約\n".encode(encoding))
    assert text == ""
    assert problem is not None
    assert problem.message == f"the file is {'ISO-2022-JP' if encoding == 'iso2022_jp' else 'UTF-16'}"
