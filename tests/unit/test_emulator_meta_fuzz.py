"""Whatever is posted in Meta's shape is taken, or refused in the form of the API's answers."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.emulated import MESSAGES, META, PHONE, Emulator
from support.generated_messages import ANYTHING
from support.graph_cases import PAIRS
from support.slices import some

LEAVES = st.sampled_from(ANYTHING)
BODIES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "body"]), inner),
)
"""JSON of all sorts."""


def places(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a value."""
    yield route
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*route, key))


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A right message with a value in a place where another belongs, or without a member."""
    body = {
        "messaging_product": "whatsapp",
        "to": PHONE,
        **copy.deepcopy(PAIRS[draw(st.sampled_from(sorted(PAIRS)))][0]),
    }
    *way, last = draw(st.sampled_from(list(places(body))[1:400]))
    owner: Any = body
    for part in way:
        owner = owner[part]
    if isinstance(owner, dict) and draw(st.booleans()):
        del owner[last]
    else:
        owner[last] = draw(BODIES)
    return body


def judge(emulator: Emulator, body: Any) -> None:
    answer = emulator.ask("POST", f"{META}/messages", content=json.dumps(body))
    assert answer.status_code in {200, 400, 422}, answer.text
    if answer.status_code == 200:
        assert answer.json().get("success") or answer.json()["messages"][0]["id"]
        assert emulator.ask("GET", f"{META}/messages").status_code == 200
        assert emulator.listed()
    else:
        assert answer.json()["error"]


@settings(max_examples=some(300), deadline=None)
@given(body=spoilt())
def test_a_message_with_a_mistake_is_taken_or_refused(body: dict[str, Any]) -> None:
    """And where it is taken both dialects list it."""
    judge(Emulator(), body)


@settings(max_examples=some(100), deadline=None)
@given(body=BODIES)
def test_any_json_is_taken_or_refused(body: Any) -> None:
    """Also what is no object."""
    judge(Emulator(), body)


@pytest.mark.parametrize("opens", ["[", '{"a":'])
def test_what_is_nested_too_deeply_is_refused(opens: str) -> None:
    """At any depth."""
    emulator, closes = Emulator(), {"[": "]"}.get(opens, "}")
    for depth in (100, 300, 450, 900, 5000):
        inner = opens * depth + "1" + closes * depth
        text = f'{{"messaging_product":"whatsapp","to":"{PHONE}","type":"text","text":{inner}}}'
        assert emulator.ask("POST", f"{META}/messages", content=text).status_code == 400
        assert emulator.ask("POST", MESSAGES, content=f'{{"message":{{"content":{inner}}}}}').status_code == 422
