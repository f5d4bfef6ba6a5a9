"""What a test asks of a value: each predicate, and what is said of what does not hold."""

from datetime import date, time
from typing import Any

import pytest

from flowrunner.source import plain
from flowrunner.testing.comparing import differing
from support.played import check

BODY = {
    "message_type": "interactive", "body_text": "Hi Ana, your number is 12.",
    "buttons": [{"id": "a", "title": "Yes"}, {"id": "b", "title": "No"}],
}  # fmt: skip
VALUES = {
    "people": {"value": 12, "text": "12", "answered": True}, "day": date(2026, 3, 12), "at": time(9, 0),
    "share": 0.5, "nothing": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("route", "kind", "wanted", "said"),
    [
        (("text",), "equals", "Hi Ana, your number is 12.", ""),
        (("text",), "equals", "Hi Ana", "text is otherwise"),
        (("text",), "contains", "Ana", ""),
        (("text",), "contains", "ana", '"ana" is not in text'),
        (("text",), "starts", "Hi", ""),
        (("text",), "starts", "Ho", 'text does not start with "Ho"'),
        (("text",), "matches", r"\d+\.$", ""),
        (("text",), "matches", "^A", "text does not match ^A"),
        (("text",), "one_of", ["Ho", "Hi Ana, your number is 12."], ""),
        (("text",), "one_of", ["Ho", "Hi"], "text is none of Ho or Hi"),
        (("text",), "length", 26, ""),
        (("text",), "length", 25, "text has a length of 26, not 25"),
        (("text",), "exists", True, ""),
        (("caption",), "exists", False, ""),
        (("caption",), "exists", True, "there is no caption"),
        (("text",), "exists", False, "there is a text"),
        (("caption",), "contains", "x", "there is no caption"),
        (("buttons",), "length", 2, ""),
        (("buttons",), "length", 3, "buttons has a length of 2, not 3"),
        (("buttons", 0, "title"), "equals", "Yes", ""),
        (("buttons", 1, "title"), "equals", "Yes", "buttons[1].title is otherwise"),
        (("buttons", 2, "title"), "equals", "Yes", "there is no buttons[2].title"),
    ],
)
def test_a_message_is_held_against_each_predicate(route: tuple[Any, ...], kind: str, wanted: Any, said: str) -> None:
    found = differing(check(route, wanted, kind), BODY)
    assert (found.says if found is not None else "") == said


@pytest.mark.parametrize(
    ("route", "kind", "wanted", "holds"),
    [
        (("people", "value"), "equals", plain("12"), True),
        (("people", "text"), "equals", plain("12"), True),
        (("people", "text"), "equals", "12", True),
        (("people", "value"), "equals", "12", False),  # who writes quotes wants a text
        (("people", "value"), "equals", plain("12.0"), True),
        (("people", "answered"), "equals", plain("true"), True),
        (("people", "answered"), "equals", plain("1"), False),
        (("people", "value"), "min", plain("12"), True),
        (("people", "value"), "min", plain("13"), False),
        (("people", "value"), "max", plain("12"), True),
        (("people", "text"), "max", plain("12"), False),
        (("share",), "equals", plain("0.5"), True),
        (("day",), "equals", plain("2026-03-12"), True),
        (("at",), "equals", plain("09:00"), True),
        (("nothing",), "exists", False, True),
        (("nothing",), "equals", plain("null"), True),
        (("nobody", "value"), "equals", plain("12"), False),
    ],
)
def test_a_value_is_what_was_typed_or_what_that_stands_for(
    route: tuple[Any, ...], kind: str, wanted: Any, holds: bool
) -> None:
    assert (differing(check(route, wanted, kind), VALUES) is None) is holds


def test_texts_can_be_held_against_each_other_word_by_word() -> None:
    found = differing(check(("text",), "Hi Eva"), BODY)
    assert found is not None
    assert (found.expected, found.got) == ("Hi Eva", BODY["body_text"])


@pytest.mark.parametrize(
    ("pattern", "holds"), [(r"(A+)+n!", False), (r"\p{Lu}na", True), (r"(?i)ANA", True), ("a)(b", False)]
)
def test_a_pattern_is_read_as_in_a_flow_and_takes_no_longer(pattern: str, holds: bool) -> None:
    """Python's own would never come back from the first, and does not know the second."""
    body = {"content": f"{'A' * 5_000}na"}
    assert (differing(check(("text",), pattern, "matches"), body) is None) is holds
