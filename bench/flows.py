"""Flows made from a seed, of everything the language has: for comparing two versions of flowrunner."""

# ruff: noqa: E501, S311  # a table's row is read as one line; chance decides nothing secret here

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

_TEXTS = [
    "Hi {{ name }}", "¡Hola {{ name | title }}! 👋", "{{ name | upper | trim }} & <b>", "*{{ plan }}* _{{ name }}_ ~x~",
    "{% if vip %}VIP{% else %}no{% endif %} {{ pieces }}", "{% for each in words %}{{ loop.index }}. {{ each }}\n{% endfor %}.",
    "{{ pieces * 2 + 1 }} of {{ price }}", "{{ '%.2f' | format(price) }} €", "{{ name[:3] }}…", "{{ words | join(', ') }}",
    "{{ words | length }} {{ name | replace('a', 'o') }}", "{{ person.first }} {{ person.tags[0] }}", "plain text",
    "e\u0301 👩‍👩‍👧 \u202e {{ name }}", "line 1\nline 2\n\nline 4 {{ plan }}", "  {{ name }}  ", "{{ name }}{{ plan }}",
    "{% set x = pieces %}{{ x }}{% if x > 2 %}, many{% endif %}", "{{ name | default('nobody') }}: {{ 7 // 2 }}",
    "https://example.com/{{ name | urlencode }}?q={{ pieces }}", "```{{ name }}```", "{{ vip }} {{ none_given }}",
    "{# said once #}{{ words | first }}…{{ words | last }}", "{{ person | tojson }}", "{{ day }} {{ 'a' if vip else 'b' }}",
    "> quoted {{ name }}\n- one\n- two", "{{ recipient.phone }} {{ conversation.id }}", "{{ name | lower }}" * 3,
]  # fmt: skip
_WHENS = ["vip", "not vip", 'plan == "pro"', "pieces > 2", "words | length > 1 and vip", "name in words", "price < 3.5",
          "person.tags | length > 0", "pieces is even", 'plan != "free" or vip']  # fmt: skip
_WRONG = ["{{ nobody }}", "{{ name", "{{ name | shout }}", "", "x" * 5000, "{{ 1 / 0 }}", "{% for %}", "{{ words[9] }}"]
_INPUTS = {
    "name": {"type": "string", "minLength": 1, "maxLength": 40, "example": "Ana"},
    "plan": {"type": "string", "enum": ["free", "pro"], "default": "free"},
    "vip": {"type": "boolean", "default": False},
    "pieces": {"type": "integer", "minimum": 0, "maximum": 99, "default": 3},
    "price": {"type": "number", "default": 2.5},
    "words": {"type": "array", "items": {"type": "string"}, "default": ["uno", "dos"]},
    "person": {"type": "object", "default": {"first": "Ana", "tags": ["a", "ñ"]}},
    "day": {"type": "string", "format": "date", "example": "2026-05-14"},
    "none_given": {"type": "string", "default": ""},
}
_VALUES: dict[str, list[Any]] = {
    "name": ["Ana", "José María", "李雷 👋", "O'Neil \"x\"", "a" * 40, "uno"], "plan": ["free", "pro"], "vip": [True, False],
    "pieces": [0, 1, 2, 50], "price": [0, 3.25, 1e6, 3], "words": [["x"], [], ["uno", "a, b", "👍"]],
    "person": [{"first": "Eva", "tags": ["b"]}], "day": ["2026-12-31"], "none_given": ["", "given"],
}  # fmt: skip


def made(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """File names with texts: flows, and for most of them the variables that are given."""
    for number in range(count):
        random = Random(f"{seed}-{number}")
        name = f"made-{number:04}"
        yield f"{name}.yaml", _flow(random, name)
        if random.random() < 0.8:
            chosen = {key: random.choice(values) for key, values in _VALUES.items() if random.random() < 0.6}
            yield f"{name}.json", json.dumps({"name": "Zoë", "day": "2026-01-02", **chosen}, ensure_ascii=False)


def _flow(random: Random, name: str) -> str:
    inputs = {key: value for key, value in _INPUTS.items() if random.random() < 0.997}
    lines = [
        f"name: {name}",
        f"description: {json.dumps(_text(random))}" if random.random() < 0.1 else "# made",
        "inputs:",
    ]
    lines += [f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in inputs.items()]
    lines.append("steps:")
    ids: list[str] = []
    for place in range(random.randint(1, 9)):
        lines += _step(random, place, ids)
    return "\n".join(lines) + "\n"


def _step(random: Random, place: int, ids: list[str]) -> list[str]:
    if random.random() < 0.06:
        return [f"  - pause: {random.choice(['2s', '1.5s', '3m', '1h', '2d'])}"]
    head = [f"id: s{place}"] if random.random() < 0.5 else []
    if random.random() < 0.3:
        head.append(f"when: {random.choice(_WHENS)}")
    if random.random() < 0.15:
        head += [f"until: {random.choice(['accepted', 'sent', 'delivered'])}", "timeout: 20s"]
        head += ["on_timeout: stop"] if random.random() < 0.3 else []
    if ids and random.random() < 0.2:
        head.append(f'message: "again: {{{{ {random.choice(ids)}.message.message_type }}}}"')
    elif random.random() < 0.4:
        text = _text(random)
        as_block = "\n" in text and not text.startswith((" ", "\n")) and random.random() < 0.7
        if as_block:
            head += ["message: |", *(f"  {line}".rstrip() for line in text.split("\n"))]
        else:
            head.append(f"message: {json.dumps(text, ensure_ascii=random.random() < 0.2)}")
    else:
        body = random.choice(_RECIPES)(random)
        if random.random() < 0.4:
            head += ["message:", *(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in body.items())]
        else:
            head.append(f"message: {json.dumps(body, ensure_ascii=False)}")
    if head[0].startswith("id:") and not any(line.startswith("when:") for line in head):
        ids.append(head[0].removeprefix("id: "))
    return [f"  {'- ' if number == 0 else '  '}{line}" for number, line in enumerate(head)]


def _text(random: Random, most: int = 4000) -> str:
    if random.random() < 0.015:
        return random.choice(_WRONG)
    text = " ".join(random.choice(_TEXTS) for _ in range(random.choice([1, 1, 1, 2, 3])))
    return text if len(text) < most else text[:most].partition("{")[0] or "short"


def _short(random: Random, most: int) -> str:
    fitting = ["Yes {{ pieces }}", "{{ plan }}", "Sí, claro", "No 👎", "{{ name[:5] }}", "Más…"]
    return random.choice([each for each in fitting if len(each) < most + 8])


def _some(random: Random, **optional: Callable[[], Any]) -> dict[str, Any]:
    return {key: value() for key, value in optional.items() if random.random() < 0.5}


def _media(random: Random) -> dict[str, Any]:
    kind = random.choice(["image", "video", "audio", "document"])
    url = random.choice(["https://cdn.example.com/{{ plan }}.bin", "https://example.com/a%20b.jpg?x={{ pieces }}"])
    caption = {} if kind == "audio" else _some(random, caption=lambda: _text(random, 300))
    more = _some(random, filename=lambda: "{{ name }}.pdf") if kind == "document" else {}
    return {"message_type": kind, "media_url": url, **caption, **more}


def _location(random: Random) -> dict[str, Any]:
    more = _some(random, location_name=lambda: "Casa {{ name }}", location_address=lambda: "Calle {{ pieces }}")
    where: list[Any] = [19.4326, -9, "{{ pieces / 3 }}", 0.1, "{{ pieces }}", *([-99] if random.random() < 0.1 else [])]
    return {"message_type": "location", "latitude": random.choice(where), "longitude": random.choice(where), **more}


def _buttons(random: Random) -> dict[str, Any]:
    titles = random.sample(["Start {{ pieces }}", "{{ plan }}", "Later", "No 👎"], random.randint(1, 3))
    buttons = [{"id": f"b{place}", "title": title} for place, title in enumerate(titles)]
    more = _some(random, header_text=lambda: _short(random, 60), footer_text=lambda: _short(random, 60))
    return {"message_type": "interactive", "interactive_type": "button", "body_text": _text(random, 900),
            "buttons": buttons, **more}  # fmt: skip


def _list(random: Random) -> dict[str, Any]:
    sections = []
    for place in range(random.randint(1, 2)):
        rows = [{"id": f"r{place}-{row}", "title": f"Row {row} {{{{ plan }}}}",
                 **_some(random, description=lambda: "{{ name }}: {{ pieces }}")} for row in range(random.randint(1, 4))]  # fmt: skip
        sections.append({"title": f"Part {place}", "rows": rows})
    return {"message_type": "interactive", "interactive_type": "list", "body_text": _text(random, 900),
            "list_button_text": "Choose", "sections": sections}  # fmt: skip


def _template(random: Random) -> dict[str, Any]:
    params: Any = random.choice(
        [["{{ name }}", "{{ pieces }}"], {"name": "{{ name }}"}, {"body": {"day": "{{ day }}"}}, []]
    )
    return {"message_type": "template", "template_name": "welcome_1", "template_language": "es_MX",
            **({"template_params": params} if params else {})}  # fmt: skip


def _contacts(random: Random) -> dict[str, Any]:
    contact = {"name": {"formatted_name": "{{ name }}", "first_name": "Ana"}, "phones": [{"phone": "+525512345678"}],
               **_some(random, emails=lambda: [{"email": "ana@example.com"}])}  # fmt: skip
    return {"message_type": "contacts", "contacts": [contact] * random.randint(1, 2)}


def _reaction(random: Random) -> dict[str, Any]:
    return {"message_type": "reaction", "reaction_emoji": random.choice(["👍", "❤️", "{{ '🎉' if vip else '👋' }}"]),
            "reacted_to_message_id": "wamid.{{ pieces }}"}  # fmt: skip


_RECIPES = [_media, _media, _location, _buttons, _list, _template, _contacts, _reaction]
