"""Phone numbers, who was met before, and clocks."""

import random
from datetime import datetime
from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowrunner.audience import Known
from flowrunner.model import Recipient
from flowrunner.phones.numbers import Phones, Refused
from flowrunner.phones.spellings import all_spellings, identity, is_same_phone, spellings
from flowrunner.phones.zones import zone_of
from support.slices import some

UNSEEN = [
    0x00AD, 0x034F, 0x061C, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202C, 0x202E, 0x2060, 0x2063,
    0x2066, 0x2068, 0x2069, 0x3164, 0xFE0D, 0xFE0F, 0xFEFF, 0xFFFC,
]  # fmt: skip
"""Marks that come with a number copied from a phone, a browser or a PDF."""
GOOD = [
    ("", "+525512345678", "+525512345678"),
    ("", " +52 (55) 1234-5678 ", "+525512345678"),
    ("", "+52\u00a055\u202f1234\u20115678", "+525512345678"),
    ("", "\u202a+34 612 345 678\u202c", "+34612345678"),
    ("", "+44 (0)7911 123456", "+447911123456"),
    ("", "0034612345678", "+34612345678"),
    ("", "+5215512345678", "+5215512345678"),
    ("", "+52 1 55 1234 5678", "+5215512345678"),
    ("", "+556181234567", "+556181234567"),
    ("", "+5491123456789", "+5491123456789"),
    ("", "+٥٢٥٥١٢٣٤٥٦٧٨", "+525512345678"),
    ("", "＋525512345678", "+525512345678"),
    ("", "+52－55－1234－5678", "+525512345678"),
    ("", "+52−5512345678", "+525512345678"),
    *(("", f"+5255{chr(mark)}12345678", "+525512345678") for mark in UNSEEN),
    *(("", f"{chr(mark)}+525512345678{chr(mark)}", "+525512345678") for mark in UNSEEN),
    ("MX", "55 1234 5678", "+525512345678"),
    ("MX", "525512345678", "+525512345678"),
    ("MX", "5215512345678", "+5215512345678"),
    ("mx", "5512345678", "+525512345678"),
    ("ES", "612 34 56 78", "+34612345678"),
    ("GB", "07911 123456", "+447911123456"),
    ("MX", "+34612345678", "+34612345678"),
    ("US", "(212) 555-1234", "+12125551234"),
    ("US", "1-212-555-1234", "+12125551234"),
    ("US", "011 34 612345678", "+34612345678"),
    ("", "'+525512345678", "+525512345678"),
    ("MX", "’5512345678", "+525512345678"),
    ("", '"+525512345678"', "+525512345678"),
    ("", '="+525512345678"', "+525512345678"),
    ("MX", '="5512345678"', "+525512345678"),
    ("", "p:+525512345678", "+525512345678"),
    ("", "\u200ep:+525512345678", "+525512345678"),
    ("", "'p:+525512345678", "+525512345678"),
    ("MX", "p:5512345678", "+525512345678"),
    ("", "whatsapp:+5215512345678", "+5215512345678"),
    ("", "tel:+52-55-1234-5678", "+525512345678"),
    ("", "TEL://+525512345678", "+525512345678"),
    ("", "Tel: +52 55 1234 5678", "+525512345678"),
    ("", "tel:0034612345678", "+34612345678"),
    ("", "https://wa.me/525512345678", "+525512345678"),
    ("", "wa.me/+525512345678", "+525512345678"),
    ("", "525512345678@s.whatsapp.net", "+525512345678"),
    ("ES", "5215512345678@c.us", "+5215512345678"),
]
BAD = [
    ("", "p:5512345678", "5512345678 has no country code", "--region"),
    ("", "'5.21551E+12", "rounded", "as text"),
    ("", "=+525512345678", "= in", "write +525512345678"),
    ("", '="+52551"&"2345678"', "= in", ""),
    ("", "tel:+525512345678;ext=3", "; in", "one cell holds one number"),
    ("", "tel:call me", "call me is not a phone number", ""),
    ("", "https://wa.me/message/ABC1", "h in", "one cell holds one number"),
    ("", "5512345678", "no country code", "--region"),
    ("", "5215512345678", "no country code", "did you mean +5215512345678?"),
    ("", "+52 55 123", "too short in +52", ""),
    ("", "+5255123456789012", "too long in +52", ""),
    ("", "+999123456789", "does not begin with a country code", ""),
    ("", "+52 00 0000 0000", "not in use in +52", ""),
    ("MX", "123", "too short in +52", ""),
    ("", " US.13491208655302741918", "is a user id of WhatsApp, not a phone number", "call the column user_id"),
    ("", "5.21551E+12", "rounded", "as text"),
    ("", "5,21551E+12", "rounded", "as text"),
    ("MX", "5512345678.0", "decimals", "as text"),
    ("", "call me", "call me is not a phone number", ""),
    ("", "+", "not a phone number", ""),
    ("", "+1 800 FLOWERS 7", "F in", ""),
    ("", "+525512345678 x12", "x in", ""),
    ("", "+525512345678+525512345679", "+ in", ""),
    ("", "+52551234_5678", "_ in", "write +525512345678"),
    ("", "+52551234•5678", "• (U+2022) in", "write +525512345678"),
    ("", "+52551234\u20635678\u0007", "U+0007 in +52551234<U+2063>5678<U+0007>", "write +525512345678"),
    ("", "+525512345678,+525512345679", ", in", ""),
    ("", "", "no number is given", "write +"),
    ("", " \u200b ", "no number is given", "write +"),
    ("", "+5,25512E+12", "rounded", "as text"),
    ("", "+525512345678 (WhatsApp)", "W in", "write +525512345678"),
    ("MX", "cel. 55 1234 5678", "c in", "write +525512345678"),
    ("", "cel. 55 1234 5678", "c in", "one cell holds one number"),
    ("", "+52 55 1234 567l", "l in", "one cell holds one number"),
    ("", "+525512345678 ext. 3", "e in", "one cell holds one number"),
]


@pytest.mark.parametrize(("region", "typed", "phone"), GOOD)
def test_a_number_is_read_however_it_is_written(region: str, typed: str, phone: str) -> None:
    """The first time and, by the shorter way, the second."""
    phones = Phones(region)
    assert phones.read(typed) == phone
    assert phones.read(typed) == phone
    assert phones.read(phone) == phone


@pytest.mark.parametrize(("region", "typed", "message", "hint"), BAD)
def test_what_is_no_number_is_refused_with_a_reason(region: str, typed: str, message: str, hint: str) -> None:
    """Nobody is written to by guess."""
    refused = Phones(region).read(typed)
    assert isinstance(refused, Refused)
    assert message in refused.message
    assert hint in refused.hint
    assert refused.hint


def reference(number: str) -> str:
    """What Google's library makes of a number in international form; empty when it is not valid."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, 0) if phonenumbers.is_valid_number(parsed) else ""


def test_the_short_way_agrees_with_the_library_in_every_country() -> None:
    """Examples of every kind, and the same with a digit changed, added or taken away."""
    chance = random.Random(5)  # noqa: S311  # chance, not secrets
    phones = Phones()
    numbers = []
    for region in sorted(phonenumbers.SUPPORTED_REGIONS):
        for kind in phonenumbers.PhoneNumberType.values():
            example = phonenumbers.example_number_for_type(region, kind)
            if example is not None:
                number = phonenumbers.format_number(example, 0)
                at = chance.randrange(2, len(number))
                digit = str(chance.randrange(10))
                numbers += [number, number[:at] + digit + number[at + 1 :], number[:at] + digit + number[at:]]
                numbers.append(number[:at] + number[at + 1 :])
    for number in numbers:
        said = phones.read(number)
        old = number.startswith(("+521", "+55")) and said == number
        assert (said if isinstance(said, str) else "") == reference(number) or old, number


SAME = [
    ("+5215512345678", "+525512345678", True),
    ("+5561981234567", "+556181234567", True),
    ("+5511987654321", "+551187654321", True),
    ("+551123456789", "+5511923456789", False),
    ("+525512345678", "+525512345679", False),
    ("+14155552671", "+4155552671", False),
    ("+5491123456789", "+541123456789", True),
    ("+54111523456789", "+5491123456789", True),
    ("+54351152345678", "+543512345678", True),
    ("+54290115412345", "+5492901412345", True),
    ("+5491123456789", "+541123456780", False),
    ("+553137654321", "+5531937654321", False),
    ("+5531987654321", "+553187654321", True),
    ("+5215512345678", "+5515512345678", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_two_spellings_of_a_phone_are_one_identity(one: str, other: str, same: bool) -> None:
    """What Mexico and Brazil changed in their numbers makes nobody two people."""
    assert (identity(one) == identity(other)) is same
    assert is_same_phone(one, other) is same
    assert is_same_phone(other.removeprefix("+"), one) is same
    assert (other in all_spellings(one)) is (one in all_spellings(other)) is same


@pytest.mark.parametrize(("one", "other"), [("", ""), ("", "+525512345678"), ("Ana", "Ana"), ("+", "+")])
def test_a_blank_phone_is_nobodys(one: str, other: str) -> None:
    """Two people without a number are not one."""
    assert not is_same_phone(one, other)


@settings(max_examples=some(500), deadline=None)
@example("+5435115000000")  # a digit too few for a number with a 15
@given(
    st.sampled_from(["+52", "+521", "+55", "+54", "+549", "+5411", "+54351", "+1", "+34"]).flatmap(
        lambda head: st.text("0123456789", min_size=6, max_size=13).map(lambda tail: (head + tail)[:16])
    )
)
def test_all_spellings_of_a_phone_are_one_person_and_of_each_other(phone: str) -> None:
    """At most four, the given one first, no two alike, whatever the number."""
    found = all_spellings(phone)
    assert found[0] == phone
    assert len(set(found)) == len(found) <= 4
    assert {identity(each) for each in found} == {identity(phone)}
    assert set(spellings(phone)) <= set(found)
    assert all(set(all_spellings(each)) == set(found) for each in found)


recipients = st.one_of(
    st.integers(10**6, 10**15 - 1).map(lambda number: Recipient("", f"+{number}")),
    st.text(min_size=1, max_size=3).map(Recipient),
    st.builds(
        Recipient,
        st.sampled_from(["", "a", "b", "user a"]),
        st.sampled_from(["", "+5215512345678", "+525512345678", "+34612345678"]),
        st.sampled_from(["", "a", "US.1", "US.2"]),
    ),
)


@settings(max_examples=some(200), deadline=None)
@given(st.lists(recipients, max_size=60))
def test_known_is_a_dictionary_of_first_lines(people: list[Recipient]) -> None:
    """Against the plain dictionary it stands for: of each name, and of all names of a recipient together."""
    known = Known()
    model: dict[Any, int] = {}
    for line, recipient in enumerate(people, 1):
        conversation, phone, user_id = recipient
        keys = [*filter(None, [phone and identity(phone), conversation, user_id and f"user {user_id}"])]
        found = {model[key] for key in keys if key in model}
        assert [*known.add(line, recipient)] == (sorted(found) or [0])
        for key in keys:
            model.setdefault(key, min(found, default=line))
        assert known.line(recipient) == min((model[key] for key in keys), default=0)
        assert (recipient in known) is bool(keys)
    assert known.kinds == {kind for each in people for kind, name in each._asdict().items() if name}


def test_a_key_inside_two_others_is_not_found() -> None:
    """The bytes of a key may stand by chance across the border of two kept ones."""
    known = Known()
    # Same bucket (the lowest 16 bits are 0), and the line 0x0001_0000 makes zeros follow.
    numbers = [(index << 16) for index in range(16, 4000)]
    for number in numbers:
        assert [*known.add(65536, Recipient("", f"+{number}"))] == [0]
    assert Recipient("", f"+{5000 << 16}") not in known
    assert all(Recipient("", f"+{number}") in known for number in numbers)


ZONES = [
    ("+525512345678", "America/Tijuana", "America/Tijuana"),
    ("+525512345678", "", None),
    ("+5215512345678", "", None),
    ("+573001234567", "", "America/Bogota"),
    ("+447911123456", "", "Europe/London"),
    ("+491512345678", "", "Europe/Berlin"),
    ("+18765551234", "", "America/Jamaica"),
    ("+12125551234", "", None),
    ("+573001234567", "Bogota", None),
    ("+573001234567", "../etc/passwd", None),
    ("+573001234567", "America", None),
    ("", "", None),
    ("", "Europe/Madrid", "Europe/Madrid"),
]


@pytest.mark.parametrize(("phone", "named", "zone"), ZONES)
def test_a_recipient_lives_by_one_clock_or_none(phone: str, named: str, zone: str | None) -> None:
    """What the row says, else the only clock of the phone's country."""
    found = zone_of(Recipient("c" if not phone else "", phone), named)
    if zone is None:
        assert found is None
    else:
        assert found is not None
        moment = datetime(2026, 7, 1, 12, tzinfo=found)
        expected = zone_of(Recipient("c"), zone)
        assert moment.utcoffset() == moment.astimezone(expected).utcoffset()
