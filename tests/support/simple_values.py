"""Strategies for simple expressions, for flows of all kinds of message with them, and hostile values for both."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from typing import Any

from hypothesis import strategies as st

from support.hostile_values import ANY_TEXTS, SCALARS, TEXTS, TREES

HOSTILE = [
    "Ana", "", " ", '"quoted" \\ back\\\\slash', "a\nb\tc\r\n", "\x00\x01\x1f\x7f", "👩‍👩‍👧 🏳️‍🌈", "שלום עולם", "\u202eabc",
    "\ud800", "x\udfff", "\u2028\u2029\u0085", "x" * 5000, "👍" * 1000, "0042", "1e5", "true", "null", "~", "{{ name }}",
    "</script>", "%s %(a)s", "*bold*", "premium", "https://cdn.example.com/a.pdf", "http://cdn.example.com/a.exe", "ß" * 40, "x" * 1_000_000,
]  # fmt: skip

_NAMES = ["name", "n", "flag", "thing.a", "thing['b c']", "list[0].id", "before.message.content", "before.skipped", "recipient.phone", "word"]  # fmt: skip
_ODD_NAMES = ["list", "thing", "list[0]", "list[7]", "thing.nope", "thing.items", "before", "now", "name.upper", "name[0]", "word.title()"]  # fmt: skip
_LEAVES = st.sampled_from(
    [*_NAMES, *_NAMES, *_NAMES, *_ODD_NAMES, "'pro'", '"ü"', "1", "0", "1.5", "true", "none", "''"]
)


def _simple(below: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(below, st.sampled_from("upper lower capitalize title trim string length default int".split())).map(
            lambda t: f"({t[0]}) | {t[1]}"
        ),
        st.tuples(below, st.sampled_from(["'x'", "''", "'x', true", "name", "7", "'x', false"])).map(
            lambda t: f"({t[0]}) | default({t[1]})"
        ),
        st.tuples(below, st.sampled_from("== != < <= > >= and or in ~ +".split()), below).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(below, below, below).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(below, below).map(lambda t: f"({t[0]} if {t[1]})"),
        below.map(lambda t: f"not {t}"),
    )


SIMPLE = st.recursive(_LEAVES, _simple, max_leaves=4)
SIMPLE_TEXTS = st.lists(
    st.one_of(
        SIMPLE.map(lambda each: f"{{{{ {each} }}}}"),
        st.sampled_from(["Hi ", '"\\', "\n", "👋", "{{ list }}", "{{ ['a', 'b', 'c'] | random }}", "{% for x in list %}{{ loop.index }}{% endfor %}"]),
        st.tuples(SIMPLE, SIMPLE).map(lambda t: f"{{% if {t[0]} %}}{{{{ {t[1]} }}}}{{% elif flag %}}e{{% else %}}-{{%- endif %}} "),
    ),
    min_size=1,
    max_size=4,
).map("".join)  # fmt: skip
_WHOLE = st.sampled_from(_NAMES).map(lambda each: f"{{{{ {each} }}}}")
_PLACES = {
    "@text": SIMPLE_TEXTS,
    "@short": st.just("{{ word }}") | st.just("{{ word | title }}") | _WHOLE,
    "@url": st.sampled_from(["https://e.com/{{ word }}.pdf", "http://e.com/{{ word }}", "https://e.com/a.{{ word }}", "{{ name }}"]),
    "@number": st.sampled_from(["{{ n }}", "{{ n | abs }}", "-{{ n }}", "{{ word }}", "{{ name }}", "1{{ n }}"]),
    "@emoji": st.sampled_from(["{{ '👍' if flag else '👍🏽' }}", "{{ '' }}", "{{ word }}"]),
    "@rows": st.sampled_from(["{{ list }}", "{{ list | reverse | list }}", "{{ thing }}", "{{ [] }}", "{{ list[:2] }}", "{{ name }}"]),
    "@day": st.sampled_from(["2026-05-{{ 14 if flag else 33 }}", "{{ word }}", "20{{ n }}-05-14"]),
    "@kind": st.sampled_from(["{{ 'image' if flag else 'video' }}", "{{ word }}"]),
    "@language": st.sampled_from(["{{ 'es' if flag else 'es_XX' }}", "{{ word }}"]),
    "@map": st.sampled_from(["{{ thing }}", "{{ {'a': name} }}", "{{ list }}"]),
}  # fmt: skip
_STEPS = [
    "{message_type: text, content: @text}",
    '{message_type: image, media_url: "https://e.com/a.jpg", caption: @text}',
    "{message_type: document, media_url: @url, filename: @short}",
    '{message_type: document, media_url: "http://e.com/a.pdf", filename: @text}',
    "{message_type: location, latitude: @number, longitude: -1.5, location_name: @text}",
    "{message_type: reaction, reacted_to_message_id: @text, reaction_emoji: @emoji}",
    "{message_type: interactive, interactive_type: button, header_text: @short, body_text: @text, buttons: [{id: @short, title: a}, {id: b, title: @short}]}",
    "{message_type: interactive, interactive_type: list, body_text: b, list_button_text: l, sections: [{title: a, rows: @rows}, {title: b, rows: [{id: a, title: @short}]}]}",
    "{message_type: interactive, interactive_type: list, body_text: @text, list_button_text: l, sections: [{title: a, rows: [{id: c, title: T}]}]}",
    "{message_type: template, template_name: a, template_language: @language, template_params: [@short, b, @text]}",
    '{message_type: template, template_name: a, template_language: es, header_type: @kind, header_params: "https://e.com/a.mp4"}',
    '{message_type: template, template_name: a, template_language: es, template_params: {a: @text, b: "x"}}',
    "{message_type: template, template_name: a, template_language: es, template_params: @map}",
    "{message_type: contacts, contacts: [{formatted_name: @text, first_name: A, birthday: @day}]}",
]  # fmt: skip
_CONDITIONS = (
    st.sampled_from(["flag", "not flag", "before.skipped", "word != 'b'"])
    | SIMPLE.map(lambda each: f"{each} == 'x'")
    | SIMPLE
)


@st.composite
def flows_of_simple_expressions(draw: st.DrawFn) -> str:
    """Flows of one to three messages of any kind between a first text and a pause; most are good."""
    names = ", ".join(f"{name}: {{}}" for name in ("name", "word", "n", "flag", "list", "thing"))
    lines = ["name: t", f"inputs: {{{names}}}", "steps:", '  - {id: before, message: "Hi {{ word }}"}']
    for _ in range(draw(st.integers(1, 3))):
        step = draw(st.sampled_from(_STEPS))
        for place, texts in _PLACES.items():
            while place in step:
                step = step.replace(place, json.dumps(draw(texts)), 1)
        when = f"when: {json.dumps(draw(_CONDITIONS))}, " if draw(st.booleans()) else ""
        lines.append(f"  - {{{when}message: {step}}}")
    return "\n".join([*lines, "  - {pause: 1s, when: flag}", ""])


def _mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.integers(0, 7).flatmap(lambda chance: odd if chance == 7 else usual)


_ROWS = st.lists(st.fixed_dictionaries({"id": st.sampled_from("abcd") | ANY_TEXTS, "title": st.just("T")}), max_size=11)
VALUES = st.fixed_dictionaries(
    {
        "name": _mostly(st.sampled_from(HOSTILE[:-1]) | TEXTS, ANY_TEXTS | SCALARS),
        "word": _mostly(st.sampled_from(["Ana", "pdf", "exe", "b", "0042", "1e5", "ß", "👍", "*", '"\\', "2026-02-30"]), SCALARS),
        "n": _mostly(st.sampled_from([0, 1, -7, 1.5, 90.001, 2**40, "12", "40.5", True]), st.sampled_from([2**600, None, float("inf"), float("nan")]) | SCALARS),
        "flag": _mostly(st.booleans(), SCALARS),
        "list": _mostly(_ROWS.filter(bool), TREES),
        "thing": _mostly(st.fixed_dictionaries({"a": st.sampled_from(["x", 1, True, 2.5]), "b c": TEXTS}), TREES),
    }
)  # fmt: skip
RECIPIENT_VALUES = VALUES.map(
    lambda values: {
        **values,
        "recipient": {"phone": "+34600000000"},
        "before": {"skipped": False, "message": {"content": "Hi"}},
    }
)
"""The values with what a run adds to them."""
