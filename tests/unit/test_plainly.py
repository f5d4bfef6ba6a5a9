"""What people write is compared as a person would: in any script, without what says nothing."""

import pytest

from flowrunner.spec.plainly import plainly, says

SAME = [
    ("stop", "STOP"), ("stop", "*STOP*"), ("stop", "```stop```"), ("stop", "\U0001f6d1 STOP \U0001f6d1"),
    ("stop", "ＳＴＯＰ"), ("stop", "𝐒𝐓𝐎𝐏"), ("stop", "\u200eSTOP\u200b"), ("stop", "„stop“"), ("stop", "‹stop›"),
    ("stop", "[stop]"), ("stop", "— stop —"), ("stop", "stop ;-)"), ("stop", "stop。"), ("stop", "؟stop"),
    ("stop", "stop،"), ("baja", "¡BAJA!"), ("no más", "NO  MAS"), ("стоп", "СТОП!"), ("всё", "все"),
    ("τέλος", "ΤΕΛΟΣ"), ("çıkış", "ÇIKIŞ"), ("çıkış", "cikis"), ("iptal", "İPTAL"), ("łódź", "LODZ"), ("søk", "sok"),
    ("đăng ký", "DANG KY"), ("cœur", "coeur"), ("stoß", "STOSS"), ("إيقاف", "ايقاف"), ("إيقاف", "إِيقَاف"),
    ("إيقاف", "إيقـــاف"), ("توقف", "\u202bتوقف؟\u202c"), ("نہیں", "نہیں۔"), ("הסר", "הָסֵר"), ("הסר", "״הסר״"),
    ("बंद", "बंद।"), ("क़लम", "कलम"), ("หยุด", "หยุด!!"), ("退订", "【退订】"), ("退订", "「退订」"),
    ("停止", "停止！"), ("ストップ", "ｽﾄｯﾌﾟ"), ("그만", "그만!"), ("1", "1\ufe0f\u20e3"), ("✋", "✋\U0001f3fd"),
]  # fmt: skip
OTHER = [
    ("9:30", "9 30"), ("1,5", "1 5"), ("A", "A-"), ("A+", "A-"), ("C", "C++"), ("C", "C#"), ("5", "-5"), ("5", "5%"),
    ("หยุด", "หยด"), ("ดี", "ดู"), ("มา", "ม้า"),  # vowels and tones of Thai are marks
    ("रोको", "रोकें"), ("की", "को"), ("बंद", "बद"), ("はい", "ばい"), ("かき", "がき"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_person_would_call_the_same_is(one: str, other: str) -> None:
    """Case, accents, points, width, signs at the ends and what is not seen change nothing."""
    assert plainly(one) == plainly(other) != ""
    assert says(other, one)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_is_another_word_stays_one(one: str, other: str) -> None:
    """Signs that say something, and marks that are no accents."""
    assert plainly(one) != plainly(other)


WITHIN = [
    ("退订", "请帮我退订谢谢", True), ("停止", "もう停止してください", True), ("หยุด", "ขอหยุดรับข้อความ", True),
    ("停", "不停", False), ("बंद", "मैसेज बंद करो", True), ("रोक", "रोकें", False), ("çıkış", "LÜTFEN ÇIKIŞ", True),
    ("توقف", "من فضلك توقف عن الإرسال", True), ("opt out", "I want to opt-out!", True), ("stop", "nonstop", False),
    ("그만", "그만 보내세요", True), ("\U0001f6d1", "no\U0001f6d1no", True),
]  # fmt: skip


@pytest.mark.parametrize(("words", "text", "wanted"), WITHIN)
def test_a_word_is_heard_in_a_sentence(words: str, text: str, wanted: bool) -> None:
    """Whole; where a script writes no words apart, two signs and more are heard anywhere."""
    assert says(text, words) is wanted
