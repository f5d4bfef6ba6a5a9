"""What is shown and computed without Jinja is what Jinja shows and computes."""

# ruff: noqa: E501  # a table's row is read as one line

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from flowrunner.expressions import UnsureError
from flowrunner.expressions.compiled import Expression
from flowrunner.expressions.direct import direct_text, direct_value
from support.hostile_values import EXPRESSIONS, TEMPLATES
from support.simple_values import RECIPIENT_VALUES, SIMPLE, SIMPLE_TEXTS

BOUNDED = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))


@BOUNDED
@given(text=SIMPLE_TEXTS | TEMPLATES, values=RECIPIENT_VALUES)
def test_what_is_shown_directly_is_what_jinja_shows(text: str, values: dict[str, Any]) -> None:
    """A closure answers only what Jinja answers, and never where Jinja finds a fault."""
    jinja = Expression(text)
    assume(not jinja.faults)
    direct = direct_text(text)
    if direct is not None:
        try:
            shown = direct(values)
        except UnsureError:
            return
        assert shown == jinja.render(values)


@BOUNDED
@given(text=SIMPLE | EXPRESSIONS, values=RECIPIENT_VALUES)
def test_what_is_computed_directly_is_what_jinja_computes(text: str, values: dict[str, Any]) -> None:
    """Of the same type, too."""
    jinja = Expression(text, bare=True)
    assume(not jinja.faults)
    direct = direct_value(text, bare=True)
    if direct is not None:
        try:
            found = direct(values)
        except UnsureError:
            return
        assert repr(found) == repr(jinja.evaluate(values))


DIRECT = ["Hi {{ name }}!", "{{ name | upper | trim }}", "{{ thing.a }}{{ list[0].id }}", "{% if flag %}a{% elif n > 1 %}b{% endif %}",
          "{{ name | default('x', true) }}", "{{ 'a' if name == 'b' and not flag else n }}", "{{ name or 'x' }}{{ 'y' or name }}",
          "{{ name and 'x' }}{{ 'y' and name }}", "{{ n >= 2.5 }}{{ n <= 2 }}{{ n < 2.5 }}{{ n != 'x' }}"]  # fmt: skip
NOT_DIRECT = ["{{ name ~ 'x' }}", "{% set x = 1 %}{{ x }}", "{% for x in list %}{% endfor %}", "{{ list | join }}", "{{ self }}", "{{ name[1:] }}",
              "{{ name.upper() }}", "{{ 'x' if flag }}", "{{ a }}" * 101]  # fmt: skip


@pytest.mark.parametrize("text", DIRECT)
def test_simple_texts_do_without_jinja(text: str) -> None:
    """What nearly every message is made of."""
    direct = direct_text(text)
    assert direct is not None
    values = {"name": "Ana", "thing": {"a": 1}, "list": [{"id": "i"}], "flag": False, "n": 2.5}
    assert direct(values) == Expression(text).render(values)


@pytest.mark.parametrize("text", NOT_DIRECT)
def test_other_texts_are_left_to_jinja(text: str) -> None:
    """What can grow, what names things, what Jinja knows more about."""
    assert direct_text(text) is None


@pytest.mark.parametrize(
    "value", [None, [], {}, "x" * 1001, 2**513, float("nan"), float("inf")], ids=lambda value: repr(value)[:9]
)
def test_what_cannot_simply_be_shown_is_left_to_jinja(value: Any) -> None:
    """Bounds are measured where they are known."""
    direct = direct_text("{{ name }}")
    assert direct is not None
    with pytest.raises(UnsureError):
        direct({"name": value})
