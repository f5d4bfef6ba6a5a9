"""Files that list people: whom each names, what else it says of them, and what cannot be understood."""

from pathlib import Path

import pytest

from flowrunner.app.optouts import read_optouts
from flowrunner.audience.people import Listed, person, read_people, whole
from flowrunner.clock import SYSTEM
from flowrunner.diagnostics.errors import FlowError
from flowrunner.model import Recipient
from flowrunner.phones.numbers import Refused

ANA, LUIS = Recipient(phone="+5215512345678"), Recipient(phone="+34600000001")
ALL = Recipient("c-1", "+5215512345678", "MX.1")
LISTS: dict[str, tuple[str, list[tuple[int, Recipient]]]] = {
    "a phone a line": ("+5215512345678\n\n+34600000001\n", [(1, ANA), (3, LUIS)]),
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
