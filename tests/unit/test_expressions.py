"""Expressions: what they give, and what is said when they are wrong."""

from datetime import datetime

import pytest

from flowrunner.diagnostics import HOLE
from flowrunner.expressions import ExpressionError, expression, holds_expression

VALUES = {
    "name": "Ana",
    "n": 5,
    "price": 1.5,
    "yes": True,
    "nothing": None,
    "list": ["a", "b"],
    "order": {"id": "A7", "items": 2, "lines": [{"sku": "x", "qty": 2}, {"sku": "y", "qty": 1}]},
    "now": datetime.fromisoformat("2026-03-01T10:05:00-06:00"),
}


def failure(text: str, *, bare: bool = False, whole: bool = False) -> ExpressionError:
    found = expression(text, bare=bare)
    if found.faults:
        assert len(found.faults) == 1
        return found.faults[0]
    give = found.evaluate if bare or whole else found.render
    with pytest.raises(ExpressionError) as caught:
        give(VALUES)
    return caught.value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hola {{ name }}!", "Hola Ana!"),
        ("{{ name }}\n", "Ana\n"),
        ("{{ name | upper }} {{ name|length }}", "ANA 3"),
        ("{{ yes }} {{ not yes }} {{ n > 3 }}", "true false true"),
        ("{{ n }} {{ price }} {{ n / 2 }} {{ n // 2 }}", "5 1.5 2.5 2"),
        ("{{ list | join(', ') }}", "a, b"),
        ("{{ [true, 1, 'x'] | join('-') }}", "true-1-x"),
        ("{{ order.lines | map(attribute='sku') | join('') }}", "xy"),
        ("{{ order.lines | join('+', attribute='qty') }}", "2+1"),
        ("{{ order.lines | sum(attribute='qty') }}", "3"),
        ("{{ order.items }} {{ order['id'] }}", "2 A7"),
        (
            "{% for each in order.lines %}{{ loop.index }}{{ each.sku }}{{ ', ' if not loop.last }}{% endfor %}",
            "1x, 2y",
        ),
        ("{% for x in list %}{{ loop.nextitem | default('.') }}{{ loop.cycle('1', '2') }}{% endfor %}", "b1.2"),
        ("{% if n > 3 %}many{% else %}few{% endif %}", "many"),
        ("{% set x = n * 2 %}{{ x }}", "10"),
        ("{{ nope | default('friend') }}", "friend"),
        ("{{ order.nope | default('?') }}{{ list[7] | default('!') }}", "?!"),
        ("{{ now.strftime('%d/%m/%Y %H:%M') }}", "01/03/2026 10:05"),
        ("{{ now.year }}-{{ now.month }}", "2026-3"),
        ("{{ '%.2f' | format(price) }} {{ '%05d' % n }}", "1.50 00005"),
        ("{{ name ~ n ~ yes }}", "Ana5true"),
        ("{{ 'si' if yes else 'no' }}", "si"),
        ("{{ name[0] }}{{ name[1:] }}", "Ana"),
        ("{# a note #}x{% raw %}{{ y }}{% endraw %}", "x{{ y }}"),
        ("{{ '<b>&\"' }}", '<b>&"'),
        ("a {%- if yes %} b {%- endif %}", "a b"),
        ("👋 {{ '👋' * 2 }} {{ 'مرحبا' }}", "👋 👋👋 مرحبا"),
        ("{{ list | first }}{{ list | last }}{{ list | reverse | join }}", "abba"),
        ("{{ name.startswith('A') }} {{ 'n' in name }} {{ n is odd }}", "true true true"),
    ],
)
def test_what_a_text_shows(text: str, shown: str) -> None:
    """Text and values as a person would write them: true and false in small letters, nothing escaped."""
    assert expression(text).render(VALUES) == shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ list }}", ["a", "b"]),
        (" {{ order.lines }}\n", VALUES["order"]["lines"]),
        ("{{ list | map('upper') }}", ["A", "B"]),
        ("{{ [{'id': name, 'n': n}] }}", [{"id": "Ana", "n": 5}]),
        ("{{ range(3) }}", [0, 1, 2]),
        ("{{ (1, 2) }}", [1, 2]),
        ("{{ nothing }}", None),
        ("{{ dict(a=list) }}", {"a": ["a", "b"]}),
        ("{{ n }}", 5),
    ],
)
def test_a_whole_expression_has_a_value_of_its_own_type(text: str, value: object) -> None:
    """One expression and nothing else gives plain data."""
    found = expression(text)
    assert found.is_whole
    assert found.evaluate(VALUES) == value


@pytest.mark.parametrize("text", ["a {{ n }}", "{{ n }}{{ n }}", "{% if n %}{{ n }}{% endif %}", "{{ n }}."])
def test_an_expression_with_anything_beside_it_is_not_whole(text: str) -> None:
    """Text, a second expression or a statement makes it text."""
    assert not expression(text).is_whole


@pytest.mark.parametrize(
    ("text", "value"),
    [("n > 3", True), ("name == 'Bea'", False), ("nope is defined", False), ("yes and n", 5), ("'{{' in name", False)],
)
def test_a_bare_expression_needs_no_braces(text: str, value: object) -> None:
    """A condition is evaluated to its value; that it must be true or false is its caller's to say."""
    if "{{" in text:
        assert failure(text, bare=True).hint == "write it without {{ and }}"
    else:
        assert expression(text, bare=True).evaluate(VALUES) == value


FAULTS = [
    # text, code, the text that is pointed at, part of the hint
    ("Hola {{ name", "expression-syntax", "{{ name", "}}"),
    ("Hola {{ name }", "expression-syntax", "{{ name }", "}}"),
    ("a {{ }} b", "expression-syntax", "{{ }}", "write a name"),
    ("{{ name name }}", "expression-syntax", "name name", "name_name"),
    ("{{ name + }}", "expression-syntax", "{{ name + }}", "second half"),
    ("{{ n }}\nb {{ n + }}", "expression-syntax", "{{ n + }}", "second half"),
    ("{{ n }} {{ n + }}", "expression-syntax", "{{ n + }}", "second half"),
    ("{% if n %}x", "expression-syntax", "{% if n %}", "endif"),
    ("x {% endif %}", "expression-syntax", "endif", "nothing is open"),
    ("{% iff n %}{% endif %}", "expression-syntax", "iff", "did you mean if?"),
    ("{% if n = 1 %}{% endif %}", "expression-syntax", "=", "compare with =="),
    ("{# note", "expression-syntax", "{# note", "#}"),
    ("{% include 'x' %}", "expression-syntax", "include", "write out what it stands for"),
    ("{% macro x() %}{% endmacro %}", "expression-syntax", "macro", "write out what it stands for"),
    ("{% for a in list recursive %}{% endfor %}", "expression-syntax", "recursive", "remove"),
    ("a {{ name | uper }}", "unknown-filter", "uper", "did you mean upper?"),
    ("{{ name is uper }}", "unknown-filter", "uper", "did you mean upper?"),
    ("{{ list | map('uper') | list }}", "unknown-filter", "map", "did you mean upper?"),
    ("{{ list | select('od') | list }}", "unknown-filter", "select", "did you mean odd?"),
    ("{{ 1e999 }}", "expression-limit", "{", "smaller"),
    ("x {{ nope }}", "undefined-value", "nope", "default"),
    ("{{ name }} {{ order.idd }}", "undefined-value", "idd", "did you mean id?"),
    ("{{ list[7] }}", "undefined-value", "{{ list[7] }}", "length"),
    ("{{ [] | first }}", "undefined-value", "{{ [] | first }}", "default"),
    ("{{ nope.deep.er }}", "undefined-value", "nope", "default"),
    ("{{ nope ~ 'x' }}", "undefined-value", "nope", "default"),
    ("{{ nope | upper }}", "undefined-value", "nope", "default"),
    ("{{ nope == 1 }}", "undefined-value", "nope", "default"),
    ("{% for x in nope %}{% endfor %}", "undefined-value", "nope", "default"),
    ("{% if nope %}{% endif %}", "undefined-value", "nope", "default"),
    ("a {{ nothing }}", "expression-failed", "{{ nothing }}", "default"),
    ("a {{ name }} {{ nothing }} {{ n }}", "expression-failed", "{{ nothing }}", "default"),
    ("{{ nothing | upper }}", "expression-failed", "{{ nothing | upper }}", "default"),
    ("{{ '%s' % nothing }}", "expression-failed", "{{ '%s' % nothing }}", "default"),
    ("{{ [nothing] | join }}", "expression-failed", "{{ [nothing] | join }}", "default"),
    ("{{ list }}", "expression-failed", "{{ list }}", "join"),
    ("{{ list | string }}", "expression-failed", "{{ list | string }}", "join"),
    ("{{ order }}", "expression-failed", "{{ order }}", "fields"),
    ("{{ order.lines | join }}", "expression-failed", "{{ order.lines | join }}", "fields"),
    ("{{ n }}\n{{ n / 0 }}", "expression-failed", "{{ n / 0 }}", "divisor"),
    ("{{ n }}{{ n }} {{ n / 0 }}", "expression-failed", "{{ n / 0 }}", "divisor"),
    ("{% set x %}{{ n }}{{ n / 0 }}{% endset %}", "expression-failed", "{{ n / 0 }}", "divisor"),
    ("{{ name + n }}", "expression-failed", "{{ name + n }}", "one type"),
    ("{{ 5 | reverse }}", "expression-failed", "{{ 5 | reverse }}", "the value of each name"),
    ("{{ name.__class__ }}", "expression-failed", "{{ name.__class__ }}", "filters"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "place", "hint"), FAULTS, ids=[each[0] for each in FAULTS])
def test_a_fault_has_a_code_a_place_and_a_hint(text: str, code: str, place: str, hint: str) -> None:
    """What is wrong stands at the expression, or at the word in it, and the hint mends it."""
    error = failure(text)
    assert error.code == code
    assert text[error.offset :].startswith(place)
    assert hint in error.hint
    assert 0 < error.length <= len(text) - error.offset


@pytest.mark.parametrize(
    "text", ["{{ [order.nope] }}", "{{ {'a': nope} }}", "{{ [range] }}", "{{ [namespace()] }}", "{{ nope }}"]
)
def test_a_whole_value_holds_plain_data_only(text: str) -> None:
    """A missing part, or a part that is no data, is an error; it is never sent as Python writes it."""
    assert failure(text, whole=True).code in ("undefined-value", "expression-failed")


def test_the_names_that_are_read() -> None:
    """Names an expression makes itself, and Jinja's own, are none that must be given."""
    found = expression(
        "{% set a = b %}{% for c in d %}{{ c.e }}{{ loop.index }}{% endfor %}{{ a }}{{ range(f) | sum }}"
    )
    assert {each.name for each in found.uses} == {"b", "d", "f"}
    assert [(each.name, each.offset) for each in expression("x {{ b }} {{ a }} {{ b }}").uses] == [("a", 13), ("b", 5)]
    assert not expression("1 == 1", bare=True).uses
    assert expression("n == 1", bare=True).uses


def test_every_fault_of_a_text_is_found() -> None:
    """Two unknown filters are two faults."""
    found = expression("{{ name | uper }} {{ name | lowerr }}")
    assert sorted(each.hint for each in found.faults) == ["did you mean lower?", "did you mean upper?"]


def test_the_literal_part_is_what_no_value_changes() -> None:
    """The text around the expressions, for limits that it breaks already."""
    assert expression("a {{ name }} b {% if n %}c{% endif %}").literal == "a \ufffc b \ufffc"


@pytest.mark.parametrize("text", ["hola", "{", "a } b", "{ {x} }", "100% #1"])
def test_text_without_expressions_is_recognised(text: str) -> None:
    """What holds no opening braces is never given to Jinja."""
    assert not holds_expression(text)


def test_chance_repeats() -> None:
    """The same seed gives the same choice, another seed gives others, and so does another text."""
    text = "{{ range(1000) | random }}"
    assert expression(text).render({}, "a") == expression(text).render({}, "a")
    assert len({expression(text).render({}, str(seed)) for seed in range(20)}) > 10
    assert expression(text).render({}, "a") != expression(text + " ").render({}, "a").strip()


def test_values_are_not_changed() -> None:
    """Rendering leaves the values as they were."""
    values = {"list": ["a"], "order": {"x": 1}}
    expression("{{ list + ['b'] | list }}{% set list = 5 %}", bare=False)
    expression("{% set order = {} %}{{ list | sort | join }}").render(values)
    assert values == {"list": ["a"], "order": {"x": 1}}


TYPE_NAMES = ("NoneType", "'str'", "'int'", "'list'", "'dict'", "datetime", "Undefined", "object at", "jinja", "Error(")


@pytest.mark.parametrize("text", [each[0] for each in FAULTS])
def test_no_message_speaks_python(text: str) -> None:
    """What an author reads names no Python type and shows no Python value."""
    error = failure(text)
    for name in TYPE_NAMES:
        assert name not in error.message + error.hint


def test_an_attribute_of_what_is_itself_missing_is_refused() -> None:
    """A method that the sandbox gives nobody has none: what stands for it must not be asked further."""
    with pytest.raises(ExpressionError, match="has no __class__"):
        expression("''.join.__class__", bare=True).evaluate({})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hola {{ name }}, {{plan}}", ("name", "plan")),
        ("{{ name | upper }}{{ name }}", (None, "name")),
        ("{% if a %}x{% endif %}{{ order.id }}", (None, None)),
        ("Hola", ()),
    ],
)
def test_what_stands_in_a_text_as_it_is_is_known_by_name(text: str, shown: tuple[str | None, ...]) -> None:
    """For each hole of the literal text, in their order."""
    found = expression(text)
    assert found.shown == shown
    assert found.literal.count(HOLE) == len(shown)
