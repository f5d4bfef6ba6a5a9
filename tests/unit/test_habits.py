"""What never does what its author wanted: warned of where it is sure, and not where it may be meant."""

# ruff: noqa: E501  # a table's row is read as one line

import pytest

from flowrunner.flow import load_text

HEAD = """\
name: t
inputs:
  name: {type: string, default: ""}
  visits: {type: integer, default: 3}
  note: {type: [string, "null"], default: x}
  order: {type: object, default: {number: "17"}}
  list: {type: array, items: {type: string}, default: [a, b]}
steps:
  - {id: hello, message: "{{ name }} {{ visits }} {{ note }} {{ order.number }} {{ list | join }}"}
"""


def said(line: str) -> list[tuple[str, str]]:
    """Code and hint of everything that is said of one more step."""
    found = load_text(HEAD + line + "\n", "flow.yaml").diagnostics
    assert all(each.location.line > HEAD.count("\n") for each in found)
    return [(each.code, each.hint) for each in found]


QUIET = [
    "  - message: \"{{ name | default('friend', true) }}\"",
    "  - message: \"{{ name or 'friend' }}\"",
    "  - message: \"{{ order.nick | default('friend') }}\"",
    "  - message: \"{{ list[3] | default('none') }} {{ list | first | default('none') }}\"",
    "  - message: \"{{ name.split(' ')[1] | default('') }}.\"",
    "  - message: \"{% for each in [order] | map(attribute='nick') %}{{ each | default('x') }}{% endfor %}.\"",
    "  - {for_each: each, in: \"{{ [order] | map(attribute='nick') | list }}\", steps: [{message: \"{{ each | default('x') }}.\"}]}",
    "  - message: \"{% for name in list %}{% set name = order.nick %}{{ name | default('x') }}{% endfor %}.\"",
    "  - message: \"{{ 'x' if note == None else 'y' }}\"",
    '  - message: "{% if order.nick is defined %}{{ order.nick }}{% endif %}."',
    '  - message: "{% if note is none %}-{% endif %}."',
    "  - message: \"{% set word = name %}{{ word | default('x', true) }}.\"",
    '  - message: "{% for each in list %}{% set up = each | upper %}{{ up }}{% endfor %}"',
    '  - message: "{% set ns = namespace(n=0) %}{% for each in list %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}"',
    "  - message: \"Your day is {{ now.strftime('%A') }}\"",
    "  - message: \"Hoy es {{ now.strftime('%d/%m/%Y') }}\"",
    "  - message: \"Hoy es {{ now | date('%B', 'es') }}\"",
    "  - message: \"Write default('x') to me\"",
    "  - {when: hello.message.content is defined, message: Hi}",
]


@pytest.mark.parametrize("line", QUIET)
def test_what_does_something_is_not_warned_of(line: str) -> None:
    """No word about it."""
    assert said(line) == []


LOUD = [
    ("\"{{ name | default('a') }}\"", "always-there", "write default('a', true) to replace an empty text"),
    ("\"{{ name | default('a', false) }}\"", "always-there", "write default('a', true) to replace an empty text"),
    ("\"{{ name | d('a, b') }}\"", "always-there", "write d('a, b', true) to replace an empty text"),
    ("\"{{ name | upper | default('a') }}\"", "always-there", "write default('a', true) to replace an empty text"),
    ("\"{{ (name ~ '!') | default('a') }}\"", "always-there", "write default('a', true) to replace an empty text"),
    ("\"{{ name.split(' ')[0] | default('a') }}\"", "always-there", "write default('a', true) to replace an empty text"),
    ('"{{ visits | default(1) }}"', "always-there", "remove | default(1)"),
    ('"{{ name | default }}."', "always-there", "remove | default"),
    ('"{% if name is defined %}x{% endif %}."', "always-there", "write name to ask whether it is empty"),
    ('"{% if name is undefined %}x{% endif %}."', "always-there", "write not name to ask whether it is empty"),
    ('"{% if visits is defined %}x{% endif %}."', "always-there", "remove the test: it is always true"),
    ('"{% if visits is not none %}x{% endif %}."', "always-there", "remove the test: it is always true"),
    ('"{% if hello is defined %}x{% endif %}."', "always-there", "write not hello.skipped"),
    ("\"{{ now | default('x') }}\"", "always-there", "remove | default('x')"),
    ('"{% for e in list %}{% set name = e %}{% endfor %}{{ name }}"', "lost-set", "write {% set ns = namespace(name=name) %} before the loop, and ns.name for name in it and after it"),
    ('"{% with %}{% set name = 1 %}{% endwith %}{{ name }}"', "lost-set", "write {% set ns = namespace(name=name) %} before the with, and ns.name for name in it and after it"),
    ('"{% for e in list %}{% set last = e %}{% endfor %}{{ last }}"', "unknown-name", "write {% set ns = namespace(last=0) %} before the loop, and ns.last for last in it and after it"),
    ("\"Hoy: {{ now.strftime('%d %b') }}\"", "english-names", "write now | date('%d %b', 'es'), with the language of the message for es"),
    ("\"Hoy: {{ now.strftime('%A') }}\"", "english-names", "write now | date('%A', 'es'), with the language of the message for es"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "hint"), LOUD, ids=[each[0] for each in LOUD])
def test_what_does_nothing_is_warned_of(text: str, code: str, hint: str) -> None:
    """Once, with what does it."""
    assert said(f"  - message: {text}") == [(code, hint)]


@pytest.mark.parametrize("asked", ["name == None or name != None", "name is defined or not name is not defined"])
def test_each_of_two_tests_is_told(asked: str) -> None:
    """Of one name, in one text."""
    assert [code for code, _ in said(f'  - message: "{{{{ {asked} }}}}."')] == ["always-there", "always-there"]


@pytest.mark.parametrize("code", ["{% if name is defined %}", "{{ name | default('a') }}"])
def test_a_habit_stands_in_code_and_not_in_the_words_around_it(code: str) -> None:
    """Words of the text, and of a text in quotes, may read like it."""
    text = f"name is defined, name | default. {{{{ 'name is defined, name | default' }}}} {code}"
    end = "{% endif %}" if "if" in code else ""
    (found,) = load_text(f'{HEAD}  - message: "{text}{end}."\n', "flow.yaml").diagnostics
    assert found.location.column > f'  - message: "{text}'.index(code)


def test_the_language_of_a_template_is_the_language_of_the_flow() -> None:
    """It stands in the hint; and where it is English, nothing is said."""
    template = "  - message: {message_type: template, template_name: t, template_language: LANGUAGE}\n"
    month = "  - message: \"{{ now.strftime('%B') }}\""
    assert said(template.replace("LANGUAGE", "pt_BR") + month) == [("english-names", "write now | date('%B', 'pt_BR')")]
    assert said(template.replace("LANGUAGE", "en_US") + month) == []


def test_a_default_that_holds_an_expression_is_an_error() -> None:
    """Nobody computes it: it would be sent with its braces."""
    text = 'name: t\ninputs:\n  a: {type: string, default: "{{ now }}"}\nsteps: [{message: "{{ a }}"}]\n'
    (found,) = load_text(text, "flow.yaml").diagnostics
    assert (found.code, found.location.line, found.location.column) == ("expression-not-allowed", 3, 30)
