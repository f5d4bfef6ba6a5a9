"""Parts that a value surely lacks are told when a flow is read; what may be there is not told."""

# ruff: noqa: E501  # a table's row is read as one line

from datetime import datetime
from random import Random

import pytest

from flowrunner.expressions import expression
from flowrunner.expressions.shapes import Shape
from flowrunner.flow import load_text
from flowrunner.flow.values import GIVEN_SHAPES, of_schema, of_value

HEAD = """\
name: t
inputs:
  name: {type: string, default: Ana}
  count: {type: integer, default: 3}
  open_order: {type: object, properties: {number: {type: string}}, default: {number: "17"}}
  order:
    type: object
    properties:
      number: {type: string}
      items: {type: array, items: {type: object, properties: {title: {type: string}}, additionalProperties: false}}
    additionalProperties: false
    default: {number: "17", items: [{title: Tea}]}
steps:
  - {id: hello, message: "{{ name }} {{ count }} {{ open_order.number }} {{ order.number }}"}
  - id: card
    message: {message_type: interactive, interactive_type: button, body_text: Tea?, buttons: [{id: a, title: Yes}]}
    reply: {within: 1d, no_reply: continue}
  - {id: day, message: When?, reply: {within: 1d, expect: date, no_reply: continue}}
"""


def said(step: str, head: str = HEAD) -> list[tuple[str, str]]:
    """Message and hint of all that is said of one more step."""
    found = load_text(head + step + "\n", "flow.yaml").diagnostics
    assert all(each.code in {"unknown-name", "unknown-filter"} for each in found if each.is_error), found
    return [(each.message, each.hint) for each in found if each.is_error]


LACKING = [
    ("hello.mesage.content", "mesage", "hello has no mesage", "did you mean message?"),
    ("hello.content", "content", "hello has no content", "write hello.message.content"),
    ("hello.message.contnet", "contnet", "hello.message has no contnet", "did you mean content?"),
    ("hello['mesage']", "mesage", "hello has no mesage", "did you mean message?"),
    (
        "hello.text",
        "text",
        "hello has no text: nothing is asked there",
        "add reply: {within: 1d, no_reply: continue} to step 1, beside its message",
    ),
    ("card.message.buttons[0].titel", "titel", "an item of card.message.buttons has no titel", "did you mean title?"),
    ("card.anser", "anser", "a question has no anser", "did you mean answer?"),
    ("card.answer.txt", "txt", "card.answer has no txt: it is text", "write card.answer"),
    ("card.media.filnam", "filnam", "card.media has no filnam", "did you mean filename?"),
    ("day.value.yeer", "yeer", "day.value has no yeer", "did you mean year?"),
    ("recipient.foo", "foo", "recipient has no foo", "declare it, inputs: {foo: {type: string}}, and write foo"),
    ("recipient.phon", "phon", "recipient has no phon", "did you mean phone?"),
    ("conversation.opn", "opn", "conversation has no opn", "did you mean open?"),
    ("now.yeer", "yeer", "now has no yeer", "did you mean year?"),
    ("name.lenght", "lenght", "name has no lenght: it is text", "write name | length"),
    ("name.length", "length", "name has no length: it is text", "write name | length"),
    ("count.foo", "foo", "count has no foo: it is no object", "write count"),
    ("open_order.number.foo", "foo", "open_order.number has no foo: it is text", "write open_order.number"),
    ("order.numbr", "numbr", "order has no numbr", "did you mean number?"),
    ("(order).numbr", "numbr", "order has no numbr", "did you mean number?"),
    (
        "order.items.title",
        "title",
        "order.items has no title: it is a list",
        "write order.items[0].title for that of its first item",
    ),
    ("order.items[0].titel", "titel", "an item of order.items has no titel", "did you mean title?"),
    (
        "(order['items'] | sort(attribute='title') | first).titel",
        "titel",
        "this value has no titel",
        "did you mean title?",
    ),
    (
        "order['items'] | map(attribute='titel') | join(', ')",
        "titel",
        "an item of order.items has no titel",
        "did you mean title?",
    ),
    ("'x' if 'number' in order else order.numbr", "numbr", "order has no numbr", "did you mean number?"),
    ("count | round(precison=1)", "precison", "the filter round takes no precison", "did you mean precision?"),
    (
        "count | money(currncy='EUR', language='en')",
        "currncy",
        "the filter money takes no currncy",
        "did you mean currency?",
    ),
    ("'%s' | truncate(lenght=3)", "lenght", "the filter truncate takes no lenght", "did you mean length?"),
]
"""An expression, the word at fault in it, and what is said of it."""


@pytest.mark.parametrize(("written", "word", "message", "hint"), LACKING, ids=[each[0] for each in LACKING])
@pytest.mark.parametrize(
    "step",
    [
        '  - message: "{{ %s }}"',
        "  - when: (%s) == 'x'\n    message: Hi",
        '  - message: "{%% if 1 == (%s) %%}Hi{%% endif %%}"',
    ],
)
def test_what_a_value_surely_lacks_is_told(written: str, word: str, message: str, hint: str, step: str) -> None:
    """In a message, a condition and a statement: at the word, in one problem, with what mends it."""
    text = HEAD + step % written + "\n"
    found = [each for each in load_text(text, "flow.yaml").diagnostics if each.is_error]
    assert [(each.message, each.hint) for each in found] == [(message, hint)]
    line, column = found[0].location[1:3]
    assert text.splitlines()[line - 1][column - 1 :].startswith(word)
    if hint.startswith(("did you mean", "write")):
        meant = hint.removeprefix("did you mean ").removeprefix("write ").removesuffix("?").split(" for ")[0]
        mended = written.replace(word, meant, 1) if hint.startswith("did") else meant
        assert said(step % mended) == []


STEPS = [
    ('  - {for_each: item, in: "{{ order[\'items\'] }}", steps: [{message: "{{ item.titel }}"}]}', "item has no titel"),
    (
        '  - {for_each: item, in: "{{ order[\'items\'] }}", steps: [{message: "{{ item.title }} {{ loop.indx }}"}]}',
        "loop has no indx",
    ),
    (
        '  - {for_each: item, in: [{title: a}, {title: b, n: c}], steps: [{message: "{{ item.titel }}"}]}',
        "item has no titel",
    ),
    ('  - {for_each: item, in: "{{ order.itms }}", steps: [{message: "{{ item.title }}"}]}', "order has no itms"),
    ('  - choose: [{when: card.buton == "a", steps: [{message: Hi}]}]', "a question has no buton"),
    (
        '  - {id: q, message: Tea?, reply: {within: 1d, no_reply: continue, answers: [{when: q.txt == "a", steps: []}], otherwise: continue}}',
        "a question has no txt",
    ),
    ("  - message: \"{% for each in order['items'] %}{{ each.titel }}{% endfor %}\"", "each has no titel"),
    (
        "  - message: \"{% for each in order['items'] %}{{ each.title }}{{ loop.indx }}{% endfor %}\"",
        "loop has no indx",
    ),
]


@pytest.mark.parametrize(("step", "message"), STEPS)
def test_loops_and_branches_are_looked_at(step: str, message: str) -> None:
    """What is known of an item, of its number, and of what decides."""
    assert [each[0] for each in said(step)] == [message]


QUIET = [
    '"{{ open_order.anything }}"',
    "\"{{ order.numbr | default('x') }} {{ recipient.foo | default('x') }} {{ hello.text | default('x') }}\"",
    '"{% if order.nick is defined %}{{ order.nick }}{% endif %}."',
    "\"{{ order.get('nick', 'x') }} {{ order.keys() | list | join }}\"",
    '"{% set order = recipient %}{{ order.phone }}"',
    '"{% for order in [recipient] %}{{ order.phone }}{% endfor %}"',
    "\"{% for order in order['items'] %}{{ order.title }}{% endfor %}{{ order.number }}\"",
    '"{% with order = recipient %}{{ order.phone }}{% endwith %}"',
    "\"{{ name.upper() }} {{ name.split(' ')[0] }} {{ now.strftime('%d') }} {{ order['items'].count(1) }}\"",
    "\"{{ order['items'] | map(attribute='nick', default='x') | join }}\"",
    "\"{{ order['items'] | selectattr('nick', 'defined') | list | length }}\"",
    "\"{{ '%(a)s' | format(a=name) }} {{ name | replace(old='a', new='b') }} {{ dict(a=1).a }}\"",
    '"{{ card.value.anything }} {{ card.form.anything }} {{ day.value.year }} {{ day.at.hour }}"',
    '"www.example.com order.numbr {{ name }}. Order.numbr"',
    "\"{{ 'order.numbr' }} {{ hello.message.message_type }} {{ hello.skipped }}\"",
    '"{{ (order if count > 2 else recipient).phone }}"',
    "\"{% if 'nick' in order %}{{ order.nick }}{% endif %}{{ '' if 'nick' not in order else order['nick'] }}.\"",
    '"{% if name is mapping %}{{ name.first }}{% else %}{{ name }}{% endif %}"',
    "\"{% for each in order['items'] %}{% if 'note' in each %}{{ each.note }}{% endif %}{{ each.title }}{% endfor %}\"",
    '"{% for each in [1, 2, 3] | slice(slices=2, fill_with=0) %}{{ each | join }}{% endfor %}"',
    "\"{% for each in ['a'] | batch(linecount=2, fill_with='b') %}{{ each | join(d=', ') }}{% endfor %}\"",
]


@pytest.mark.parametrize("message", QUIET)
def test_what_may_be_there_is_not_told(message: str) -> None:
    """No word about it."""
    assert said(f"  - message: {message}") == []


def test_a_step_of_two_branches_has_the_parts_of_both() -> None:
    """What one of them lacks may come from the other; what both lack is told."""
    branches = (
        "  - choose: [{when: count > 1, steps: [{id: x, message: {message_type: image, media_url: https://e.co/a.jpg, caption: A}}]}]\n"
        "    otherwise: [{id: x, message: B}]\n"
    )
    assert said('  - message: "{{ x.message.caption }}"', HEAD + branches) == []
    assert said('  - message: "{{ x.message.capton }}"', HEAD + branches) == [
        ("x.message has no capton", "did you mean caption?")
    ]


def test_an_included_file_is_looked_at_by_its_own_inputs() -> None:
    """And what it is given, by those of the file that includes it."""
    part = 'name: p\ninputs:\n  who: {type: object, properties: {first: {type: string}}, additionalProperties: false}\nsteps:\n  - message: "{{ who.frst }}"\n'
    flow = HEAD + '  - {include: p.yaml, with: {who: {first: "{{ order.numbr }}"}}}\n'
    found = load_text(flow, "flow.yaml", {"p.yaml": part}).diagnostics
    assert [(str(each.location).split(":")[0], each.message) for each in found if each.is_error] == [
        ("flow.yaml", "order has no numbr"),
        ("p.yaml", "who has no frst"),
    ]


SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "label": {"type": "string"},
        "price": {"type": "number"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "lines": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": False, "properties": {"label": {"type": "string"}}},
        },
        "free": {"type": "object", "properties": {"a": {"type": "string"}}},
    },
}
VALUE = {"label": "Tea", "price": 2, "tags": ["a", "b"], "lines": [{"label": "x"}], "free": {"a": "b"}}
PARTS = ["label", "labl", "price", "tags", "lines", "free", "a", "year", "upper", "count", "get", "phone", "index"]
METHODS = ("upper", "count", "get", "index")


def test_what_is_told_is_what_a_run_does_not_find() -> None:
    """Chains of parts, drawn at random: told where the value is not there, and only there."""
    chance = Random(1)  # noqa: S311
    values = {
        "order": VALUE,
        "given": VALUE,
        "now": datetime(2026, 11, 26),
        "recipient": {"phone": "1", "user_id": "u"},
    }
    shapes = {"order": of_schema(SCHEMA), "given": of_value(VALUE), **GIVEN_SHAPES}
    for _ in range(300):
        chain = chance.choice([*values])
        for _ in range(chance.randint(1, 4)):
            part = chance.choice(PARTS)
            chain += chance.choice([f".{part}", f"['{part}']", "[0]"])
        its = expression(f"{{{{ {chain} }}}}")
        told = its.lacking(lambda name: shapes.get(name, Shape("", is_closed=False)))
        defined = expression(f"{{{{ ({chain}) is defined }}}}")
        try:
            is_there = defined.render(values) == "true"
        except Exception:  # noqa: BLE001  # whatever it is that fails, it is not there
            is_there = False
        assert not (told and is_there)
        if not is_there and not any(each in chain for each in ("[0]", "free", *METHODS)):
            assert told, chain
