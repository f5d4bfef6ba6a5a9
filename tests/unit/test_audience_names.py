"""Who a row is for: by one of three names, or more."""

from pathlib import Path

import pytest

from flowrunner.model import Recipient
from support.audiences import ANA, LUIS, opened, said

USER = "US.13491208655302741918"
NAMED = {
    "a user id": (f"user_id,name\n{USER},Ana\n", [Recipient(user_id=USER)]),
    "a parent's user id": ("user_id\nUS.ENT.118\n", [Recipient(user_id="US.ENT.118")]),
    "as a sheet has it": (f"Name;User ID\nAna; {USER} \n", [Recipient(user_id=USER)]),
    "all three": (f"conversation,phone,user_id\nc-1,{ANA},{USER}\n", [Recipient("c-1", ANA, USER)]),
    "one or the other": (
        f"phone,user_id,conversation\n{ANA},,\n,{USER},\n,,c-1\n",
        [Recipient("", ANA), Recipient(user_id=USER), Recipient("c-1")],
    ),
    "JSON": (f'{{"user_id": "{USER}"}}\n{{"phone": "{ANA}", "user_id": null, "conversation": "c"}}\n',
             [Recipient(user_id=USER), Recipient("c", ANA)]),
    "ids of their own beside phones": (f"phone,user_id\n{ANA},1234\n{LUIS},\n",
                                       [Recipient("", ANA), Recipient("", LUIS)]),
    "numbers of their own in JSON": (f'{{"phone": "{ANA}", "user_id": 1234}}\n', [Recipient("", ANA)]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "recipients"), NAMED.values(), ids=NAMED)
def test_a_row_names_somebody_by_one_name_or_more(tmp_path: Path, content: str, recipients: list[Recipient]) -> None:
    """In any order of columns; an empty cell names nobody; a company's own ids are no names."""
    audience, found = opened(tmp_path / "people.csv", content)
    assert audience is not None
    assert not any(each.is_error for each in found)
    rows = list(audience)
    assert [row.recipient for row in rows] == recipients
    assert [row.fault for row in rows] == [None] * len(rows)


@pytest.mark.parametrize("line", ["phone,user_id\n{},1234\n", '{{"phone": "{}", "user_id": "1234"}}\n'])
def test_a_company_s_own_ids_are_not_used_and_that_is_said(tmp_path: Path, line: str) -> None:
    """As any other column that the flow does not want."""
    audience, _ = opened(tmp_path / "people.csv", line.format(ANA))
    assert audience is not None
    list(audience)
    assert [each.message for each in audience.warnings] == ["column not used by the flow: user_id"]


REFUSED = {
    "small letters": ("user_id\nus.1349\n", "2:1 bad-recipient", "write US.1349"),
    "an id of their own": ("user_id\n1234\n", "2:1 bad-recipient", "looks like US.13491208655302741918"),
    "one among others": (f"phone,user_id\n{ANA},{USER}\n{LUIS},77\n", "3:2 bad-recipient", "looks like"),
    "nobody": (f"phone,user_id,name\n{ANA},{USER},x\n,,Eva\n", "3:1 bad-recipient", "say who it is for"),
    "nobody in JSON": (
        f'{{"phone": "{ANA}", "user_id": "{USER}"}}\n{{"phone": " "}}\n',
        "2:11 bad-recipient",
        "say who",
    ),
    "a number in JSON": ('{"user_id": 77}\n', "1:13 bad-recipient", "looks like"),
    "a bad phone beside": (f"user_id,phone\n{USER},+52\n", "2:2 bad-recipient", ""),
}


@pytest.mark.parametrize(("content", "place", "hint"), REFUSED.values(), ids=REFUSED)
def test_a_name_that_is_none_is_refused_at_its_cell(tmp_path: Path, content: str, place: str, hint: str) -> None:
    """One wrong name forbids the row: it may be the one that counts."""
    audience, found = opened(tmp_path / "people.csv", content)
    assert audience is not None
    assert found == []
    (problem,) = [row.problem for row in audience if row.problem is not None]
    assert said(problem)[0] == place
    assert hint in problem.hint


@pytest.mark.parametrize("name", ["bsuid", "User-ID", "userId", "whatsapp_user_id", "usuario_id"])
def test_what_a_column_of_user_ids_is_called_is_guessed(tmp_path: Path, name: str) -> None:
    """By the very word in any case, else with a hint that mends it."""
    audience, found = opened(tmp_path / "people.csv", f"{name},name\n{USER},Ana\n")
    if audience is None:
        assert found[0].hint == f'did you mean user_id? Rename {name}, or pass --map user_id="{name}"'
        audience, found = opened(tmp_path / "people.csv", f"{name},name\n{USER},Ana\n", columns={"user_id": name})
    assert audience is not None
    assert [row.recipient for row in audience] == [Recipient(user_id=USER)]


REPEATED = {
    "by either name": (f"phone,user_id\n{ANA},{USER}\n,{USER}\n{ANA},\n", [(3, 2, 0), (4, 2, 0)]),
    "through a third": (
        f"phone,user_id,conversation\n{ANA},,\n{ANA},{USER},\n,{USER},c\n,,c\n",
        [(3, 2, 0), (4, 2, 0), (5, 2, 0)],
    ),
    "two that a later row joins": (f"phone,user_id\n{ANA},\n,{USER}\n{ANA},{USER}\n", [(4, 2, 3)]),
    "an id is not the other kind of id": ("conversation,user_id\nUS.1,\n,US.1\n", []),
}


@pytest.mark.parametrize(("content", "repeats"), REPEATED.values(), ids=REPEATED)
def test_a_row_is_repeated_by_any_of_its_names(
    tmp_path: Path, content: str, repeats: list[tuple[int, int, int]]
) -> None:
    """Line, the first line of that person, and a line that only this row says to be theirs."""
    audience, _ = opened(tmp_path / "people.csv", content)
    assert audience is not None
    assert [(row.line, row.first, row.joined) for row in audience if row.first] == repeats


@pytest.mark.parametrize(
    ("column", "is_phone"),
    [
        ("Phone 1 - Value", True), ("Phone 1 - Type", False), ("Billing Phone", True), ("billing_phone", True),
        ("SMS Phone Number", True), ("Número de teléfono", True), ("numéro de téléphone", True), ("Nº WhatsApp", True),
        ("Numer telefonu", True), ("Handynummer", True), ("Phone country code", False), ("Tipo de teléfono", False),
        ("Phone name", False), ("Contact", False), ("Nomor HP", True), ("Portable", True), ("Contact Number", True),
        ("電話番号", True), ("携帯", True), ("手机号码", True), ("会社", False), ("फ़ोन", True), ("शहर", False),
        ("رقم الهاتف", True), ("मोबाइल नंबर", True), ("Номер телефона", True),
    ],
)  # fmt: skip
def test_the_column_of_an_export_that_is_probably_the_phone_s_is_named(
    tmp_path: Path, column: str, is_phone: bool
) -> None:
    """With the option that takes it, which is then taken at its word."""
    content = f"Name,{column}\nAna,{ANA}\n"
    audience, found = opened(tmp_path / "export.csv", content)
    assert audience is None
    [fault] = found
    meant = f'did you mean phone? Rename {column}, or pass --map phone="{column}"'
    assert fault.hint == (meant if is_phone else "name one phone, conversation or user_id")
