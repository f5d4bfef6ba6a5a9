"""Do-not-contact files."""

import re
from pathlib import Path

import pytest

from flowrunner.audience import read_exclusions
from flowrunner.model import USER_ID, Recipient
from support.audiences import ANA, LUIS, said

EXCLUDED = {
    "a list": (f"{ANA}\n\n 52 (55) 1234-5679\nc-1\n", "MX", [ANA, "+5215512345678", LUIS, "c-1"], ["c-2", "+346"]),
    "a header": (f"phone\n{ANA}\n", "", [ANA], [LUIS]),
    "more columns": (f"name;phone\nAna;{ANA}\nx;\n", "", [ANA], [LUIS]),
    "both": (f"phone,conversation\n{ANA},c-1\n,c-2\n", "", [ANA, "c-1", "c-2"], [LUIS]),
    "ids": ("7f1c6a1e-0f3a-4d52-9a55-1f6f3f3f9f10\n12345678-1234-1234-1234-123456789012\n", "",
            ["7f1c6a1e-0f3a-4d52-9a55-1f6f3f3f9f10", "12345678-1234-1234-1234-123456789012"], ["c"]),
    "user ids": ("US.1349\nMX.ENT.7\n", "", ["US.1349", "MX.ENT.7"], ["US.1", LUIS]),
    "one of three names": (f"user_id,phone,conversation\nUS.1,,\n,{ANA},\n,,c-1\n", "", ["US.1", ANA, "c-1"], ["c-2"]),
    "ids of their own": (f"user_id,phone\n1234,{ANA}\n", "", [ANA], ["1234"]),
    "nobody": ("", "", [], [ANA]),
}  # fmt: skip


@pytest.mark.parametrize(("content", "region", "inside", "outside"), EXCLUDED.values(), ids=EXCLUDED)
def test_whom_not_to_write_to_is_found_again(
    tmp_path: Path, content: str, region: str, inside: list[str], outside: list[str]
) -> None:
    """Phones however they are written, and conversations."""
    path = tmp_path / "no.txt"
    path.write_text(content)
    exclusions, found = read_exclusions(path, region=region)
    assert found == []
    assert exclusions is not None

    def who(text: str) -> Recipient:
        if re.fullmatch(USER_ID, text):
            return Recipient(user_id=text)
        return Recipient("", text) if text.startswith("+") else Recipient(text)

    assert [text for text in inside if who(text) not in exclusions] == []
    assert [text for text in outside if who(text) in exclusions] == []
    assert all(exclusions.line(who(text)) for text in inside)


NOT_EXCLUDED = {
    "no country": ("+525512345678\n5512345678\n", ["2:1 bad-recipient"]),
    "a word for the column": ("telephone\n+525512345678\n", ["1:1 bad-audience"]),
    "columns without a name": (f"{ANA},Ana\n", ["1:1 bad-audience"]),
    "a second cell": (f"{ANA}\n{LUIS},x\n", ["2:2 bad-audience"]),
    "a foreign byte": (f"name,phone\né,{ANA}é\n".encode("cp1252"), ["2:2 bad-recipient"]),
    "no user id": ("user_id\n1234\n", ["2:1 bad-recipient"]),
    "an open quote": (f'phone\n"{ANA}\n', ["2:1 bad-audience"]),
    "many": ("phone\n" + "+52\n" * 150, [*(f"{line}:1 bad-recipient" for line in range(2, 102)), "0:0 bad-recipient"]),
}


@pytest.mark.parametrize(("content", "places"), NOT_EXCLUDED.values(), ids=NOT_EXCLUDED)
def test_exclusions_that_cannot_be_understood_are_refused(
    tmp_path: Path, content: str | bytes, places: list[str]
) -> None:
    """The line that was not understood may be the one that counts."""
    path = tmp_path / "no.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    exclusions, found = read_exclusions(path)
    assert exclusions is None
    assert [said(each)[0] for each in found] == places
