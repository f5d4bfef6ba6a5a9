"""Two texts side by side: every character is in one of the pieces, and the pieces are whole words."""

import random
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.diff.values import Span
from flowrunner.diff.words import spans, words

TOKENS = [
    ("Hi Ana, welcome!", ["Hi", " ", "Ana", ",", " ", "welcome", "!"]),
    ("one\n\n  two", ["one", "\n", "\n", "  ", "two"]),
    ("mañana 24.50 €", ["mañana", " ", "24", ".", "50", " ", "€"]),
    ("cafe\u0301 ole\u0301", ["cafe\u0301", " ", "ole\u0301"]),
    (" \u0301a", [" \u0301", "a"]),
    ("👍🏽👨‍👩‍👧❤️1️⃣", ["👍🏽", "👨‍👩‍👧", "❤️", "1️⃣"]),
    ("🇲🇽 🇪🇸", ["🇲🇽", " ", "🇪🇸"]),
    ("欢迎 使用", ["欢", "迎", " ", "使", "用"]),
    ("カフェ", ["カ", "フ", "ェ"]),
    ("한국어 नमस्ते", ["한국어", " ", "नमस्ते"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "parts"), TOKENS)
def test_text_is_parted_where_a_reader_would_part_it(text: str, parts: list[str]) -> None:
    """Words, signs and spaces; nothing that is seen as one character is torn."""
    assert words(text) == parts


@settings(deadline=None)
@given(st.text())
def test_the_parts_are_the_text(text: str) -> None:
    """Nothing is lost, whatever it holds."""
    assert "".join(words(text)) == text


CASES = [
    ("Hi Ana", "Hi Ana", "Hi Ana"),
    ("Hi Ana", "Hi Luis", "Hi [-Ana-]{+Luis+}"),
    ("Hi Ana, bye", "Hi dear Ana, bye", "Hi {+dear +}Ana, bye"),
    ("one two three", "four five six", "[-one two three-]{+four five six+}"),
    ("a b c d", "a x y d", "a [-b c-]{+x y+} d"),
    ("line one\nline two", "line one\nline 2", "line one\nline [-two-]{+2+}"),
    ("a b", "a\nb", "a[- -]{+\n+}b"),
    ("", "new", "{+new+}"),
    ("old", "", "[-old-]"),
    ("欢迎使用", "欢迎试用", "欢迎[-使-]{+试+}用"),
    ("👨‍👩‍👧 hi", "👨‍👩‍👦 hi", "[-👨‍👩‍👧-]{+👨‍👩‍👦+} hi"),
]


@pytest.mark.parametrize(("old", "new", "marked"), CASES)
def test_the_words_that_differ_are_marked(old: str, new: str, marked: str) -> None:
    """As git marks them."""
    signs = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    assert "".join(signs[span.kind].format(span.text) for span in spans(old, new)) == marked


TEXTS = st.text(st.sampled_from("ab \n*é👍\u0301\u200d中"), max_size=30)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_old_and_new_can_be_read_from_the_pieces(old: str, new: str) -> None:
    """What is not added is the old text, what is not removed the new one; neighbours are of different kinds."""
    found = spans(old, new)
    assert "".join(span.text for span in found if span.kind != "added") == old
    assert "".join(span.text for span in found if span.kind != "removed") == new
    assert all(span.text for span in found)
    assert all(one.kind != other.kind for one, other in pairwise(found))


def test_equal_texts_are_one_piece() -> None:
    """A text beside itself."""
    assert [tuple(span) for span in spans("Hola *Ana* 👋", "Hola *Ana* 👋")] == [("same", "Hola *Ana* 👋")]


def test_where_too_many_words_differ_lines_are_compared() -> None:
    """What stays in both is still seen, and beyond any likeness the old text stands before the new one."""
    old = [f"old words of line {number} stand here" for number in range(100)]
    new = [each.replace("old", "new").replace("stand", "lie") for each in old]
    found = spans("\n".join(["first line", *old, "last line"]), "\n".join(["first line", *new, "last line"]))
    assert (found[0], found[-1]) == (Span("same", "first line\n"), Span("same", "\nlast line"))
    assert [span.kind for span in spans("\n".join(old * 4), "\n".join(new * 4))] == ["removed", "added"]


def test_no_text_takes_long() -> None:
    """4,096 characters of any kind, at most a fraction of a second of this process's time."""
    chance = random.Random(7)  # noqa: S311  # nothing is kept secret by it
    vocabulary = ["the", "order", "is", "on", "its", "way", "now", ","]
    prose = [" ".join(chance.choice(vocabulary) for _ in range(1000))[:4096] for _ in range(2)]
    ideographs = ["".join(chr(0x4E00 + chance.randrange(40)) for _ in range(4096)) for _ in range(2)]
    lines = ["\n".join(chance.choice("ab") for _ in range(2048)) for _ in range(2)]
    begun = time.process_time()
    for old, new in (prose, ideographs, lines, ("a " * 2048, "b a " * 1024), ("." * 4096, "." * 4095)):
        spans(old, new)
    assert time.process_time() - begun < 3
