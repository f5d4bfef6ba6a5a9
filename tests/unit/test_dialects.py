"""What other template languages write: each is answered with what it is here, and that works."""

import pytest

from flowrunner.engine import Prepared
from flowrunner.flow import load_text
from flowrunner.model import EXAMPLE_RECIPIENT, Message

INPUTS = (
    "inputs:\n  name: {type: string, example: Ana Lu}\n  total: {type: number, example: 12.5}\n"
    "  list: {type: array, items: {type: string}, example: [Tea, Milk]}\n"
)


CODES = {"date-pattern", "expression-syntax", "unknown-filter", "undefined-value", "unknown-name", "expression-failed"}


def flow(text: str) -> bytes:
    uses = '  - message: "{{ name }} {{ total }} {{ list | join }}"\n'
    return f"name: t\n{INPUTS}steps:\n  - message: |-\n      {text}\n{uses}".encode()


def said(text: str) -> tuple[str, str, str]:
    """Code, the text that is pointed at, and hint of the only problem."""
    loaded = load_text(flow(text), "f.yaml")
    problems = list(loaded.diagnostics)
    if loaded.flow is not None:
        problems += Prepared(loaded).render(EXAMPLE_RECIPIENT, {}, "2026-05-04T10:00:00+02:00", examples=True)[1]
    (problem,) = problems
    return problem.code, text[problem.location.column - 7 :], problem.hint


def shown(text: str) -> str:
    loaded = load_text(flow(text), "f.yaml")
    assert not loaded.diagnostics
    rendering, problems = Prepared(loaded).render(EXAMPLE_RECIPIENT, {}, "2026-05-04T10:00:00+02:00", examples=True)
    assert problems == []
    assert rendering is not None
    first = rendering.actions[0]
    assert isinstance(first, Message)
    return str(first.body["content"])


TYPED = [
    # text, what is pointed at, hint, the text after the hint was followed, what is sent then
    ("{{ name | default: 'friend' }}", "default: 'friend'", "write default('friend', true)",
     "{{ name | default('friend', true) }}", "Ana Lu"),
    ("{{ name|fallback:\"friend\" }}", 'fallback:"friend"', 'write default("friend", true)',
     '{{ name|default("friend", true) }}', "Ana Lu"),
    ("{{ name | truncate: 255, true }}", "truncate: 255, true", "write truncate(255, true)",
     "{{ name | truncate(255, true) }}", "Ana Lu"),
    ("{{ name | upcase }}", "upcase", "did you mean upper?", "{{ name | upper }}", "ANA LU"),
    ("{{ name | titlecase }}", "titlecase", "did you mean title?", "{{ name | title }}", "Ana Lu"),
    ("{{ name | firstname }}", "firstname", "write name.split(' ')[0]", "{{ name.split(' ')[0] }}", "Ana"),
    ("{{ name | split(' ') | first }}", "split", "write name.split(' ') for name | split",
     "{{ name.split(' ') | first }}", "Ana"),
    ("{{ total | currency }}", "currency", "write '%.2f' | format(total)", "{{ '%.2f' | format(total) }}", "12.50"),
    ("{{ name.length }}", "length", "write name | length", "{{ name | length }}", "6"),
    ("{{ name.toUpperCase() }}", "toUpperCase", "write name | upper", "{{ name | upper }}", "ANA LU"),
    ("{{ total.toFixed(2) }}", "toFixed", "write '%.2f' | format(total)", "{{ '%.2f' | format(total) }}", "12.50"),
    ("{{ 'a' if name === 'Ana' else 'b' }}", "===", "write ==", "{{ 'a' if name == 'Ana' else 'b' }}", "b"),
    ("{{ 'a' if name !== 'Ana' else 'b' }}", "!==", "write !=", "{{ 'a' if name != 'Ana' else 'b' }}", "a"),
    ("{{ total > 9 ? 'a' : 'b' }}", "?", "write 'a' if total > 9 else 'b'", "{{ 'a' if total > 9 else 'b' }}", "a"),
    ("{{ .name }}", ".", "remove it", "{{ name }}", "Ana Lu"),
    ("{{&name}}", "&", "remove it", "{{name}}", "Ana Lu"),
    ("{{#if name}}a{{/if}}", "{{#if name}}", "write {% if name %}, and {% endif %} for {{/if}}",
     "{% if name %}a{% endif %}", "a"),
    ("{{#each list}}a{{/each}}", "{{#each list}}", "write {% for each in list %}, and {% endfor %} for {{/each}}",
     "{% for each in list %}a{% endfor %}", "aa"),
    ("{{ name | upper | }}", "|", "remove the |, or name a filter after it", "{{ name | upper }}", "ANA LU"),
    ("{% if name is empty %}a{% else %}b{% endif %}", "empty",
     "write name == '' where it is empty, name != '' where it is not",
     "{% if name == '' %}a{% else %}b{% endif %}", "b"),
    ("{{ 'a' if name == TRUE else 'b' }}", "TRUE", "write true", "{{ 'a' if name == true else 'b' }}", "b"),
    ("{{ 'a' if recipient.phone == null else 'b' }}", "null", "write none",
     "{{ 'a' if recipient.phone == none else 'b' }}", "b"),
    ("{{ contact.name }}", "contact", "write name", "{{ name }}", "Ana Lu"),
    ("{{ phone }}", "phone", "write recipient.phone", "{{ recipient.phone }}", EXAMPLE_RECIPIENT.phone),
    ("{{ today }}", "today", "write now.strftime('%d/%m/%Y')", "{{ now.strftime('%d/%m/%Y') }}", "04/05/2026"),
    ("{{ now().year }}", "now()", "remove the brackets", "{{ now.year }}", "2026"),
    ("{{ 'a' if total => 9 else 'b' }}", "=>", "write >=", "{{ 'a' if total >= 9 else 'b' }}", "a"),
    ("{{ 'a' if total <> 9 else 'b' }}", "<>", "write !=", "{{ 'a' if total != 9 else 'b' }}", "a"),
    ("{% if name contains 'Lu' %}a{% endif %}", "name contains 'Lu'", "write 'Lu' in name",
     "{% if 'Lu' in name %}a{% endif %}", "a"),
    ("{% for each of list %}{{ each }} {% endfor %}", "for each of list", "write for each in list",
     "{% for each in list %}{{ each }} {% endfor %}", "Tea Milk "),
    ("{% foreach each in list %}{{ each }} {% endfor %}", "foreach", "did you mean for?",
     "{% for each in list %}{{ each }} {% endfor %}", "Tea Milk "),
    ("{% assign x = 1 %}{{ x }}", "assign", "did you mean set?", "{% set x = 1 %}{{ x }}", "1"),
    ("{% comment %}a", "comment", "write {# before the comment and #} after it", "{# comment #}a", "a"),
    ("{{ list.join(', ') }}", "join", "write list | join(', ')", "{{ list | join(', ') }}", "Tea, Milk"),
    ("{{ list.length }}", "length", "write list | length", "{{ list | length }}", "2"),
    ("{{ total:.2f }}", "total", "write '%.2f' | format(total)", "{{ '%.2f' | format(total) }}", "12.50"),
    ("{{ now | date('DD/MM/YYYY') }}", "DD/MM/YYYY", "write %d/%m/%Y", "{{ now | date('%d/%m/%Y') }}", "04/05/2026"),
    ("{{ now.strftime('HH:mm') }}", "HH:mm", "write %H:%M", "{{ now.strftime('%H:%M') }}", "10:00"),
    ("{{ now | date('D MMM') }}", "D MMM", "write %-d %b", "{{ now | date('%-d %b', language='es') }}", "4 may"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "hint", "mended", "sent"), TYPED, ids=[each[0] for each in TYPED])
def test_the_words_of_other_tools_are_answered_with_ours(text: str, at: str, hint: str, mended: str, sent: str) -> None:
    """One problem, at the word, and the hint followed to the letter sends what was meant."""
    code, there, told = said(text)
    assert (code in CODES, there[: len(at)], told) == (True, at, hint)
    assert shown(mended) == sent


NO_GUESS = [
    ("{% switch name %}", "write {% if ... %}, {% elif ... %} and {% endif %}"),  # with is four letters of it
    ("{{ name[99] }}", "check its length first"),
    ("{{ name | splitt }}", "there are abs"),  # list is four letters of it, and sends another thing
    ("{{ name | number_formatting }}", "there are abs"),
    ("{{ client }}", "declare it: inputs: {client: {type: string}}"),  # recipient holds it nearly
    ("{{ name-client }}", "write name_client, and declare it: inputs: {name_client: {type: string}}"),
    ("{{ loop.index }}", "write it in the steps of a for_each, or between {% for ... %} and {% endfor %}"),
    ("{{ contact.surname }}", "declare it: inputs: {contact: {type: object}}"),
    ("{{ recipient.name }}", "declare it, inputs: {name: {type: string}}, and write name"),
]


@pytest.mark.parametrize(("text", "hint"), NO_GUESS)
def test_no_hint_names_another_thing(text: str, hint: str) -> None:
    """A hint is followed: what only looks a little like a word is not guessed."""
    assert said(text)[2].startswith(hint)


def test_a_name_that_cannot_be_one_is_named_as_it_can_be() -> None:
    """The hints of declaration and use, both followed, fit together."""
    text = b"name: t\ninputs:\n  first-name: {type: string, example: x}\nsteps:\n  - message: '{{ first-name }}'\n"
    found = load_text(text, "f.yaml").diagnostics
    assert [(str(each.location), each.hint) for each in found] == [
        ("f.yaml:3:3", "write first_name"),
        ("f.yaml:5:18", "did you mean first_name?"),
    ]


@pytest.mark.parametrize(
    ("declared", "hint"),
    [
        ("{type: text}", "did you mean string?"),
        ("{type: decimal}", "did you mean number?"),
        ("{type: date}", "write type: string, and beside it format: date"),
        ("{type: list}", "did you mean array?"),
        ("{type: enum}", "write type: string, and beside it the values"),
        ("{type: string, required: true}", "remove it: an input without default:"),
        ("{type: string, optional: true}", "remove it: an input is optional when"),
    ],
)
def test_the_types_of_other_schemas_are_answered_with_ours(declared: str, hint: str) -> None:
    """None is taken for one that is only spelt like it."""
    (found,) = load_text(
        f"name: t\ninputs:\n  a: {declared}\nsteps: [{{message: '{{{{ a }}}}'}}]\n".encode(), "f"
    ).diagnostics
    assert found.hint.startswith(hint)
