"""Strategies for hostile flow files: bytes, accidents in good files, strange trees, bombs."""

# ruff: noqa: E501  # a table's row is read as one line

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from flowrunner.flow import find_flows
from support.hostile_values import ANY_TEXTS, INPUTS, TREES, with_declarations, with_expressions, with_variables

ROOT = Path(__file__).parents[2]

BUTTON = "message_type: interactive, interactive_type: button, body_text: b, buttons: [{id: a, title: A}]"

EXAMPLES = [path.read_text("utf-8") for path in find_flows([ROOT / "flows"])[0]]
SEEDS = [
    *EXAMPLES,
    f"name: a\ninputs:{INPUTS}steps:\n  - message: &m 'Hi {{{{ name }}}}'\n  - message: *m\n  - pause: 2s\n",
    f"name: b\nsteps:\n- {{id: first, message: {{{BUTTON}}}, until: read}}\n- message: |-\n    {{% for x in [1] %}}\n    {{% endfor %}}.\n",
    'name: c\nsteps:\n  - message: {message_type: contacts, contacts: [{formatted_name: "\\u00e9", org: {company: x}}]}\n',
    "name: d\nsteps:\n  - message:\n      message_type: template\n      template_name: a\n      template_language: es\n      header_type: image\n      header_params: https://e.org/a.png\n      template_params:\n        name: >-\n         a\n         b\n",
]
TOKENS = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "*", "*a", "&a ", "<<: *a", "\t", "'", '"', "|", ">-", "- ", ": ", " #", "? ", "!!str ",
     "!!python/object:os.system ", "!x", "\0", "\x85", "\u2028", "\ufeff", "---\n", "...\n", "%YAML 1.1\n", "null", "~", ".inf", "1e999",
     "0x" + "f" * 300, "9" * 400, "[", "]", "{", "}", ",", "\n", "\r", "\r\n", "  ", "\\ud800", "\\x00", "👩‍👩‍👧", "\x1b[2J", "{{ now }}",
     "{{ first.message }}", "{% for i in range(9999) %}", "{% endfor %}", "steps:", "message:", "when: ", "default: ", "@", "`", "\u202e"],
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good flow file after one to eight accidents."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(text)))
        to = min(at + draw(st.sampled_from([0, 0, 1, 1, 2, 5, 40])), len(text))
        lines = text.split("\n")
        row = min(text.count("\n", 0, at), len(lines) - 1)
        accident = draw(st.sampled_from(["token", "token", "text", "cut", "line", "double", "indent", "end", "graft"]))
        if accident == "token":
            text = text[:at] + draw(TOKENS) + text[to:]
        elif accident == "text":
            text = text[:at] + draw(st.text(max_size=4)) + text[to:]
        elif accident == "cut":
            text = text[:at] + text[to:]
        elif accident == "end":
            text = text[:at]
        elif accident == "graft":
            other = draw(st.sampled_from(SEEDS))
            text = text[:at] + other[at : at + draw(st.integers(0, 200))] + text[to:]
        else:
            if accident == "indent":
                lines[row] = " " * draw(st.integers(0, 9)) + lines[row].lstrip()
            else:
                line = lines.pop(row) if accident == "line" else lines[row]
                lines.insert(draw(st.integers(0, len(lines))), line)
            text = "\n".join(lines)
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        if content:
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content)


@st.composite
def structured(draw: st.DrawFn) -> str:
    """A good flow with a strange tree at some place of it, in a style that is not always right YAML."""
    place = draw(st.sampled_from(PLACES))
    return place.replace("@", written(draw, draw(TREES), 0))


PLACES = [
    "@",
    "name: @\nsteps: [{message: x}]",
    "name: a\ninputs: @\nsteps: [{message: x}]",
    "name: a\ninputs: {x: @}\nsteps: [{message: '{{ x }}'}]",
    "name: a\ninputs: {x: {default: @}}\nsteps: [{message: '{{ x }}'}]",
    "name: a\nsteps: @",
    "name: a\nsteps: [@]",
    "name: a\nsteps: [{message: @}]",
    "name: a\nsteps: [{message: x, when: @}, {pause: @}]",
    "name: a\nsteps: [{message: x, id: @, until: @}]",
    "name: a\nsteps: [{message: {message_type: contacts, contacts: [@]}}]",
    "name: a\nsteps: [{message: {message_type: location, latitude: @, longitude: @}}]",
    "name: a\nsteps: [{message: {message_type: interactive, interactive_type: list, body_text: a, list_button_text: b, sections: @}}]",
    "name: a\nsteps: [{message: {message_type: interactive, interactive_type: button, body_text: a, buttons: [@, @]}}]",
    "name: a\nsteps: [{message: {message_type: template, template_name: a, template_language: es, template_params: @}}]",
    "name: a\nsteps: [{message: {message_type: reaction, reaction_emoji: @, reacted_to_message_id: @}}]",
    "name: a\nsteps: [{message: {message_type: image, media_url: @, caption: @}}]",
]  # fmt: skip


def written(draw: st.DrawFn, data: Any, depth: int) -> str:
    """The data in YAML's flow style, each scalar in a style of its own."""
    mark = draw(st.sampled_from(["", "", "", "", "", "&a ", "!!str ", "!odd "]))
    if draw(st.integers(0, 30)) == 0:
        return "*a"
    if isinstance(data, list):
        return f"{mark}[{', '.join(written(draw, item, depth + 1) for item in data)}]"
    if isinstance(data, dict):
        pairs = (f"{written(draw, key, depth + 1)}: {written(draw, value, depth + 1)}" for key, value in data.items())
        return f"{mark}{{{', '.join(pairs)}}}"
    style = draw(st.sampled_from('"""\'pa'))
    text = data if isinstance(data, str) else json.dumps(data)
    if style == '"':
        return mark + json.dumps(text)
    if style == "'":
        return f"{mark}'{text.replace(chr(39), chr(39) * 2)}'"
    return mark + (json.dumps(text, ensure_ascii=False) if style == "a" else text)


@st.composite
def bombs(draw: st.DrawFn) -> str:
    """Files that are small to write and large to read."""
    size = draw(st.integers(1, 60_000))
    deep = min(size, 200)
    fold = draw(st.integers(2, 40))
    bomb = draw(
        st.sampled_from(
            [
                "[" * size,
                "{a: " * size,
                "- " * size,
                "? " * size,
                "[" * deep + "]" * deep,
                "{a: " * min(deep, 64) + "x" + "}" * min(deep, 64),
                "a: &a [x, x]\n" + "".join(f"b{i}: &b{i} [{', '.join([f'*b{i - 1}' if i else '*a'] * fold)}]\n" for i in range(20)),
                "steps: &a [*a]",
                "steps:\n" + "- &a {message: x}\n" + "- *a\n" * min(size, 30_000),
                "name: " + "9" * size,
                "name: a\nsteps:\n- message: " + json.dumps("{{ " + "(" * deep + "1" + ")" * deep + " }}"),
                "name: a\nsteps:\n- message: " + json.dumps("{{ x" + ".a" * min(size, 9_000) + " }}"),
                "name: a\nsteps:\n- message: " + json.dumps("{{ 1" + " + 1" * min(size, 4_000) + " }}"),
                "name: a\nsteps:\n- message: " + json.dumps("{{ 1 }}{{ s }}" * min(size, 1_400)),
                "name: a\nsteps:\n- message: " + json.dumps("{% if 1 %}" * min(deep, 90) + "x" + "{% endif %}" * min(deep, 90)),
                "name: a\nsteps:\n- message: " + json.dumps("\n" * size + "{{ nobody }}" + "\n" * size),
                "name: a\nsteps:\n" + "- message: '{{ nobody }}'\n" * min(size, 2_000),
                "name: a\nsteps:\n- message: {message_type: image, " + ", ".join(f"k{i}: x" for i in range(min(size, 3_000))) + "}",
                "name: a\n" + "".join(f"k{i}: x\n" for i in range(min(size, 3_000))),
                "name: a\nsteps: [" + "{message: {message_type: template, template_params: [''" + ", ''" * min(size, 9_000) + "]}}]",
                "name: a\ninputs: {x: {type: string, pattern: " + json.dumps("(a|" * deep + "b" + ")*" * deep) + "}}",
                "#" * size + "\nname: a\nsteps: [{message: x}]",
                "name: a\nsteps: [{message: " + "x " * size + "}]",
                "name: a\nsteps: [{message: '" + "x\n\n" * size + "'}]",
            ]
        )
    )  # fmt: skip
    return bomb[: 1 << 20]


def files() -> st.SearchStrategy[bytes | str]:
    """Bytes and texts of every kind."""
    return st.one_of(
        st.binary(max_size=3000),
        ANY_TEXTS,
        st.text(st.sampled_from(list("ab:-[]{}#&*!|>'\"%@`?, \n\t{%}")), max_size=80),
    )


def alone(content: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Files for which no variable is given."""
    return st.tuples(content, st.just({}))


KINDS = {
    "bytes": alone(files()),
    "accidents": alone(mutated()),
    "trees": alone(structured()),
    "bombs": alone(bombs()),
    "expressions": alone(with_expressions()),
    "declarations": with_declarations(),
    "variables": with_variables(),
}
