"""The simple expressions mean what they mean to Jinja."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrunner.expressions import ExpressionError, expression
from flowrunner.expressions.compiled import Expression
from flowrunner.expressions.simple import recognised

VALUES: dict[str, Any] = {
    "name": "Ana", "n": 3, "zero": 0, "big": 2**70, "huge": 2**600, "yes": True, "no": False, "nothing": None,
    "f": 1.5, "items": [1, 2], "order": {"number": "0123", "items": 4, "deep": {"er": "x"}}, "long": "y" * 30_000,
    "empty": "", "html": "<b>&'\"", "emoji": "👋🏽", "braces": "{{ n }}",
    "sharp": "straße ǆ ŉ", "spaces": " \u00a0\u200b x\t\n",
}  # fmt: skip

TEXTS = [
    "{{ name }}", "Hi {{name}}!", "{{ name }}{{ n }}", " {{ items }} ", "{{ order.number }}", "{{ order.items }}",
    "{{ order.deep.er }}", "{{ order.nope }}", "{{ nope }}", "{{ name.upper }}", "{{ yes }} {{ no }}", "{{ nothing }}",
    "{{ f }}", "{{ big }}", "{{ huge }}", "{{ long }}", "{{ empty }}", "{{ html }}", "{{ emoji }}", "{{ braces }}",
    "{ {{ name }} }", "{{{ name }}}", "{{ name }}}", "}} {{ name }}", "{{ name }} {%", "{{ name }} {# c #}",
    "{{\nname\n}}",
    "{{ name | upper }}", "{{ name|lower | capitalize }}", "{{ n | upper }}", "{{ emoji | trim }}",
    "{{ nope | upper }}",
    "{{ name | uper }}", "{{ name | upper() }}", "{{ name | title }}", "{{ long | upper }}", "{{ sharp | upper }}",
    "{{ name | upper.x }}", "{{ items | upper }}", "{{ yes | upper }}", "{{ name | trim | }}", "{{ spaces | trim }}",
    "{{ true }}", "{{ loop }}", "{{ self }}", "{{ none }}", "{{ range }}", "{{ _ }}", "{{ name -}}  x", "{{- name }}",
    "a\n{{ name }}\n", "{{ name }}\n", "\n{{ name }}", "{{ name }}\r\n", "{{ name | upper }}", "{{ 'x' }}", "{{ ñ }}",
    "{% raw %}{{ name }}{% endraw %}", "{{ name }} {{ 1 + }}", "# {{ name }}", "{{ name }}{", "{{{{ name }}", "{{ a.b",
]  # fmt: skip
CONDITIONS = [
    'name == "Ana"', "name == 'Ana'", "name != 'Ana'", "n == 3", "n == 03", "n != 4", "yes", "not yes", "not name",
    "name",
    "no == false", "yes == true", "n == true", "zero == false", "order.number == '0123'", "order.nope == 'x'", "nope",
    "nope == 1", "true", "not true", "nothing == 'x'", "f == 1", "items == 'x'", "name == \"A'na\"",
    "name == 'A\\na'",
    "not name == 'Ana'", "  name == 'Ana'  ", "name=='Ana'", "name = 'Ana'", "name == Ana", "is", "notname", "n == 1.5",
]  # fmt: skip


def outcome(each: Any, whole: bool) -> Any:
    """What comes of it, in a form that can be compared."""
    if each.faults:
        return [(fault.code, fault.offset) for fault in each.faults]
    try:
        return each.evaluate(VALUES) if whole else each.render(VALUES)
    except ExpressionError as error:
        return error.code, error.message, error.hint, error.offset, error.length


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_shows_what_jinja_shows(text: str) -> None:
    """Whether it is recognised or not: the same text, the same error, the same names at the same places."""
    here, there = expression(text), Expression(text)
    assert outcome(here, whole=False) == outcome(there, whole=False)
    assert (here.literal, here.is_whole, here.is_constant) == (there.literal, there.is_whole, there.is_constant)
    assert [(use.name, use.offset) for use in here.uses] == [(use.name, use.offset) for use in there.uses]
    if here.is_whole and not here.faults:
        assert outcome(here, whole=True) == outcome(there, whole=True)


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_gives_what_jinja_gives(text: str) -> None:
    """The same value and type, or the same error."""
    here, there = expression(text, bare=True), Expression(text, bare=True)
    assert repr(outcome(here, whole=True)) == repr(outcome(there, whole=True))
    assert [(use.name, use.offset) for use in here.uses] == [(use.name, use.offset) for use in there.uses]


def test_the_usual_ones_are_recognised() -> None:
    """Else this file would compare Jinja with itself."""
    for text in ("{{ name }}", "Hi {{ name }}, {{ order.number }}!", "{{ name | upper | trim }}"):
        assert recognised(text, bare=False) is not None
    for text in ("plan == 'pro'", "not subscribed", "order.paid"):
        assert recognised(text, bare=True) is not None


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{", "}", " ", "\n", "name", "order", ".", "number", "a", "%", "#", "-", "|", "upper", "trim"]
        )
    )
)
def test_any_mixture_of_signs_means_the_same(parts: list[str]) -> None:
    """Braces in every order."""
    text = "".join(parts)
    assert outcome(expression(text), whole=False) == outcome(Expression(text), whole=False)
