"""Files that list people: whom each names, what else it says of them, and what cannot be understood."""

from pathlib import Path

import pytest

from flowrunner.app.people.optouts import read_optouts
from flowrunner.audience.people import Listed, person, read_people, whole
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import FlowError
from flowrunner.model import Recipient
from flowrunner.phones.numbers import Refused

ANA, LUIS = Recipient(phone="+5215512345678"), Recipient(phone="+34600000001")
ALL = Recipient("c-1", "+5215512345678", "MX.1")
LISTS: dict[str, tuple[str, list[tuple[int, Recipient]]]] = {
    "a phone a line": ("+5215512345678\n\n+34600000001\n", [(1, ANA), (3, LUIS)]),
    "notes beside": ("# left in May\n+5215512345678\n # and in June\n+34600000001\n", [(2, ANA), (4, LUIS)]),
    "csv": (
        "phone,conversation,user_id\n+5215512345678,c-1,MX.1\n,,\n+34600000001,,\n",
        [(2, ALL), (4, LUIS)],
    ),
    "texts in JSON": ('["+5215512345678",\n "+34600000001"]', [(1, ANA), (2, LUIS)]),
    "objects in JSON": (
        '[{"phone": "+5215512345678", "conversation": "c-1", "user_id": "MX.1", "age": 5},\n{"phone":"+34600000001"}]',
        [(1, ALL), (2, LUIS)],
    ),
    "an object a line": (
        '{"phone": "+5215512345678"}\n{"phone": "+34600000001", "user_id": null}\n',
        [(1, ANA), (2, LUIS)],
    ),
    "as it is exported": (
        '{\n "version": 1,\n "optouts": [\n  {"phone": "+5215512345678"},\n  {"phone": "+34600000001"}\n ]\n}\n',
        [(4, ANA), (5, LUIS)],
    ),
    "as other programs write phones": ("p:+5215512345678\nwhatsapp:+34600000001\n", [(1, ANA), (2, LUIS)]),
    "as spreadsheets write texts": (
        "phone,conversation,user_id\n'+5215512345678,'c-1,\"=\"\"MX.1\"\"\"\n=\"+34600000001\",,\n",
        [(2, ALL), (3, LUIS)],
    ),
    "nobody in JSON": ("[]", []),
    "nobody exported": ('{"version": 1, "optouts": []}', []),
}  # fmt: skip


@pytest.mark.parametrize(("content", "people"), LISTS.values(), ids=LISTS)
def test_everybody_is_read_with_their_line(tmp_path: Path, content: str, people: list[tuple[int, Recipient]]) -> None:
    """By all the names that a row or an object has."""
    path = tmp_path / "people"
    path.write_text(content)
    found: list[tuple[int, Recipient]] = []

    def keep(its: Listed) -> None:
        found.append((its.line, whole(its.named)))

    assert read_people(path, keep) == []
    assert found == people


BROKEN = {
    "a number": ("[5]", ["1:2 bad-recipient"]),
    "a number for a phone": ('[{"phone": 5},\n {"phone": "+52"}]', ["1:2 bad-recipient", "2:2 bad-recipient"]),
    "another member": ('["+34600000001",\n  {"telephone": "+34600000001"}]', ["2:3 bad-recipient"]),
    "an object of something": ('{"people": ["+34600000001"]}', ["1:1 bad-recipient"]),
    "no JSON": ('["+34600000001",\n x]', ["2:2 bad-audience"]),
    "an end that is missing": ('["+34600000001"', ["1:16 bad-audience"]),
    "too deep": ("[" * 100_000, ["1:1 too-deep"]),
    "a phone and a name": ("+34600000001 Ana\n+34600000002\n", ["1:1 bad-recipient"]),
    "a link to a phone of no country": ("+34600000002\ntel:34600000001\n", ["2:1 bad-recipient"]),
    "a link to no phone": ("+34600000002\ntel:call-me\n", ["2:1 bad-recipient"]),
    "no id": ("conversation\nc 1\n", ["2:1 bad-recipient"]),
    "a day as spreadsheets count them": ("phone,at\n+34600000001,46000\n", ["2:2 bad-recipient"]),
    "a moment": ("phone,at\n+34600000001,soon\n", ["2:2 bad-recipient"]),
    "a moment in JSON": ('[{"phone": "+34600000001", "at": "soon"}]', ["1:2 bad-recipient"]),
}


@pytest.mark.parametrize(("content", "places"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_understood_is_said_with_its_place(tmp_path: Path, content: str, places: list[str]) -> None:
    """And nobody of the file is taken."""
    path = tmp_path / "people"
    path.write_text(content)
    with pytest.raises(FlowError) as caught:
        read_optouts(path)
    found = caught.value.diagnostics
    assert [f"{each.location.line}:{each.location.column} {each.code}" for each in found] == places
    assert all(each.hint for each in found)


@pytest.mark.parametrize("content", ["phone\n+34 \u00e1\n".encode("cp1252"), "phone\n+1\n".encode("utf-16")])
def test_the_remedy_for_another_encoding_is_one_that_there_is(tmp_path: Path, content: bytes) -> None:
    """``--encoding`` is an option for recipients; whoever passed it would spoil those."""
    path = tmp_path / "people"
    path.write_bytes(content)
    with pytest.raises(FlowError) as caught:
        read_optouts(path)
    (found,) = caught.value.diagnostics
    assert (found.code, found.hint) == ("not-utf8", "save the file as UTF-8 (in Excel: CSV UTF-8)")


@pytest.mark.parametrize("header", ["Phone;Reason;AT;Target", "PHONE;reason;at;TARGET"])
def test_columns_are_known_in_any_case(tmp_path: Path, header: str) -> None:
    """As a spreadsheet has them; nothing of them is lost without a word."""
    path = tmp_path / "people"
    row = "+34600000001;baja;2026-12-01T09:00Z;https://a.example.com"
    path.write_text(f"\ufeff{header}\r\n{row}\r\n", encoding="utf-8")
    (its,) = read_optouts(path)
    assert (its.reason, its.at, its.target) == ("baja", 1796115600.0, "https://a.example.com")


FORMS = [
    "phone,at,reason,target\n+34600000001,{},baja,https://a.example.com\n",
    '[{{"phone": "+34600000001", "at": "{}", "reason": "baja", "target": "https://a.example.com"}}]',
]
MOMENTS = [
    ("2026-12-01T09:00Z", 1796115600.0),
    ("1796115600.5", 1796115600.5),
    ("2026-12-01T09:00+01:00", 1796112000.0),
]


@pytest.mark.parametrize(("text", "at"), MOMENTS)
@pytest.mark.parametrize("form", FORMS)
def test_what_else_is_said_of_somebody_is_kept(tmp_path: Path, form: str, text: str, at: float) -> None:
    """When, why and to which API they said it; where the file does not say it, what was given, and now."""
    path = tmp_path / "people"
    path.write_text(form.format(text))
    (its,) = read_optouts(path, reason="a list")
    assert (its.recipient, its.reason, its.at, its.target) == (LUIS, "baja", at, "https://a.example.com")
    path.write_text("+34600000001\n")
    (its,) = read_optouts(path, reason="a list")
    assert (its.reason, its.target) == ("a list", "")
    assert its.at == pytest.approx(SYSTEM.now(), abs=60)


@pytest.mark.parametrize(
    ("text", "region", "whom"),
    [
        (" +52 1 (55) 1234-5678 ", "", ANA),
        ("0034 600 00 00 01", "MX", LUIS),
        ("600 000 001", "ES", LUIS),
        ("MX.1349", "", Recipient(user_id="MX.1349")),
        ("'MX.1349", "", Recipient(user_id="MX.1349")),
        ("'whatsapp:+34600000001", "", LUIS),
        ("wa.me/34600000001", "", LUIS),
        ("tel:anna", "", None),
        ("7f1c6a1e-0f3a-4d52-9a55-1f6f3f3f9f10", "", Recipient("7f1c6a1e-0f3a-4d52-9a55-1f6f3f3f9f10")),
        ("600000001", "", None),
        ("+52", "", None),
    ],
)
def test_whom_a_person_types(text: str, region: str, whom: Recipient | None) -> None:
    """A phone in any spelling, a user id or a conversation."""
    found = person(text, region=region)
    if whom is None:
        assert isinstance(found, Refused)
    else:
        assert found == whom
