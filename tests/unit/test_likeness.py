"""Whether a listed message is ours: in every form that an API may keep it, and told apart from every other."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flowrunner.dialects.kapso_v1 import is_same
from flowrunner.dialects.kapso_v1.answers import message
from flowrunner.dialects.texts import alike, canonical
from flowrunner.spec import MESSAGE_TYPES, check_message
from support.doubtful_messages import CASES, Body, Case
from support.strange_api import FORMS, StrangeApi


def stored(body: Body, **manners: Any) -> Any:
    """As another make of API lists it."""
    api = StrangeApi(**manners)
    return message(api.keep(json.loads(json.dumps(body)), api.now()))


def named(case: Case) -> str:
    return case.name


NEVER_RECOGNISED = {"cut", "cut with dots", "question marks", "nothing", "no emoji"}
"""Forms that lose something of these messages: ours may be in them, and so may others."""


@pytest.mark.parametrize("case", CASES, ids=named)
def test_the_messages_here_are_ones_that_can_be_sent(case: Case) -> None:
    """Nothing is told apart that the program would not send."""
    for body in (case.body, *case.another):
        assert not [each for each in check_message(body) if each.severity == "error"], body


def test_every_message_type_is_among_them() -> None:
    """A type of v1 that cannot be told apart cannot be looked up when it is in doubt."""
    assert {case.body.get("message_type", "text") for case in CASES} == set(MESSAGE_TYPES) - {"sticker", "read", "raw"}


@pytest.mark.parametrize("case", CASES, ids=named)
def test_ours_is_never_called_another_s_in_whatever_form_it_is_kept(case: Case) -> None:
    """To call it another's would be to send it a second time."""
    kept = {
        (form, rehosts): stored(case.body, form=form, rehosts=rehosts) for form in FORMS for rehosts in (True, False)
    }
    assert [how for how, theirs in kept.items() if is_same(case.body, theirs) == "no"] == []


HARMLESS = [form for form in FORMS if form not in NEVER_RECOGNISED]


@pytest.mark.parametrize("case", CASES, ids=named)
def test_ours_is_recognised_in_every_harmless_form(case: Case) -> None:
    """Rounded, as text, normalised, trimmed or escaped it is the same."""
    assert [form for form in HARMLESS if is_same(case.body, stored(case.body, form=form)) != "yes"] == []


ANOTHER = [(case, other) for case in CASES for other in case.another]


@pytest.mark.parametrize(("case", "other"), ANOTHER, ids=lambda each: each.name if isinstance(each, Case) else "")
def test_another_is_told_from_ours(case: Case, other: Body) -> None:
    """By whatever part of it the API lists: a name, a value, a button, a caption, the name of a file, a number."""
    assert [form for form in HARMLESS if is_same(case.body, stored(other, form=form)) != "no"] == []


@pytest.mark.parametrize("one", CASES, ids=named)
def test_messages_of_two_types_are_two_messages(one: Case) -> None:
    """A type that v1 does not have may stand for any."""
    for two in CASES:
        if one.body["message_type"] != two.body["message_type"]:
            assert is_same(one.body, stored(two.body)) == "no", two.name
            assert is_same(one.body, stored(two.body)._replace(message_type="unknown")) == "unclear", two.name
    assert is_same(one.body, stored(one.body)._replace(message_type="")) == "unclear"


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_record_that_shows_nothing_is_unclear(case: Case) -> None:
    """Neither found nor missing."""
    for data in ({}, {"message_type_data": None}, {"message_type_data": []}, {"message_type_data": "x"}):
        bare = stored(case.body)._replace(content="", data={"message_type": case.body["message_type"], **data})
        assert is_same(case.body, bare) == "unclear"


# Our text, a stored one, and whether it is the same.
TEXTS = [
    ("Hola Ana", "Hola Ana", "yes"),
    ("Hola  Ana\r\n", "Hola Ana", "yes"),
    ("Tom & Eva", "Tom &amp; Eva", "yes"),
    ("Tom &amp; Eva", "Tom & Eva", "yes"),
    ("a < b", "a &amp;lt; b", "yes"),
    ("a\nb", "a<br>b", "yes"),
    ("a\nb", "a\\nb", "yes"),
    ("José", "Jose\u0301", "yes"),
    ("№ 1", "No 1", "yes"),
    ("❤️", "❤", "yes"),
    ("a\u200bb", "ab", "yes"),
    ("a\u00a0b", "a b", "yes"),
    ("Hola Ana", "Hola", "unclear"),
    ("Hola Ana", "Hola…", "unclear"),
    ("Hola Ana", "Hola A...", "unclear"),
    ("Tom & Eva", "Tom &am", "unclear"),
    ("José Pérez", "Jose", "unclear"),
    ("José Pérez", "Jose Perez", "unclear"),
    ("Hola 👋 Ana", "Hola ? Ana", "unclear"),
    ("Hola 👋 Ana", "Hola Ana", "unclear"),
    ("Привет", "??????", "unclear"),
    ("Hola Ana", "Agent Bea:\nHola Ana", "unclear"),
    ("𝐇𝐨𝐥𝐚 Ana", "Ana", "unclear"),
    ("té más 1", "t ms 1", "unclear"),
    ("té más 1", "t más 1", "unclear"),
    ("uno <b> y dos", "uno y dos", "unclear"),
    ('di "sí"', "di “sí”", "unclear"),
    ("Hola 😀 Ana", "Hola :grinning: Ana", "unclear"),
    ("té más 1", "t ms 2", "no"),
    ("👍", "👎", "no"),
    ("Hola Ana", "hola ana", "no"),
    ("Hola Ana", "Hola Ana!", "no"),
    ("Hola Ana", "Hola Eva", "no"),
    ("Hola Ana", "Hola Ana ... adiós", "no"),
    ("¿Sí?", "¿No?", "no"),
    ("Hola", "Adiós?", "no"),
    ("", "x", "no"),
    ("Hola", "", ""),
    ("Hola", None, ""),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), TEXTS)
def test_a_text_is_compared_in_all_of_its_forms(ours: str, theirs: Any, expected: str) -> None:
    """Cut, or with signs lost, it may be ours; with another word it is not."""
    assert alike(ours, theirs) == expected


PLACES = [
    ((19.4326081, -99.1332049), (19.432608, -99.133205), "yes"),
    ((19.4326081, -99.1332049), ("19.4326081", "-99.1332049"), "yes"),
    ((19.4326081, -99.1332049), ("19,4326081", "-99,1332049"), "yes"),
    ((19.4326081, -99.1332049), (19.432607650756836, -99.13320159912109), "yes"),  # single precision
    ((37.7749, -122.4194), (37.774902, -122.419403), "yes"),  # single precision, six decimals
    ((19.4326081, -99.1332049), (19.4326, -99.1332), "yes"),
    ((19.4326081, -99.1332049), (19.43, -99.13), "unclear"),
    ((19.4326081, -99.1332049), (19, -99), "unclear"),
    ((19.4326081, -99.1332049), (19.4, -99.2), "unclear"),
    ((19.4326081, -99.1332049), (19.4326081, None), "unclear"),
    ((19.4326081, -99.1332049), ("here", "there"), "unclear"),
    ((19.4326081, -99.1332049), ("nan", "nan"), "unclear"),
    ((19.4326081, -99.1332049), (19.4326081, -99.1342049), "no"),
    ((19.4326081, -99.1332049), (-99.1332049, 19.4326081), "no"),
    ((0.0, 0.0), (0, 0), "yes"),
    ((0.00001, 5.0), (1e-05, 5), "yes"),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), PLACES)
def test_a_place_is_compared_by_as_many_decimals_as_are_shown(ours: Any, theirs: Any, expected: str) -> None:
    """Rounded, cut, as text or in single precision it is the same place."""
    body = {"message_type": "location", "latitude": ours[0], "longitude": ours[1]}
    data = {"message_type_data": {"latitude": theirs[0], "longitude": theirs[1]}}
    assert is_same(body, stored(body)._replace(content="", data=data)) == expected


PARAMS: list[tuple[Any, Any, str]] = [
    (["a", "b"], ["a", "b"], "yes"),
    (["a", "b"], ["a", "c"], "no"),
    (["a", "b"], ["b", "a"], "no"),
    (["a", "b"], [], "unclear"),
    (["a", "b"], None, "unclear"),
    (None, ["a"], "unclear"),
    (None, [], "yes"),
    ({"x": "a", "y": "b"}, {"y": "b", "x": "a"}, "yes"),
    ({"x": "a", "y": "b"}, {"y": "b", "x": "c"}, "no"),
    ({"x": "a", "y": "b"}, ["b", "a"], "yes"),
    ({"header": {"x": "a"}, "body": {"y": "b"}}, {"body": {"y": "b"}, "header": {"x": "a"}}, "yes"),
    ({"header": {"x": "a"}, "body": {"y": "b"}}, {"body": {"y": "b"}}, "unclear"),
    (["a"], '["a"]', "unclear"),
]


@pytest.mark.parametrize(("ours", "theirs", "expected"), PARAMS)
def test_a_template_s_values_are_compared_by_place_or_name(ours: Any, theirs: Any, expected: str) -> None:
    """A database may put names in another order, or keep none of them."""
    body: dict[str, Any] = {"message_type": "template", "template_name": "t", "template_language": "es"}
    shown = {**body, "template_params": theirs}
    ours_too = body if ours is None else {**body, "template_params": ours}
    assert is_same(ours_too, stored(body)._replace(content="", data={"message_type_data": shown})) == expected


@given(st.text(), st.sampled_from(list(FORMS)))
@example("\x80\r¡", "question marks")  # a sign that shows nothing is a question mark, too
@example("a \u200b b", "question marks")
@example("\N{MATHEMATICAL FRAKTUR CAPITAL J}0", "no emoji")  # a letter that is no letter to a database of few signs
def test_no_text_in_any_form_is_called_another(text: str, form: str) -> None:
    """Whatever it consists of."""
    kept = FORMS[form](text)
    if canonical(text):
        assert alike(text, kept) != "no"
