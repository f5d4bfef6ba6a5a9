"""Expressions mean what they mean to Jinja by itself, or are refused."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrunner.expressions import ExpressionError, Names, expression
from support import plain_jinja
from support.simple_values import RECIPIENT_VALUES, SIMPLE, SIMPLE_TEXTS
from support.slices import some

VALUES: dict[str, Any] = {
    "name": "Ana", "n": 3, "zero": 0, "big": 2**70, "huge": 2**600, "yes": True, "no": False, "nothing": None,
    "f": 1.5, "items": [1, 2], "order": {"number": "0123", "items": 4, "deep": {"er": "x"}}, "long": "y" * 30_000,
    "empty": "", "html": "<b>&'\"", "emoji": "👋🏽", "braces": "{{ n }}",
    "sharp": "straße ǆ ŉ", "spaces": " \u00a0\u200b x\t\n",
}  # fmt: skip

TEXTS = [
    "{{ name }}", "Hi {{name}}!", "{{ name }}{{ n }}", " {{ items }} ", "{{ order.number }}", "{{ order.items }}",
    "{{ order.deep.er }}", "{{ order.nope }}", "{{ nope }}", "{{ name.upper }}", "{{ yes }} {{ no }}", "{{ nothing }}",
    "{{ f }}", "{{ big }}", "{{ long }}", "{{ empty }}", "{{ html }}", "{{ emoji }}", "{{ braces }}",
    "{ {{ name }} }", "{{{ name }}}", "{{ name }}}", "}} {{ name }}", "{{ name }} {%", "{{ name }} {# c #}",
    "{{\nname\n}}",
    "{{ name | upper }}", "{{ name|lower | capitalize }}", "{{ n | upper }}", "{{ emoji | trim }}",
    "{{ nope | upper }}",
    "{{ name | uper }}", "{{ name | upper() }}", "{{ name | title }}", "{{ long | upper }}", "{{ sharp | upper }}",
    "{{ name | upper.x }}", "{{ items | upper }}", "{{ yes | upper }}", "{{ name | trim | }}", "{{ spaces | trim }}",
    "{{ true }}", "{{ loop }}", "{{ self }}", "{{ none }}", "{{ range }}", "{{ _ }}", "{{ name -}}  x", "{{- name }}",
    "a\n{{ name }}\n", "{{ name }}\n", "\n{{ name }}", "{{ name }}\r\n", "{{ name | upper }}", "{{ 'x' }}", "{{ ñ }}",
    "{% raw %}{{ name }}{% endraw %}", "{{ name }} {{ 1 + }}", "# {{ name }}", "{{ name }}{", "{{{{ name }}", "{{ a.b",
    "Hi {{ name }}!", "{{ name | upper | trim }}", "{{ order.number }}{{ items[0] }}",
    "{% if no %}a{% elif n > 1 %}b{% endif %}", "{{ name | default('x', true) }}", "{{ empty | default('x', true) }}",
    "{{ 'a' if name == 'b' and not no else n }}", "{{ name or 'x' }}{{ 'y' or name }}",
    "{{ name and 'x' }}{{ 'y' and name }}", "{{ n >= 2.5 }}{{ n <= 2 }}{{ n < 2.5 }}{{ n != 'x' }}", "{{ name ~ 'x' }}",
    "{% set x = 1 %}{{ x }}", "{% for x in items %}{{ x }},{% endfor %}", "{{ name[1:] }}", "{{ name.upper() }}",
    "{{ 'x' if no }}", "{{ name }}" * 101,
]  # fmt: skip
CONDITIONS = [
    'name == "Ana"', "name == 'Ana'", "name != 'Ana'", "n == 3", "n == 03", "n != 4", "yes", "not yes", "not name",
    "name",
    "no == false", "yes == true", "n == true", "zero == false", "order.number == '0123'", "order.nope == 'x'", "nope",
    "nope == 1", "true", "not true", "nothing == 'x'", "f == 1", "items == 'x'", "name == \"A'na\"",
    "name == 'A\\na'",
    "not name == 'Ana'", "  name == 'Ana'  ", "name=='Ana'", "name = 'Ana'", "name == Ana", "is", "notname", "n == 1.5",
]  # fmt: skip
REFUSED = object()
LIMIT = "expression-limit"
BOUNDED = settings(max_examples=some(300), derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def ours(text: str, values: dict[str, Any], *, bare: bool = False) -> Any:
    """What it gives; `REFUSED` where it is faulty or fails."""
    found = expression(text, bare=bare)
    if found.faults:
        return REFUSED
    try:
        return found.evaluate(values) if bare else found.render(values)
    except ExpressionError:
        return REFUSED


def jinjas(text: str, values: dict[str, Any], *, bare: bool = False) -> Any:
    """The same by Jinja itself."""
    try:
        return plain_jinja.evaluate(text, values) if bare else plain_jinja.render(text, values)
    except Exception:  # noqa: BLE001  # Jinja raises what Python raises
        return REFUSED


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_shows_what_jinja_shows(text: str) -> None:
    """The same text, or both refuse it."""
    assert ours(text, VALUES) == jinjas(text, VALUES)


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_gives_what_jinja_gives(text: str) -> None:
    """The same value and type, or both refuse it."""
    assert repr(ours(text, VALUES, bare=True)) == repr(jinjas(text, VALUES, bare=True))


@settings(BOUNDED, max_examples=some(400))
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
    assert ours(text, VALUES) == jinjas(text, VALUES)


@BOUNDED
@given(text=SIMPLE_TEXTS.filter(lambda text: "random" not in text), values=RECIPIENT_VALUES)
def test_what_is_shown_is_what_jinja_shows(text: str, values: dict[str, Any]) -> None:
    """Hostile values, and expressions of every simple kind; the first letter of true is not compared."""
    found = ours(text, values)
    assert found is REFUSED or found.casefold() == jinjas(text, values).casefold()


@BOUNDED
@given(text=SIMPLE, values=RECIPIENT_VALUES)
def test_what_is_computed_is_what_jinja_computes(text: str, values: dict[str, Any]) -> None:
    """Of the same type, too."""
    found = ours(text, values, bare=True)
    assert found is REFUSED or repr(found).casefold() == repr(jinjas(text, values, bare=True)).casefold()


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "expression-failed"), ([], "expression-failed"), ({}, "expression-failed"), ("x" * 100_001, LIMIT),
        (2**513, LIMIT), (float("nan"), LIMIT), (float("inf"), LIMIT),
    ],
    ids=lambda value: repr(value)[:9],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(value: Any, code: str) -> None:
    """Though Jinja would show it."""
    with pytest.raises(ExpressionError) as caught:
        expression("{{ name }}").render({"name": value})
    assert caught.value.code == code


def test_what_a_text_sets_is_its_own() -> None:
    """Names that are read by many texts are what they were for each of them, also after one has failed."""
    names = Names(name="Ana")
    assert expression("{% set name = 'Zoë' %}{% set x = 1 %}{{ name }}").render(names) == "Zoë"
    assert expression("{{ name }}{{ x | default('-') }}").render(names) == "Ana-"
    with pytest.raises(ExpressionError):
        expression("{% set name = 'Zoë' %}{{ nope }}").render(names)
    assert expression("name", bare=True).evaluate(names) == "Ana"
    assert expression("{{ value | default('-') }}").render(names) == "-"
